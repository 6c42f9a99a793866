/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens in compact form: the RFCs' examples, every algorithm there and back, what jws_read demands. */
#include "base/base64url.h"
#include "rfc.h"
#include "token.h"

#include <openssl/err.h>

#include <pthread.h>

static void verify_rfc(arena *a, const char *token, const char *key, alg_set alg, const char *payload)
{
    refusal why = REFUSAL_none;
    jwk public;
    jws t;

    assert_true(jwk_read_public(a, json_read_object(a, str_of(key)), &public));
    assert_true(jws_read(a, unit_exact(str_of(token)), alg, &t, &why));
    assert_int_equal(t.alg, alg);
    assert_str(t.payload, str_of(payload));
    assert_null(t.kid.ptr);
    assert_null(t.typ.ptr);
    assert_true(jws_verify(&t, &public));
    ((char *)t.payload.ptr)[0] ^= 1; /* the payload is decoded already: what was signed is the input */
    assert_true(jws_verify(&t, &public));
    ((char *)t.signature.ptr)[t.signature.len / 2] ^= 1;
    assert_false(jws_verify(&t, &public));
    jwk_drop(&public);
}

static void rfc7515_a2_verifies(void **state)
{
    verify_rfc(*state, RFC7515_A2_TOKEN, "{\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N "\",\"e\":\"AQAB\"}", ALG_RS256,
               RFC7515_PAYLOAD);
}

static void rfc7515_a3_verifies(void **state)
{
    verify_rfc(*state, RFC7515_A3_TOKEN,
               "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y "\"}", ALG_ES256,
               RFC7515_PAYLOAD);
}

static void rfc8037_a4_verifies(void **state)
{
    verify_rfc(*state, RFC8037_A4_TOKEN, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\"}", ALG_EDDSA,
               RFC8037_A4_PAYLOAD);
}

static void rfc7515_a1_verifies_with_the_secret_alone(void **state)
{
    refusal why = REFUSAL_none;
    gate_str octets;
    jwk secret;
    jws t;

    assert_true(base64url_read(*state, STR(RFC7515_A1_K), &octets));
    assert_true(jwk_read_secret(octets, &secret));
    assert_true(jws_read(*state, STR(RFC7515_A1_TOKEN), ALG_HS256, &t, &why));
    assert_str(t.typ, STR("JWT"));
    assert_true(jws_verify(&t, &secret));
    ((char *)t.signature.ptr)[0] ^= 1;
    assert_false(jws_verify(&t, &secret));
    assert_false(jws_read(*state, STR(RFC7515_A1_TOKEN), ALG_RS256 | ALG_ES256, &t, &why));
    assert_int_equal(why, REFUSAL_jwt_alg);
}

static void rfc7515_a2_and_rfc8037_are_signed_again(void **state)
{
    text t = text_begin(*state, JWS_SIZE_MAX), e = text_begin(*state, JWS_SIZE_MAX);
    gate_str token;

    assert_true(jws_sign(*state, &t, token_key(KEY_RSA), ALG_RS256, STR_NONE, STR(RFC7515_PAYLOAD)));
    assert_true(text_end(&t, &token));
    assert_str(token, STR(RFC7515_A2_TOKEN));
    assert_true(jws_sign(*state, &e, token_key(KEY_ED25519), ALG_EDDSA, STR_NONE, STR(RFC8037_A4_PAYLOAD)));
    assert_true(text_end(&e, &token));
    assert_str(token, STR(RFC8037_A4_TOKEN));
}

static const struct {
    key_name key;
    alg_set alg;
} EACH[] = {
    {KEY_RSA, ALG_RS256},   {KEY_RSA, ALG_RS384},     {KEY_RSA, ALG_RS512},       {KEY_RSA, ALG_PS256},
    {KEY_RSA, ALG_PS384},   {KEY_RSA, ALG_PS512},     {KEY_P256, ALG_ES256},      {KEY_P384, ALG_ES384},
    {KEY_P521, ALG_ES512},  {KEY_ED25519, ALG_EDDSA}, {KEY_ED25519, ALG_ED25519}, {KEY_ED448, ALG_EDDSA},
    {KEY_ED448, ALG_ED448},
};

static void every_alg_there_and_back(void **state)
{
    for (size_t i = 0; i < COUNT(EACH); i++) {
        text out = text_begin(*state, JWS_SIZE_MAX);
        gate_str token;
        assert_true(jws_sign(*state, &out, token_key(EACH[i].key), EACH[i].alg, STR("JWT"), STR("{\"a\":1}")));
        assert_true(text_end(&out, &token));
        assert_int_equal(token_check(*state, token, EACH[i].alg, EACH[i].key), REFUSAL_none);
        assert_int_equal(token_check(*state, token, EACH[i].alg, KEY_RSA_OTHER),
                         EACH[i].key == KEY_RSA ? REFUSAL_jwt_signature : REFUSAL_jwt_key_unknown);
        assert_int_equal(ERR_peek_error(), 0);
    }
}

