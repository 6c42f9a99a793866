/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"
#include "websocket.h"

#include <jansson.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { HEADERS_MAX = 256 * 1024, IDLE_SECONDS = 300 };

static const char *title = "Sample application";

static enum MHD_Result send_body(struct MHD_Connection *c, unsigned status, const char *type, char *body, size_t n)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(n, body, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(body);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Content-Security-Policy", page_policy());
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "Referrer-Policy", "same-origin");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    enum MHD_Result done = MHD_queue_response(c, status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result send_page(struct MHD_Connection *c, page_kind kind)
{
    page_user user = {
        .sub = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-User-Sub"),
        .name = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-User-Name"),
        .email = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-User-Email"),
        .groups = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-User-Groups"),
    };
    if (user.sub != NULL && *user.sub == '\0')
        user.sub = NULL;
    size_t n;
    char *page = page_write(kind, title, &user, &n);
    unsigned status = kind == PAGE_MISSING ? MHD_HTTP_NOT_FOUND : MHD_HTTP_OK;
    return page != NULL ? send_body(c, status, "text/html; charset=utf-8", page, n) : MHD_NO;
}

/* Header values may hold any byte; those that are not UTF-8 show as the characters U+0080 to U+00FF. */
static json_t *make_string(const char *value, size_t n)
{
    json_t *string = json_stringn(value, n);
    if (string != NULL)
        return string;
    char *wide = malloc(2 * n + 1);
    size_t length = 0;
    for (size_t i = 0; wide != NULL && i < n; i++) {
        unsigned char byte = (unsigned char)value[i];
        if (byte >= 0x80)
            wide[length++] = (char)(0xc0 | byte >> 6);
        wide[length++] = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
    }
    string = wide != NULL ? json_stringn(wide, length) : NULL;
    free(wide);
    return string;
}

static enum MHD_Result list_header(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_size,
                                   const char *value, size_t value_size)
{
    (void)kind;
    json_array_append_new(cls, json_pack("[o,o]", make_string(key, key_size), make_string(value, value_size)));
    return MHD_YES;
}

static enum MHD_Result send_headers(struct MHD_Connection *c)
{
    json_t *list = json_array();
    MHD_get_connection_values_n(c, MHD_HEADER_KIND, list_header, list);
    char *json = json_dumps(list, 0);
    json_decref(list);
    return json != NULL ? send_body(c, MHD_HTTP_OK, "application/json", json, strlen(json)) : MHD_NO;
}

static enum MHD_Result send_length(struct MHD_Connection *c, size_t length)
{
    char *body = calloc(1, 24);
    if (body == NULL)
        return MHD_NO;
    int n = snprintf(body, 24, "%zu\n", length);
    return send_body(c, MHD_HTTP_OK, "text/plain", body, (size_t)n);
}

static enum MHD_Result answer(struct MHD_Connection *c, const char *path, const char *method, size_t length)
{
    static const struct {
        const char *path;
        page_kind kind;
    } PAGES[] = {{"/", PAGE_HOME}, {"/account/", PAGE_ACCOUNT}, {"/public/", PAGE_PUBLIC}};
    if (strcmp(path, "/echo-body") == 0)
        return send_length(c, length);
    if (strcmp(path, "/headers") == 0)
        return send_headers(c);
    if (strcmp(path, "/ws") == 0)
        return websocket_answer(c);
    bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    for (size_t i = 0; reads && i < sizeof PAGES / sizeof PAGES[0]; i++) {
        if (strcmp(PAGES[i].path, path) == 0)
            return send_page(c, PAGES[i].kind);
    }
    return send_page(c, PAGE_MISSING);
}

/* The body is counted and let go. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *path, const char *method,
                                  const char *version, const char *data, size_t *size, void **state)
{
    (void)cls, (void)version, (void)data;
    size_t *length = *state;
    if (length == NULL) {
        *state = calloc(1, sizeof *length);
        return *state != NULL ? MHD_YES : MHD_NO;
    }
    if (*size > 0) {
        *length += *size;
        *size = 0;
        return MHD_YES;
    }
    return answer(c, path, method, *length);
}

static void on_end(void *cls, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
    (void)cls, (void)c, (void)why;
    free(*state);
    *state = NULL;
}

static bool read_arguments(int argc, char **argv, unsigned *port)
{
    char *end = NULL;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && strcmp(argv[i], "--port") == 0)
            *port = (unsigned)strtoul(argv[i + 1], &end, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--title") == 0)
            title = argv[i + 1];
        else
            return false;
    }
    return end != NULL && *end == '\0' && *port < 65536;
}

static struct MHD_Daemon *open_daemon(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_ALLOW_UPGRADE,
        (uint16_t)port, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
        MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
}

int main(int argc, char **argv)
{
    unsigned port = 0;
    int signal_number;
    if (!read_arguments(argc, argv, &port)) {
        fputs("sample-app --port N [--title T]\n", stderr);
        return 2;
    }
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    page_open();
    struct MHD_Daemon *daemon = open_daemon(port);
    if (daemon == NULL) {
        fprintf(stderr, "sample-app: cannot listen on 127.0.0.1:%u\n", port);
        return 1;
    }
    printf("sample-app http://127.0.0.1:%u\n", (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    sigwait(&ends, &signal_number);
    MHD_quiesce_daemon(daemon);
    websocket_close_all();
    MHD_stop_daemon(daemon);
    return 0;
}
