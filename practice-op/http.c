/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

enum { BODY_MAX = 1024 * 1024, HEADERS_MAX = 256 * 1024, IDLE_SECONDS = 60 };

static struct MHD_Daemon *daemon_open;
static http_handler *handle;
static atomic_bool stopping;

/* What is known of a request while its body arrives. */
typedef struct intake {
    arena *home;
    text body;
    bool too_big;
} intake;

typedef struct listing {
    members *into;
    bool bad;
} listing;

static enum MHD_Result list_value(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_size,
                                  const char *value, size_t value_size)
{
    (void)kind;
    listing *l = cls;
    value = value != NULL ? value : "";
    l->bad |= strlen(key) != key_size || strlen(value) != value_size;
    members_put(l->into, key, value);
    return MHD_YES;
}

static bool list_values(struct MHD_Connection *c, enum MHD_ValueKind kind, members *into)
{
    listing l = {into, false};
    MHD_get_connection_values_n(c, kind, list_value, &l);
    return !l.bad;
}

const char *http_find_header(const http_request *rq, const char *name)
{
    for (const member *h = rq->headers.first; h != NULL; h = h->next) {
        if (strcasecmp(h->name, name) == 0)
            return h->value;
    }
    return NULL;
}

static bool read_form(http_request *rq, const text *body)
{
    const char *type = http_find_header(rq, "Content-Type");
    if (body->length == 0)
        return true;
    if (type == NULL || strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0)
        return false;
    return members_read_form(&rq->form, body->data, body->length);
}

static bool read_request(struct MHD_Connection *c, intake *in, const char *path, const char *method, http_request *rq)
{
    *rq = (http_request){.home = in->home, .method = method, .path = path};
    rq->query = rq->form = rq->headers = rq->cookies = rq->violations = members_open(in->home);
    bool well = list_values(c, MHD_GET_ARGUMENT_KIND, &rq->query);
    well &= list_values(c, MHD_HEADER_KIND, &rq->headers);
    well &= list_values(c, MHD_COOKIE_KIND, &rq->cookies);
    rq->form_is_bad = !read_form(rq, &in->body);
    return well && !in->too_big;
}

void http_sleep(unsigned milliseconds)
{
    struct timespec slice = {0, 20 * 1000 * 1000};
    for (unsigned slept = 0; slept < milliseconds && !atomic_load(&stopping); slept += 20)
        nanosleep(&slice, NULL);
}

/* A body that trickles: its bytes belong to the request's arena, which outlives the response. */
typedef struct trickle {
    const char *data;
    size_t length;
} trickle;

static ssize_t read_trickle(void *cls, uint64_t at, char *out, size_t max)
{
    trickle *t = cls;
    if (at >= t->length || max == 0 || atomic_load(&stopping))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (at > 0)
        http_sleep(1000);
    *out = t->data[at];
    return 1;
}

static struct MHD_Response *make_response(http_reply *rp)
{
    if (!rp->slow)
        return MHD_create_response_from_buffer(rp->body.length, rp->body.data, MHD_RESPMEM_MUST_COPY);
    trickle *t = arena_add(rp->body.home, sizeof *t);
    *t = (trickle){rp->body.data, rp->body.length};
    return MHD_create_response_from_callback(rp->body.length, 1, read_trickle, t, NULL);
}

static enum MHD_Result send_reply(struct MHD_Connection *c, http_reply *rp)
{
    if (rp->hang_up)
        return MHD_NO;
    struct MHD_Response *response = make_response(rp);
    if (response == NULL)
        return MHD_NO;
    for (const member *h = rp->headers.first; h != NULL; h = h->next)
        MHD_add_response_header(response, h->name, h->value);
    enum MHD_Result done = MHD_queue_response(c, rp->status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *path, const char *method,
                                  const char *version, const char *data, size_t *size, void **state)
{
    (void)cls;
    (void)version;
    intake *in = *state;
    if (in == NULL) {
        arena *home = arena_open();
        in = *state = arena_add(home, sizeof *in);
        *in = (intake){.home = home, .body = text_open(home)};
        return MHD_YES;
    }
    if (*size > 0) {
        if (in->body.length + *size > BODY_MAX)
            in->too_big = true;
        else
            text_add(&in->body, data, *size);
        *size = 0;
        return MHD_YES;
    }
    http_request rq;
    http_reply rp = {.status = 400, .body = text_open(in->home), .headers = members_open(in->home)};
    if (read_request(c, in, path, method, &rq))
        handle(&rq, &rp);
    return send_reply(c, &rp);
}

static void on_end(void *cls, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
    (void)cls;
    (void)c;
    (void)why;
    intake *in = *state;
    *state = NULL;
    if (in != NULL)
        arena_close(in->home);
}

unsigned http_open(unsigned port, http_handler *handler)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    handle = handler;
    daemon_open =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, (uint16_t)port,
                         NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                         MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                         (size_t)HEADERS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
    if (daemon_open == NULL) {
        fprintf(stderr, "practice-op: cannot listen on 127.0.0.1:%u\n", port);
        return 0;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon_open, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : port;
}

void http_close(void)
{
    atomic_store(&stopping, true);
    MHD_stop_daemon(daemon_open);
}

void http_set_header(http_reply *rp, const char *name, const char *value)
{
    members_set(&rp->headers, name, value, strlen(value));
}

void http_reply_json(http_reply *rp, unsigned status, const char *json, size_t length)
{
    rp->status = status;
    text_set(&rp->body, json, length);
    http_set_header(rp, "Content-Type", "application/json");
}

void http_reply_redirect(http_reply *rp, unsigned status, const char *location)
{
    rp->status = status;
    rp->body.length = 0;
    http_set_header(rp, "Location", location);
    http_set_header(rp, "Cache-Control", "no-store");
}
