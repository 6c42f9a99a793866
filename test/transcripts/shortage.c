/* SPDX-License-Identifier: Apache-2.0 */
#include "shortage.h"

#include "base/arena.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_arena_alloc(arena *a, size_t n);
void *__wrap_arena_alloc(arena *a, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);

static long left;
static bool watching, struck;

void shortage_set(long nth)
{
    left = nth;
    struck = false;
}

void shortage_watch(bool inside)
{
    watching = inside;
}

bool shortage_struck(void)
{
    return struck;
}

static bool strikes(void)
{
    if (!watching || left == 0 || --left > 0)
        return false;
    return struck = true;
}

void *__wrap_malloc(size_t n)
{
    return strikes() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return strikes() ? NULL : __real_calloc(count, n);
}

void *__wrap_arena_alloc(arena *a, size_t n)
{
    if (!strikes())
        return __real_arena_alloc(a, n);
    a->failed = true;
    return NULL;
}
