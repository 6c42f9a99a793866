/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by the header, B12 to B31. Unless said otherwise the signature is right for the header as it stands. */
#include "rfc.h"
#include "token.h"

#include <openssl/hmac.h>
#include <openssl/pem.h>

static refusal check_header(arena *a, const char *header)
{
    return token_check(a, token_make(a, KEY_RSA, ALG_RS256, header, "{\"sub\":\"alice\"}"), TOKEN_ALGS, KEY_RSA);
}

static refusal check_header_bytes(arena *a, gate_str header)
{
    return token_check(a, token_make_with(a, token_key(KEY_RSA), ALG_RS256, header, STR("{}")), TOKEN_ALGS, KEY_RSA);
}

static void b12_none(void **state)
{
    gate_str zeros = unit_repeat(*state, 0, 256);

    assert_int_equal(check_header(*state, "{\"alg\":\"none\"}"), REFUSAL_jwt_alg); /* with a right signature of RS256 */
    assert_int_equal(token_check(*state, token_raw(*state, "{\"alg\":\"none\"}", "{}", zeros), TOKEN_ALGS, KEY_RSA),
                     REFUSAL_jwt_alg);
    assert_int_equal(token_check(*state, token_raw(*state, "{\"alg\":\"none\"}", "{}", STR_NONE), TOKEN_ALGS, KEY_RSA),
                     REFUSAL_jwt_malformed);
    assert_int_equal(token_check(*state, STR(RFC7515_A5_TOKEN), (alg_set)-1, KEY_RSA), REFUSAL_jwt_malformed);
    assert_int_equal(token_check(*state, token_raw(*state, "{\"alg\":\"none\"}", "{}", zeros), (alg_set)-1, KEY_RSA),
                     REFUSAL_jwt_alg);
}

static void b13_none_spelled_otherwise(void **state)
{
    static const char *const headers[] = {"{\"alg\":\"nOnE\"}", "{\"alg\":\"NONE\"}", "{\"alg\":\"None\"}",
                                          "{\"alg\":\"none \"}", "{\"alg\":\" none\"}"};

    for (size_t i = 0; i < COUNT(headers); i++)
        assert_int_equal(check_header(*state, headers[i]), REFUSAL_jwt_alg);
}

static void b14_alg_missing_or_no_name(void **state)
{
    static const char *const headers[] = {
        "{}",           "{\"typ\":\"JWT\"}", "{\"alg\":null}", "{\"alg\":1}",         "{\"alg\":[\"RS256\"]}",
        "{\"alg\":{}}", "{\"alg\":\"\"}",    "{\"alg\":true}", "{\"ALG\":\"RS256\"}", "{\"alg \":\"RS256\"}"};

    for (size_t i = 0; i < COUNT(headers); i++)
        assert_int_equal(check_header(*state, headers[i]), REFUSAL_jwt_alg);
}

static void b15_alg_in_another_case(void **state)
{
    static const char *const headers[] = {"{\"alg\":\"rs256\"}", "{\"alg\":\"Rs256\"}", "{\"alg\":\"RS256 \"}",
                                          "{\"alg\":\"RS2567\"}", "{\"alg\":\"RS25\"}"};

    for (size_t i = 0; i < COUNT(headers); i++)
        assert_int_equal(check_header(*state, headers[i]), REFUSAL_jwt_alg);
    assert_int_equal(check_header(*state, "{\"\\u0061lg\":\"\\u0052S256\"}"),
                     REFUSAL_none); /* the same name, escaped */
}

static gate_str mac_token(arena *a, const unsigned char *key, size_t size)
{
    gate_str input = unit_join(a, arena_copy(a, token_segment(a, STR("{\"alg\":\"HS256\"}"))).ptr, ".e30", NULL);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    assert_non_null(HMAC(EVP_sha256(), key, (int)size, (const unsigned char *)input.ptr, input.len, mac, &n));
    return token_raw(a, "{\"alg\":\"HS256\"}", "{}", (gate_str){(char *)mac, n});
}

static void refuse_mac_with(arena *a, const char *bytes, size_t size)
{
    gate_str token = mac_token(a, (const unsigned char *)bytes, size);
    refusal why = REFUSAL_none;
    jws t;

    assert_int_equal(token_check(a, token, TOKEN_ALGS, KEY_RSA), REFUSAL_jwt_alg);
    assert_int_equal(token_check(a, token, TOKEN_ALGS | ALG_HMAC, KEY_RSA), REFUSAL_jwt_key_unknown);
    assert_true(jws_read(a, token, ALG_HMAC, &t, &why));
    assert_false(jws_verify(&t, token_key(KEY_RSA)));
}

