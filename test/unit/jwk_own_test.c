/* SPDX-License-Identifier: Apache-2.0 */
/* Our own private keys: PEM and JWK. */
#include "jose/jwk.h"
#include "rfc.h"
#include "token.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

static bool accepts(arena *a, gate_str document)
{
    jwk key;
    bool good = jwk_read_private(a, unit_exact(document), &key);

    assert_int_equal(good, key.key != NULL);
    jwk_drop(&key);
    assert_int_equal(ERR_peek_error(), 0);
    return good;
}

typedef enum { PKCS8, TRADITIONAL, ENCRYPTED, PUBLIC } pem_form;

/* Takes the key over. */
static gate_str pem(arena *a, EVP_PKEY *key, pem_form form)
{
    BIO *bio = BIO_new(BIO_s_mem());
    unsigned char phrase[] = "phrase";
    char *bytes;
    gate_str s;
    int good = form == PKCS8         ? PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
               : form == TRADITIONAL ? PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL)
               : form == ENCRYPTED   ? PEM_write_bio_PrivateKey(bio, key, EVP_aes_256_cbc(), phrase, 6, NULL, NULL)
                                     : PEM_write_bio_PUBKEY(bio, key);

    assert_int_equal(good, 1);
    s.len = (size_t)BIO_get_mem_data(bio, &bytes);
    s.ptr = bytes;
    s = arena_copy(a, s);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return s;
}

static EVP_PKEY *copy_of(key_name name)
{
    EVP_PKEY *key = token_key(name)->key;

    assert_int_equal(EVP_PKEY_up_ref(key), 1);
    return key;
}

static void pem_of_every_type(void **state)
{
    for (int name = 0; name < KEY_COUNT; name++) {
        gate_str document = pem(*state, copy_of((key_name)name), PKCS8);
        jwk key;
        assert_true(jwk_read_private(*state, unit_exact(document), &key));
        assert_int_equal(key.algs, token_key((key_name)name)->algs);
        assert_int_equal(key.signature_size, token_key((key_name)name)->signature_size);
        assert_null(key.kid.ptr);
        jwk_drop(&key);
    }
    assert_true(accepts(*state, pem(*state, copy_of(KEY_RSA), TRADITIONAL)));
    assert_true(accepts(*state, pem(*state, copy_of(KEY_P256), TRADITIONAL)));
    assert_true(
        accepts(*state, unit_join(*state, "a comment\n\n", pem(*state, copy_of(KEY_P256), PKCS8).ptr, "\n", NULL)));
}

/* Nothing is asked at a terminal. */
static void pem_that_needs_a_passphrase(void **state)
{
    assert_false(accepts(*state, pem(*state, copy_of(KEY_RSA), ENCRYPTED)));
}

static void pem_of_other_keys(void **state)
{
    EVP_PKEY_CTX *context;
    EVP_PKEY *key = NULL;

    assert_false(accepts(*state, pem(*state, copy_of(KEY_RSA), PUBLIC)));
    assert_false(accepts(*state, pem(*state, EVP_RSA_gen(1024), PKCS8)));
    assert_false(accepts(*state, pem(*state, EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), PKCS8)));
    assert_true(accepts(*state, pem(*state, EVP_EC_gen("secp256k1"), PKCS8))); /* ES256K, where it is configured */
    assert_false(accepts(*state, pem(*state, EVP_EC_gen("P-224"), PKCS8)));
    context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048), 1);
    assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
    assert_false(accepts(*state, pem(*state, key, PKCS8)));
    EVP_PKEY_CTX_free(context);
}

