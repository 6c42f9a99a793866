/* SPDX-License-Identifier: Apache-2.0 */
/* The browser, the store and the provider of reply_fuzz and ask_fuzz, driven by bytes. */
#ifndef GATE_FUZZ_WORLD_H
#define GATE_FUZZ_WORLD_H

#include "base/header.h"

enum { WORLD_SLOTS = 24, WORLD_HEADERS = 12 };

typedef struct slot {
    gate_str name, value; /* value.ptr NULL: empty */
} slot;

typedef struct world {
    const uint8_t *data;
    size_t size, at;
    arena memory;
    gate_engine *engine;
    int64_t now;
    uint64_t random;
    bool no_random;
    bool max_age;    /* is demanded */
    bool legitimate; /* the ID Token that was due has been given out */
    gate_str state, nonce;
    slot cookies[WORLD_SLOTS];
    slot store[WORLD_SLOTS];
    gate_header headers[WORLD_HEADERS];
} world;

/* Who keeps the sessions: the engine, or an application that asks. */
typedef enum { WORLD_GUARDS, WORLD_ASKS } world_kind;

bool world_begin(world *w, const uint8_t *data, size_t size,
                 world_kind kind); /* false: no configuration that is accepted */
void world_end(world *w);

uint8_t world_byte(world *w);  /* 0 when there are no more */
gate_str world_text(world *w); /* some of the bytes, in a block of their own */

void world_request(world *w, gate_request *r);
gate_reply world_reply(world *w, const gate_need *need);
void world_remember(world *w, const gate_done *done); /* cookies, state, nonce */

#endif
