/* SPDX-License-Identifier: Apache-2.0 */
#include "key_write.h"

#include "base/base64url.h"
#include "base/secret.h"
#include "jose/crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

enum { NUMBER_MAX = 1024, DOCUMENT_MAX = 8192 };

typedef struct number {
    const char *member;
    const char *param;
} number;

static bool add_bytes(arena *a, text *t, const char *name, gate_str bytes)
{
    text encoded = text_begin(a, BASE64URL_SIZE(2 * NUMBER_MAX));
    gate_str s;

    base64url_write(&encoded, bytes);
    if (!text_end(&encoded, &s))
        return false;
    json_add_string(t, str_of(name), s);
    return true;
}

/* `size`: exact for what belongs to a curve (RFC 7518 section 6.2.1.2), 0 for a number's own length. */
static bool add_number(arena *a, text *t, const EVP_PKEY *key, const number *n, size_t size)
{
    unsigned char bytes[NUMBER_MAX];
    BIGNUM *value = NULL;
    bool good = EVP_PKEY_get_bn_param(key, n->param, &value) == 1;

    if (good && !size)
        size = (size_t)BN_num_bytes(value);
    good = good && size <= sizeof bytes && BN_bn2binpad(value, bytes, (int)size) == (int)size &&
           add_bytes(a, t, n->member, (gate_str){(char *)bytes, size});
    BN_clear_free(value);
    secret_wipe(bytes, sizeof bytes);
    return good;
}

static bool write_rsa(arena *a, text *t, const EVP_PKEY *key, bool own)
{
    static const number open[] = {{"e", OSSL_PKEY_PARAM_RSA_E}, {"n", OSSL_PKEY_PARAM_RSA_N}};
    static const number hidden[] = {{"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
                                    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
                                    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
    bool good = add_number(a, t, key, &open[0], 0);

    json_add_string(t, STR("kty"), STR("RSA"));
    good = good && add_number(a, t, key, &open[1], 0);
    for (size_t i = 0; own && good && i < sizeof hidden / sizeof hidden[0]; i++)
        good = add_number(a, t, key, &hidden[i], 0);
    return good;
}

static bool write_ec(arena *a, text *t, const EVP_PKEY *key, bool own)
{
    static const number x = {"x", OSSL_PKEY_PARAM_EC_PUB_X}, y = {"y", OSSL_PKEY_PARAM_EC_PUB_Y},
                        d = {"d", OSSL_PKEY_PARAM_PRIV_KEY};
    size_t size = (size_t)(EVP_PKEY_get_bits(key) + 7) / 8;
    char group[32] = {0};

    if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1)
        return false;
    json_add_string(t, STR("crv"),
                    size == 48                        ? STR("P-384")
                    : size == 66                      ? STR("P-521")
                    : strcmp(group, "secp256k1") == 0 ? STR("secp256k1")
                                                      : STR("P-256"));
    json_add_string(t, STR("kty"), STR("EC"));
    return add_number(a, t, key, &x, size) && add_number(a, t, key, &y, size) &&
           (!own || add_number(a, t, key, &d, size));
}

static bool write_okp(arena *a, text *t, const EVP_PKEY *key, bool own)
{
    unsigned char x[64], d[64];
    size_t x_size = sizeof x, d_size = sizeof d;
    bool good = EVP_PKEY_get_raw_public_key(key, x, &x_size) == 1;

    json_add_string(t, STR("crv"),
                    EVP_PKEY_is_a(key, "X25519") ? STR("X25519")
                    : x_size == 32               ? STR("Ed25519")
                                                 : STR("Ed448"));
    json_add_string(t, STR("kty"), STR("OKP"));
    good = good && add_bytes(a, t, "x", (gate_str){(char *)x, x_size});
    if (good && own)
        good =
            EVP_PKEY_get_raw_private_key(key, d, &d_size) == 1 && add_bytes(a, t, "d", (gate_str){(char *)d, d_size});
    secret_wipe(d, sizeof d);
    return good;
}

bool key_write_members(arena *a, text *t, const EVP_PKEY *key, bool own)
{
    if (EVP_PKEY_is_a(key, "RSA"))
        return write_rsa(a, t, key, own);
    if (EVP_PKEY_is_a(key, "EC"))
        return write_ec(a, t, key, own);
    return write_okp(a, t, key, own);
}

void key_write_octets(arena *a, text *t, gate_str octets)
{
    if (!add_bytes(a, t, "k", octets))
        t->failed = true;
    json_add_string(t, STR("kty"), STR("oct"));
}

bool key_write_thumbprint(arena *a, const EVP_PKEY *key, gate_str *thumbprint)
{
    text t = text_begin(a, DOCUMENT_MAX), encoded = text_begin(a, BASE64URL_SIZE(SHA256_SIZE));
    unsigned char hash[EVP_MAX_MD_SIZE];
    gate_str document;
    bool good;
    size_t n;

    json_begin(&t);
    good = key && key_write_members(a, &t, key, false);
    json_end(&t);
    if (!good || !text_end(&t, &document) || !crypto_digest("SHA256", document, hash, &n))
        return false;
    base64url_write(&encoded, (gate_str){(char *)hash, n});
    return text_end(&encoded, thumbprint);
}

int key_write_bits(const EVP_PKEY *key, gate_str octets)
{
    return key ? EVP_PKEY_get_bits(key) : (int)octets.len * 8;
}
