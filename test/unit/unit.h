/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test uses. */
#ifndef GATE_TEST_UNIT_H
#define GATE_TEST_UNIT_H

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Fails with both texts shown. */
#define assert_str(got, want) unit_assert_str((got), (want), __FILE__, __LINE__)
void unit_assert_str(gate_str got, gate_str want, const char *file, int line);

/* A copy in a block of its own of exactly this size, so that one byte too far is seen by AddressSanitizer. unit_end frees it. */
gate_str unit_exact(gate_str s);

/* An arena for one test: setup and teardown functions for cmocka. */
int unit_begin(void **state);
int unit_end(void **state);

/* Text put together; ends at a NULL argument. */
gate_str unit_join(arena *a, ...);

gate_str unit_repeat(arena *a, char c, size_t n);

#define TEST(function) cmocka_unit_test_setup_teardown(function, unit_begin, unit_end)

#endif
