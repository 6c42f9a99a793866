/* SPDX-License-Identifier: Apache-2.0 */
#include "websocket.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAYLOAD_MAX = 65536, CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };
enum { STATUS_NORMAL = 1000, STATUS_PROTOCOL = 1002, STATUS_TOO_BIG = 1009 };

/* One upgraded connection. Bytes that came along with the upgrade are read before the socket's. */
typedef struct wire {
    struct wire *next;
    struct MHD_UpgradeResponseHandle *handle;
    int socket;
    char *early;
    size_t early_length, early_used;
} wire;

typedef struct frame {
    bool last;
    unsigned opcode;
    size_t length;
    unsigned char payload[PAYLOAD_MAX];
} frame;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;
static wire *wires;

static bool read_bytes(wire *w, void *out, size_t n)
{
    unsigned char *at = out;
    while (n > 0) {
        size_t waiting = w->early_length - w->early_used, take = waiting < n ? waiting : n;
        if (take > 0) {
            memcpy(at, w->early + w->early_used, take);
            w->early_used += take;
        } else {
            ssize_t got = recv(w->socket, at, n, 0);
            if (got <= 0)
                return false;
            take = (size_t)got;
        }
        at += take;
        n -= take;
    }
    return true;
}

static bool write_bytes(const wire *w, const void *data, size_t n)
{
    const char *at = data;
    while (n > 0) {
        ssize_t sent = send(w->socket, at, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool write_frame(const wire *w, unsigned opcode, bool last, const void *payload, size_t n)
{
    unsigned char head[10] = {(unsigned char)((last ? 0x80u : 0) | opcode)};
    size_t size = 2;
    if (n < 126) {
        head[1] = (unsigned char)n;
    } else if (n < 65536) {
        head[1] = 126;
        size = 4;
    } else {
        head[1] = 127;
        size = 10;
    }
    for (size_t i = size, rest = n; i > 2; i--, rest >>= 8)
        head[i - 1] = (unsigned char)(rest & 0xff);
    return write_bytes(w, head, size) && write_bytes(w, payload, n);
}

static void write_close(const wire *w, unsigned status)
{
    unsigned char payload[2] = {(unsigned char)(status >> 8), (unsigned char)(status & 0xff)};
    write_frame(w, CLOSE, true, payload, sizeof payload);
}

static bool read_length(wire *w, unsigned short_length, uint64_t *length)
{
    unsigned char bytes[8];
    size_t n = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
    *length = n > 0 ? 0 : short_length;
    if (!read_bytes(w, bytes, n))
        return false;
    for (size_t i = 0; i < n; i++)
        *length = *length << 8 | bytes[i];
    return true;
}

/* RFC 6455 section 5.2. Answers 0, or the status to close with. */
static unsigned read_frame(wire *w, frame *f)
{
    unsigned char head[2], mask[4];
    uint64_t length;
    if (!read_bytes(w, head, 2) || !read_length(w, head[1] & 0x7f, &length))
        return STATUS_NORMAL;
    f->last = (head[0] & 0x80) != 0;
    f->opcode = head[0] & 0x0f;
    /* Section 5.1: a client masks. Section 5.5: control frames are short and whole. */
    if ((head[1] & 0x80) == 0 || (head[0] & 0x70) != 0 || (f->opcode >= CLOSE && (!f->last || length > 125)))
        return STATUS_PROTOCOL;
    if (length > PAYLOAD_MAX)
        return STATUS_TOO_BIG;
    f->length = (size_t)length;
    if (!read_bytes(w, mask, 4) || !read_bytes(w, f->payload, f->length))
        return STATUS_NORMAL;
    for (size_t i = 0; i < f->length; i++)
        f->payload[i] ^= mask[i % 4];
    return 0;
}

static bool answer_frame(const wire *w, const frame *f)
{
    switch (f->opcode) {
    case CONTINUATION:
    case TEXT:
    case BINARY:
        return write_frame(w, f->opcode, f->last, f->payload, f->length);
    case PING:
        return write_frame(w, PONG, true, f->payload, f->length);
    case PONG:
        return true;
    case CLOSE:
        write_frame(w, CLOSE, true, f->payload, f->length < 2 ? 0 : 2);
        return false;
    default:
        write_close(w, STATUS_PROTOCOL);
        return false;
    }
}

static void forget(wire *gone)
{
    pthread_mutex_lock(&lock);
    for (wire **at = &wires; *at != NULL; at = &(*at)->next) {
        if (*at == gone) {
            *at = gone->next;
            break;
        }
    }
    MHD_upgrade_action(gone->handle, MHD_UPGRADE_ACTION_CLOSE);
    pthread_cond_broadcast(&left);
    pthread_mutex_unlock(&lock);
    free(gone->early);
    free(gone);
}

static void *serve(void *arg)
{
    wire *w = arg;
    frame *f = malloc(sizeof *f);
    unsigned status = 0;
    while (f != NULL && (status = read_frame(w, f)) == 0 && answer_frame(w, f))
        continue;
    if (status != 0)
        write_close(w, status);
    free(f);
    forget(w);
    return NULL;
}

static bool copy_early(wire *w, const void *data, size_t n)
{
    w->early = malloc(n + 1);
    if (w->early != NULL && n > 0)
        memcpy(w->early, data, n);
    w->early_length = n;
    return w->early != NULL;
}

static void on_upgrade(void *cls, struct MHD_Connection *c, void *state, const char *extra, size_t extra_size,
                       MHD_socket socket, struct MHD_UpgradeResponseHandle *handle)
{
    (void)cls, (void)c, (void)state;
    pthread_t thread;
    wire *w = calloc(1, sizeof *w);
    if (w == NULL || !copy_early(w, extra, extra_size)) {
        free(w);
        MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
        return;
    }
    w->handle = handle;
    w->socket = socket;
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) & ~O_NONBLOCK); /* a thread of its own may wait */
    pthread_mutex_lock(&lock);
    w->next = wires;
    wires = w;
    pthread_mutex_unlock(&lock);
    if (pthread_create(&thread, NULL, serve, w) == 0)
        pthread_detach(thread);
    else
        forget(w);
}

void websocket_close_all(void)
{
    pthread_mutex_lock(&lock);
    for (wire *w = wires; w != NULL; w = w->next)
        shutdown(w->socket, SHUT_RDWR);
    while (wires != NULL)
        pthread_cond_wait(&left, &lock);
    pthread_mutex_unlock(&lock);
}

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Sec-WebSocket-Version", "13");
    enum MHD_Result done = MHD_queue_response(c, status, response);
    MHD_destroy_response(response);
    return done;
}

