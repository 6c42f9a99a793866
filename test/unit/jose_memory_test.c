/* SPDX-License-Identifier: Apache-2.0 */
/* libcrypto runs out of memory, at its n-th allocation from then on: a key or a token may be refused for it, and nothing else. */
#include "token.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <stdlib.h>

static size_t left = SIZE_MAX; /* allocations that still succeed */

static bool may_allocate(void)
{
    if (left == SIZE_MAX)
        return true;
    if (left == 0)
        return false;
    left--;
    return true;
}

static void *short_malloc(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return may_allocate() ? malloc(n) : NULL;
}

static void *short_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return may_allocate() ? realloc(p, n) : NULL;
}

static void short_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    free(p);
}

static const struct {
    key_name key;
    alg_set alg;
    const char *header;
} EACH[] = {
    {KEY_RSA, ALG_RS256, "{\"alg\":\"RS256\"}"},     {KEY_RSA, ALG_PS256, "{\"alg\":\"PS256\"}"},
    {KEY_P256, ALG_ES256, "{\"alg\":\"ES256\"}"},    {KEY_P521, ALG_ES512, "{\"alg\":\"ES512\"}"},
    {KEY_ED25519, ALG_EDDSA, "{\"alg\":\"EdDSA\"}"}, {KEY_ED448, ALG_ED448, "{\"alg\":\"Ed448\"}"},
};

/* The first n with which all goes well, or 0. */
static size_t first_good_set(gate_str document)
{
    for (size_t n = 0; n < 5000; n++) {
        keyset *set;
        left = n;
        set = keyset_read(document);
        left = SIZE_MAX;
        ERR_clear_error(); /* libcrypto could not even keep its marks */
        keyset_release(set);
        if (set != NULL)
            return n;
    }
    return 0;
}

static void key_set_is_read_or_not(void **state)
{
    for (size_t i = 0; i < COUNT(EACH); i++) {
        gate_str key = token_public(*state, EACH[i].key, "");
        assert_true(first_good_set(token_set(*state, &key, NULL)) > 3);
    }
}

static void token_is_verified_or_not(void **state)
{
    for (size_t i = 0; i < COUNT(EACH); i++) {
        gate_str token = unit_exact(token_make(*state, EACH[i].key, EACH[i].alg, EACH[i].header, "{}")), bytes;
        refusal why = REFUSAL_none;
        bool good = false;
        jws t, forged;
        assert_true(jws_read(*state, token, EACH[i].alg, &t, &why));
        forged = t;
        bytes = arena_copy(*state, t.signature);
        ((char *)bytes.ptr)[20] ^= 1;
        forged.signature = bytes;
        for (size_t n = 0; n < 5000 && !good; n++) {
            left = n;
            assert_false(jws_verify(&forged, token_key(EACH[i].key)));
            left = n;
            good = jws_verify(&t, token_key(EACH[i].key));
            left = SIZE_MAX;
            ERR_clear_error();
        }
        assert_true(good);
    }
}

static void private_key_is_read_or_not(void **state)
{
    static const key_name names[] = {KEY_RSA, KEY_P256, KEY_ED25519};

    for (size_t i = 0; i < COUNT(names); i++) {
        gate_str document = token_private(*state, names[i]);
        bool good = false;
        for (size_t n = 0; n < 5000 && !good; n++) {
            jwk key;
            left = n;
            good = jwk_read_private(*state, document, &key);
            left = SIZE_MAX;
            ERR_clear_error();
            assert_int_equal(good, key.key != NULL);
            jwk_drop(&key);
        }
        assert_true(good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(key_set_is_read_or_not),
        TEST(token_is_verified_or_not),
        TEST(private_key_is_read_or_not),
    };

    if (CRYPTO_set_mem_functions(short_malloc, short_realloc, short_free) != 1)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
