/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What JavaScript holds of the engine, and who keeps what alive.
 *
 * A state belongs to one environment (the main thread, a worker); an engine, transaction or sealer to the state it was made in. So
 * nothing is shared between threads. Finalizers come at garbage collection or when the environment ends, in any order: each box
 * counts who needs it, and the last one frees.
 */
#ifndef NODE_BOX_H
#define NODE_BOX_H

#include "scratch.h"

typedef struct state {
    size_t references; /* the environment, and each box */
    scratch scratch;
    int64_t engines, transactions, sealers; /* not yet freed */
} state;

state *state_open(void);
state *state_of(napi_env env); /* NULL with an exception pending */
void state_keep(state *s);
void state_leave(state *s);

enum { LOG_LINES = 32, LOG_BYTES = 16 * 1024 };

/* What the engine has logged in this call; handed to JavaScript with the result. */
typedef struct log_lines {
    size_t count, used, lost;
    struct {
        gate_log_level level;
        size_t at, len;
    } lines[LOG_LINES];
    char bytes[LOG_BYTES];
} log_lines;

typedef struct engine_box {
    state *state;
    size_t references;   /* JavaScript's handle, and each transaction that has not ended */
    bool closed;         /* begins no more */
    size_t waiting;      /* transactions that have not ended */
    gate_engine *engine; /* NULL once it is ended */
    log_lines log;
} engine_box;

typedef struct tx_box {
    engine_box *owner;
    gate_tx *tx; /* NULL once it has ended */
    bool asked;  /* begun by gate_begin_ask */
} tx_box;

/* The engine goes with the last transaction. */
void engine_close(engine_box *box);
void engine_leave(engine_box *box);

/* Handles, told apart by a tag: a value of another kind is a TypeError. NULL with an exception pending. */
typedef enum { BOX_ENGINE, BOX_TX, BOX_SEALER } box_kind;
bool box_wrap(napi_env env, box_kind kind, void *box, napi_finalize finalize, napi_value *handle);
void *box_open(napi_env env, box_kind kind, napi_value handle);

#endif
