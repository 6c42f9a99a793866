/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by keys, F62 to F77: what stands in a key set that is not what it should be. */
#include "base/base64url.h"
#include "rfc.h"
#include "token.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <stdio.h>

static bool usable(arena *a, gate_str key)
{
    keyset *set = keyset_read(token_set(a, &key, NULL));
    bool good = set != NULL;

    keyset_release(set);
    return good;
}

static refusal check_with(arena *a, gate_str token, gate_str key)
{
    gate_str other = token_public(a, KEY_ED448, ""); /* so that the set is one */

    return token_check_set(a, token, TOKEN_ALGS | ALG_HMAC, token_set(a, &key, &other, NULL));
}

static void f62_secrets_in_a_public_set(void **state)
{
    gate_str octets = STR("0123456789abcdef0123456789abcdef"), token, key;
    jwk secret;

    assert_true(jwk_read_secret(octets, &secret));
    token = token_make_with(*state, &secret, ALG_HS256, STR("{\"alg\":\"HS256\",\"kid\":\"s\"}"), STR("{}"));
    key = unit_join(*state, "{\"kty\":\"oct\",\"kid\":\"s\",\"alg\":\"HS256\",\"k\":\"",
                    arena_copy(*state, token_segment(*state, octets)).ptr, "\"}", NULL);
    assert_int_equal(check_with(*state, token, key), REFUSAL_jwt_key_unknown);
    assert_int_equal(check_with(*state, token_good(*state), token_private(*state, KEY_RSA)), REFUSAL_jwt_key_unknown);
    assert_int_equal(check_with(*state, token_good(*state), token_public(*state, KEY_RSA, "\"k\":\"AAAA\"")),
                     REFUSAL_jwt_key_unknown);
    assert_int_equal(check_with(*state, token_good(*state), token_public(*state, KEY_RSA, "")), REFUSAL_none);
}

/* With e = 1 a signature is its own block: anybody writes it. libcrypto would take the key, and the signature. */
static void f63_rsa_exponent_one(void **state)
{
    static const unsigned char info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                         0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    gate_str input =
        unit_join(*state, arena_copy(*state, token_segment(*state, STR("{\"alg\":\"RS256\"}"))).ptr, ".e30", NULL);
    unsigned char block[256];
    gate_str forged, key = STR("{\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N "\",\"e\":\"AQ\"}");

    memset(block, 0xff, sizeof block);
    block[0] = 0;
    block[1] = 1;
    block[256 - 32 - sizeof info - 1] = 0;
    memcpy(block + 256 - 32 - sizeof info, info, sizeof info);
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, input.ptr, input.len, block + 224, NULL), 1);
    forged = token_raw(*state, "{\"alg\":\"RS256\"}", "{}", (gate_str){(char *)block, sizeof block});
    assert_int_equal(check_with(*state, forged, key), REFUSAL_jwt_key_unknown);
    assert_false(usable(*state, key));
}

static gate_str rsa_of(arena *a, gate_str n)
{
    return unit_join(a, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"", arena_copy(a, token_segment(a, n)).ptr, "\"}",
                     NULL);
}

static void f63_rsa_numbers(void **state)
{
    static const char *const exponents[] = {"AA", "AQ", "Ag", "BA", "AQAA", "AQAAAAE", RFC7515_A2_N};
    gate_str small = unit_repeat(*state, (char)0xff, 128), large = unit_repeat(*state, (char)0xff, 2049),
             even = unit_repeat(*state, (char)0xfe, 256);
    const gate_str moduli[] = {small, large, even, unit_repeat(*state, 0, 256), STR("\0"), str_part(large, 0, 64)};

    for (size_t i = 0; i < COUNT(exponents); i++)
        assert_false(usable(*state, unit_join(*state, "{\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N "\",\"e\":\"",
                                              exponents[i], "\"}", NULL)));
    for (size_t i = 0; i < COUNT(moduli); i++)
        assert_false(usable(*state, rsa_of(*state, moduli[i])));
    assert_false(usable(*state, STR("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AK" RFC7515_A2_N "\"}")));
}

static void f64_points_that_are_none(void **state)
{
    assert_false(usable(*state, STR("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\",\"y\":\"\"}")));
    assert_false(usable(*state, STR("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}")));
    assert_false(usable(
        *state, STR("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_Y "\",\"y\":\"" RFC7515_A3_X "\"}")));
    assert_false(usable(
        *state, STR("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y "\"}")));
    assert_false(usable(
        *state, STR("{\"kty\":\"RSA\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y "\"}")));
    assert_false(usable(*state, token_public(*state, KEY_P256, "\"alg\":\"ES384\"")));
}

