/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed text for a host's own cookies. */
#include "unit.h"

#include "base/str.h"

#define PURPOSE STR("JWE CEK")

static gate_str secret_named(const char *text)
{
    return str_of(text);
}

static void what_is_sealed_opens(void **state)
{
    gate_str old = secret_named("an-old-secret"), both[] = {secret_named("a-new-secret"), old};
    gate_sealer *first = gate_sealer_open(&old, 1, PURPOSE), *second = gate_sealer_open(both, 2, PURPOSE);
    gate_str sealed, header, plain;

    (void)state;
    assert_non_null(first);
    assert_non_null(second);
    assert_true(gate_seal(first, STR(",\"iat\":1,\"uat\":2"), STR("{\"a\":1}"), &sealed));
    assert_true(gate_unseal(second, sealed, &header, &plain));
    assert_true(str_equal(plain, STR("{\"a\":1}")));
    assert_true(str_equal(header, STR("{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"iat\":1,\"uat\":2}")));
    assert_true(gate_seal(second, STR_NONE, STR(""), &sealed)); /* the first secret seals */
    assert_false(gate_unseal(first, sealed, &header, &plain));
    gate_sealer_close(first);
    gate_sealer_close(second);
    gate_sealer_close(NULL);
}

/* Made by another implementation of RFC 7516, with the key that HKDF-SHA256 gives for this secret and purpose. */
static void another_ones_opens(void **state)
{
    gate_str secret = secret_named("a long, hard to guess secret"), header, plain;
    gate_sealer *s = gate_sealer_open(&secret, 1, PURPOSE);

    (void)state;
    assert_true(gate_unseal(
        s,
        STR("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidWF0IjoxNzAwMDAwMDAwLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDYwMDAwMH0..3nBuS5A8J8t4qBgb.DjOC1nFfa_RPP7Kt9lf4JQ.7bD7oRrJ54Hrztt5PQJNlg"),
        &header, &plain));
    assert_true(str_equal(plain, STR("{\"id_token\":\"x\"}")));
    assert_true(str_contains(header, STR("\"uat\":1700000000")));
    gate_sealer_close(s);
}

static void what_is_altered_stays_shut(void **state)
{
    gate_str secret = secret_named("a secret"), sealed, header, plain;
    gate_sealer *s = gate_sealer_open(&secret, 1, PURPOSE),
                *other = gate_sealer_open(&secret, 1, STR("another purpose"));
    char altered[512];
    size_t n;

    (void)state;
    assert_true(gate_seal(s, STR_NONE, STR("plain"), &sealed));
    n = sealed.len;
    assert_true(n < sizeof altered);
    memcpy(altered, sealed.ptr, n);
    assert_false(gate_unseal(other, (gate_str){altered, n}, &header, &plain));
    for (size_t i = 0; i < n; i++) {
        altered[i] ^= 1;
        assert_false(gate_unseal(s, (gate_str){altered, n}, &header, &plain));
        altered[i] ^= 1;
        assert_false(gate_unseal(s, (gate_str){altered, i}, &header, &plain));
    }
    assert_true(gate_unseal(s, (gate_str){altered, n}, &header, &plain));
    gate_sealer_close(s);
    gate_sealer_close(other);
}

static void nothing_and_too_much(void **state)
{
    static char much[64 * 1024 + 1];
    gate_str secret = secret_named("a secret"), none = STR_NONE, many[9], sealed, header, plain;
    gate_sealer *s = gate_sealer_open(&secret, 1, PURPOSE), *opener = gate_sealer_open(&secret, 1, PURPOSE);

    (void)state;
    for (size_t i = 0; i < 9; i++)
        many[i] = secret;
    assert_null(gate_sealer_open(NULL, 0, PURPOSE));
    assert_null(gate_sealer_open(&none, 1, PURPOSE));
    assert_null(gate_sealer_open(many, 9, PURPOSE));
    assert_true(gate_seal(s, STR_NONE, (gate_str){much, sizeof much - 1}, &sealed));
    assert_true(gate_unseal(opener, sealed, &header, &plain));
    assert_int_equal(plain.len, sizeof much - 1);
    assert_false(gate_seal(s, STR_NONE, (gate_str){much, sizeof much}, &sealed));
    assert_false(gate_unseal(s, STR_NONE, &header, &plain));
    assert_false(gate_unseal(s, (gate_str){much, sizeof much}, &header, &plain));
    assert_false(gate_unseal(s, STR("...."), &header, &plain));
    gate_sealer_close(opener);
    gate_sealer_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_sealed_opens),
        TEST(another_ones_opens),
        TEST(what_is_altered_stays_shut),
        TEST(nothing_and_too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
