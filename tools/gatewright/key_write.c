/* SPDX-License-Identifier: Apache-2.0 */
#include "key_write.h"

#include "base/base64url.h"
#include "base/secret.h"
#include "jose/crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

enum { NUMBER_MAX = 1024, DOCUMENT_MAX = 8192, AKP_PUBLIC_MAX = 2592, AKP_SEED = 32, OKP_MAX = 64 };

typedef struct number {
    const char *member;
    const char *param;
} number;

static void add_bytes(text *t, const char *name, const unsigned char *bytes, size_t n)
{
    json_add_bytes(t, str_of(name), (gate_str){(const char *)bytes, n});
}

/* `size`: exact for what belongs to a curve (RFC 7518 section 6.2.1.2), 0 for a number's own length. */
static bool add_number(text *t, const EVP_PKEY *key, const number *n, size_t size)
{
    unsigned char bytes[NUMBER_MAX];
    BIGNUM *value = NULL;
    bool good = EVP_PKEY_get_bn_param(key, n->param, &value) == 1;

    if (good && !size)
        size = (size_t)BN_num_bytes(value);
    good = good && size <= sizeof bytes && BN_bn2binpad(value, bytes, (int)size) == (int)size;
    if (good)
        add_bytes(t, n->member, bytes, size);
    BN_clear_free(value);
    secret_wipe(bytes, sizeof bytes);
    return good;
}

static bool write_rsa(text *t, const EVP_PKEY *key, bool own)
{
    static const number open[] = {{"e", OSSL_PKEY_PARAM_RSA_E}, {"n", OSSL_PKEY_PARAM_RSA_N}};
    static const number hidden[] = {{"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
                                    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
                                    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
    bool good = add_number(t, key, &open[0], 0);

    json_add_string(t, STR("kty"), STR("RSA"));
    good = good && add_number(t, key, &open[1], 0);
    for (size_t i = 0; own && good && i < sizeof hidden / sizeof hidden[0]; i++)
        good = add_number(t, key, &hidden[i], 0);
    return good;
}

static bool write_ec(text *t, const EVP_PKEY *key, bool own)
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
    return add_number(t, key, &x, size) && add_number(t, key, &y, size) && (!own || add_number(t, key, &d, size));
}

static bool write_okp(text *t, const EVP_PKEY *key, bool own)
{
    unsigned char x[OKP_MAX], d[OKP_MAX];
    size_t x_size = sizeof x, d_size = sizeof d;
    bool good = EVP_PKEY_get_raw_public_key(key, x, &x_size) == 1 &&
                (!own || EVP_PKEY_get_raw_private_key(key, d, &d_size) == 1);

    if (good) {
        json_add_string(t, STR("crv"),
                        EVP_PKEY_is_a(key, "X25519") ? STR("X25519")
                        : x_size == 32               ? STR("Ed25519")
                                                     : STR("Ed448"));
        json_add_string(t, STR("kty"), STR("OKP"));
        add_bytes(t, "x", x, x_size);
        if (own)
            add_bytes(t, "d", d, d_size);
    }
    secret_wipe(d, sizeof d);
    return good;
}

/* RFC 9964 section 3. The private part is the seed. */
static bool write_akp(text *t, const EVP_PKEY *key, gate_str alg, bool own)
{
    unsigned char pub[AKP_PUBLIC_MAX], seed[AKP_SEED];
    size_t n = 0, seed_size = 0;
    bool good = EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, pub, sizeof pub, &n) == 1 &&
                (!own || EVP_PKEY_get_octet_string_param(key, "seed", seed, sizeof seed, &seed_size) == 1);

    if (good) {
        json_add_string(t, STR("alg"), alg);
        json_add_string(t, STR("kty"), STR("AKP"));
        add_bytes(t, "pub", pub, n);
        if (own)
            add_bytes(t, "priv", seed, seed_size);
    }
    secret_wipe(seed, sizeof seed);
    return good;
}

static const char *akp_name(const EVP_PKEY *key)
{
    static const char *const names[] = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (EVP_PKEY_is_a(key, names[i]))
            return names[i];
    return NULL;
}

bool key_write_says_alg(const EVP_PKEY *key)
{
    return key && akp_name(key);
}

bool key_write_members(text *t, const EVP_PKEY *key, bool own)
{
    if (EVP_PKEY_is_a(key, "RSA"))
        return write_rsa(t, key, own);
    if (EVP_PKEY_is_a(key, "EC"))
        return write_ec(t, key, own);
    if (akp_name(key))
        return write_akp(t, key, str_of(akp_name(key)), own);
    return write_okp(t, key, own);
}

void key_write_octets(text *t, gate_str octets)
{
    json_add_bytes(t, STR("k"), octets);
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
    good = key && key_write_members(&t, key, false);
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