/* The identity as a key: R = identity and S = 0 would be a signature of everything. */
static void f65_edwards_identity(void **state)
{
    char identity[32] = {1}, signature[64] = {1};
    gate_str x = {identity, 32}, key, forged;

    key = unit_join(*state, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"",
                    arena_copy(*state, token_segment(*state, x)).ptr, "\"}", NULL);
    forged = token_raw(*state, "{\"alg\":\"EdDSA\"}", "{}", (gate_str){signature, 64});
    assert_false(usable(*state, key));
    assert_int_equal(token_check_set(*state, forged, TOKEN_ALGS,
                                     unit_join(*state, "{\"keys\":[", arena_copy(*state, key).ptr, ",",
                                               arena_copy(*state, token_public(*state, KEY_P256, "")).ptr, "]}", NULL)),
                     REFUSAL_jwt_key_unknown);
}

/* A modulus of 2048 bits that is `power` modulo the product of the primes that give CVE-2017-15361 away. */
static gate_str modulus(arena *a, BN_CTX *c, const char *power)
{
    BIGNUM *product = NULL, *n = NULL, *generator = NULL, *exponent = NULL;
    unsigned char *bytes = arena_alloc(a, 256);

    BN_dec2bn(&product, "793695364502960795789605255421"); /* 11 * 13 * 17 * 19 * 37 * 53 * ... * 157 */
    BN_dec2bn(&generator, "65537");
    BN_dec2bn(&exponent, power);
    n = BN_new();
    assert_int_equal(BN_mod_exp(n, generator, exponent, product, c), 1);
    assert_int_equal(BN_lshift(product, product, 2048 - BN_num_bits(product)), 1); /* a multiple of 2048 bits */
    assert_int_equal(BN_add(n, n, product), 1);
    assert_int_equal(BN_bn2binpad(n, bytes, 256), 256);
    BN_free(product);
    BN_free(n);
    BN_free(generator);
    BN_free(exponent);
    return (gate_str){(char *)bytes, 256};
}

static void f66_modulus_that_can_be_factored(void **state)
{
    BN_CTX *c = BN_CTX_new();
    size_t tried = 0;

    for (int i = 1; i <= 64; i++) {
        char power[8];
        gate_str n, other;
        snprintf(power, sizeof power, "%d", i * 37);
        n = modulus(*state, c, power);
        if ((n.ptr[255] & 1) == 0)
            continue; /* even, and refused for that */
        tried++;
        other = arena_copy(*state, n);
        ((char *)other.ptr)[100] ^= 1;
        assert_false(usable(*state, rsa_of(*state, n)));
        assert_true(usable(*state, rsa_of(*state, other)));
    }
    assert_in_range(tried, 8, 64);
    BN_CTX_free(c);
}

static void f67_keys_for_something_else(void **state)
{
    static const char *const members[] = {
        "\"use\":\"enc\"",      "\"key_ops\":[\"encrypt\"]", "\"key_ops\":[\"wrapKey\",\"unwrapKey\"]",
        "\"alg\":\"RSA-OAEP\"", "\"alg\":\"RSA-OAEP-256\"",  "\"alg\":\"RSA1_5\"",
        "\"use\":\"SIG\""};

    for (size_t i = 0; i < COUNT(members); i++)
        assert_int_equal(check_with(*state, token_good(*state), token_public(*state, KEY_RSA, members[i])),
                         REFUSAL_jwt_key_unknown);
}

static void f68_short_secret(void **state)
{
    jwk secret;

    assert_false(jwk_read_secret(unit_repeat(*state, 's', 31), &secret));
    assert_false(jwk_read_secret(STR(""), &secret));
    assert_false(jwk_read_secret(STR_NONE, &secret));
    assert_true(jwk_read_secret(unit_repeat(*state, 's', 32), &secret));
    assert_int_equal(secret.algs, ALG_HS256);
}

/* A key that names no alg is good for what its type allows and the configuration lists, never for a MAC. */
static void f69_key_without_alg(void **state)
{
    static const struct {
        alg_set alg;
        const char *header;
    } each[] = {
        {ALG_RS256, "{\"alg\":\"RS256\"}"}, {ALG_RS512, "{\"alg\":\"RS512\"}"}, {ALG_PS256, "{\"alg\":\"PS256\"}"}};

    for (size_t i = 0; i < COUNT(each); i++) {
        gate_str token = token_make(*state, KEY_RSA, each[i].alg, each[i].header, "{}");
        assert_int_equal(token_check(*state, token, each[i].alg, KEY_RSA), REFUSAL_none);
        assert_int_equal(token_check(*state, token, TOKEN_ALGS & ~each[i].alg, KEY_RSA), REFUSAL_jwt_alg);
    }
}

