/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that lives and dies together. All of a transaction's memory comes from one arena, which is wiped when it ends. */
#ifndef GATE_ARENA_H
#define GATE_ARENA_H

#include "str.h"

typedef struct arena_chunk arena_chunk;

typedef struct arena {
    arena_chunk *first; /* kept by arena_reset, so that the next user needs no allocation */
    arena_chunk *last;
    size_t size; /* bytes handed out and reserved */
    size_t max;
    bool
        failed; /* something did not fit since arena_open or arena_reset: what was not found may be there all the same */
} arena;

/* No allocation happens before the first arena_alloc. `max`: bytes in all; past it arena_alloc answers NULL. */
void arena_open(arena *a, size_t max);

/* Zeroed, aligned for any type; NULL when memory is short or the maximum is reached. n may be 0. */
void *arena_alloc(arena *a, size_t n);

/* A copy with a NUL byte behind it (not counted). ptr is NULL when memory is short, also for an empty string. */
gate_str arena_copy(arena *a, gate_str s);

void arena_reset(arena *a); /* wipes all, keeps the first chunk */
void arena_close(arena *a); /* wipes and frees all */

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

#endif
