/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_curl: the FETCH needs over libcurl's multi interface, on any event loop.
 *
 * The loop watches sockets and one timer for the driver and tells it what became ready; the driver never waits. A driver and all
 * its fetches belong to one thread. Open it after fork().
 *
 * `done` is called from fetch_ready and fetch_timeout only, never from fetch_begin.
 */
#ifndef FETCH_CURL_H
#define FETCH_CURL_H

#include "gate.h"

typedef struct fetch_driver fetch_driver;
typedef struct fetch fetch;

enum { FETCH_READ = 1, FETCH_WRITE = 2 };

typedef struct fetch_loop {
    void *context;
    /* Watch `fd` for `what` (FETCH_READ | FETCH_WRITE), level-triggered; 0: no longer, and it is about to be closed by its owner,
     * which the loop is not. *slot is the loop's own, NULL when an fd is new. */
    void (*watch)(void *context, int fd, unsigned what, void **slot);
    /* Call fetch_timeout once after `ms` milliseconds, instead of what was asked before; -1: not at all. Do not call it at once. */
    void (*timer)(void *context, long ms);
} fetch_loop;

typedef void (*fetch_done)(void *data, const gate_reply *reply); /* the reply lives until this returns */

/* NULL when memory is short. `loop` is copied. */
fetch_driver *fetch_open(const fetch_loop *loop);

/* Ends every fetch without its done. NULL is allowed. */
void fetch_close(fetch_driver *driver);

/* Begins one exchange; keeps nothing of `need`. Equal fetches under way are one when need->share. NULL when it cannot be begun,
 * with a constant text in *why. */
fetch *fetch_begin(fetch_driver *driver, const gate_fetch_need *need, fetch_done done, void *data, const char **why);

/* Ends a fetch without its done; not after its done. NULL is allowed. */
void fetch_cancel(fetch *f);

/* What the loop tells. */
void fetch_ready(fetch_driver *driver, int fd, unsigned what);
void fetch_timeout(fetch_driver *driver);

/* Exchanges under way. */
unsigned fetch_count(const fetch_driver *driver);

#endif
