/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include "base/base64url.h"
#include "jose/signature.h"
#include "rfc.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <stdlib.h>

#define RSA_OWN                                                                                                       \
    "\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N "\",\"e\":\"AQAB\",\"d\":\"" RFC7515_A2_D "\",\"p\":\"" RFC7515_A2_P      \
    "\",\"q\":\"" RFC7515_A2_Q "\",\"dp\":\"" RFC7515_A2_DP "\",\"dq\":\"" RFC7515_A2_DQ "\",\"qi\":\"" RFC7515_A2_QI \
    "\""
#define P256_OPEN "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y "\""
#define ED25519_OPEN "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\""

typedef struct named_key {
    const char *type; /* for generating */
    const char *crv;
    const char *open; /* the public members, where fixed */
    const char *own;  /* all members, where fixed */
    size_t size;      /* of a coordinate */
} named_key;

static const named_key KEYS[KEY_COUNT] = {
    [KEY_RSA] = {"RSA", NULL, "\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N "\",\"e\":\"AQAB\"", RSA_OWN, 0},
    [KEY_RSA_OTHER] = {"RSA", NULL, NULL, NULL, 0},
    [KEY_P256] = {"EC", "P-256", P256_OPEN, P256_OPEN ",\"d\":\"" RFC7515_A3_D "\"", 32},
    [KEY_P384] = {"EC", "P-384", NULL, NULL, 48},
    [KEY_P521] = {"EC", "P-521", NULL, NULL, 66},
    [KEY_ED25519] = {"ED25519", "Ed25519", ED25519_OPEN, ED25519_OPEN ",\"d\":\"" RFC8037_A1_D "\"", 32},
    [KEY_ED448] = {"ED448", "Ed448", NULL, NULL, 57},
};

static arena forever;
static jwk made[KEY_COUNT];

static void forget(void)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        jwk_drop(&made[i]);
    arena_close(&forever);
}

static gate_str generate(const named_key *k)
{
    EVP_PKEY *key = k->crv == NULL               ? EVP_RSA_gen(2048)
                    : strcmp(k->type, "EC") == 0 ? EVP_EC_gen(k->crv)
                                                 : EVP_PKEY_Q_keygen(NULL, NULL, k->type);
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes;
    gate_str pem;

    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    pem.len = (size_t)BIO_get_mem_data(bio, &bytes);
    pem.ptr = bytes;
    pem = arena_copy(&forever, pem);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

const jwk *token_key(key_name name)
{
    const named_key *k = &KEYS[name];
    gate_str document;

    if (forever.max == 0) {
        arena_open(&forever, 1 << 20);
        atexit(forget);
    }
    if (made[name].key != NULL)
        return &made[name];
    document = k->own != NULL ? unit_join(&forever, "{", k->own, "}", NULL) : generate(k);
    assert_true(jwk_read_private(&forever, document, &made[name]));
    return &made[name];
}

gate_str token_segment(arena *a, gate_str bytes)
{
    text t = text_begin(a, 4 * 1024 * 1024);
    gate_str s;

    base64url_write(&t, bytes);
    assert_true(text_end(&t, &s));
    return s;
}

static const char *number_of(arena *a, const EVP_PKEY *key, const char *param, size_t size)
{
    unsigned char bytes[1024];
    BIGNUM *number = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(key, param, &number), 1);
    if (size == 0)
        size = (size_t)BN_num_bytes(number);
    assert_int_equal(BN_bn2binpad(number, bytes, (int)size), size);
    BN_free(number);
    return arena_copy(a, token_segment(a, (gate_str){(char *)bytes, size})).ptr;
}

