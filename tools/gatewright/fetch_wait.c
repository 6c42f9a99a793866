/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch_wait.h"

#include "base/url.h"
#include "fetch_curl.h"
#include "input.h"
#include "oidc/metadata.h"

#include <poll.h>
#include <stdio.h>
#include <time.h>

enum { SOCKETS_MAX = 16, TIMEOUT_MS = 10000 };

typedef struct waiting {
    tool *t;
    gate_str url;
    struct pollfd sockets[SOCKETS_MAX];
    nfds_t count;
    int64_t due_ms; /* -1: no timer */
    gate_str body;
    bool done, good;
} waiting;

static int64_t clock_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void watch(void *context, int fd, unsigned what, void **slot)
{
    waiting *w = context;
    nfds_t i = 0;
    int events = (what & FETCH_READ ? POLLIN : 0) | (what & FETCH_WRITE ? POLLOUT : 0);

    (void)slot;
    while (i < w->count && w->sockets[i].fd != fd)
        i++;
    if (!what) {
        if (i < w->count)
            w->sockets[i] = w->sockets[--w->count];
    } else if (i < SOCKETS_MAX) { /* else the exchange runs into its time */
        if (i == w->count)
            w->count++;
        w->sockets[i] = (struct pollfd){.fd = fd, .events = (short)events};
    }
}

static void set_timer(void *context, long ms)
{
    ((waiting *)context)->due_ms = ms < 0 ? -1 : clock_ms() + ms;
}

static void wait_once(waiting *w, fetch_driver *driver)
{
    struct pollfd ready[SOCKETS_MAX];
    int64_t left = w->due_ms < 0 ? 1000 : w->due_ms - clock_ms();
    nfds_t count = w->count;
    int found = poll(w->sockets, count, left < 0 ? 0 : left > 1000 ? 1000 : (int)left);

    if (w->due_ms >= 0 && clock_ms() >= w->due_ms) {
        w->due_ms = -1;
        fetch_timeout(driver);
        return;
    }
    memcpy(ready, w->sockets, count * sizeof ready[0]); /* fetch_ready changes the set */
    for (nfds_t i = 0; found > 0 && i < count; i++) {
        unsigned what = (ready[i].revents & (POLLIN | POLLHUP | POLLERR) ? FETCH_READ : 0u) |
                        (ready[i].revents & (POLLOUT | POLLERR) ? FETCH_WRITE : 0u);
        if (what)
            fetch_ready(driver, ready[i].fd, what);
    }
}

static void say(const waiting *w, const char *what)
{
    fprintf(stderr, "gatewright: %.*s: %s\n", (int)w->url.len, w->url.ptr, what);
}

static void fetched(void *data, const gate_reply *reply)
{
    waiting *w = data;
    char status[40];

    w->done = true;
    if (reply->outcome != GATE_OK) {
        say(w, reply->why ? reply->why : "no answer");
    } else if (reply->status != 200) {
        snprintf(status, sizeof status, "status %u instead of 200", reply->status);
        say(w, status);
    } else {
        w->body = arena_copy(&w->t->memory, reply->body);
        w->good = w->body.ptr != NULL;
    }
}

bool fetch_wait(tool *t, gate_str address, gate_str *body)
{
    static const gate_header accept = {STR_INIT("Accept"), STR_INIT("application/json")};
    waiting w = {.t = t, .url = address, .due_ms = -1};
    gate_fetch_need need = {.method = STR("GET"),
                            .url = address,
                            .headers = &accept,
                            .header_count = 1,
                            .max_bytes = INPUT_MAX,
                            .timeout_ms = TIMEOUT_MS,
                            .ca_file = args_text(&t->args, "ca-file")};
    fetch_driver *driver = fetch_open(&(fetch_loop){.context = &w, .watch = watch, .timer = set_timer});
    const char *why = "memory is short";

    if (!driver || !fetch_begin(driver, &need, fetched, &w, &why))
        say(&w, why);
    else
        while (!w.done)
            wait_once(&w, driver);
    fetch_close(driver);
    *body = w.body;
    return w.good;
}

/* OIDC Discovery 4: behind the issuer's path; a slash at its end is not doubled. */
static bool metadata_url(tool *t, gate_str issuer, gate_str *address)
{
    text s = text_begin(&t->memory, 4096);
    url u;

    if (!url_read(issuer, &u) || u.has_query || u.has_fragment)
        return false;
    text_add(&s, str_has_suffix(issuer, STR("/")) ? str_part(issuer, 0, issuer.len - 1) : issuer);
    text_add(&s, STR("/.well-known/openid-configuration"));
    return (url_is_https(&u) || url_is_loopback(&u)) && text_end(&s, address);
}

tool_exit fetch_provider(tool *t, gate_str issuer, provider_found *found, refusal *why)
{
    gate_str address;
    metadata *m;

    *found = (provider_found){0};
    if (!metadata_url(t, issuer, &address))
        return tool_usage("the issuer is no https address without query");
    if (!fetch_wait(t, address, &found->document))
        return TOOL_IO;
    m = metadata_read(found->document, issuer, false, why);
    if (!m)
        return TOOL_REFUSED;
    found->jwks_uri = arena_copy(&t->memory, m->jwks_uri);
    metadata_release(m);
    return fetch_wait(t, found->jwks_uri, &found->keys) ? TOOL_GOOD : TOOL_IO;
}