static void b16_mac_keyed_with_what_is_public(void **state)
{
    BIO *pem = BIO_new(BIO_s_mem());
    unsigned char der[600], *end = der;
    gate_str public = token_public(*state, KEY_RSA, "");
    char *bytes;
    long n;

    assert_int_equal(PEM_write_bio_PUBKEY(pem, token_key(KEY_RSA)->key), 1);
    n = BIO_get_mem_data(pem, &bytes);
    refuse_mac_with(*state, bytes, (size_t)n);
    refuse_mac_with(*state, bytes, (size_t)n - 1); /* without the last newline */
    n = i2d_PUBKEY(token_key(KEY_RSA)->key, &end);
    refuse_mac_with(*state, (char *)der, (size_t)n);
    refuse_mac_with(*state, public.ptr, public.len);
    refuse_mac_with(*state, RFC7515_A2_N, sizeof RFC7515_A2_N - 1);
    refuse_mac_with(*state, "", 0);
    BIO_free(pem);
}

/* A key without octets, or with none worth the name, makes and takes no MAC. */
static void b16_empty_mac_key(void **state)
{
    jwk empty = {.algs = ALG_HS256, .octets = {"", 0}};
    refusal why = REFUSAL_none;
    jws t;

    assert_true(jws_read(*state, mac_token(*state, (const unsigned char *)"", 0), ALG_HS256, &t, &why));
    assert_false(jws_verify(&t, &empty));
    empty.octets = STR_NONE;
    assert_false(jws_verify(&t, &empty));
}

static void b17_alg_of_the_same_family(void **state)
{
    gate_str pss = token_public(*state, KEY_RSA, "\"alg\":\"PS256\""), set = token_set(*state, &pss, NULL);
    gate_str as_pss = token_make(*state, KEY_RSA, ALG_RS256, "{\"alg\":\"PS256\"}", "{}");
    gate_str as_pkcs1 = token_make(*state, KEY_RSA, ALG_PS256, "{\"alg\":\"RS256\"}", "{}");
    gate_str as_256 = token_make(*state, KEY_RSA, ALG_RS384, "{\"alg\":\"RS256\"}", "{}");

    assert_int_equal(token_check_set(*state, token_good(*state), TOKEN_ALGS, set), REFUSAL_jwt_key_unknown);
    assert_int_equal(
        token_check(*state, token_make(*state, KEY_RSA, ALG_RS512, "{\"alg\":\"RS512\"}", "{}"), ALG_RS256, KEY_RSA),
        REFUSAL_jwt_alg);
    assert_int_equal(token_check(*state, as_pss, TOKEN_ALGS, KEY_RSA), REFUSAL_jwt_signature);
    assert_int_equal(token_check(*state, as_pkcs1, TOKEN_ALGS, KEY_RSA), REFUSAL_jwt_signature);
    assert_int_equal(token_check(*state, as_256, TOKEN_ALGS, KEY_RSA), REFUSAL_jwt_signature);
}

static void b18_curve_and_alg_belong_together(void **state)
{
    jwk loose = *token_key(KEY_P256);
    gate_str es384 = token_raw(*state, "{\"alg\":\"ES384\"}", "{}", unit_repeat(*state, 1, 96));
    gate_str short384 = token_raw(*state, "{\"alg\":\"ES384\"}", "{}", unit_repeat(*state, 1, 64));
    gate_str ed25519 = token_make(*state, KEY_ED448, ALG_ED448, "{\"alg\":\"Ed25519\"}", "{}");

    assert_int_equal(token_check(*state, es384, TOKEN_ALGS, KEY_P256), REFUSAL_jwt_key_unknown);
    assert_int_equal(token_check(*state, short384, TOKEN_ALGS, KEY_P256), REFUSAL_jwt_key_unknown);
    assert_int_equal(token_check(*state, ed25519, TOKEN_ALGS, KEY_ED448), REFUSAL_jwt_key_unknown);
    assert_int_equal(token_check(*state, token_make(*state, KEY_P256, ALG_ES256, "{\"alg\":\"ES256K\"}", "{}"),
                                 ALG_ES256 | ALG_ES256K, KEY_P256),
                     REFUSAL_jwt_key_unknown);
    loose.algs = ALG_ES384; /* a key that claims a curve which it is not on */
    {
        refusal why = REFUSAL_none;
        jws t;
        assert_true(jws_read(*state, es384, ALG_ES384, &t, &why));
        assert_false(jws_verify(&t, &loose));
        assert_true(jws_read(*state, short384, ALG_ES384, &t, &why));
        assert_false(jws_verify(&t, &loose));
    }
}

