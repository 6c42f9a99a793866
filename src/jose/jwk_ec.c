/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on the NIST curves (RFC 7518 section 6.2), and on secp256k1 (RFC 8812). */
#include "jwk_kinds.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

enum { COORDINATE_MAX = 66 };

typedef struct curve {
    gate_str crv;
    const char *group; /* as libcrypto names it */
    size_t size;       /* of a coordinate, in bytes */
    alg_set alg;
} curve;

static const curve CURVES[] = {
    {STR_INIT("P-256"), "prime256v1", 32, ALG_ES256},
    {STR_INIT("P-384"), "secp384r1", 48, ALG_ES384},
    {STR_INIT("P-521"), "secp521r1", 66, ALG_ES512},
    {STR_INIT("secp256k1"), "secp256k1", 32, ALG_ES256K}, /* RFC 8812; nobody accepts it unless configured */
};

enum { CURVE_COUNT = sizeof CURVES / sizeof CURVES[0] };

static const curve *curve_find(gate_str crv)
{
    for (size_t i = 0; i < CURVE_COUNT; i++)
        if (str_equal(CURVES[i].crv, crv))
            return &CURVES[i];
    return NULL;
}

static void set_algs(jwk *key, const curve *c)
{
    key->algs = c->alg;
    key->signature_size = 2 * c->size;
}

/* RFC 7518 section 6.2.1.2: a coordinate has the full size of the curve's, leading zeros included. */
static bool read_exact(arena *a, const json *node, const char *name, size_t size, gate_str *bytes)
{
    return jwk_bytes(a, node, name, size, bytes) && bytes->len == size;
}

/* The point in uncompressed form, always 04 x y: the point at infinity, which libcrypto would import, cannot be written so. libcrypto
 * then refuses a point that is not on the curve, and coordinates outside the field. */
static bool read_point(arena *a, const json *node, size_t size, unsigned char *point)
{
    gate_str x, y;

    if (!read_exact(a, node, "x", size, &x) || !read_exact(a, node, "y", size, &y))
        return false;
    point[0] = 4;
    memcpy(point + 1, x.ptr, size);
    memcpy(point + 1 + size, y.ptr, size);
    return true;
}

bool jwk_ec_read(arena *a, const json *node, bool own, jwk *key)
{
    unsigned char point[1 + 2 * COORDINATE_MAX];
    char group[16] = {0}; /* OSSL_PARAM wants it writable */
    gate_str crv, d;
    OSSL_PARAM params[4] = {{0}};
    const curve *c = json_get_string(node, STR("crv"), &crv) == JSON_GOOD ? curve_find(crv) : NULL;

    if (!c || !read_point(a, node, c->size, point))
        return false;
    memcpy(group, c->group, str_of(c->group).len);
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * c->size);
    params[2] = OSSL_PARAM_construct_end();
    params[3] = OSSL_PARAM_construct_end();
    if (own && (!read_exact(a, node, "d", c->size, &d) || !jwk_number(a, OSSL_PKEY_PARAM_PRIV_KEY, d, &params[2])))
        return false;
    set_algs(key, c);
    return jwk_import("EC", params, own, key);
}

bool jwk_ec_accept(jwk *key)
{
    char group[32] = {0};
    size_t n = 0;
    bool good;

    ERR_set_mark();
    good = EVP_PKEY_get_group_name(key->key, group, sizeof group, &n) == 1;
    ERR_pop_to_mark();
    for (size_t i = 0; good && i < CURVE_COUNT; i++) {
        if (str_equal(str_of(CURVES[i].group), (gate_str){group, n})) {
            set_algs(key, &CURVES[i]);
            return true;
        }
    }
    return false;
}
