/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include "secret.h"

#include <stdalign.h>
#include <stdlib.h>

enum { CHUNK = 16 * 1024, ALIGN = alignof(max_align_t) };

/* What is not used is zero: a new chunk is, and a used one is wiped. So nothing is cleared twice. */
struct arena_chunk {
    arena_chunk *next;
    size_t size;
    size_t used;
    alignas(max_align_t) char bytes[];
};

void arena_open(arena *a, size_t max)
{
    *a = (arena){.max = max};
}

static arena_chunk *chunk_add(arena *a, size_t n)
{
    size_t size = n > CHUNK ? n : CHUNK;
    arena_chunk *chunk;

    if (a->size > a->max || size > a->max - a->size)
        return NULL;
    chunk = calloc(1, sizeof *chunk + size);
    if (!chunk)
        return NULL;
    chunk->size = size;
    if (a->last)
        a->last->next = chunk;
    else
        a->first = chunk;
    a->last = chunk;
    a->size += size;
    return chunk;
}

void *arena_alloc(arena *a, size_t n)
{
    arena_chunk *chunk = a->last;
    void *p;

    if (n <= a->max)
        n = (n + ALIGN - 1) / ALIGN * ALIGN;
    if (!chunk || n > chunk->size - chunk->used)
        chunk = chunk_add(a, n);
    if (!chunk) {
        a->failed = true;
        return NULL;
    }
    p = chunk->bytes + chunk->used;
    chunk->used += n;
    return p;
}

gate_str arena_copy(arena *a, gate_str s)
{
    char *copy = s.len < a->max ? arena_alloc(a, s.len + 1) : NULL;

    if (!copy) {
        a->failed = true;
        return STR_NONE;
    }
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return (gate_str){copy, s.len};
}

static void chunks_free(arena_chunk *chunk)
{
    while (chunk) {
        arena_chunk *next = chunk->next;
        secret_wipe(chunk->bytes, chunk->used);
        free(chunk);
        chunk = next;
    }
}

void arena_reset(arena *a)
{
    arena_chunk *first = a->first;

    a->failed = false;
    if (!first)
        return;
    chunks_free(first->next);
    secret_wipe(first->bytes, first->used);
    first->next = NULL;
    first->used = 0;
    a->last = first;
    a->size = first->size;
}

void arena_close(arena *a)
{
    chunks_free(a->first);
    arena_open(a, a->max);
}