static void b18_keys_of_other_curves(void **state)
{
    gate_str x25519 = STR("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" RFC8037_A1_X "\"}]}");
    gate_str k256 = STR("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" RFC7515_A3_X
                        "\",\"y\":\"" RFC7515_A3_Y "\"}]}");

    (void)state;
    assert_null(keyset_read(x25519));
    assert_null(keyset_read(k256));
}

static void b19_both_names_of_ed25519(void **state)
{
    gate_str old = token_make(*state, KEY_ED25519, ALG_EDDSA, "{\"alg\":\"EdDSA\"}", "{}");
    gate_str new = token_make(*state, KEY_ED25519, ALG_ED25519, "{\"alg\":\"Ed25519\"}", "{}");

    assert_int_equal(token_check(*state, old, ALG_EDDSA, KEY_ED25519), REFUSAL_none);
    assert_int_equal(token_check(*state, new, ALG_ED25519, KEY_ED25519), REFUSAL_none);
    assert_int_equal(token_check(*state, old, ALG_ED25519, KEY_ED25519), REFUSAL_jwt_alg);
    assert_int_equal(token_check(*state, new, ALG_EDDSA, KEY_ED25519), REFUSAL_jwt_alg);
}

static void b20_crit(void **state)
{
    static const char *const values[] = {"[\"exp\"]",         "[]",        "\"b64\"", "null",  "[\"absent\"]",
                                         "[\"exp\",\"exp\"]", "[\"alg\"]", "{}",      "false", "0"};

    for (size_t i = 0; i < COUNT(values); i++) {
        const char *header =
            arena_copy(*state, unit_join(*state, "{\"alg\":\"RS256\",\"exp\":1,\"crit\":", values[i], "}", NULL)).ptr;
        assert_int_equal(check_header(*state, header), REFUSAL_jwt_crit);
    }
    assert_int_equal(check_header(*state, "{\"alg\":\"RS256\",\"\\u0063rit\":[]}"), REFUSAL_jwt_crit);
    assert_int_equal(check_header(*state, "{\"alg\":\"RS256\",\"Crit\":[]}"), REFUSAL_none); /* another name */
}

static void b21_payload_not_encoded(void **state)
{
    const jwk *key = token_key(KEY_RSA);
    gate_str header = token_segment(*state, STR("{\"alg\":\"RS256\",\"b64\":false}"));

    assert_int_equal(check_header(*state, "{\"alg\":\"RS256\",\"b64\":false}"), REFUSAL_jwt_crit);
    assert_int_equal(check_header(*state, "{\"alg\":\"RS256\",\"b64\":true}"), REFUSAL_jwt_crit);
    assert_int_equal(check_header(*state, "{\"alg\":\"RS256\",\"b64\":false,\"crit\":[\"b64\"]}"), REFUSAL_jwt_crit);
    assert_int_equal(
        token_check(*state, token_sign_segments(*state, key, ALG_RS256, header, STR("{}")), TOKEN_ALGS, KEY_RSA),
        REFUSAL_jwt_malformed);
}

static refusal check_other(arena *a, gate_str header)
{
    return token_check(a, token_make_with(a, token_key(KEY_RSA_OTHER), ALG_RS256, header, STR("{}")), TOKEN_ALGS,
                       KEY_RSA);
}

static void b22_key_in_the_header(void **state)
{
    const char *theirs = arena_copy(*state, token_public(*state, KEY_RSA_OTHER, "")).ptr;

    assert_int_equal(check_other(*state, unit_join(*state, "{\"alg\":\"RS256\",\"jwk\":", theirs, "}", NULL)),
                     REFUSAL_jwt_signature);
    assert_int_equal(
        check_header(*state,
                     arena_copy(*state, unit_join(*state, "{\"alg\":\"RS256\",\"jwk\":", theirs, "}", NULL)).ptr),
        REFUSAL_none);
}