static gate_str open_members(arena *a, key_name name)
{
    const EVP_PKEY *key = token_key(name)->key;
    const named_key *k = &KEYS[name];
    unsigned char raw[64];
    size_t n = sizeof raw;

    if (k->open != NULL)
        return str_of(k->open);
    if (k->crv == NULL)
        return unit_join(a, "\"kty\":\"RSA\",\"n\":\"", number_of(a, key, "n", 0), "\",\"e\":\"",
                         number_of(a, key, "e", 0), "\"", NULL);
    if (strcmp(k->type, "EC") == 0)
        return unit_join(a, "\"kty\":\"EC\",\"crv\":\"", k->crv, "\",\"x\":\"",
                         number_of(a, key, OSSL_PKEY_PARAM_EC_PUB_X, k->size), "\",\"y\":\"",
                         number_of(a, key, OSSL_PKEY_PARAM_EC_PUB_Y, k->size), "\"", NULL);
    assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &n), 1);
    return unit_join(a, "\"kty\":\"OKP\",\"crv\":\"", k->crv, "\",\"x\":\"",
                     arena_copy(a, token_segment(a, (gate_str){(char *)raw, n})).ptr, "\"", NULL);
}

gate_str token_public(arena *a, key_name name, const char *members)
{
    const char *all = arena_copy(a, open_members(a, name)).ptr;

    return unit_join(a, "{", members, members[0] ? "," : "", all, "}", NULL);
}

gate_str token_private(arena *a, key_name name)
{
    assert_non_null(KEYS[name].own);
    return unit_join(a, "{", KEYS[name].own, "}", NULL);
}

gate_str token_set(arena *a, ...)
{
    text t = text_begin(a, 1 << 20);
    const char *comma = "";
    gate_str s;
    va_list keys;

    text_add(&t, STR("{\"keys\":["));
    va_start(keys, a);
    for (const gate_str *key = va_arg(keys, const gate_str *); key != NULL; key = va_arg(keys, const gate_str *)) {
        text_add(&t, str_of(comma));
        text_add(&t, *key);
        comma = ",";
    }
    va_end(keys);
    text_add(&t, STR("]}"));
    assert_true(text_end(&t, &s));
    return s;
}

gate_str token_sign_segments(arena *a, const jwk *key, alg_set alg, gate_str header, gate_str payload)
{
    unsigned char signature[SIGNATURE_SIZE_MAX];
    text t = text_begin(a, 4 * 1024 * 1024);
    gate_str input, token;

    text_add(&t, header);
    text_add_char(&t, '.');
    text_add(&t, payload);
    assert_true(text_end(&t, &input));
    assert_true(signature_make(key, alg, input, signature));
    text_add_char(&t, '.');
    base64url_write(&t, (gate_str){(char *)signature, signature_size(key, alg)});
    assert_true(text_end(&t, &token));
    return token;
}

gate_str token_make_with(arena *a, const jwk *key, alg_set alg, gate_str header, gate_str payload)
{
    return token_sign_segments(a, key, alg, token_segment(a, header), token_segment(a, payload));
}

gate_str token_make(arena *a, key_name name, alg_set alg, const char *header, const char *payload)
{
    return token_make_with(a, token_key(name), alg, str_of(header), str_of(payload));
}

gate_str token_raw(arena *a, const char *header, const char *payload, gate_str signature)
{
    return unit_join(a, arena_copy(a, token_segment(a, str_of(header))).ptr, ".",
                     arena_copy(a, token_segment(a, str_of(payload))).ptr, ".",
                     arena_copy(a, token_segment(a, signature)).ptr, NULL);
}

refusal token_check(arena *a, gate_str token, alg_set allowed, key_name name)
{
    const gate_str public = token_public(a, name, "");

    return token_check_set(a, token, allowed, token_set(a, &public, NULL));
}

refusal token_check_set(arena *a, gate_str token, alg_set allowed, gate_str set)
{
    keyset *keys = keyset_read(set);
    refusal why = REFUSAL_none;
    bool good;
    jws t;

    assert_non_null(keys);
    good = jws_read(a, unit_exact(token), allowed, &t, &why) && jws_verify_with_set(&t, keys, &why);
    keyset_release(keys);
    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

gate_str token_good(arena *a)
{
    return token_make(a, KEY_RSA, ALG_RS256, "{\"alg\":\"RS256\"}", "{\"sub\":\"alice\"}");
}