static void f70_one_kid_two_keys(void **state)
{
    gate_str token = token_make(*state, KEY_RSA, ALG_RS256, "{\"alg\":\"RS256\",\"kid\":\"k\"}", "{}");
    gate_str right = token_public(*state, KEY_RSA, "\"kid\":\"k\""),
             wrong = token_public(*state, KEY_RSA_OTHER, "\"kid\":\"k\"");
    gate_str ec = token_public(*state, KEY_P256, "\"kid\":\"k\""),
             enc = token_public(*state, KEY_RSA_OTHER, "\"kid\":\"k\",\"use\":\"enc\"");

    assert_int_equal(token_check_set(*state, token, TOKEN_ALGS, token_set(*state, &right, &wrong, NULL)),
                     REFUSAL_jwt_key_ambiguous);
    assert_int_equal(token_check_set(*state, token, TOKEN_ALGS, token_set(*state, &wrong, &right, NULL)),
                     REFUSAL_jwt_key_ambiguous);
    assert_int_equal(token_check_set(*state, token, TOKEN_ALGS, token_set(*state, &ec, &enc, &right, NULL)),
                     REFUSAL_none);
}

static void f71_unknown_keys_are_skipped(void **state)
{
    static const char *const unknown[] = {"{\"kty\":\"XYZ\"}",
                                          "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AAAA\"}",
                                          "{\"kty\":\"EC\",\"crv\":\"P-999\"}",
                                          "{}",
                                          "[]",
                                          "null",
                                          "\"key\"",
                                          "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"\"}",
                                          "{\"kty\":[1,{\"x\":2}]}"};

    for (size_t i = 0; i < COUNT(unknown); i++) {
        gate_str odd = str_of(unknown[i]), right = token_public(*state, KEY_RSA, "");
        assert_int_equal(
            token_check_set(*state, token_good(*state), TOKEN_ALGS, token_set(*state, &odd, &right, &odd, NULL)),
            REFUSAL_none);
    }
}

static void f72_bodies_that_are_no_set(void **state)
{
    static const gate_str bodies[] = {STR_INIT("{\"keys\":[]}"),    STR_INIT("{}"), STR_INIT("{\"keys\":{}}"),
                                      STR_INIT("<!DOCTYPE html>"),  STR_INIT(""),   STR_INIT("\x1f\x8b\x08"),
                                      STR_INIT("{\"error\":\"x\"}")};

    for (size_t i = 0; i < COUNT(bodies); i++)
        assert_null(keyset_read(unit_exact(bodies[i])));
    assert_null(keyset_read(unit_repeat(*state, ' ', 10 * 1024 * 1024)));
    assert_null(keyset_read(unit_repeat(*state, '[', KEYSET_SIZE_MAX)));
}

/* The DER of a certificate of this key, signed by itself. */
static gate_str certificate_of(arena *a, key_name name)
{
    EVP_PKEY *key = token_key(name)->key;
    X509 *certificate = X509_new();
    unsigned char *der = NULL;
    time_t when = 1800000000;
    gate_str copy;
    int n;

    assert_non_null(X509_time_adj(X509_getm_notBefore(certificate), 0, &when));
    assert_non_null(X509_time_adj(X509_getm_notAfter(certificate), 3600, &when));
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, name == KEY_ED25519 ? NULL : EVP_sha256()) > 0);
    n = i2d_X509(certificate, &der);
    assert_true(n > 0);
    copy = arena_copy(a, (gate_str){(char *)der, (size_t)n});
    OPENSSL_free(der);
    X509_free(certificate);
    return copy;
}

static const char *base64_of(arena *a, gate_str bytes)
{
    text t = text_begin(a, 16 * 1024);
    gate_str s;

    base64_write(&t, bytes);
    text_add_char(&t, '\0');
    assert_true(text_end(&t, &s));
    return s.ptr;
}

/* The JWK of one key with the certificate of another, and more members. */
static gate_str with_certificate(arena *a, key_name name, key_name other, const char *more)
{
    gate_str members = unit_join(a, "\"x5c\":[\"", base64_of(a, certificate_of(a, other)), "\"]", more, NULL);

    return token_public(a, name, arena_copy(a, members).ptr);
}