static void b23_key_named_by_the_header(void **state)
{
    static const char *const members[] = {"\"jku\":\"http://127.0.0.1:1/keys\"", "\"x5u\":\"http://127.0.0.1:1/cert\"",
                                          "\"x5c\":[\"AAAA\"]", "\"x5t\":\"AAAA\"", "\"jku\":5"};

    for (size_t i = 0; i < COUNT(members); i++) {
        gate_str header = arena_copy(*state, unit_join(*state, "{\"alg\":\"RS256\",", members[i], "}", NULL));
        assert_int_equal(check_other(*state, header), REFUSAL_jwt_signature);
        assert_int_equal(check_header(*state, header.ptr), REFUSAL_none);
    }
}

static void b25_kid(void **state)
{
    static const char *const kids[] = {
        "\"../../dev/null\"", "\"' UNION SELECT\"", "\"|cmd\"", "\"http://127.0.0.1/\"", "\"\"", "\"K\"", "\"k \""};
    static const char *const wrong[] = {"5",           "null",         "[\"k\"]",  "{}",
                                        "\"\\u0000\"", "\"k\\u0000\"", "\"\xff\"", "\"\xed\xa0\x80\""};
    gate_str key = token_public(*state, KEY_RSA, "\"kid\":\"k\""), set = token_set(*state, &key, NULL), token;

    for (size_t i = 0; i < COUNT(kids); i++) {
        gate_str header = unit_join(*state, "{\"alg\":\"RS256\",\"kid\":", kids[i], "}", NULL);
        token = token_make_with(*state, token_key(KEY_RSA), ALG_RS256, header, STR("{}"));
        assert_int_equal(token_check_set(*state, token, TOKEN_ALGS, set), REFUSAL_jwt_key_unknown);
    }
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(
            check_header_bytes(*state, unit_join(*state, "{\"alg\":\"RS256\",\"kid\":", wrong[i], "}", NULL)),
            REFUSAL_jwt_malformed);
    token = unit_join(*state, "{\"alg\":\"RS256\",\"kid\":\"", arena_copy(*state, unit_repeat(*state, 'k', 8192)).ptr,
                      "\"}", NULL);
    assert_int_equal(check_header_bytes(*state, token), REFUSAL_jwt_malformed);
    token = token_make(*state, KEY_RSA, ALG_RS256, "{\"alg\":\"RS256\",\"kid\":\"k\"}", "{}");
    assert_int_equal(token_check_set(*state, token, TOKEN_ALGS, set), REFUSAL_none);
}

static void b26_no_kid(void **state)
{
    gate_str right = token_public(*state, KEY_RSA, "\"kid\":\"a\""),
             other = token_public(*state, KEY_RSA_OTHER, "\"kid\":\"b\"");
    gate_str ec = token_public(*state, KEY_P256, "");

    assert_int_equal(token_check_set(*state, token_good(*state), TOKEN_ALGS, token_set(*state, &ec, &right, NULL)),
                     REFUSAL_none);
    assert_int_equal(token_check_set(*state, token_good(*state), TOKEN_ALGS,
                                     token_set(*state, &other, &other, &other, &right, NULL)),
                     REFUSAL_none);
    assert_int_equal(token_check_set(*state, token_good(*state), TOKEN_ALGS,
                                     token_set(*state, &other, &other, &other, &other, NULL)),
                     REFUSAL_jwt_signature);
    assert_int_equal(token_check_set(*state, token_good(*state), TOKEN_ALGS,
                                     token_set(*state, &right, &other, &other, &other, &other, NULL)),
                     REFUSAL_jwt_key_ambiguous);
}

static void b27_kid_of_a_key_that_cannot(void **state)
{
    gate_str token = token_make(*state, KEY_RSA, ALG_RS256, "{\"alg\":\"RS256\",\"kid\":\"k\"}", "{}");
    gate_str ec = token_public(*state, KEY_P256, "\"kid\":\"k\""),
             enc = token_public(*state, KEY_RSA, "\"kid\":\"k\",\"use\":\"enc\"");
    gate_str right = token_public(*state, KEY_RSA, "\"kid\":\"other\""), bare = token_public(*state, KEY_RSA, "");

    assert_int_equal(token_check_set(*state, token, TOKEN_ALGS, token_set(*state, &ec, &right, &bare, NULL)),
                     REFUSAL_jwt_key_unknown);
    assert_int_equal(token_check_set(*state, token, TOKEN_ALGS, token_set(*state, &enc, &right, &bare, NULL)),
                     REFUSAL_jwt_key_unknown);
}

