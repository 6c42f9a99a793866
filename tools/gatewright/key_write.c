/* SPDX-License-Identifier: Apache-2.0 */
#include "key_write.h"

#include "base/secret.h"
#include "jose/jwk_write.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

enum { NUMBER_MAX = 1024, RAW_MAX = 64 };

/* `size`: exact for what belongs to a curve (RFC 7518 section 6.2.2.1), 0 for a number's own length. */
static bool add_number(text *t, const EVP_PKEY *key, const char *member, const char *param, size_t size)
{
    unsigned char bytes[NUMBER_MAX];
    BIGNUM *value = NULL;
    bool good = EVP_PKEY_get_bn_param(key, param, &value) == 1;

    if (good && !size)
        size = (size_t)BN_num_bytes(value);
    good = good && size <= sizeof bytes && BN_bn2binpad(value, bytes, (int)size) == (int)size;
    if (good)
        json_add_bytes(t, str_of(member), (gate_str){(const char *)bytes, size});
    BN_clear_free(value);
    secret_wipe(bytes, sizeof bytes);
    return good;
}

static bool add_rsa(text *t, const EVP_PKEY *key)
{
    static const struct {
        const char *member, *param;
    } numbers[] = {{"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
                   {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
                   {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (!add_number(t, key, numbers[i].member, numbers[i].param, 0))
            return false;
    return true;
}

/* OKP: the raw key (RFC 8037 section 2); AKP: the seed (RFC 9964 section 3). */
static bool add_raw(text *t, const EVP_PKEY *key)
{
    bool akp = jwk_write_says_alg(key);
    unsigned char bytes[RAW_MAX];
    size_t n = sizeof bytes;
    bool good = akp ? EVP_PKEY_get_octet_string_param(key, "seed", bytes, sizeof bytes, &n) == 1
                    : EVP_PKEY_get_raw_private_key(key, bytes, &n) == 1;

    if (good)
        json_add_bytes(t, akp ? STR("priv") : STR("d"), (gate_str){(const char *)bytes, n});
    secret_wipe(bytes, sizeof bytes);
    return good;
}

bool key_write_own(text *t, const EVP_PKEY *key)
{
    if (!jwk_write_members(t, key))
        return false;
    if (EVP_PKEY_is_a(key, "RSA"))
        return add_rsa(t, key);
    if (EVP_PKEY_is_a(key, "EC"))
        return add_number(t, key, "d", OSSL_PKEY_PARAM_PRIV_KEY, (size_t)(EVP_PKEY_get_bits(key) + 7) / 8);
    return add_raw(t, key);
}

void key_write_octets(text *t, gate_str octets)
{
    json_add_bytes(t, STR("k"), octets);
    json_add_string(t, STR("kty"), STR("oct"));
}