static void nothing_and_garbage(void **state)
{
    static const gate_str wrong[] = {STR_INIT(""),
                                     STR_INIT(" \n\t"),
                                     STR_INIT("x"),
                                     STR_INIT("{"),
                                     STR_INIT("{}"),
                                     STR_INIT("{}{}"),
                                     STR_INIT("[]"),
                                     STR_INIT("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"),
                                     STR_INIT("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
                                     STR_INIT("-----BEGIN PRIVATE KEY-----")};

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(accepts(*state, wrong[i]));
    assert_false(accepts(*state, STR_NONE));
    assert_false(accepts(*state, unit_repeat(*state, 'x', 40000)));
    assert_false(accepts(*state, unit_join(*state, arena_copy(*state, unit_repeat(*state, ' ', 40000)).ptr,
                                           arena_copy(*state, token_private(*state, KEY_P256)).ptr, NULL)));
}

static void jwk_of_every_type(void **state)
{
    assert_true(accepts(*state, token_private(*state, KEY_RSA)));
    assert_true(accepts(*state, token_private(*state, KEY_P256)));
    assert_true(accepts(*state, token_private(*state, KEY_ED25519)));
    assert_true(accepts(
        *state, unit_join(*state, "\r\n ", arena_copy(*state, token_private(*state, KEY_P256)).ptr, "\n", NULL)));
    assert_false(accepts(*state, token_public(*state, KEY_RSA, "")));
    assert_false(accepts(*state, token_public(*state, KEY_P256, "")));
    assert_false(accepts(*state, token_public(*state, KEY_ED25519, "")));
}

static gate_str p256(arena *a, const char *members, const char *d)
{
    return unit_join(a, "{", members,
                     "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y "\",\"d\":\"",
                     d, "\"}", NULL);
}

static void jwk_members(void **state)
{
    gate_str document =
        p256(*state, "\"kid\":\"k1\",\"alg\":\"ES256\",\"use\":\"sig\",\"key_ops\":[\"sign\"],", RFC7515_A3_D);
    jwk key;

    document = arena_copy(*state, document);
    assert_true(jwk_read_private(*state, document, &key));
    memset((char *)document.ptr, 'x', document.len); /* the document may go */
    assert_str(key.kid, STR("k1"));
    assert_int_equal(key.algs, ALG_ES256);
    jwk_drop(&key);
    assert_false(accepts(*state, p256(*state, "\"key_ops\":[\"verify\"],", RFC7515_A3_D)));
    assert_false(accepts(*state, p256(*state, "\"use\":\"enc\",", RFC7515_A3_D)));
    assert_false(accepts(*state, p256(*state, "\"alg\":\"ES384\",", RFC7515_A3_D)));
    assert_false(accepts(*state, p256(*state, "\"kid\":7,", RFC7515_A3_D)));
}

static void private_part_must_fit(void **state)
{
    assert_true(accepts(*state, p256(*state, "", RFC7515_A3_D)));
    assert_false(accepts(*state, p256(*state, "", RFC7515_A3_X)));
    assert_false(accepts(*state, p256(*state, "", "")));
    assert_false(accepts(*state, p256(*state, "", "AQ")));
    assert_false(accepts(*state, p256(*state, "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")));
    assert_false(accepts(*state, p256(*state, "", "__________________________________________8"))); /* past the order */
    assert_false(accepts(
        *state, STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC7515_A3_X "\",\"d\":\"" RFC8037_A1_D "\"}")));
    assert_false(accepts(
        *state, STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\",\"d\":\"" RFC7515_A3_D "\"}")));
    assert_false(
        accepts(*state, STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\",\"d\":\"nWGx\"}")));
}

static gate_str rsa(arena *a, const char *n, const char *p, const char *last)
{
    return unit_join(a, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"", n, "\",\"d\":\"" RFC7515_A2_D "\",\"p\":\"", p,
                     "\",\"q\":\"" RFC7515_A2_Q "\",\"dp\":\"" RFC7515_A2_DP "\",\"dq\":\"" RFC7515_A2_DQ "\"", last,
                     "}", NULL);
}

static void rsa_parts(void **state)
{
    static const char qi[] = ",\"qi\":\"" RFC7515_A2_QI "\"";
    const char *other = arena_copy(*state, token_segment(*state, unit_repeat(*state, (char)0xff, 256))).ptr;

    assert_true(accepts(*state, rsa(*state, RFC7515_A2_N, RFC7515_A2_P, qi)));
    assert_false(accepts(*state, rsa(*state, RFC7515_A2_N, RFC7515_A2_P, "")));
    assert_false(accepts(*state, rsa(*state, other, RFC7515_A2_P, qi)));
    assert_false(accepts(*state, rsa(*state, RFC7515_A2_N, "", qi)));
    assert_false(accepts(*state, rsa(*state, RFC7515_A2_N, RFC7515_A2_P, ",\"qi\":\"" RFC7515_A2_QI "\",\"oth\":[]")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pem_of_every_type),     TEST(pem_that_needs_a_passphrase),
        TEST(pem_of_other_keys),     TEST(nothing_and_garbage),
        TEST(jwk_of_every_type),     TEST(jwk_members),
        TEST(private_part_must_fit), TEST(rsa_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
