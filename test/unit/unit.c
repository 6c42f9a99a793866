/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/text.h"

#include <stdlib.h>

enum { EXACT_MAX = 4096, ARENA_MAX = 64 * 1024 * 1024 };

static char *exact[EXACT_MAX];
static size_t exact_count;

void unit_assert_str(gate_str got, gate_str want, const char *file, int line)
{
    if (str_equal(got, want) && (got.ptr != NULL || want.len == 0))
        return;
    print_error("got  \"%.*s\" (%zu bytes)\nwant \"%.*s\" (%zu bytes)\n", (int)got.len, got.ptr ? got.ptr : "", got.len,
                (int)want.len, want.ptr ? want.ptr : "", want.len);
    _fail(file, line);
}

gate_str unit_exact(gate_str s)
{
    char *copy = malloc(s.len ? s.len : 1);

    if (copy == NULL || exact_count == EXACT_MAX)
        abort();
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    exact[exact_count++] = copy;
    return (gate_str){copy, s.len};
}

int unit_begin(void **state)
{
    static arena a;

    arena_open(&a, ARENA_MAX);
    *state = &a;
    return 0;
}

int unit_end(void **state)
{
    arena_close(*state);
    while (exact_count > 0)
        free(exact[--exact_count]);
    return 0;
}

gate_str unit_join(arena *a, ...)
{
    text t = text_begin(a, ARENA_MAX / 2);
    gate_str s;
    va_list parts;

    va_start(parts, a);
    for (const char *part = va_arg(parts, const char *); part != NULL; part = va_arg(parts, const char *))
        text_add(&t, str_of(part));
    va_end(parts);
    assert_true(text_end(&t, &s));
    return s;
}

gate_str unit_repeat(arena *a, char c, size_t n)
{
    char *bytes = arena_alloc(a, n);

    assert_non_null(bytes);
    memset(bytes, c, n);
    return (gate_str){bytes, n};
}