/* Contexts are kept from one token to the next: what came before decides nothing. */
static void one_key_judges_each_token_anew(void **state)
{
    for (size_t i = 0; i < COUNT(EACH); i++) {
        const jwk *key = token_key(EACH[i].key);
        jws good[2], forged;
        refusal why = REFUSAL_none;
        for (size_t k = 0; k < 2; k++) {
            text out = text_begin(*state, JWS_SIZE_MAX);
            gate_str token;
            assert_true(jws_sign(*state, &out, key, EACH[i].alg, STR_NONE, k ? STR("{\"a\":1}") : STR("{}")));
            assert_true(text_end(&out, &token));
            assert_true(jws_read(*state, token, EACH[i].alg, &good[k], &why));
        }
        forged = good[0];
        forged.signature = good[1].signature;
        for (size_t round = 0; round < 3; round++) {
            assert_true(jws_verify(&good[0], key));
            assert_false(jws_verify(&forged, key));
            assert_true(jws_verify(&good[1], key));
        }
    }
}

/* Every single bit of a signature and every byte of the input counts. */
static void every_bit_counts(void **state)
{
    refusal why = REFUSAL_none;
    jws t;

    assert_true(jws_read(*state, unit_exact(STR(RFC7515_A3_TOKEN)), ALG_ES256, &t, &why));
    for (size_t bit = 0; bit < t.signature.len * 8; bit++) {
        char *byte = (char *)t.signature.ptr + bit / 8;
        *byte = (char)(*byte ^ 1 << bit % 8);
        assert_false(jws_verify(&t, token_key(KEY_P256)));
        *byte = (char)(*byte ^ 1 << bit % 8);
    }
    for (size_t i = 0; i < t.input.len; i++) {
        ((char *)t.input.ptr)[i] ^= 1;
        assert_false(jws_verify(&t, token_key(KEY_P256)));
        ((char *)t.input.ptr)[i] ^= 1;
    }
    assert_true(jws_verify(&t, token_key(KEY_P256)));
}

static void kid_and_typ_are_read(void **state)
{
    gate_str token = token_make(*state, KEY_P256, ALG_ES256,
                                "{\"typ\":\"at+jwt\",\"kid\":\"\\u0061\",\"alg\":\"ES256\",\"x\":[1]}", "{}");
    refusal why = REFUSAL_none;
    jws t;

    assert_true(jws_read(*state, token, ALG_ES256, &t, &why));
    assert_str(t.kid, STR("a"));
    assert_str(t.typ, STR("at+jwt"));
    assert_non_null(json_find(t.header, STR("x")));
    assert_str(t.input, str_part(token, 0, t.input.len));
    assert_int_equal(token.ptr[t.input.len], '.');
    assert_int_equal(t.signature.len, 64);
}

static void sign_writes_kid_and_typ(void **state)
{
    jwk key = *token_key(KEY_P256);
    text out = text_begin(*state, JWS_SIZE_MAX);
    refusal why = REFUSAL_none;
    gate_str token;
    jws t;

    key.kid = STR("k\"1");
    assert_true(jws_sign(*state, &out, &key, ALG_ES256, STR("client-authentication+jwt"), STR("{}")));
    assert_true(text_end(&out, &token));
    assert_true(jws_read(*state, token, ALG_ES256, &t, &why));
    assert_str(t.header->text, STR("{\"alg\":\"ES256\",\"kid\":\"k\\\"1\",\"typ\":\"client-authentication+jwt\"}"));
    assert_str(t.kid, STR("k\"1"));
}

static void sign_refuses_what_the_key_cannot(void **state)
{
    gate_str public_text = token_public(*state, KEY_P256, "");
    jwk public;
    char small[16];
    text out = text_begin(*state, JWS_SIZE_MAX), tight = text_begin_at(small, sizeof small);

    assert_false(jws_sign(*state, &out, token_key(KEY_P256), ALG_ES384, STR_NONE, STR("{}")));
    assert_false(jws_sign(*state, &out, token_key(KEY_P256), ALG_RS256, STR_NONE, STR("{}")));
    assert_false(jws_sign(*state, &out, token_key(KEY_P256), ALG_HS256, STR_NONE, STR("{}")));
    assert_false(jws_sign(*state, &out, token_key(KEY_ED25519), ALG_ED448, STR_NONE, STR("{}")));
    assert_false(jws_sign(*state, &out, token_key(KEY_RSA), ALG_RS256 | ALG_PS256, STR_NONE, STR("{}")));
    assert_int_equal(out.len, 0);
    assert_true(jwk_read_public(*state, json_read_object(*state, public_text), &public));
    assert_false(jws_sign(*state, &out, &public, ALG_ES256, STR_NONE, STR("{}")));
    jwk_drop(&public);
    assert_false(jws_sign(*state, &tight, token_key(KEY_P256), ALG_ES256, STR_NONE, STR("{}")));
    assert_int_equal(ERR_peek_error(), 0);
}

