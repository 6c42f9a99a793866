/* SPDX-License-Identifier: Apache-2.0 */
/* Our own private keys, from the configuration. */
#include "jwk_kinds.h"
#include "signature.h"

#include <openssl/err.h>
#include <openssl/pem.h>

enum { DOCUMENT_MAX = 32 * 1024 };

bool jwk_is_json(gate_str document)
{
    for (size_t i = 0; i < document.len; i++)
        if (!memchr(" \t\r\n", document.ptr[i], 4))
            return document.ptr[i] == '{';
    return false;
}

/* Without this libcrypto would ask at the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *data)
{
    (void)buffer, (void)size, (void)writing, (void)data;
    return -1;
}

/* The document may go before the key does. */
static bool read_json(arena *a, gate_str document, jwk *key)
{
    if (!jwk_read_own(a, json_read_object(a, document), key))
        return false;
    if (!key->kid.ptr)
        return true;
    key->kid = arena_copy(a, key->kid);
    return key->kid.ptr != NULL;
}

static bool accept_kind(arena *a, jwk *key)
{
    if (EVP_PKEY_is_a(key->key, "RSA"))
        return jwk_rsa_accept(a, key);
    if (EVP_PKEY_is_a(key->key, "EC"))
        return jwk_ec_accept(key);
    return jwk_okp_accept(key) || jwk_akp_accept(key);
}

EVP_PKEY *jwk_own_read_pem(gate_str document)
{
    EVP_PKEY *key;
    BIO *source;

    ERR_set_mark();
    source = BIO_new_mem_buf(document.ptr, (int)document.len);
    key = source ? PEM_read_bio_PrivateKey(source, NULL, no_passphrase, NULL) : NULL;
    BIO_free(source);
    ERR_pop_to_mark();
    return key;
}

static bool read_pem(arena *a, gate_str document, jwk *key)
{
    key->key = jwk_own_read_pem(document);
    return key->key && accept_kind(a, key) && signature_prepare(key);
}

/* A private part that does not belong to the public one would give the private key away (Ed25519), or make signatures that nobody
 * can verify: one signature is made and verified. */
static bool parts_fit(jwk *key)
{
    const gate_str sample = STR_INIT("sample");
    unsigned char signature[SIGNATURE_SIZE_MAX];
    alg_set alg = key->algs & (~key->algs + 1); /* the lowest bit: any will do */

    return signature_make(key, alg, sample, signature) &&
           signature_check(key, alg, sample, (gate_str){(char *)signature, key->signature_size});
}

bool jwk_read_private(arena *a, gate_str document, jwk *key)
{
    bool good;

    *key = (jwk){0};
    if (!document.len || document.len > DOCUMENT_MAX)
        return false;
    good = jwk_is_json(document) ? read_json(a, document, key) : read_pem(a, document, key);
    if (good && parts_fit(key))
        return true;
    jwk_drop(key);
    return false;
}
