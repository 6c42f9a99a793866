/* SPDX-License-Identifier: Apache-2.0 */
/* Edwards curves (RFC 8037 section 2, RFC 8032). */
#include "jwk_kinds.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

enum { SIZE_25519 = 32, SIZE_448 = 57, SIZE_MAX_OKP = SIZE_448 };

typedef struct edwards {
    gate_str crv;
    const char *type; /* as libcrypto names it */
    size_t size;      /* of a key, in bytes */
    alg_set algs;
} edwards;

static const edwards CURVES[] = {
    {STR_INIT("Ed25519"), "ED25519", SIZE_25519, ALG_EDDSA | ALG_ED25519},
    {STR_INIT("Ed448"), "ED448", SIZE_448, ALG_EDDSA | ALG_ED448},
};

/* y of the points of small order, little-endian; the sign of x is not in it. libcrypto imports them, and with such a key one
 * signature fits every message. y = 0, 1, p - 1, and for curve25519 the two of order 8. */
static const unsigned char SMALL_25519[][SIZE_25519] = {
    {0},
    {1},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

static const unsigned char SMALL_448[][SIZE_448] = {
    {0},
    {1},
    {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00},
};

/* p - 1 stands in both tables as their third: a canonical y is not larger (RFC 8032 sections 5.1.3 and 5.2.3). */
enum { LARGEST = 2 };

static bool is_larger(const unsigned char *a, const unsigned char *b, size_t size)
{
    for (size_t i = size; i-- > 0;)
        if (a[i] != b[i])
            return a[i] > b[i];
    return false;
}

static bool point_is_good(gate_str point)
{
    bool is_25519 = point.len == SIZE_25519;
    const unsigned char *small = is_25519 ? SMALL_25519[0] : SMALL_448[0];
    size_t count = is_25519 ? sizeof SMALL_25519 / SIZE_25519 : sizeof SMALL_448 / SIZE_448;
    unsigned char y[SIZE_MAX_OKP];

    memcpy(y, point.ptr, point.len);
    y[point.len - 1] &= 0x7f; /* the sign of x */
    for (size_t i = 0; i < count; i++)
        if (memcmp(y, small + i * point.len, point.len) == 0)
            return false;
    return !is_larger(y, small + LARGEST * point.len, point.len);
}

static const edwards *curve_find(const json *node)
{
    for (size_t i = 0; i < sizeof CURVES / sizeof CURVES[0]; i++)
        if (json_is_string(json_find(node, STR("crv")), CURVES[i].crv))
            return &CURVES[i];
    return NULL;
}

static void set_algs(jwk *key, const edwards *c)
{
    key->algs = c->algs;
    key->signature_size = 2 * c->size;
}

static bool read_exact(arena *a, const json *node, const char *name, size_t size, gate_str *bytes)
{
    return jwk_bytes(a, node, name, size, bytes) && bytes->len == size;
}

bool jwk_okp_read(arena *a, const json *node, bool own, jwk *key)
{
    const edwards *c = curve_find(node);
    OSSL_PARAM params[3];
    gate_str x, d;

    if (!c || !read_exact(a, node, "x", c->size, &x) || !point_is_good(x))
        return false;
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)x.ptr, x.len);
    params[1] = OSSL_PARAM_construct_end();
    params[2] = OSSL_PARAM_construct_end();
    if (own) {
        if (!read_exact(a, node, "d", c->size, &d))
            return false;
        params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, (void *)d.ptr, d.len);
    }
    set_algs(key, c);
    return jwk_import(c->type, params, own, key);
}

bool jwk_okp_accept(jwk *key)
{
    unsigned char point[SIZE_MAX_OKP];
    size_t n = sizeof point;
    const edwards *c = EVP_PKEY_is_a(key->key, CURVES[0].type) ? &CURVES[0] : &CURVES[1];
    bool good;

    ERR_set_mark();
    good = EVP_PKEY_is_a(key->key, c->type) && EVP_PKEY_get_raw_public_key(key->key, point, &n) == 1 && n == c->size &&
           point_is_good((gate_str){(char *)point, n});
    ERR_pop_to_mark();
    if (good)
        set_algs(key, c);
    return good;
}
