/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine alone, one allowed request with a session in the store: microseconds, allocations of the engine's own, writes to the
 * store. bench/run builds it with malloc, calloc and realloc wrapped, so that what the engine asks for is counted here.
 */
#include "signed_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { VISITS = 200000 };

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static unsigned long allocations;

void *__wrap_malloc(size_t n)
{
    allocations++;
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    allocations++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    allocations++;
    return __real_realloc(p, n);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
    static signed_in s;
    size_t identity;
    double begun;

    if (!signed_in_open(&s, SIGNED_IN_STORE) || !signed_in_visit(&s, &identity))
        return 1;
    allocations = s.writes = 0;
    begun = seconds();
    for (int i = 0; i < VISITS; i++)
        if (!signed_in_visit(&s, &identity))
            return 1;
    printf("%.3f %.3f %.3f\n", (seconds() - begun) / VISITS * 1e6, (double)allocations / VISITS,
           (double)s.writes / VISITS);
    signed_in_close(&s);
    return 0;
}
