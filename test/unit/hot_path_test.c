/* SPDX-License-Identifier: Apache-2.0 */
/* A request of somebody who is signed in costs no allocation, neither the engine's own nor libcrypto's, and no write to the store. */
#include "signed_in.h"
#include "unit.h"

#include <stdlib.h>

/* Of AddressSanitizer's runtime, with which every test is built; gcc installs no header for it. */
int __sanitizer_install_malloc_and_free_hooks(void (*after_malloc)(const volatile void *, size_t),
                                              void (*before_free)(const volatile void *));

enum { VISITS = 50 };

static volatile unsigned allocations; /* the compiler believes that malloc changes no variable */

static void count(const volatile void *p, size_t n)
{
    (void)p, (void)n;
    allocations++;
}

static void ignore(const volatile void *p)
{
    (void)p;
}

static void check_visits(signed_in_kind kind, unsigned reads, size_t identity)
{
    signed_in *s = malloc(sizeof *s);
    size_t seen;

    assert_non_null(s);
    assert_true(signed_in_open(s, kind));
    assert_true(signed_in_visit(s, &seen)); /* the first makes what the next ones use again */
    assert_int_equal(seen, identity);
    s->reads = s->writes = 0;
    allocations = 0;
    for (int i = 0; i < VISITS; i++)
        assert_true(signed_in_visit(s, &seen));
    assert_int_equal(allocations, 0);
    assert_int_equal(s->reads, VISITS * reads);
    assert_int_equal(s->writes, 0);
    signed_in_close(s);
    free(s);
}

static void the_counter_counts(void **state)
{
    void *volatile p;

    (void)state;
    allocations = 0;
    p = malloc(10);
    free(p);
    p = calloc(1, 10);
    free(p);
    assert_int_equal(allocations, 2);
}

static void session_in_the_store(void **state)
{
    (void)state;
    check_visits(SIGNED_IN_STORE, 1, 0);
}

static void session_in_the_cookie(void **state)
{
    (void)state;
    check_visits(SIGNED_IN_COOKIE, 0, 0);
}

static void claims_of_a_session(void **state)
{
    (void)state;
    check_visits(SIGNED_IN_CLAIMS, 1, 2);
}

static void another_cookie_is_nobody(void **state)
{
    signed_in *s = malloc(sizeof *s);
    size_t seen;

    (void)state;
    assert_non_null(s);
    assert_true(signed_in_open(s, SIGNED_IN_COOKIE));
    s->cookie[40] ^= 1;
    assert_false(signed_in_visit(s, &seen));
    signed_in_close(s);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_counts),       cmocka_unit_test(session_in_the_store),
        cmocka_unit_test(session_in_the_cookie),    cmocka_unit_test(claims_of_a_session),
        cmocka_unit_test(another_cookie_is_nobody),
    };

    if (!__sanitizer_install_malloc_and_free_hooks(count, ignore))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
