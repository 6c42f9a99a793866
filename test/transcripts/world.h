/* SPDX-License-Identifier: Apache-2.0 */
/* What a transcript is played in: the browser, the store, the provider, the clock, and values with names. */
#ifndef GATE_TEST_WORLD_H
#define GATE_TEST_WORLD_H

#include "keeper.h"
#include "script.h"

#define WORLD_ISSUER "https://op.example"
#define WORLD_CLIENT "app"
#define WORLD_SECRET "s3cret-of-the-client"
#define WORLD_CODE "c0de-of-the-answer"
#define WORLD_ACCESS_TOKEN "t0ken-for-access"
#define WORLD_COOKIE_SECRET "c00kie-secret-c00kie-secret-c00kie-secret"

typedef struct world {
    arena memory;
    keeper names;
    keeper jar;
    keeper store;
    int64_t now;
    char problem[1024]; /* empty: all is well */
    size_t problem_line;
} world;

void world_begin(world *w);
void world_end(world *w);

/* Records the first problem. Always false. */
bool world_fail(world *w, size_t line, const char *what, gate_str wanted, gate_str got);

void world_name(world *w, const char *name, gate_str value);
gate_str world_named(world *w, gate_str name); /* ptr NULL: none */

/* The line with every {{...}} in it replaced (expand.c). */
gate_str world_expand(world *w, size_t line, gate_str s);

/* A signed token, by the arguments of {{id_token ...}} (token.c). */
bool world_write_token(world *w, text *t, gate_str arguments);

/* Any text encrypted, by the arguments of {{jwe ...}} (encrypted.c). */
bool world_write_encrypted(world *w, text *t, gate_str arguments);

/* What the provider answers to `kind`, as the block's details say (op.c). False: no such kind. */
bool world_provider_reply(world *w, gate_str kind, const gate_fetch_need *need, const block *b, gate_reply *reply);

#endif
