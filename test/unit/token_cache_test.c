/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of verified tokens: what is found, what is not, and that it never grows. */
#include "session/token_cache.h"
#include "unit.h"

#include <stdio.h>

enum { SIZE = 64 * 1024, NOW = 1000 };

static const siphash_key KEY = {11, 22};
static const token_policy POLICY = {.place = 1, .kind = 2, .generation = 3};
static const token_span SPAN = {NOW, NOW + 60};

static void add(token_cache *cache, const char *token, const char *value)
{
    token_cache_add(cache, unit_exact(str_of(token)), &POLICY, SPAN, unit_exact(str_of(value)));
}

static bool has(token_cache *cache, arena *a, const char *token, const token_policy *policy, int64_t now)
{
    token_hit hit;

    return token_cache_find(cache, a, str_of(token), policy, now, &hit);
}

static void test_hit_and_miss(void **state)
{
    token_cache *cache = token_cache_open(SIZE, &KEY);
    token_hit hit;

    assert_false(has(cache, *state, "token-1", &POLICY, NOW));
    add(cache, "token-1", "claims of one");
    add(cache, "token-2", "");
    assert_true(token_cache_find(cache, *state, STR("token-1"), &POLICY, NOW, &hit));
    assert_str(hit.value, STR("claims of one"));
    assert_true(token_cache_find(cache, *state, STR("token-2"), &POLICY, NOW, &hit));
    assert_int_equal(hit.value.len, 0);
    assert_false(has(cache, *state, "token-", &POLICY, NOW));
    assert_false(has(cache, *state, "token-11", &POLICY, NOW));
    assert_false(has(cache, *state, "", &POLICY, NOW));
    token_cache_close(cache);
}

static void test_span(void **state)
{
    token_cache *cache = token_cache_open(SIZE, &KEY);

    add(cache, "t", "v");
    assert_false(has(cache, *state, "t", &POLICY, NOW - 1)); /* the clock was set back */
    assert_true(has(cache, *state, "t", &POLICY, NOW));
    assert_true(has(cache, *state, "t", &POLICY, NOW + 59));
    assert_false(has(cache, *state, "t", &POLICY, NOW + 60));
    assert_false(has(cache, *state, "t", &POLICY, INT64_MAX));
    token_cache_close(cache);
}

static void test_policy(void **state)
{
    token_cache *cache = token_cache_open(SIZE, &KEY);
    const token_policy others[] = {{0, 2, 3}, {2, 2, 3}, {1, 1, 3}, {1, 2, 2}, {1, 2, 4}, {3, 2, 1}};

    add(cache, "t", "v");
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(has(cache, *state, "t", &others[i], NOW));
    assert_true(has(cache, *state, "t", &POLICY, NOW));
    token_cache_close(cache);
}

/* A newer entry about the same takes the older one's place, also when keys have changed since. */
static void test_newer_replaces(void **state)
{
    token_cache *cache = token_cache_open(SIZE, &KEY);
    token_policy newer = POLICY;
    token_hit hit;

    newer.generation++;
    add(cache, "t", "old");
    token_cache_add(cache, STR("t"), &newer, SPAN, STR("new"));
    assert_false(has(cache, *state, "t", &POLICY, NOW));
    assert_true(token_cache_find(cache, *state, STR("t"), &newer, NOW, &hit));
    assert_str(hit.value, STR("new"));
    token_cache_close(cache);
}

/* Each place that knows a token keeps what it knows. */
static void test_many_places(void **state)
{
    token_cache *cache = token_cache_open(SIZE, &KEY);
    token_policy policy = POLICY;
    unsigned found = 0;

    for (policy.place = 0; policy.place < 32; policy.place++)
        token_cache_add(cache, STR("t"), &policy, SPAN, STR("v"));
    for (policy.place = 0; policy.place < 32; policy.place++)
        found += has(cache, *state, "t", &policy, NOW);
    assert_in_range(found, 28, 32);
    token_cache_close(cache);
}

