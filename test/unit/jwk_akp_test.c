/* SPDX-License-Identifier: Apache-2.0 */
/* ML-DSA (RFC 9964). Each test that needs it is skipped where libcrypto lacks it; that such keys are refused there is tested too. */
#include "base/base64url.h"
#include "jose/crypto.h"
#include "jose/jws.h"
#include "jose/signature.h"
#include "token.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#define ZERO_SEED "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

typedef struct lattice {
    const char *name;
    alg_set alg;
    size_t public_size, signature_size;
} lattice;

static const lattice LATTICES[] = {{"ML-DSA-44", ALG_ML_DSA_44, 1312, 2420},
                                   {"ML-DSA-65", ALG_ML_DSA_65, 1952, 3309},
                                   {"ML-DSA-87", ALG_ML_DSA_87, 2592, 4627}};

/* The public key of the seed of zeros, by libcrypto. */
static gate_str public_of_zero(arena *a, const char *name)
{
    unsigned char seed[32] = {0}, pub[2592];
    OSSL_PARAM params[2] = {OSSL_PARAM_construct_octet_string("seed", seed, sizeof seed), OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
    EVP_PKEY *key = NULL;
    size_t n = 0;

    ERR_clear_error();
    if (context == NULL)
        skip();
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params), 1);
    assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, pub, sizeof pub, &n), 1);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(context);
    return token_segment(a, (gate_str){(char *)pub, n});
}

static gate_str document(arena *a, const char *name, const char *pub, const char *more)
{
    return unit_join(a, "{\"kty\":\"AKP\",\"alg\":\"", name, "\",\"pub\":\"", pub, "\"", more, "}", NULL);
}

static const char *zero(arena *a, const lattice *l)
{
    return arena_copy(a, public_of_zero(a, l->name)).ptr;
}

/* RFC 9964 appendix A: the thumbprint of the key of ML-DSA-44 whose seed is zero. */
static void rfc9964_thumbprint(void **state)
{
    gate_str members =
        unit_join(*state, "{\"alg\":\"ML-DSA-44\",\"kty\":\"AKP\",\"pub\":\"", zero(*state, &LATTICES[0]), "\"}", NULL);
    unsigned char hash[EVP_MAX_MD_SIZE];
    size_t n;

    assert_true(crypto_digest("SHA256", members, hash, &n));
    assert_str(token_segment(*state, (gate_str){(char *)hash, n}), STR("T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o"));
}

static void signs_and_verifies(void **state)
{
    for (size_t i = 0; i < COUNT(LATTICES); i++) {
        const lattice *l = &LATTICES[i];
        const char *pub = zero(*state, l);
        gate_str open = document(*state, l->name, pub, ",\"kid\":\"pq\""), token;
        text t = text_begin(*state, JWS_SIZE_MAX);
        jwk key;
        assert_true(jwk_read_private(
            *state, document(*state, l->name, pub, ",\"kid\":\"pq\",\"priv\":\"" ZERO_SEED "\""), &key));
        assert_int_equal(key.algs, l->alg);
        assert_int_equal(key.signature_size, l->signature_size);
        assert_true(jws_sign(*state, &t, &key, l->alg, STR("JWT"), STR("{\"sub\":\"ada\"}")) && text_end(&t, &token));
        assert_int_equal(token_check_set(*state, token, l->alg, token_set(*state, &open, NULL)), REFUSAL_none);
        assert_int_equal(token_check_set(*state, token, ALG_RSA | ALG_EC | ALG_ED, token_set(*state, &open, NULL)),
                         REFUSAL_jwt_alg);
        jwk_drop(&key);
    }
}

