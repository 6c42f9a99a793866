/* SPDX-License-Identifier: Apache-2.0 */
/* What the world around the engine remembers: the browser's cookies, the host's store, and named values. */
#ifndef GATE_TEST_KEEPER_H
#define GATE_TEST_KEEPER_H

#include "base/text.h"

typedef struct item {
    gate_str name;
    gate_str value; /* ptr NULL: gone */
    int64_t expires;
    struct item *next;
} item;

typedef struct keeper {
    arena *arena;
    item *first;
} keeper;

/* The item of this name that is there at `now`; NULL: none. */
item *keeper_find(keeper *k, gate_str name, int64_t now);
void keeper_set(keeper *k, gate_str name, gate_str value, int64_t expires);
void keeper_remove(keeper *k, gate_str name);

/* Takes one Set-Cookie value over. */
void keeper_take_cookie(keeper *k, gate_str set_cookie, int64_t now);

/* The Cookie header; empty: none. */
gate_str keeper_cookies(keeper *k, int64_t now);

/* Answers a store need as gate.h demands. */
void keeper_answer(keeper *k, const gate_store_need *need, int64_t now, gate_reply *reply);

#endif