static void b28_member_twice(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"alg\":\"RS256\"}",        "{\"alg\":\"RS256\",\"alg\":\"RS256\"}",
        "{\"alg\":\"RS256\",\"\\u0061lg\":\"none\"}",  "{\"kid\":\"a\",\"alg\":\"RS256\",\"kid\":\"b\"}",
        "{\"alg\":\"RS256\",\"x\":{\"a\":1,\"a\":2}}", "{\"alg\":\"RS256\",\"x\":1,\"x\":1}"};

    for (size_t i = 0; i < COUNT(headers); i++)
        assert_int_equal(check_header(*state, headers[i]), REFUSAL_jwt_malformed);
}

static void b29_header_is_no_object(void **state)
{
    static const gate_str headers[] = {STR_INIT("[]"),
                                       STR_INIT("\"RS256\""),
                                       STR_INIT("5"),
                                       STR_INIT("null"),
                                       STR_INIT(" "),
                                       STR_INIT("[{\"alg\":\"RS256\"}]"),
                                       STR_INIT("{\"alg\":\"RS256\"}x"),
                                       STR_INIT("{\"alg\":\"RS256\"}{}"),
                                       STR_INIT("{\"alg\":\"RS256\"}\0"),
                                       STR_INIT("{\"alg\":\"RS256\""),
                                       STR_INIT("\xef\xbb\xbf{\"alg\":\"RS256\"}"),
                                       STR_INIT("{\0\"\0a\0l\0g\0\"\0:\0\"\0R\0S\0002\0005\0006\0\"\0}\0"),
                                       STR_INIT("{alg:\"RS256\"}"),
                                       STR_INIT("{'alg':'RS256'}"),
                                       STR_INIT("{\"alg\":\"RS256\",}"),
                                       STR_INIT("{\"alg\":\"RS256\"/**/}")};

    for (size_t i = 0; i < COUNT(headers); i++)
        assert_int_equal(check_header_bytes(*state, headers[i]), REFUSAL_jwt_malformed);
}

static void b30_unknown_members(void **state)
{
    assert_int_equal(check_header(*state, "{\"alg\":\"RS256\",\"x\":{\"y\":[1,2]},\"iss\":\"me\",\"\":null}"),
                     REFUSAL_none);
    assert_int_equal(check_header(*state, "{\"alg\":\"RS256\",\"zip\":\"DEF\"}"), REFUSAL_jwt_crit);
    assert_int_equal(check_header(*state, "{\"alg\":\"RS256\",\"zip\":null}"), REFUSAL_jwt_crit);
}

static void b31_typ_and_cty(void **state)
{
    static const char *const wrong[] = {"\"typ\":5",       "\"typ\":null",     "\"typ\":[\"JWT\"]",
                                        "\"cty\":\"JWT\"", "\"cty\":\"jwt\"",  "\"cty\":\"application/jwt\"",
                                        "\"cty\":null",    "\"cty\":[\"JWT\"]"};

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(check_header_bytes(*state, unit_join(*state, "{\"alg\":\"RS256\",", wrong[i], "}", NULL)),
                         REFUSAL_jwt_malformed);
    assert_int_equal(check_header(*state, "{\"alg\":\"RS256\",\"typ\":\"application/at+jwt\",\"cty\":\"json\"}"),
                     REFUSAL_none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(b12_none),
        TEST(b13_none_spelled_otherwise),
        TEST(b14_alg_missing_or_no_name),
        TEST(b15_alg_in_another_case),
        TEST(b16_mac_keyed_with_what_is_public),
        TEST(b16_empty_mac_key),
        TEST(b17_alg_of_the_same_family),
        TEST(b18_curve_and_alg_belong_together),
        TEST(b18_keys_of_other_curves),
        TEST(b19_both_names_of_ed25519),
        TEST(b20_crit),
        TEST(b21_payload_not_encoded),
        TEST(b22_key_in_the_header),
        TEST(b23_key_named_by_the_header),
        TEST(b25_kid),
        TEST(b26_no_kid),
        TEST(b27_kid_of_a_key_that_cannot),
        TEST(b28_member_twice),
        TEST(b29_header_is_no_object),
        TEST(b30_unknown_members),
        TEST(b31_typ_and_cty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
