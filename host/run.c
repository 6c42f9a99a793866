/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <openssl/crypto.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SOCKETS_MAX 64

struct run {
    store_lmdb *store;
    fetch_driver *driver;
    struct pollfd sockets[SOCKETS_MAX];
    nfds_t count;
    int64_t due_ms; /* when to call fetch_timeout, on the monotonic clock; -1: no timer */
    gate_tx *tx;    /* the one that waits for a fetch */
    const gate_need *need;
    bool answered;
    char scratch[STORE_LMDB_SCRATCH];
};

/* ---- a loop of our own ---- */

static void watch(void *context, int fd, unsigned what, void **slot)
{
    run *r = context;
    nfds_t i = 0;
    (void)slot;
    while (i < r->count && r->sockets[i].fd != fd) {
        i++;
    }
    if (what == 0) {
        if (i < r->count) {
            r->sockets[i] = r->sockets[--r->count];
        }
        return;
    }
    if (i == SOCKETS_MAX) {
        return; /* the exchange runs into its time */
    }
    if (i == r->count) {
        r->count++;
    }
    short events = (short)(((what & FETCH_READ) != 0 ? POLLIN : 0) | ((what & FETCH_WRITE) != 0 ? POLLOUT : 0));
    r->sockets[i] = (struct pollfd){.fd = fd, .events = events};
}

static int64_t clock_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void timer(void *context, long ms)
{
    ((run *)context)->due_ms = ms < 0 ? -1 : clock_ms() + ms;
}

static int wait_ms(const run *r)
{
    int64_t left = r->due_ms < 0 ? 1000 : r->due_ms - clock_ms();
    return left < 0 ? 0 : left > 1000 ? 1000 : (int)left;
}

static void wait_once(run *r)
{
    struct pollfd ready[SOCKETS_MAX];
    int ready_count = poll(r->sockets, r->count, wait_ms(r));
    if (r->due_ms >= 0 && clock_ms() >= r->due_ms) {
        r->due_ms = -1;
        fetch_timeout(r->driver);
        return;
    }
    if (ready_count <= 0) {
        return;
    }
    nfds_t count = r->count;
    memcpy(ready, r->sockets, count * sizeof ready[0]); /* fetch_ready changes the set */
    for (nfds_t i = 0; i < count; i++) {
        unsigned what = (ready[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 ? FETCH_READ : 0;
        what |= (ready[i].revents & (POLLOUT | POLLERR)) != 0 ? FETCH_WRITE : 0;
        if (what != 0) {
            fetch_ready(r->driver, ready[i].fd, what);
        }
    }
}

/* ---- needs ---- */

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

static void fetched(void *data, const gate_reply *reply)
{
    run *r = data;
    r->need = gate_step(r->tx, reply, now());
    r->answered = true;
}

static void meet_fetch(run *r)
{
    const char *why;
    r->answered = false;
    if (fetch_begin(r->driver, &r->need->fetch, fetched, r, &why) == NULL) {
        fetched(r, &(gate_reply){.outcome = GATE_FAILED, .why = why});
    }
    while (!r->answered) {
        wait_once(r);
    }
}

static void meet_store(run *r)
{
    gate_reply reply = {.outcome = GATE_FAILED, .why = "no session store"};
    size_t used = 0;
    if (r->store != NULL) {
        store_lmdb_do(r->store, &r->need->store, now(), &reply, r->scratch, sizeof r->scratch, &used);
    }
    r->need = gate_step(r->tx, &reply, now());
    OPENSSL_cleanse(r->scratch, used);
}

static void meet_body(run *r, gate_str body)
{
    gate_reply reply = {.outcome = GATE_OK, .body = body};
    if (body.len > r->need->body.max_bytes) {
        reply = (gate_reply){.outcome = GATE_FAILED, .why = "the body is too large"};
    }
    r->need = gate_step(r->tx, &reply, now());
}

const gate_done *run_tx(run *r, gate_tx *tx, gate_str body)
{
    r->tx = tx;
    r->need = gate_step(tx, NULL, now());
    while (r->need->kind != GATE_DONE) {
        switch (r->need->kind) {
        case GATE_FETCH:
            meet_fetch(r);
            break;
        case GATE_STORE:
            meet_store(r);
            break;
        default:
            meet_body(r, body);
            break;
        }
    }
    return &r->need->done;
}

run *run_open(store_lmdb *store)
{
    run *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return NULL;
    }
    r->store = store;
    r->due_ms = -1;
    r->driver = fetch_open(&(fetch_loop){.context = r, .watch = watch, .timer = timer});
    if (r->driver == NULL) {
        free(r);
        return NULL;
    }
    return r;
}

void run_close(run *r)
{
    if (r != NULL) {
        fetch_close(r->driver);
        free(r);
    }
}