static gate_str zeros_token(arena *a, size_t payload, size_t signature)
{
    return unit_join(a, arena_copy(a, token_segment(a, STR("{\"alg\":\"ES256\"}"))).ptr, ".",
                     arena_copy(a, unit_repeat(a, 'A', payload)).ptr, ".",
                     arena_copy(a, unit_repeat(a, 'A', signature)).ptr, NULL);
}

static void largest_token_is_read_and_one_byte_more_is_not(void **state)
{
    const size_t payload = JWS_SIZE_MAX - 20 - 2 - 86;
    gate_str largest = zeros_token(*state, payload, 86), larger = zeros_token(*state, payload, 87);
    gate_str other = zeros_token(*state, payload - 4, 87);
    refusal why = REFUSAL_none;
    jws t;

    assert_int_equal(largest.len, JWS_SIZE_MAX);
    assert_true(jws_read(*state, unit_exact(largest), ALG_ES256, &t, &why));
    assert_true(jws_read(*state, unit_exact(other), ALG_ES256, &t, &why));
    assert_false(jws_read(*state, unit_exact(larger), ALG_ES256, &t, &why));
    assert_int_equal(why, REFUSAL_jwt_malformed);
}

static void first_reason_is_kept(void **state)
{
    refusal why = REFUSAL_internal;
    jws t;

    assert_false(jws_read(*state, STR(""), ALG_ES256, &t, &why));
    assert_int_equal(why, REFUSAL_internal);
}

static void short_memory_is_internal(void **state)
{
    refusal why = REFUSAL_none;
    arena tiny;
    jws t;

    (void)state;
    arena_open(&tiny, 16);
    assert_false(jws_read(&tiny, STR(RFC7515_A2_TOKEN), ALG_RS256, &t, &why));
    assert_int_equal(why, REFUSAL_internal);
    arena_close(&tiny);
}

typedef struct shared {
    gate_str good[4], forged[4];
    keyset *set;
} shared;

static bool verifies(gate_str token, const keyset *set)
{
    refusal why = REFUSAL_none;
    bool good;
    arena a;
    jws t;

    arena_open(&a, 1 << 20);
    good = jws_read(&a, token, TOKEN_ALGS, &t, &why) && jws_verify_with_set(&t, set, &why);
    arena_close(&a);
    return good;
}

/* Answers NULL when every answer was right. */
static void *verify_often(void *argument)
{
    const shared *s = argument;

    for (size_t i = 0; i < 400; i++)
        if (!verifies(s->good[i % 4], s->set) || verifies(s->forged[i % 4], s->set))
            return argument;
    return NULL;
}

static void threads_verify_with_one_set(void **state)
{
    static const key_name keys[4] = {KEY_RSA, KEY_RSA, KEY_P256, KEY_ED25519};
    static const alg_set algs[4] = {ALG_RS256, ALG_PS256, ALG_ES256, ALG_EDDSA};
    static const char *const headers[4] = {"{\"alg\":\"RS256\"}", "{\"alg\":\"PS256\"}", "{\"alg\":\"ES256\"}",
                                           "{\"alg\":\"EdDSA\"}"};
    gate_str rsa = token_public(*state, KEY_RSA, ""), ec = token_public(*state, KEY_P256, ""),
             ed = token_public(*state, KEY_ED25519, "");
    pthread_t threads[4];
    void *wrong;
    shared s;

    s.set = keyset_read(token_set(*state, &rsa, &ec, &ed, NULL));
    for (size_t i = 0; i < 4; i++) {
        s.good[i] = token_make(*state, keys[i], algs[i], headers[i], "{}");
        s.forged[i] = arena_copy(*state, s.good[i]);
        ((char *)s.forged[i].ptr)[s.forged[i].len - 10] ^= 1;
    }
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_often, &s), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    keyset_release(s.set);
}

static void errors_of_the_host_stay_in_the_queue(void **state)
{
    gate_str token = token_good(*state);

    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 42);
    assert_int_equal(token_check(*state, token, ALG_RS256, KEY_RSA_OTHER), REFUSAL_jwt_signature);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 42);
    assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rfc7515_a2_verifies),
        TEST(rfc7515_a3_verifies),
        TEST(rfc8037_a4_verifies),
        TEST(rfc7515_a1_verifies_with_the_secret_alone),
        TEST(rfc7515_a2_and_rfc8037_are_signed_again),
        TEST(every_alg_there_and_back),
        TEST(one_key_judges_each_token_anew),
        TEST(every_bit_counts),
        TEST(kid_and_typ_are_read),
        TEST(sign_writes_kid_and_typ),
        TEST(sign_refuses_what_the_key_cannot),
        TEST(largest_token_is_read_and_one_byte_more_is_not),
        TEST(first_reason_is_kept),
        TEST(short_memory_is_internal),
        TEST(threads_verify_with_one_set),
        TEST(errors_of_the_host_stay_in_the_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
