/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypted tokens: every algorithm there and back, and the examples of the RFCs. */
#include "base/base64url.h"
#include "jose/jwe.h"
#include "jose/jwe_agree.h"
#include "jwe_token.h"
#include "rfc_jwe.h"

#include <openssl/err.h>
#include <openssl/pem.h>

static void every_alg_with_every_enc(void **state)
{
    for (jwe_alg_set alg = 1; alg & JWE_ALG_ALL; alg <<= 1) {
        const jwe_key *key = jwe_token_key(alg);
        for (jwe_enc_set enc = 1; enc & JWE_ENC_ALL; enc <<= 1) {
            gate_str plain;
            if (!(key->encs & enc))
                continue;
            assert_int_equal(jwe_token_open(*state, jwe_token_good(*state, key, enc, "eyJ.plain.text"), key, &plain),
                             REFUSAL_none);
            assert_str(plain, STR("eyJ.plain.text"));
        }
    }
}

/* A key for dir is used with the encs of its size alone; 256 bits are both A128CBC-HS256 and A256GCM. */
static void dir_fits_by_size(void **state)
{
    text t = text_begin(*state, 4096);

    assert_int_equal(jwe_token_key(JWE_DIR)->encs, JWE_A128CBC_HS256 | JWE_A256GCM);
    assert_false(jwe_encrypt(*state, &t, jwe_token_key(JWE_DIR), JWE_A128GCM, STR_NONE, STR_NONE, STR("x")));
}

static gate_str pem_of(arena *a, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes;
    gate_str s;

    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    s.len = (size_t)BIO_get_mem_data(bio, &bytes);
    s.ptr = bytes;
    s = arena_copy(a, s);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return s;
}

/* Keys as PEM, and each curve of ECDH-ES. */
static void every_curve(void **state)
{
    static const char *const curves[] = {"P-256", "P-384", "P-521", "X25519"};

    for (size_t i = 0; i < COUNT(curves); i++) {
        for (jwe_alg_set alg = JWE_ECDH_ES; alg & JWE_ECDH; alg <<= 1) {
            EVP_PKEY *made = i < 3 ? EVP_EC_gen(curves[i]) : EVP_PKEY_Q_keygen(NULL, NULL, curves[i]);
            jwe_key key = jwe_token_read_key(*state, pem_of(*state, made), jwe_alg_name(alg).ptr);
            gate_str plain;
            assert_int_equal(jwe_token_open(*state, jwe_token_good(*state, &key, JWE_A256CBC_HS512, "x"), &key, &plain),
                             REFUSAL_none);
            assert_str(plain, STR("x"));
            jwe_key_drop(&key);
        }
    }
}

static void sizes_of_content(void **state)
{
    const jwe_key *key = jwe_token_key(JWE_A128KW);

    for (size_t n = 0; n < 70; n++) {
        for (jwe_enc_set enc = 1; enc & JWE_ENC_ALL; enc <<= 1) {
            gate_str plain, want = unit_repeat(*state, 'p', n + 1);
            ((char *)want.ptr)[n] = 0;
            assert_int_equal(jwe_token_open(*state, jwe_token_good(*state, key, enc, want.ptr), key, &plain),
                             REFUSAL_none);
            assert_str(plain, str_part(want, 0, n));
        }
    }
}

static void rfc7516_a1(void **state)
{
    gate_str plain;

    assert_int_equal(jwe_token_open(*state, STR(RFC7516_A1_TOKEN), jwe_token_key(JWE_RSA_OAEP), &plain), REFUSAL_none);
    assert_str(plain, STR(RFC7516_A1_PLAIN));
}

static void rfc7516_a2_is_refused(void **state)
{
    gate_str token = jwe_token_with(*state, STR(RFC7516_A1_TOKEN), 0, STR(RFC7516_A2_HEADER));

    assert_int_equal(jwe_token_check(*state, token, jwe_token_key(JWE_RSA_OAEP)), REFUSAL_jwe_alg);
}

static void rfc7516_a3(void **state)
{
    gate_str plain;

    assert_int_equal(jwe_token_open(*state, STR(RFC7516_A3_TOKEN), jwe_token_key(JWE_A128KW), &plain), REFUSAL_none);
    assert_str(plain, STR(RFC7516_A3_PLAIN));
}

