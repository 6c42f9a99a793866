/* SPDX-License-Identifier: Apache-2.0 */
#include "jwk.h"

#include "../base/base64url.h"
#include "jwk_kinds.h"
#include "signature.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/params.h>

bool jwk_bytes(arena *a, const json *node, const char *name, size_t max, gate_str *bytes)
{
    gate_str encoded;

    return json_get_string(node, str_of(name), &encoded) == JSON_GOOD && encoded.len > 0 &&
           encoded.len <= BASE64URL_SIZE(max) && base64url_read(a, encoded, bytes) && bytes->len <= max;
}

bool jwk_number(arena *a, const char *name, gate_str bytes, OSSL_PARAM *param)
{
    unsigned char *native = arena_alloc(a, bytes.len);
    BIGNUM *number;
    bool good;

    ERR_set_mark();
    number = BN_bin2bn((const unsigned char *)bytes.ptr, (int)bytes.len, NULL);
    good = native && number && BN_bn2nativepad(number, native, (int)bytes.len) >= 0;
    BN_clear_free(number);
    ERR_pop_to_mark();
    *param = OSSL_PARAM_construct_BN(name, native, bytes.len);
    return good;
}

bool jwk_import(const char *type, OSSL_PARAM *params, bool own, jwk *key)
{
    EVP_PKEY_CTX *context;
    bool good;

    ERR_set_mark();
    context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    good = context && EVP_PKEY_fromdata_init(context) == 1 &&
           EVP_PKEY_fromdata(context, &key->key, own ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) == 1;
    EVP_PKEY_CTX_free(context);
    ERR_pop_to_mark();
    return good;
}

/* A remote key that carries private or symmetric material is not a public key, whatever else it says (RFC 7517 section 9.2). */
static bool has_private_member(const json *node)
{
    static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (json_find(node, str_of(names[i])))
            return true;
    return false;
}

/* RFC 7517 sections 4.2 and 4.3. */
static bool is_for_signatures(const json *node, gate_str operation)
{
    const json *operations = json_find(node, STR("key_ops"));
    gate_str use = STR("sig");

    if (json_get_string(node, STR("use"), &use) == JSON_WRONG || !str_equal(use, STR("sig")))
        return false;
    return !operations || (json_is_strings(operations) && json_has_string(operations, operation));
}

/* RFC 8725 section 3.1: what the key says of its algorithm binds. */
static bool reduce_algs(const json *node, jwk *key)
{
    gate_str name;
    json_got got = json_get_string(node, STR("alg"), &name);

    if (got == JSON_GOOD)
        key->algs &= alg_read(name);
    return got != JSON_WRONG && key->algs != 0;
}

static bool read_kind(arena *a, const json *node, bool own, jwk *key)
{
    gate_str kty;

    if (json_get_string(node, STR("kty"), &kty) != JSON_GOOD)
        return false;
    if (str_equal(kty, STR("RSA")))
        return jwk_rsa_read(a, node, own, key);
    if (str_equal(kty, STR("EC")))
        return jwk_ec_read(a, node, own, key);
    if (str_equal(kty, STR("OKP")))
        return jwk_okp_read(a, node, own, key);
    if (str_equal(kty, STR("AKP")))
        return jwk_akp_read(a, node, own, key);
    return false;
}

static bool read_node(arena *a, const json *node, bool own, jwk *key)
{
    *key = (jwk){0};
    if (json_get_string(node, STR("kid"), &key->kid) == JSON_WRONG || key->kid.len > JWK_KID_MAX)
        return false;
    if (!is_for_signatures(node, own ? STR("sign") : STR("verify")))
        return false;
    if (read_kind(a, node, own, key) && reduce_algs(node, key) && jwk_x5c_fits(a, node, key) && signature_prepare(key))
        return true;
    jwk_drop(key);
    return false;
}

bool jwk_read_public(arena *a, const json *node, jwk *key)
{
    *key = (jwk){0};
    return node && node->type == JSON_OBJECT && !has_private_member(node) && read_node(a, node, false, key);
}

bool jwk_read_own(arena *a, const json *node, jwk *key)
{
    return read_node(a, node, true, key);
}

/* RFC 7518 section 3.2: a key of the hash's size or larger must be used. */
bool jwk_read_secret(gate_str octets, jwk *key)
{
    static const alg_set each[] = {ALG_HS256, ALG_HS384, ALG_HS512};

    *key = (jwk){.octets = octets};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
        if (octets.len >= alg_digest_size(each[i]))
            key->algs |= each[i];
    return key->algs != 0;
}

void jwk_drop(jwk *key)
{
    signature_drop(key);
    EVP_PKEY_free(key->key);
    *key = (jwk){0};
}
