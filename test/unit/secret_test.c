/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"
#include "unit.h"

static void equal_in_length_and_bytes(void **state)
{
    (void)state;
    assert_true(secret_equal(unit_exact(STR("s3cret")), unit_exact(STR("s3cret"))));
    assert_true(secret_equal(STR("a\0b"), STR("a\0b")));
    assert_false(secret_equal(STR("a\0b"), STR("a\0c")));
    assert_false(secret_equal(unit_exact(STR("s3cret")), unit_exact(STR("s3cre"))));
    assert_false(secret_equal(STR("s3cret"), STR("S3cret")));
    assert_true(secret_equal(STR_NONE, STR("")));
    assert_false(secret_equal(STR_NONE, STR("a")));
}

static void every_byte_counts(void **state)
{
    gate_str a = unit_repeat(*state, 'x', 64), b = unit_repeat(*state, 'x', 64);

    assert_true(secret_equal(a, b));
    for (size_t i = 0; i < 64; i++) {
        ((char *)b.ptr)[i] ^= 1;
        assert_false(secret_equal(a, b));
        ((char *)b.ptr)[i] ^= 1;
    }
}

static void wipe_leaves_zeros_and_nothing_else(void **state)
{
    char bytes[] = "-secret-";

    (void)state;
    secret_wipe(bytes + 1, 6);
    assert_memory_equal(bytes, "-\0\0\0\0\0\0-", 8);
    secret_wipe(bytes, 0);
    secret_wipe(NULL, 5);
    assert_int_equal(bytes[0], '-');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_in_length_and_bytes),
        TEST(every_byte_counts),
        TEST(wipe_leaves_zeros_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