static void rfc7516_a5_is_refused(void **state)
{
    assert_int_equal(jwe_token_check(*state, STR(RFC7516_A5_TOKEN), jwe_token_key(JWE_A128KW)), REFUSAL_jwe_malformed);
}

static void rfc7518_c(void **state)
{
    const json *header =
        json_read_object(*state, STR("{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\",\"apu\":\"QWxpY2U\",\"apv\":\"Qm9i\","
                                     "\"epk\":{" RFC7518_C_ALICE "}}"));
    unsigned char derived[16];
    gate_str want;

    assert_true(jwe_agree_read(*state, jwe_token_key(JWE_ECDH_ES), header, STR("A128GCM"), sizeof derived, derived));
    assert_true(base64url_read(*state, STR(RFC7518_C_DERIVED), &want));
    assert_str(((gate_str){(char *)derived, sizeof derived}), want);
}

/* A point of P-256 with which our key agrees on the coordinate zero: rare, but good. */
static void ecdh_agrees_on_zero(void **state)
{
    static const unsigned char want[] = {0xc7, 0x3f, 0x3e, 0x70, 0xe2, 0x85, 0xb8, 0xe6,
                                         0x3a, 0x78, 0x43, 0x2f, 0x82, 0xe6, 0x76, 0xb1};
    const json *header = json_read_object(
        *state, STR("{\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"fErIhX972Q19qxG2h5xOZHRgfony_9Gj0KNvDi6G8eo\","
                    "\"y\":\"nZFyVDglvcuHQczdnATLLXrcby6kdJYz6Npw7i41kPo\"}}"));
    unsigned char derived[sizeof want];

    assert_true(jwe_agree_read(*state, jwe_token_key(JWE_ECDH_ES), header, STR("A128GCM"), sizeof derived, derived));
    assert_memory_equal(derived, want, sizeof want);
}

static void header_is_told(void **state)
{
    const jwe_key *key = jwe_token_key(JWE_A128KW);
    text t = text_begin(*state, 4096);
    refusal why = REFUSAL_none;
    gate_str token;
    jwe read;

    assert_true(jwe_encrypt(*state, &t, key, JWE_A128GCM, STR("at+jwt"), STR("jwt"), STR("x")) && text_end(&t, &token));
    assert_true(jwe_read(*state, token, JWE_ALG_ALL, JWE_ENC_ALL, &read, &why));
    assert_true(read.is_nested);
    assert_str(read.typ, STR("at+jwt"));
    assert_null(read.kid.ptr);
    assert_int_equal(read.alg, JWE_A128KW);
    assert_int_equal(read.enc, JWE_A128GCM);
    assert_true(jwe_is_one(token));
    assert_false(jwe_is_one(STR("a.b.c")));
    assert_false(jwe_is_one(STR_NONE));
    assert_true(jwe_read(*state, jwe_token_good(*state, key, JWE_A128GCM, "x"), JWE_ALG_ALL, JWE_ENC_ALL, &read, &why));
    assert_false(read.is_nested);
}

/* RFC 7515 section 6: kid chooses where both name one; otherwise each key of the alg is tried. */
static void keys_are_chosen(void **state)
{
    static const char first[] = "{\"kty\":\"oct\",\"alg\":\"A128KW\",\"kid\":\"1\",\"k\":\"GawgguFyGrWKav7AX4VKUg\"}";
    static const char second[] = "{\"kty\":\"oct\",\"alg\":\"A128KW\",\"kid\":\"2\",\"k\":\"AAECAwQFBgcICQoLDA0ODw\"}";
    jwe_key keys[] = {jwe_token_read_key(*state, STR(first), ""), jwe_token_read_key(*state, STR(second), "A128KW")};
    gate_str token = jwe_token_good(*state, &keys[1], JWE_A128GCM, "x"), plain;
    refusal why = REFUSAL_none;
    jwe_key nameless = keys[1];
    jwe t;

    assert_true(jwe_read(*state, token, JWE_ALG_ALL, JWE_ENC_ALL, &t, &why));
    assert_str(t.kid, STR("2"));
    assert_true(jwe_decrypt(*state, &t, keys, 2, &plain, &why));
    assert_false(jwe_decrypt(*state, &t, keys, 1, &plain, &why));
    assert_int_equal(why, REFUSAL_jwe_key_unknown);
    nameless.kid = STR_NONE;
    assert_true(jwe_decrypt(*state, &t, &nameless, 1, &plain, &why));
    assert_true(
        jwe_read(*state, jwe_token_good(*state, &nameless, JWE_A128GCM, "y"), JWE_ALG_ALL, JWE_ENC_ALL, &t, &why));
    assert_true(jwe_decrypt(*state, &t, keys, 2, &plain, &why));
    assert_str(plain, STR("y"));
    assert_false(jwe_decrypt(*state, &t, keys, 0, &plain, &why));
}