/* RFC 6455 section 4.2.2 (5.4). */
static void write_accept(const char *key, char out[32])
{
    static const char GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char both[64];
    unsigned char hash[SHA_DIGEST_LENGTH];
    int n = snprintf(both, sizeof both, "%s%s", key, GUID);
    SHA1((const unsigned char *)both, (size_t)n, hash);
    EVP_EncodeBlock((unsigned char *)out, hash, sizeof hash);
}

enum MHD_Result websocket_answer(struct MHD_Connection *c)
{
    const char *upgrade = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Upgrade");
    const char *key = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Sec-WebSocket-Key");
    const char *version = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Sec-WebSocket-Version");
    char accept[32];
    if (upgrade == NULL || strcasecmp(upgrade, "websocket") != 0)
        return refuse(c, MHD_HTTP_UPGRADE_REQUIRED);
    if (key == NULL || strlen(key) != 24 || version == NULL || strcmp(version, "13") != 0)
        return refuse(c, MHD_HTTP_BAD_REQUEST);
    write_accept(key, accept);
    struct MHD_Response *response = MHD_create_response_for_upgrade(on_upgrade, NULL);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, "Upgrade", "websocket");
    MHD_add_response_header(response, "Sec-WebSocket-Accept", accept);
    enum MHD_Result done = MHD_queue_response(c, MHD_HTTP_SWITCHING_PROTOCOLS, response);
    MHD_destroy_response(response);
    return done;
}
