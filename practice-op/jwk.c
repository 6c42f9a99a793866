/* SPDX-License-Identifier: Apache-2.0 */
#include "jwk.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

static void write_padded(text *out, const BIGNUM *number, int size)
{
    unsigned char *bytes = arena_add(out->home, (size_t)size + 1);
    if (BN_bn2binpad(number, bytes, size) == size)
        text_put_base64url(out, bytes, (size_t)size);
}

void jwk_write_number(text *out, EVP_PKEY *pair, const char *param)
{
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(pair, param, &number) == 1)
        write_padded(out, number, BN_num_bytes(number));
    BN_clear_free(number);
}

static void put_quoted(members *jwk, const char *name, const text *value)
{
    members_put(jwk, name, text_of(jwk->home, "\"%.*s\"", (int)value->length, value->data));
}

static void write_rsa(members *jwk, EVP_PKEY *pair)
{
    text n = text_open(jwk->home), e = text_open(jwk->home);
    jwk_write_number(&n, pair, OSSL_PKEY_PARAM_RSA_N);
    jwk_write_number(&e, pair, OSSL_PKEY_PARAM_RSA_E);
    members_put(jwk, "kty", "\"RSA\"");
    put_quoted(jwk, "n", &n);
    put_quoted(jwk, "e", &e);
}

static void write_coordinate(members *jwk, const char *name, EVP_PKEY *pair, const char *param)
{
    BIGNUM *number = NULL;
    text value = text_open(jwk->home);
    if (EVP_PKEY_get_bn_param(pair, param, &number) == 1)
        write_padded(&value, number, (EVP_PKEY_get_bits(pair) + 7) / 8);
    BN_free(number);
    put_quoted(jwk, name, &value);
}

static void write_ec(members *jwk, EVP_PKEY *pair)
{
    members_put(jwk, "kty", "\"EC\"");
    members_put(jwk, "crv", EVP_PKEY_get_bits(pair) == 256 ? "\"P-256\"" : "\"P-384\"");
    write_coordinate(jwk, "x", pair, OSSL_PKEY_PARAM_EC_PUB_X);
    write_coordinate(jwk, "y", pair, OSSL_PKEY_PARAM_EC_PUB_Y);
}

static void write_okp(members *jwk, EVP_PKEY *pair)
{
    unsigned char bytes[64];
    size_t n = sizeof bytes;
    text x = text_open(jwk->home);
    const char *curve = EVP_PKEY_is_a(pair, "ED25519") ? "Ed25519" : EVP_PKEY_is_a(pair, "ED448") ? "Ed448" : "X25519";
    if (EVP_PKEY_get_raw_public_key(pair, bytes, &n) == 1)
        text_put_base64url(&x, bytes, n);
    members_put(jwk, "kty", "\"OKP\"");
    members_put_string(jwk, "crv", curve);
    put_quoted(jwk, "x", &x);
}

void jwk_write(members *jwk, EVP_PKEY *pair)
{
    if (EVP_PKEY_is_a(pair, "RSA"))
        write_rsa(jwk, pair);
    else if (EVP_PKEY_is_a(pair, "EC"))
        write_ec(jwk, pair);
    else
        write_okp(jwk, pair);
}

static unsigned char *read_bytes(arena *home, const json_t *jwk, const char *name, size_t *length)
{
    const char *value = json_string_value(json_object_get(jwk, name));
    return value != NULL ? text_read_base64url(home, value, strlen(value), length) : NULL;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *read_rsa(arena *home, const json_t *jwk)
{
    size_t n_length, e_length;
    unsigned char *n = read_bytes(home, jwk, "n", &n_length), *e = read_bytes(home, jwk, "e", &e_length);
    if (n == NULL || e == NULL || n_length > 1024 || e_length > 8)
        return NULL;
    BIGNUM *n_number = BN_bin2bn(n, (int)n_length, NULL), *e_number = BN_bin2bn(e, (int)e_length, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n_number);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e_number);
    EVP_PKEY *key = from_params("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(n_number);
    BN_free(e_number);
    return key;
}

static EVP_PKEY *read_ec(arena *home, const json_t *jwk)
{
    size_t x_length, y_length;
    unsigned char *x = read_bytes(home, jwk, "x", &x_length), *y = read_bytes(home, jwk, "y", &y_length);
    if (x == NULL || y == NULL || x_length != y_length || (x_length != 32 && x_length != 48))
        return NULL;
    unsigned char point[97] = {4};
    memcpy(point + 1, x, x_length);
    memcpy(point + 1 + x_length, y, y_length);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, x_length == 32 ? "P-256" : "P-384", 0);
    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * x_length);
    EVP_PKEY *key = from_params("EC", build);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static EVP_PKEY *read_jwk(arena *home, const json_t *jwk)
{
    const char *kty = json_string_value(json_object_get(jwk, "kty"));
    size_t length;
    if (kty == NULL)
        return NULL;
    if (strcmp(kty, "RSA") == 0)
        return read_rsa(home, jwk);
    if (strcmp(kty, "EC") == 0)
        return read_ec(home, jwk);
    unsigned char *x = read_bytes(home, jwk, "x", &length);
    return x != NULL ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, length) : NULL;
}

EVP_PKEY *jwk_read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    EVP_PKEY *key = file != NULL ? PEM_read_PUBKEY(file, NULL, NULL, NULL) : NULL;
    if (file != NULL && key == NULL) {
        rewind(file);
        json_t *jwk = json_loadf(file, 0, NULL);
        arena *home = arena_open();
        key = read_jwk(home, jwk);
        arena_close(home);
        json_decref(jwk);
    }
    if (file != NULL)
        fclose(file);
    if (key == NULL)
        fprintf(stderr, "practice-op: no public key (PEM or JWK) in %s\n", path);
    return key;
}
