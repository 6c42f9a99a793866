/* SPDX-License-Identifier: Apache-2.0 */
#include "signature.h"

#include "../base/secret.h"
#include "crypto.h"
#include "signature_der.h"
#include "signature_params.h"

#include <openssl/err.h>

typedef struct hash {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    size_t size;
} hash;

static const unsigned char *bytes_of(gate_str s)
{
    return (const unsigned char *)(s.ptr ? s.ptr : "");
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

static bool message_check(const jwk_verifier *v, gate_str input, gate_str signature)
{
    EVP_MD_CTX *context = signature_take_message(v);
    bool good =
        context && EVP_DigestVerify(context, bytes_of(signature), signature.len, bytes_of(input), input.len) == 1;

    signature_give_message(v, context);
    return good;
}

static bool hash_input(const EVP_MD *digest, gate_str input, hash *h)
{
    unsigned n = SHA256_SIZE;
    bool good;

    if (EVP_MD_get_size(digest) == SHA256_SIZE) /* by far the most common, and this way it allocates nothing */
        good = crypto_sha256(input, h->bytes);
    else
        good = EVP_Digest(bytes_of(input), input.len, h->bytes, &n, digest, NULL) == 1;
    h->size = n;
    return good;
}

static bool hashed_check(const jwk_verifier *v, gate_str input, gate_str signature)
{
    EVP_PKEY_CTX *context = signature_take(v);
    hash h;
    bool good = context && hash_input(v->digest, input, &h) &&
                EVP_PKEY_verify(context, bytes_of(signature), signature.len, h.bytes, h.size) == 1;

    signature_give(v, context);
    return good;
}

static bool ecdsa_check(const jwk_verifier *v, gate_str input, gate_str signature)
{
    unsigned char der[SIGNATURE_DER_MAX];
    size_t n = signature_der_write(signature, der);

    return n > 0 && hashed_check(v, input, (gate_str){(char *)der, n});
}

size_t signature_size(const jwk *key, alg_set alg)
{
    if (!(key->algs & alg))
        return 0;
    return alg & ALG_HMAC ? alg_digest_size(alg) : key->signature_size;
}

static const jwk_verifier *verifier_find(const jwk *key, alg_set alg)
{
    for (size_t i = 0; i < JWK_VERIFIERS_MAX; i++)
        if (key->verifiers[i].algs & alg)
            return &key->verifiers[i];
    return NULL;
}

static bool check_kind(const jwk *key, alg_set alg, gate_str input, gate_str signature)
{
    const jwk_verifier *v = verifier_find(key, alg);

    if (alg & ALG_HMAC)
        return mac_check(key, alg, input, signature);
    if (!v)
        return false;
    if (v->message)
        return message_check(v, input, signature);
    return alg & ALG_EC ? ecdsa_check(v, input, signature) : hashed_check(v, input, signature);
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

/* Ed and ML-DSA take the message itself, and hash for themselves. */
static bool message_make(const jwk *key, gate_str input, unsigned char *signature, size_t *n)
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
    OSSL_PARAM params[SIGNATURE_PARAMS_MAX];
    hash h;
    bool good;

    signature_params_write(alg, params);
    good = context && EVP_PKEY_sign_init_ex(context, params) == 1 &&
           EVP_Q_digest(NULL, alg_digest(alg), NULL, bytes_of(input), input.len, h.bytes, &h.size) == 1 &&
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
    return (alg & (ALG_ED | ALG_ML_DSA)) && message_make(key, input, signature, &n) && n == key->signature_size;
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
