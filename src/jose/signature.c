/* SPDX-License-Identifier: Apache-2.0 */
#include "signature.h"

#include "../base/secret.h"
#include "signature_der.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

typedef struct hash {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    size_t size;
} hash;

static const unsigned char *bytes_of(gate_str s)
{
    return (const unsigned char *)(s.ptr ? s.ptr : "");
}

static OSSL_PARAM param_text(const char *name, const char *value)
{
    return OSSL_PARAM_construct_utf8_string(name, (char *)value, 0);
}

/* All that decides how a signature is read is set on each use: a context that is initialised again forgets PSS, and the default length
 * of its salt is "any". RFC 7518 section 3.5: the salt is as long as the hash, MGF1 uses the same hash. */
static void params_write(alg_set alg, OSSL_PARAM params[5])
{
    const char *digest = alg_digest(alg);
    size_t n = 0;

    params[n++] = param_text(OSSL_SIGNATURE_PARAM_DIGEST, digest);
    if (alg & ALG_RSA)
        params[n++] = param_text(OSSL_SIGNATURE_PARAM_PAD_MODE,
                                 alg & ALG_PSS ? OSSL_PKEY_RSA_PAD_MODE_PSS : OSSL_PKEY_RSA_PAD_MODE_PKCSV15);
    if (alg & ALG_PSS) {
        params[n++] = param_text(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST);
        params[n++] = param_text(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, digest);
    }
    params[n] = OSSL_PARAM_construct_end();
}

static bool hash_input(alg_set alg, gate_str input, hash *h)
{
    return EVP_Q_digest(NULL, alg_digest(alg), NULL, bytes_of(input), input.len, h->bytes, &h->size) == 1 &&
           h->size == alg_digest_size(alg);
}

static bool mac_make(const jwk *key, alg_set alg, gate_str input, hash *h)
{
    return key->octets.len > 0 && EVP_Q_mac(NULL, "HMAC", NULL, alg_digest(alg), NULL, key->octets.ptr, key->octets.len,
                                            bytes_of(input), input.len, h->bytes, sizeof h->bytes, &h->size) != NULL;
}

static bool mac_check(const jwk *key, alg_set alg, gate_str input, gate_str signature)
{
    hash h;
    bool good = mac_make(key, alg, input, &h) && secret_equal((gate_str){(char *)h.bytes, h.size}, signature);

    secret_wipe(&h, sizeof h);
    return good;
}

static bool edwards_check(const jwk *key, gate_str input, gate_str signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, key->key, NULL) == 1 &&
                EVP_DigestVerify(context, bytes_of(signature), signature.len, bytes_of(input), input.len) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

static bool hashed_check(const jwk *key, alg_set alg, gate_str input, gate_str signature)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);
    OSSL_PARAM params[5];
    hash h;
    bool good;

    params_write(alg, params);
    good = context && EVP_PKEY_verify_init_ex(context, params) == 1 && hash_input(alg, input, &h) &&
           EVP_PKEY_verify(context, bytes_of(signature), signature.len, h.bytes, h.size) == 1;
    EVP_PKEY_CTX_free(context);
    return good;
}

static bool ecdsa_check(const jwk *key, alg_set alg, gate_str input, gate_str signature)
{
    unsigned char der[SIGNATURE_DER_MAX];
    size_t n = signature_der_write(signature, der);

    return n > 0 && hashed_check(key, alg, input, (gate_str){(char *)der, n});
}

size_t signature_size(const jwk *key, alg_set alg)
{
    if (!(key->algs & alg))
        return 0;
    return alg & ALG_HMAC ? alg_digest_size(alg) : key->signature_size;
}

static bool check_kind(const jwk *key, alg_set alg, gate_str input, gate_str signature)
{
    if (alg & ALG_HMAC)
        return mac_check(key, alg, input, signature);
    if (!key->key)
        return false;
    if (alg & ALG_RSA)
        return hashed_check(key, alg, input, signature);
    if (alg & ALG_EC)
        return ecdsa_check(key, alg, input, signature);
    return (alg & ALG_ED) && edwards_check(key, input, signature);
}

bool signature_check(const jwk *key, alg_set alg, gate_str input, gate_str signature)
{
    size_t size = signature_size(key, alg);
    bool good;

    if (!size || signature.len != size || !alg_name(alg).len)
        return false;
    ERR_set_mark();
    good = check_kind(key, alg, input, signature);
    ERR_pop_to_mark();
    return good;
}

static bool mac_write(const jwk *key, alg_set alg, gate_str input, unsigned char *signature)
{
    hash h;
    bool good = mac_make(key, alg, input, &h);

    if (good)
        memcpy(signature, h.bytes, h.size);
    secret_wipe(&h, sizeof h);
    return good;
}

static bool edwards_make(const jwk *key, gate_str input, unsigned char *signature, size_t *n)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, key->key, NULL) == 1 &&
                EVP_DigestSign(context, signature, n, bytes_of(input), input.len) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

static bool hashed_make(const jwk *key, alg_set alg, gate_str input, unsigned char *signature, size_t *n)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);
    OSSL_PARAM params[5];
    hash h;
    bool good;

    params_write(alg, params);
    good = context && EVP_PKEY_sign_init_ex(context, params) == 1 && hash_input(alg, input, &h) &&
           EVP_PKEY_sign(context, signature, n, h.bytes, h.size) == 1;
    EVP_PKEY_CTX_free(context);
    return good;
}

static bool make_kind(const jwk *key, alg_set alg, gate_str input, unsigned char *signature)
{
    unsigned char der[SIGNATURE_DER_MAX];
    size_t n = alg & ALG_EC ? sizeof der : SIGNATURE_SIZE_MAX;

    if (alg & ALG_HMAC)
        return mac_write(key, alg, input, signature);
    if (!key->key)
        return false;
    if (alg & ALG_RSA)
        return hashed_make(key, alg, input, signature, &n) && n == key->signature_size;
    if (alg & ALG_EC)
        return hashed_make(key, alg, input, der, &n) &&
               signature_der_read((gate_str){(char *)der, n}, signature, key->signature_size);
    return (alg & ALG_ED) && edwards_make(key, input, signature, &n) && n == key->signature_size;
}

bool signature_make(const jwk *key, alg_set alg, gate_str input, unsigned char signature[SIGNATURE_SIZE_MAX])
{
    bool good;

    if (!signature_size(key, alg) || !alg_name(alg).len)
        return false;
    ERR_set_mark();
    good = make_kind(key, alg, input, signature);
    ERR_pop_to_mark();
    return good;
}