/* Each bit counts, and so does the exact length. */
static void altered_signatures(void **state)
{
    const lattice *l = &LATTICES[1];
    const gate_str input = STR_INIT("header.payload");
    unsigned char signature[SIGNATURE_SIZE_MAX];
    jwk key;

    assert_true(
        jwk_read_private(*state, document(*state, l->name, zero(*state, l), ",\"priv\":\"" ZERO_SEED "\""), &key));
    assert_true(signature_make(&key, l->alg, input, signature));
    assert_true(signature_check(&key, l->alg, input, (gate_str){(char *)signature, l->signature_size}));
    assert_false(
        signature_check(&key, l->alg, STR("header.payloae"), (gate_str){(char *)signature, l->signature_size}));
    assert_false(signature_check(&key, ALG_ML_DSA_44, input, (gate_str){(char *)signature, l->signature_size}));
    assert_false(signature_check(&key, l->alg, input, (gate_str){(char *)signature, l->signature_size - 1}));
    assert_false(signature_check(&key, l->alg, input, (gate_str){(char *)signature, l->signature_size + 1}));
    for (size_t at = 0; at < l->signature_size; at += 97) {
        signature[at] ^= 1;
        assert_false(signature_check(&key, l->alg, input, (gate_str){(char *)signature, l->signature_size}));
        signature[at] ^= 1;
    }
    assert_int_equal(ERR_peek_error(), 0);
    jwk_drop(&key);
}

static void keys_that_are_refused(void **state)
{
    const char *pub = zero(*state, &LATTICES[0]), *other = zero(*state, &LATTICES[1]);
    const char *seed = ",\"priv\":\"" ZERO_SEED "\"";
    const gate_str open[] = {document(*state, "ML-DSA-65", pub, ""),
                             document(*state, "ML-DSA-44", other, ""),
                             document(*state, "ml-dsa-44", pub, ""),
                             document(*state, "ML-DSA-44", "AAAA", ""),
                             document(*state, "ML-DSA-44", pub, seed),
                             document(*state, "ML-DSA-44", pub, ",\"use\":\"enc\""),
                             unit_join(*state, "{\"kty\":\"AKP\",\"pub\":\"", pub, "\"}", NULL)};
    const gate_str own[] = {
        document(*state, "ML-DSA-44", pub, ""), document(*state, "ML-DSA-44", pub, ",\"priv\":\"AAAA\""),
        document(*state, "ML-DSA-44", pub,
                 ",\"priv\":\"AQ"
                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""),
        document(*state, "ML-DSA-65", other, ",\"priv\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"")};
    jwk key;

    for (size_t i = 0; i < COUNT(open); i++)
        assert_false(jwk_read_public(*state, json_read_object(*state, open[i]), &key));
    for (size_t i = 0; i < COUNT(own); i++)
        assert_false(jwk_read_private(*state, own[i], &key));
    assert_int_equal(ERR_peek_error(), 0);
}

static void pem_of_our_own(void **state)
{
    gate_str own = document(*state, "ML-DSA-87", zero(*state, &LATTICES[2]), ",\"priv\":\"" ZERO_SEED "\""), pem;
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes;
    jwk key, again;

    assert_true(jwk_read_private(*state, own, &key));
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key.key, NULL, NULL, 0, NULL, NULL), 1);
    pem.len = (size_t)BIO_get_mem_data(bio, &bytes);
    pem.ptr = bytes;
    assert_true(jwk_read_private(*state, pem, &again));
    assert_int_equal(again.algs, ALG_ML_DSA_87);
    jwk_drop(&again);
    jwk_drop(&key);
    BIO_free(bio);
}

/* Everywhere, also where libcrypto has none: no crash, no error left behind, a plain no. */
static void nonsense(void **state)
{
    static const char *const names[] = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ML-DSA-99", "ES256"};
    jwk key;

    for (size_t i = 0; i < COUNT(names); i++)
        assert_false(jwk_read_public(*state, json_read_object(*state, document(*state, names[i], "AAAA", "")), &key));
    assert_int_equal(ERR_peek_error(), 0);
    for (size_t i = 0; i < COUNT(LATTICES); i++)
        assert_int_equal(alg_read(str_of(LATTICES[i].name)), LATTICES[i].alg);
    assert_null(alg_digest(ALG_ML_DSA_44));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rfc9964_thumbprint),    TEST(signs_and_verifies), TEST(altered_signatures),
        TEST(keys_that_are_refused), TEST(pem_of_our_own),     TEST(nonsense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
