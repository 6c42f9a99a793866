/* SPDX-License-Identifier: Apache-2.0 */
/* The verifiers of a key, made once and copied where two threads use one at a time. */
#include "signature.h"
#include "signature_params.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <stdatomic.h>

struct jwk_spare {
    _Atomic(EVP_PKEY_CTX *) context;
    _Atomic(EVP_MD_CTX *) message;
};

static bool prepare_hashed(const jwk *key, jwk_verifier *v)
{
    OSSL_PARAM params[SIGNATURE_PARAMS_MAX];

    signature_params_write(v->algs, params);
    v->context = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);
    v->digest = EVP_MD_fetch(NULL, alg_digest(v->algs), NULL);
    v->spare = OPENSSL_zalloc(sizeof *v->spare);
    return v->context && v->digest && v->spare && EVP_PKEY_verify_init_ex(v->context, params) == 1;
}

static bool prepare_message(const jwk *key, jwk_verifier *v)
{
    v->message = EVP_MD_CTX_new();
    v->spare = OPENSSL_zalloc(sizeof *v->spare);
    return v->message && v->spare && EVP_DigestVerifyInit_ex(v->message, NULL, NULL, NULL, NULL, key->key, NULL) == 1;
}

static bool prepare_each(jwk *key)
{
    size_t n = 0;

    if (key->algs & (ALG_ED | ALG_ML_DSA)) {
        key->verifiers[0].algs = key->algs & (ALG_ED | ALG_ML_DSA);
        return prepare_message(key, &key->verifiers[0]);
    }
    for (alg_set left = key->algs & (ALG_RSA | ALG_EC); left && n < JWK_VERIFIERS_MAX; left &= left - 1, n++) {
        key->verifiers[n].algs = left & (~left + 1); /* the lowest bit */
        if (!prepare_hashed(key, &key->verifiers[n]))
            return false;
    }
    return n > 0;
}

bool signature_prepare(jwk *key)
{
    bool good;

    ERR_set_mark();
    good = prepare_each(key);
    ERR_pop_to_mark();
    return good;
}

/* One thread at a time may use a context: who takes the spare one has it alone, who finds it taken makes a copy. */
EVP_PKEY_CTX *signature_take(const jwk_verifier *v)
{
    EVP_PKEY_CTX *context = atomic_exchange(&v->spare->context, NULL);

    return context ? context : EVP_PKEY_CTX_dup(v->context);
}

void signature_give(const jwk_verifier *v, EVP_PKEY_CTX *context)
{
    EVP_PKEY_CTX *none = NULL;

    if (context && !atomic_compare_exchange_strong(&v->spare->context, &none, context))
        EVP_PKEY_CTX_free(context);
}

static EVP_MD_CTX *message_copy(const jwk_verifier *v)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (context && EVP_MD_CTX_copy_ex(context, v->message) == 1)
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

/* A context serves for one message (EVP_DigestVerify(3)): one that was used begins anew, with the key that it has. */
EVP_MD_CTX *signature_take_message(const jwk_verifier *v)
{
    EVP_MD_CTX *context = atomic_exchange(&v->spare->message, NULL);

    if (context && EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, NULL, NULL) == 1)
        return context;
    EVP_MD_CTX_free(context);
    return message_copy(v);
}

void signature_give_message(const jwk_verifier *v, EVP_MD_CTX *context)
{
    EVP_MD_CTX *none = NULL;

    if (context && !atomic_compare_exchange_strong(&v->spare->message, &none, context))
        EVP_MD_CTX_free(context);
}

static void spare_drop(struct jwk_spare *spare)
{
    if (!spare)
        return;
    EVP_PKEY_CTX_free(atomic_load(&spare->context));
    EVP_MD_CTX_free(atomic_load(&spare->message));
    OPENSSL_free(spare);
}

void signature_drop(jwk *key)
{
    for (size_t i = 0; i < JWK_VERIFIERS_MAX; i++) {
        spare_drop(key->verifiers[i].spare);
        EVP_PKEY_CTX_free(key->verifiers[i].context);
        EVP_MD_free(key->verifiers[i].digest);
        EVP_MD_CTX_free(key->verifiers[i].message);
        key->verifiers[i] = (jwk_verifier){0};
    }
}
