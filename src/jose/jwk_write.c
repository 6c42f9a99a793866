/* SPDX-License-Identifier: Apache-2.0 */
#include "jwk_write.h"

#include "../base/base64url.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

enum { NUMBER_MAX = 1024, DOCUMENT_MAX = 4096 };

typedef struct writer {
    arena *arena;
    text *out;
    const jwk *key;
} writer;

static bool add_bytes(writer *w, gate_str name, const unsigned char *bytes, size_t n)
{
    text t = text_begin(w->arena, BASE64URL_SIZE(NUMBER_MAX));
    gate_str encoded;

    base64url_write(&t, (gate_str){(const char *)bytes, n});
    if (!text_end(&t, &encoded))
        return false;
    json_add_string(w->out, name, encoded);
    return true;
}

/* `size`: exact for coordinates (RFC 7518 6.2.1.2), 0 for a number's own length. */
static bool add_number(writer *w, gate_str name, const char *param, size_t size)
{
    unsigned char bytes[NUMBER_MAX];
    BIGNUM *number = NULL;
    bool good = EVP_PKEY_get_bn_param(w->key->key, param, &number) == 1;

    if (good && !size)
        size = (size_t)BN_num_bytes(number);
    good = good && size <= sizeof bytes && BN_bn2binpad(number, bytes, (int)size) == (int)size &&
           add_bytes(w, name, bytes, size);
    BN_free(number);
    return good;
}

/* Members in the order of RFC 7638: what follows is also what a thumbprint is made of. */
static bool write_rsa(writer *w)
{
    if (!add_number(w, STR("e"), OSSL_PKEY_PARAM_RSA_E, 0))
        return false;
    json_add_string(w->out, STR("kty"), STR("RSA"));
    return add_number(w, STR("n"), OSSL_PKEY_PARAM_RSA_N, 0);
}

static bool write_ec(writer *w)
{
    size_t size = w->key->signature_size / 2;
    gate_str crv = size == 32   ? (w->key->algs & ALG_ES256K ? STR("secp256k1") : STR("P-256"))
                   : size == 48 ? STR("P-384")
                                : STR("P-521");

    json_add_string(w->out, STR("crv"), crv);
    json_add_string(w->out, STR("kty"), STR("EC"));
    return add_number(w, STR("x"), OSSL_PKEY_PARAM_EC_PUB_X, size) &&
           add_number(w, STR("y"), OSSL_PKEY_PARAM_EC_PUB_Y, size);
}

static bool write_okp(writer *w)
{
    unsigned char bytes[64];
    size_t n = sizeof bytes;

    if (EVP_PKEY_get_raw_public_key(w->key->key, bytes, &n) != 1)
        return false;
    json_add_string(w->out, STR("crv"), n == 32 ? STR("Ed25519") : STR("Ed448"));
    json_add_string(w->out, STR("kty"), STR("OKP"));
    return add_bytes(w, STR("x"), bytes, n);
}

static bool write_members(writer *w)
{
    bool good;

    ERR_set_mark();
    good = w->key->key && (EVP_PKEY_is_a(w->key->key, "RSA")  ? write_rsa(w)
                           : EVP_PKEY_is_a(w->key->key, "EC") ? write_ec(w)
                                                              : write_okp(w));
    ERR_pop_to_mark();
    return good;
}

bool jwk_write_public(arena *a, text *t, const jwk *key, alg_set alg)
{
    writer w = {.arena = a, .out = t, .key = key};

    json_begin(t);
    if (!write_members(&w))
        return false;
    if (key->kid.ptr)
        json_add_string(t, STR("kid"), key->kid);
    json_add_string(t, STR("use"), STR("sig"));
    json_add_string(t, STR("alg"), alg_name(alg));
    json_end(t);
    return !t->failed;
}

bool jwk_thumbprint(arena *a, const jwk *key, gate_str *thumbprint)
{
    text t = text_begin(a, DOCUMENT_MAX), encoded = text_begin(a, BASE64URL_SIZE(SHA256_SIZE));
    writer w = {.arena = a, .out = &t, .key = key};
    unsigned char hash[EVP_MAX_MD_SIZE];
    gate_str document;
    size_t n;

    json_begin(&t);
    if (!write_members(&w))
        return false;
    json_end(&t);
    if (!text_end(&t, &document) || !crypto_digest("SHA256", document, hash, &n))
        return false;
    base64url_write(&encoded, (gate_str){(char *)hash, n});
    return text_end(&encoded, thumbprint);
}
