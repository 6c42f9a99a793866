/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target uses. */
#ifndef GATE_TEST_FUZZ_H
#define GATE_TEST_FUZZ_H

#include "base/arena.h"

#include <stdlib.h>

/* Must hold for every input. */
#define MUST(condition)   \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

enum { FUZZ_ARENA_MAX = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline gate_str fuzz_input(const uint8_t *data, size_t size)
{
    return (gate_str){(const char *)data, size};
}

/* `part` lies inside `whole`. */
static inline bool fuzz_is_inside(gate_str part, gate_str whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

#endif
