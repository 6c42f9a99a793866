/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
} block;

struct arena {
    block *last;
};

enum { BLOCK_SIZE = 16384 };

void *arena_forever(size_t size)
{
    void *p = calloc(1, size > 0 ? size : 1);
    if (p == NULL) {
        fputs("practice-op: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

char *arena_keep(const char *string)
{
    size_t n = strlen(string) + 1;
    return memcpy(arena_forever(n), string, n);
}

arena *arena_open(void)
{
    return arena_forever(sizeof(arena));
}

void arena_close(arena *a)
{
    while (a->last != NULL) {
        block *next = a->last->next;
        free(a->last);
        a->last = next;
    }
    free(a);
}

void *arena_add(arena *a, size_t size)
{
    size_t need = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (a->last == NULL || a->last->size - a->last->used < need) {
        size_t room = need > BLOCK_SIZE ? need : BLOCK_SIZE;
        block *b = arena_forever(sizeof *b + room);
        b->size = room;
        b->next = a->last;
        a->last = b;
    }
    void *p = a->last->bytes + a->last->used;
    a->last->used += need;
    return p;
}

char *arena_copy(arena *a, const char *data, size_t n)
{
    char *copy = arena_add(a, n + 1);
    if (n > 0)
        memcpy(copy, data, n);
    return copy;
}
