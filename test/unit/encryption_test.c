/* SPDX-License-Identifier: Apache-2.0 */
/* What was agreed about encryption holds both ways, and what is encrypted is a signed token or nothing. */
#include "oidc/encryption.h"

#include "base/text.h"
#include "jwe_token.h"
#include "rfc_jwe.h"
#include "token.h"

enum { ROOM = 64 * 1024 };

static gate_str seal(arena *a, const jwe_key *key, jwe_enc_set enc, const char *cty, gate_str plain)
{
    text t = text_begin(a, ROOM);
    gate_str token;

    assert_true(jwe_encrypt(a, &t, key, enc, STR_NONE, str_of(cty), plain));
    assert_true(text_end(&t, &token));
    return token;
}

static encryption agreed(const jwe_key *key, jwe_enc_set enc)
{
    return (encryption){.alg = key->alg, .enc = enc, .keys = (jwe_key *)key, .count = 1};
}

static void expect(arena *a, const encryption *e, gate_str token, refusal want)
{
    refusal why = REFUSAL_none;
    gate_str inner;
    bool good = encryption_open(a, e, unit_exact(token), &inner, &why);

    assert_int_equal(why, want);
    assert_int_equal(good, want == REFUSAL_none);
}

static void opens_what_was_agreed(void **state)
{
    static const jwe_alg_set algs[] = {JWE_RSA_OAEP,  JWE_RSA_OAEP_256, JWE_ECDH_ES, JWE_ECDH_ES_A256KW,
                                       JWE_A128GCMKW, JWE_A128KW,       JWE_DIR};
    gate_str token = token_good(*state), inner;

    for (size_t i = 0; i < COUNT(algs); i++) {
        encryption e = agreed(jwe_token_key(algs[i]), JWE_A256GCM);
        refusal why = REFUSAL_none;
        assert_true(encryption_open(*state, &e, seal(*state, e.keys, e.enc, "JWT", token), &inner, &why));
        assert_str(inner, token);
        assert_true(encryption_open(*state, &e, seal(*state, e.keys, e.enc, "application/jwt", token), &inner, &why));
    }
}

/* OIDC Core 3.1.3.7 (1): where encryption was negotiated, a token without it is refused; and the other way round. */
static void holds_both_ways(void **state)
{
    gate_str token = token_good(*state), inner;
    encryption e = agreed(jwe_token_key(JWE_RSA_OAEP_256), JWE_A128CBC_HS256), none = {0};
    refusal why = REFUSAL_none;

    expect(*state, &e, token, REFUSAL_jwe_missing);
    expect(*state, &e, STR(""), REFUSAL_jwe_missing);
    expect(*state, &e, STR("opaque"), REFUSAL_jwe_missing);
    expect(*state, &none, seal(*state, e.keys, e.enc, "JWT", token), REFUSAL_jwe_unexpected);
    assert_true(encryption_open(*state, &none, token, &inner, &why));
    assert_str(inner, token);
}

/* Whoever knows the public key can encrypt: what has no signature in it says nothing of who made it. */
static void decryption_is_no_authentication(void **state)
{
    encryption e = agreed(jwe_token_key(JWE_RSA_OAEP_256), JWE_A128GCM);
    gate_str claims = STR("{\"iss\":\"https://op.example\",\"sub\":\"admin\"}"), token = token_good(*state);

    expect(*state, &e, seal(*state, e.keys, e.enc, "JWT", claims), REFUSAL_jwe_nested);
    expect(*state, &e, seal(*state, e.keys, e.enc, "", claims), REFUSAL_jwe_nested);
    expect(*state, &e, seal(*state, e.keys, e.enc, "JWT", STR("eyJhbGciOiJub25lIn0.e30.")), REFUSAL_jwe_nested);
    expect(*state, &e, seal(*state, e.keys, e.enc, "JWT", STR("eyJhbGciOiJub25lIn0.e30")), REFUSAL_jwe_nested);
    expect(*state, &e, seal(*state, e.keys, e.enc, "JWT", STR("")), REFUSAL_jwe_nested);
    /* encrypted twice */
    expect(*state, &e, seal(*state, e.keys, e.enc, "JWT", seal(*state, e.keys, e.enc, "JWT", token)),
           REFUSAL_jwe_nested);
}

/* RFC 7519 5.2 */
static void cty_says_jwt(void **state)
{
    static const char *const wrong[] = {"", "json", "JWE", "JWT ", "application/json", "at+jwt"};
    encryption e = agreed(jwe_token_key(JWE_ECDH_ES), JWE_A128GCM);

    for (size_t i = 0; i < COUNT(wrong); i++)
        expect(*state, &e, seal(*state, e.keys, e.enc, wrong[i], token_good(*state)), REFUSAL_jwe_nested);
}