/* The hash is of the end alone; the comparison is of the whole. */
static void test_equal_tails(void **state)
{
    token_cache *cache = token_cache_open(SIZE, &KEY);
    gate_str tail = unit_repeat(*state, 's', 64);
    token_hit hit;
    char one[80], two[80], none[80];

    snprintf(one, sizeof one, "one.%.64s", tail.ptr);
    snprintf(two, sizeof two, "two.%.64s", tail.ptr);
    snprintf(none, sizeof none, "sub.%.64s", tail.ptr);
    add(cache, one, "1");
    assert_false(has(cache, *state, two, &POLICY, NOW));
    add(cache, two, "2");
    assert_true(token_cache_find(cache, *state, str_of(one), &POLICY, NOW, &hit));
    assert_str(hit.value, STR("1"));
    assert_true(token_cache_find(cache, *state, str_of(two), &POLICY, NOW, &hit));
    assert_str(hit.value, STR("2"));
    assert_false(has(cache, *state, none, &POLICY, NOW));
    token_cache_close(cache);
}

static gate_str numbered(char *room, size_t size, unsigned i)
{
    return (gate_str){room, (size_t)snprintf(room, size, "%0600u", i)};
}

/* Many times round the ring: whatever is found is right, the newest are there, the oldest are not. */
static void test_wrap_around(void **state)
{
    enum { TOKENS = 5000, FIT = SIZE / 1300 };
    token_cache *cache = token_cache_open(SIZE, &KEY);
    char token[640], wanted[640];
    unsigned found = 0;
    token_hit hit;

    for (unsigned i = 0; i < TOKENS; i++) {
        gate_str t = numbered(token, sizeof token, i);
        token_cache_add(cache, t, &POLICY, SPAN, t);
        assert_true(token_cache_find(cache, *state, t, &POLICY, NOW, &hit));
        assert_str(hit.value, t);
    }
    for (unsigned i = 0; i < TOKENS; i++) {
        gate_str t = numbered(wanted, sizeof wanted, i);
        bool there = token_cache_find(cache, *state, t, &POLICY, NOW, &hit);
        found += there;
        if (there)
            assert_str(hit.value, t);
        if (i < TOKENS - 2 * FIT)
            assert_false(there);
    }
    assert_in_range(found, FIT / 2, 2 * FIT);
    token_cache_close(cache);
}

/* Sizes that never divide the ring: entries never lie across its end. */
static void test_odd_sizes(void **state)
{
    token_cache *cache = token_cache_open(SIZE, &KEY);
    gate_str all = unit_repeat(*state, 'x', SIZE / 4);

    for (size_t i = 0; i < 2000; i++) {
        gate_str token = str_part(all, 0, 1 + i * 7919 % (SIZE / 4)),
                 value_in = str_part(all, 0, i * 104729 % (SIZE / 4));
        token_hit hit;
        token_cache_add(cache, token, &POLICY, SPAN, value_in);
        assert_true(token_cache_find(cache, *state, token, &POLICY, NOW, &hit));
        assert_int_equal(hit.value.len, value_in.len);
        arena_reset(*state);
        all = unit_repeat(*state, 'x', SIZE / 4);
    }
    token_cache_close(cache);
}

static void test_too_large(void **state)
{
    token_cache *cache = token_cache_open(SIZE, &KEY);
    gate_str large = unit_repeat(*state, 'x', SIZE / 4 + 1), small = STR("t");
    token_hit hit;

    token_cache_add(cache, large, &POLICY, SPAN, small);
    assert_false(token_cache_find(cache, *state, large, &POLICY, NOW, &hit));
    token_cache_add(cache, small, &POLICY, SPAN, large);
    assert_false(token_cache_find(cache, *state, small, &POLICY, NOW, &hit));
    token_cache_close(cache);
}

/* A size below the least is raised; nothing is found after memory for the copy has run out. */
static void test_edges(void **state)
{
    token_cache *cache = token_cache_open(1, &KEY);
    token_hit hit;
    arena none;

    arena_open(&none, 1);
    add(cache, "t", "value");
    assert_true(has(cache, *state, "t", &POLICY, NOW));
    assert_false(token_cache_find(cache, &none, STR("t"), &POLICY, NOW, &hit));
    arena_close(&none);
    token_cache_close(cache);
    token_cache_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_hit_and_miss), TEST(test_span),        TEST(test_policy),      TEST(test_newer_replaces),
        TEST(test_many_places),  TEST(test_equal_tails), TEST(test_wrap_around), TEST(test_odd_sizes),
        TEST(test_too_large),    TEST(test_edges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