static void names(void **state)
{
    jwe_alg_set algs;
    (void)state;

    for (jwe_alg_set one = 1; one & JWE_ALG_ALL; one <<= 1)
        assert_int_equal(jwe_alg_read(jwe_alg_name(one)), one);
    for (jwe_enc_set one = 1; one & JWE_ENC_ALL; one <<= 1)
        assert_int_equal(jwe_content_read(jwe_content_name(one)), one);
    assert_int_equal(jwe_alg_read(STR("rsa-oaep")), 0);
    assert_int_equal(jwe_alg_read(STR("RSA1_5")), 0);
    assert_int_equal(jwe_alg_name(3).len, 0);
    assert_int_equal(jwe_content_name(0).len, 0);
    assert_true(jwe_alg_read_set(STR("dir  RSA-OAEP"), &algs));
    assert_int_equal(algs, JWE_DIR | JWE_RSA_OAEP);
    assert_false(jwe_alg_read_set(STR("dir RSA1_5"), &algs));
    assert_false(jwe_alg_read_set(STR(" "), &algs));
}

/* A token is at most JWE_SIZE_MAX, and encrypting says when it cannot be done. */
static void too_large(void **state)
{
    const jwe_key *key = jwe_token_key(JWE_A128KW);
    text t = text_begin(*state, 1 << 20), small = text_begin(*state, 100);
    gate_str long_text = unit_repeat(*state, 'x', JWE_SIZE_MAX + 1);

    assert_false(jwe_encrypt(*state, &t, key, JWE_A128GCM, STR_NONE, STR_NONE, long_text));
    assert_false(jwe_encrypt(*state, &small, key, JWE_A128GCM, STR_NONE, STR_NONE, str_part(long_text, 0, 100)));
    assert_true(jwe_encrypt(*state, &t, key, JWE_A128GCM, STR_NONE, STR_NONE, str_part(long_text, 0, JWE_SIZE_MAX)));
    assert_int_equal(jwe_token_check(*state, (gate_str){t.bytes, t.len}, key), REFUSAL_jwe_malformed);
}

/* With any amount of memory too little the answer is a refusal, never plaintext. */
static void memory_is_short(void **state)
{
    const jwe_key *key = jwe_token_key(JWE_ECDH_ES_A256KW);
    gate_str token =
        jwe_token_good(*state, key, JWE_A256CBC_HS512, arena_copy(*state, unit_repeat(*state, 'x', 20000)).ptr);
    bool good = false;

    for (size_t max = 0; !good; max += 8 * 1024) {
        refusal why = REFUSAL_none;
        gate_str plain = STR_NONE;
        arena little;
        jwe t;
        arena_open(&little, max);
        good = jwe_read(&little, token, JWE_ALG_ALL, JWE_ENC_ALL, &t, &why) &&
               jwe_decrypt(&little, &t, key, 1, &plain, &why);
        assert_int_equal(good, why == REFUSAL_none);
        assert_int_equal(good, plain.ptr != NULL);
        assert_true(max < 1024 * 1024);
        arena_close(&little);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_alg_with_every_enc),
        TEST(dir_fits_by_size),
        TEST(every_curve),
        TEST(sizes_of_content),
        TEST(rfc7516_a1),
        TEST(rfc7516_a2_is_refused),
        TEST(rfc7516_a3),
        TEST(rfc7516_a5_is_refused),
        TEST(rfc7518_c),
        TEST(ecdh_agrees_on_zero),
        TEST(header_is_told),
        TEST(keys_are_chosen),
        TEST(names),
        TEST(too_large),
        TEST(memory_is_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