/* Another alg or enc is refused before any key is touched, also where the key could. */
static void nothing_but_what_was_agreed(void **state)
{
    const jwe_key *rsa = jwe_token_key(JWE_RSA_OAEP_256);
    encryption e = agreed(rsa, JWE_A128CBC_HS256);
    gate_str token = token_good(*state), sealed;

    expect(*state, &e, seal(*state, jwe_token_key(JWE_RSA_OAEP), e.enc, "JWT", token), REFUSAL_jwe_alg);
    expect(*state, &e, seal(*state, rsa, JWE_A256GCM, "JWT", token), REFUSAL_jwe_alg);
    expect(*state, &e, seal(*state, jwe_token_key(JWE_DIR), e.enc, "JWT", token), REFUSAL_jwe_alg);
    sealed = seal(*state, rsa, e.enc, "JWT", token);
    expect(*state, &e,
           jwe_token_with(*state, sealed, 0,
                          token_segment(*state, STR("{\"alg\":\"RSA1_5\",\"enc\":\"A128CBC-HS256\",\"cty\":\"JWT\"}"))),
           REFUSAL_jwe_alg);
    expect(*state, &e, jwe_token_with(*state, sealed, 3, STR("AAAAAAAAAAAAAAAAAAAAAA")), REFUSAL_jwe_decrypt);
    expect(*state, &e, unit_join(*state, sealed.ptr, ".", NULL), REFUSAL_jwe_missing); /* six segments */
}

/* OIDC Core 10.2. The digests are those of sha256sum and its like. */
static void keys_made_of_the_secret(void **state)
{
    static const struct {
        jwe_alg_set alg;
        jwe_enc_set enc;
        size_t size;
        const char *octets;
    } cases[] = {
        {JWE_A128KW, JWE_A128GCM, 16, "\x3e\xb1\xbd\x43\x99\x47\xeb\x76"},
        {JWE_A128GCMKW, JWE_A256CBC_HS512, 16, "\x3e\xb1\xbd\x43\x99\x47\xeb\x76"},
        {JWE_A192KW, JWE_A128GCM, 24, "\x3e\xb1\xbd\x43\x99\x47\xeb\x76"},
        {JWE_A256KW, JWE_A128GCM, 32, "\x3e\xb1\xbd\x43\x99\x47\xeb\x76"},
        {JWE_DIR, JWE_A128GCM, 16, "\x3e\xb1\xbd\x43\x99\x47\xeb\x76"},
        {JWE_DIR, JWE_A128CBC_HS256, 32, "\x3e\xb1\xbd\x43\x99\x47\xeb\x76"},
        {JWE_DIR, JWE_A192CBC_HS384, 48, "\x9c\x85\x40\xd9\x81\xf2\x42\xf8"},
        {JWE_DIR, JWE_A256CBC_HS512, 64, "\x03\x72\xa8\x61\x9e\xbc\xbb\xcd"},
    };
    gate_str secret = STR("0123456789abcdef0123456789abcdef");
    jwe_key key;

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(encryption_secret_key(*state, secret, cases[i].alg, cases[i].enc, &key));
        assert_int_equal(key.octets.len, cases[i].size);
        assert_memory_equal(key.octets.ptr, cases[i].octets, 8);
        assert_int_equal(key.alg, cases[i].alg);
        assert_true(key.encs & cases[i].enc);
    }
    assert_false(encryption_secret_key(*state, secret, JWE_RSA_OAEP_256, JWE_A128GCM, &key));
    assert_false(encryption_secret_key(*state, secret, JWE_ECDH_ES, JWE_A128GCM, &key));
}

/* A new key beside the old one: what was encrypted to either is opened. */
static void keys_rotate(void **state)
{
    jwe_key keys[] = {
        jwe_token_read_key(*state, STR("{\"kty\":\"oct\",\"kid\":\"new\",\"k\":\"AAECAwQFBgcICQoLDA0ODw\"}"), "A128KW"),
        jwe_token_read_key(*state, STR("{\"kty\":\"oct\",\"kid\":\"old\",\"k\":\"GawgguFyGrWKav7AX4VKUg\"}"), "A128KW"),
    };
    jwe_key stranger =
        jwe_token_read_key(*state, STR("{\"kty\":\"oct\",\"kid\":\"x\",\"k\":\"AQECAwQFBgcICQoLDA0ODw\"}"), "A128KW");
    encryption e = {.alg = JWE_A128KW, .enc = JWE_A128GCM, .keys = keys, .count = 2};
    gate_str token = token_good(*state);

    expect(*state, &e, seal(*state, &keys[0], e.enc, "JWT", token), REFUSAL_none);
    expect(*state, &e, seal(*state, &keys[1], e.enc, "JWT", token), REFUSAL_none);
    expect(*state, &e, seal(*state, &stranger, e.enc, "JWT", token), REFUSAL_jwe_key_unknown);
    stranger.kid = STR_NONE;
    expect(*state, &e, seal(*state, &stranger, e.enc, "JWT", token), REFUSAL_jwe_decrypt);
    keys[1].kid = STR_NONE; /* a token that names no key: each is tried */
    expect(*state, &e, seal(*state, &keys[1], e.enc, "JWT", token), REFUSAL_none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(opens_what_was_agreed),
        TEST(holds_both_ways),
        TEST(decryption_is_no_authentication),
        TEST(cty_says_jwt),
        TEST(nothing_but_what_was_agreed),
        TEST(keys_made_of_the_secret),
        TEST(keys_rotate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
