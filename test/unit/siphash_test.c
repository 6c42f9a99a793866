/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 against the reference vectors of its authors: key 00 01 .. 0f, messages of 0 to 63 bytes 00 01 02 .. */
#include "base/siphash.h"
#include "unit.h"

static const siphash_key KEY = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

static uint64_t of_length(size_t n)
{
    char message[64];

    for (size_t i = 0; i < n; i++)
        message[i] = (char)i;
    return siphash(&KEY, unit_exact((gate_str){message, n}));
}

static void test_reference(void **state)
{
    static const struct {
        size_t n;
        uint64_t hash;
    } vectors[] = {
        {0, UINT64_C(0x726fdb47dd0e0e31)},  {1, UINT64_C(0x74f839c593dc67fd)},  {2, UINT64_C(0x0d6c8009d9a94f5a)},
        {3, UINT64_C(0x85676696d7fb7e2d)},  {7, UINT64_C(0xab0200f58b01d137)},  {8, UINT64_C(0x93f5f5799a932462)},
        {15, UINT64_C(0xa129ca6149be45e5)}, {63, UINT64_C(0x958a324ceb064572)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++)
        assert_true(of_length(vectors[i].n) == vectors[i].hash);
}

/* Each bit of the key and of the message counts. */
static void test_depends_on_all(void **state)
{
    gate_str message = STR("0123456789abcdefghij");
    uint64_t plain = siphash(&KEY, message);

    (void)state;
    for (unsigned bit = 0; bit < 128; bit++) {
        siphash_key other = KEY;
        if (bit < 64)
            other.k0 ^= UINT64_C(1) << bit;
        else
            other.k1 ^= UINT64_C(1) << (bit - 64);
        assert_true(siphash(&other, message) != plain);
    }
    for (size_t i = 0; i < message.len; i++) {
        char changed[20];
        memcpy(changed, message.ptr, sizeof changed);
        changed[i] ^= 1;
        assert_true(siphash(&KEY, (gate_str){changed, sizeof changed}) != plain);
    }
}

static void test_length_counts(void **state)
{
    static const char zeros[16];

    (void)state;
    for (size_t n = 0; n < sizeof zeros; n++)
        assert_true(siphash(&KEY, (gate_str){zeros, n}) != siphash(&KEY, (gate_str){zeros, n + 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_reference), TEST(test_depends_on_all), TEST(test_length_counts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
