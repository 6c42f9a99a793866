/* SPDX-License-Identifier: Apache-2.0 */
#include "jwk_write.h"

#include "../base/base64url.h"
#include "crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

enum { NUMBER_MAX = 1024, DOCUMENT_MAX = 8192, OKP_MAX = 64, AKP_MAX = 2592 };

/* `size`: exact for what belongs to a curve (RFC 7518 section 6.2.1.2), 0 for a number's own length. */
static bool add_number(text *t, const EVP_PKEY *key, gate_str member, const char *param, size_t size)
{
    unsigned char bytes[NUMBER_MAX];
    BIGNUM *number = NULL;
    bool good = EVP_PKEY_get_bn_param(key, param, &number) == 1;

    if (good && !size)
        size = (size_t)BN_num_bytes(number);
    good = good && size <= sizeof bytes && BN_bn2binpad(number, bytes, (int)size) == (int)size;
    if (good)
        json_add_bytes(t, member, (gate_str){(const char *)bytes, size});
    BN_free(number);
    return good;
}

static bool write_rsa(text *t, const EVP_PKEY *key)
{
    bool good = add_number(t, key, STR("e"), OSSL_PKEY_PARAM_RSA_E, 0);

    json_add_string(t, STR("kty"), STR("RSA"));
    return good && add_number(t, key, STR("n"), OSSL_PKEY_PARAM_RSA_N, 0);
}

static gate_str curve_of(const EVP_PKEY *key, size_t size)
{
    char group[32] = {0};

    if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1)
        return STR_NONE;
    return size == 48                        ? STR("P-384")
           : size == 66                      ? STR("P-521")
           : strcmp(group, "secp256k1") == 0 ? STR("secp256k1")
                                             : STR("P-256");
}

static bool write_ec(text *t, const EVP_PKEY *key)
{
    size_t size = (size_t)(EVP_PKEY_get_bits(key) + 7) / 8;
    gate_str curve = curve_of(key, size);

    if (!curve.ptr)
        return false;
    json_add_string(t, STR("crv"), curve);
    json_add_string(t, STR("kty"), STR("EC"));
    return add_number(t, key, STR("x"), OSSL_PKEY_PARAM_EC_PUB_X, size) &&
           add_number(t, key, STR("y"), OSSL_PKEY_PARAM_EC_PUB_Y, size);
}

static bool write_okp(text *t, const EVP_PKEY *key)
{
    unsigned char bytes[OKP_MAX];
    size_t n = sizeof bytes;

    if (EVP_PKEY_get_raw_public_key(key, bytes, &n) != 1)
        return false;
    json_add_string(t, STR("crv"),
                    EVP_PKEY_is_a(key, "X25519") ? STR("X25519")
                    : n == 32                    ? STR("Ed25519")
                                                 : STR("Ed448"));
    json_add_string(t, STR("kty"), STR("OKP"));
    json_add_bytes(t, STR("x"), (gate_str){(const char *)bytes, n});
    return true;
}

static const char *akp_name(const EVP_PKEY *key)
{
    static const char *const names[] = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (EVP_PKEY_is_a(key, names[i]))
            return names[i];
    return NULL;
}

static bool write_akp(text *t, const EVP_PKEY *key)
{
    unsigned char pub[AKP_MAX];
    size_t n = 0;

    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, pub, sizeof pub, &n) != 1)
        return false;
    json_add_string(t, STR("alg"), str_of(akp_name(key)));
    json_add_string(t, STR("kty"), STR("AKP"));
    json_add_bytes(t, STR("pub"), (gate_str){(const char *)pub, n});
    return true;
}

bool jwk_write_says_alg(const EVP_PKEY *key)
{
    return key && akp_name(key);
}

bool jwk_write_members(text *t, const EVP_PKEY *key)
{
    bool good;

    ERR_set_mark();
    good = EVP_PKEY_is_a(key, "RSA")  ? write_rsa(t, key)
           : EVP_PKEY_is_a(key, "EC") ? write_ec(t, key)
           : akp_name(key)            ? write_akp(t, key)
                                      : write_okp(t, key);
    ERR_pop_to_mark();
    return good;
}

bool jwk_write_public(text *t, const jwk *key, alg_set alg)
{
    json_begin(t);
    if (!key->key || !jwk_write_members(t, key->key))
        return false;
    if (key->kid.ptr)
        json_add_string(t, STR("kid"), key->kid);
    json_add_string(t, STR("use"), STR("sig"));
    if (!jwk_write_says_alg(key->key))
        json_add_string(t, STR("alg"), alg_name(alg));
    json_end(t);
    return !t->failed;
}

bool jwk_thumbprint(arena *a, const EVP_PKEY *key, gate_str *thumbprint)
{
    text t = text_begin(a, DOCUMENT_MAX), encoded = text_begin(a, BASE64URL_SIZE(SHA256_SIZE));
    unsigned char hash[EVP_MAX_MD_SIZE];
    gate_str document;
    bool good;
    size_t n;

    json_begin(&t);
    good = key && jwk_write_members(&t, key);
    json_end(&t);
    if (!good || !text_end(&t, &document) || !crypto_digest("SHA256", document, hash, &n))
        return false;
    base64url_write(&encoded, (gate_str){(char *)hash, n});
    return text_end(&encoded, thumbprint);
}
