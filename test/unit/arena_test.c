/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "unit.h"

#include <stdalign.h>

static void memory_is_zeroed_and_aligned(void **state)
{
    arena a;

    (void)state;
    arena_open(&a, 1 << 20);
    for (size_t n = 0; n < 200; n++) {
        unsigned char *p = arena_alloc(&a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, n);
    }
    arena_close(&a);
}

static void blocks_do_not_overlap(void **state)
{
    unsigned char *blocks[300];
    arena a;

    (void)state;
    arena_open(&a, 1 << 20);
    for (size_t i = 0; i < COUNT(blocks); i++) {
        blocks[i] = arena_alloc(&a, 97);
        memset(blocks[i], (int)(i & 0xff), 97);
    }
    for (size_t i = 0; i < COUNT(blocks); i++)
        for (size_t k = 0; k < 97; k++)
            assert_int_equal(blocks[i][k], i & 0xff);
    arena_close(&a);
}

static void no_memory_before_the_first_use(void **state)
{
    arena a;

    (void)state;
    arena_open(&a, 1 << 20);
    assert_null(a.first);
    arena_reset(&a);
    arena_close(&a);
    assert_null(a.first);
}

static void maximum_holds(void **state)
{
    size_t got = 0;
    arena a;

    (void)state;
    arena_open(&a, 100 * 1024);
    assert_null(arena_alloc(&a, 100 * 1024 + 1));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 8));
    while (arena_alloc(&a, 1000) != NULL)
        got += 1000;
    assert_in_range(got, 80 * 1024, 100 * 1024);
    assert_null(arena_alloc(&a, 20 * 1024));
    arena_close(&a);
    arena_open(&a, 0);
    assert_null(arena_alloc(&a, 1));
    arena_close(&a);
}

static void large_block_has_its_own_chunk(void **state)
{
    unsigned char *p;
    arena a;

    (void)state;
    arena_open(&a, 1 << 20);
    assert_non_null(arena_alloc(&a, 10));
    p = arena_alloc(&a, 200000);
    assert_non_null(p);
    memset(p, 1, 200000);
    assert_non_null(arena_alloc(&a, 10));
    arena_close(&a);
}

static void copy_ends_with_a_zero_byte(void **state)
{
    gate_str copy, source = unit_exact(STR("a\0b"));

    copy = arena_copy(*state, source);
    assert_str(copy, STR("a\0b"));
    assert_ptr_not_equal(copy.ptr, source.ptr);
    assert_int_equal(copy.ptr[3], 0);
    copy = arena_copy(*state, STR_NONE);
    assert_non_null(copy.ptr);
    assert_int_equal(copy.len, 0);
}

static void copy_past_the_maximum_is_nothing(void **state)
{
    arena a;

    arena_open(&a, 64 * 1024);
    assert_null(arena_copy(&a, unit_repeat(*state, 'x', 64 * 1024)).ptr);
    assert_null(arena_copy(&a, (gate_str){"x", SIZE_MAX}).ptr);
    arena_close(&a);
}

static void reset_keeps_and_wipes_the_first_chunk(void **state)
{
    unsigned char *first;
    arena a;

    (void)state;
    arena_open(&a, 1 << 20);
    first = arena_alloc(&a, 64);
    memset(first, 0x5a, 64);
    assert_non_null(arena_alloc(&a, 100000));
    arena_reset(&a);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(first[i], 0);
    assert_ptr_equal(arena_alloc(&a, 64), first);
    arena_close(&a);
}

static void use_after_close_begins_anew(void **state)
{
    arena a;

    (void)state;
    arena_open(&a, 1 << 20);
    assert_non_null(arena_alloc(&a, 64));
    arena_close(&a);
    assert_non_null(arena_alloc(&a, 64));
    arena_close(&a);
}

/* What one transaction wrote is not what the next one finds. */
static void memory_is_zeroed_after_a_reset(void **state)
{
    arena a;

    (void)state;
    arena_open(&a, 1 << 20);
    for (size_t round = 0; round < 4; round++) {
        for (size_t n = 1; n < 40000; n = n * 2 + 1) {
            unsigned char *p = arena_alloc(&a, n);
            assert_non_null(p);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0x5a, n);
        }
        arena_reset(&a);
    }
    arena_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(memory_is_zeroed_and_aligned),
        TEST(memory_is_zeroed_after_a_reset),
        TEST(blocks_do_not_overlap),
        TEST(no_memory_before_the_first_use),
        TEST(maximum_holds),
        TEST(large_block_has_its_own_chunk),
        TEST(copy_ends_with_a_zero_byte),
        TEST(copy_past_the_maximum_is_nothing),
        TEST(reset_keeps_and_wipes_the_first_chunk),
        TEST(use_after_close_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