/* RFC 7517 4.7: the first certificate's key is the key. */
static void f77_certificate_of_another_key(void **state)
{
    static const key_name names[] = {KEY_RSA, KEY_P256, KEY_P384, KEY_ED25519};

    for (size_t i = 0; i < COUNT(names); i++) {
        assert_true(usable(*state, with_certificate(*state, names[i], names[i], "")));
        assert_false(usable(*state, with_certificate(*state, names[i], KEY_RSA_OTHER, "")));
        assert_false(usable(*state, with_certificate(*state, names[i], KEY_P521, "")));
        assert_int_equal(ERR_peek_error(), 0);
    }
    /* the rest of the set is as good as ever */
    assert_int_equal(check_with(*state, token_good(*state), with_certificate(*state, KEY_P256, KEY_RSA, "")),
                     REFUSAL_jwt_key_unknown);
    /* a certificate gives no key where the members give none */
    assert_false(usable(*state, unit_join(*state, "{\"kty\":\"RSA\",\"x5c\":[\"",
                                          base64_of(*state, certificate_of(*state, KEY_RSA)), "\"]}", NULL)));
}

static const char *digest_member(arena *a, const char *member, const EVP_MD *md, key_name name, bool flip)
{
    gate_str der = certificate_of(a, name);
    unsigned char hash[EVP_MAX_MD_SIZE];
    const char *encoded;
    unsigned n = 0;

    assert_int_equal(EVP_Digest(der.ptr, der.len, hash, &n, md, NULL), 1);
    hash[0] ^= flip;
    encoded = arena_copy(a, token_segment(a, (gate_str){(char *)hash, n})).ptr;
    return arena_copy(a, unit_join(a, ",\"", member, "\":\"", encoded, "\"", NULL)).ptr;
}

/* x5t and x5t#S256 are the certificate's digests. Ed25519 signs alike each time, so the certificate is the same. */
static void f77_thumbprint_of_another_certificate(void **state)
{
    static const struct {
        const char *member;
        const EVP_MD *(*md)(void);
    } cases[] = {{"x5t", EVP_sha1}, {"x5t#S256", EVP_sha256}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *good = digest_member(*state, cases[i].member, cases[i].md(), KEY_ED25519, false),
                   *bad = digest_member(*state, cases[i].member, cases[i].md(), KEY_ED25519, true);
        assert_true(usable(*state, with_certificate(*state, KEY_ED25519, KEY_ED25519, good)));
        assert_false(usable(*state, with_certificate(*state, KEY_ED25519, KEY_ED25519, bad)));
    }
    assert_false(usable(*state, with_certificate(*state, KEY_ED25519, KEY_ED25519, ",\"x5t\":7")));
    assert_false(usable(*state, with_certificate(*state, KEY_ED25519, KEY_ED25519, ",\"x5t\":\"AAAA\"")));
    /* without a certificate there is nothing that it could be compared with */
    assert_true(usable(*state, token_public(*state, KEY_RSA, "\"x5t\":\"AAAA\"")));
}

/* Something that is no certificate is not of this key; an address is not followed. */
static void f77_no_certificate(void **state)
{
    static const char *const wrong[] = {"\"x5c\":[\"MIIB\"]", "\"x5c\":[]",         "\"x5c\":\"MIIB\"",
                                        "\"x5c\":[7]",        "\"x5c\":[\"\"]",     "\"x5c\":null",
                                        "\"x5c\":[\"MII\"]",  "\"x5c\":[\"M-_B\"]", "\"x5c\":[\"====\"]"};
    gate_str longer =
        unit_join(*state, "\"x5c\":[\"", base64_of(*state, certificate_of(*state, KEY_RSA)), "AAAA\"]", NULL);

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(usable(*state, token_public(*state, KEY_RSA, wrong[i])));
    assert_false(usable(*state, token_public(*state, KEY_RSA, arena_copy(*state, longer).ptr)));
    assert_true(usable(*state, token_public(*state, KEY_RSA, "\"x5u\":\"http://127.0.0.1:1/\"")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(f62_secrets_in_a_public_set),
        TEST(f63_rsa_exponent_one),
        TEST(f63_rsa_numbers),
        TEST(f64_points_that_are_none),
        TEST(f65_edwards_identity),
        TEST(f66_modulus_that_can_be_factored),
        TEST(f67_keys_for_something_else),
        TEST(f68_short_secret),
        TEST(f69_key_without_alg),
        TEST(f70_one_kid_two_keys),
        TEST(f71_unknown_keys_are_skipped),
        TEST(f72_bodies_that_are_no_set),
        TEST(f77_certificate_of_another_key),
        TEST(f77_thumbprint_of_another_certificate),
        TEST(f77_no_certificate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
