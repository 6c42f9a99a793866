/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys (RFC 7518 section 6.3). */
#include "jwk_kinds.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

enum { MODULUS_MIN = 2048 / 8, MODULUS_MAX = 8192 / 8, EXPONENT_MAX = 4, NUMBERS_PUBLIC = 2, NUMBERS_OWN = 8 };

typedef struct rsa_number {
    const char *member;
    const char *param;
    size_t max; /* bytes */
} rsa_number;

static const rsa_number NUMBERS[NUMBERS_OWN] = {
    {"n", OSSL_PKEY_PARAM_RSA_N, MODULUS_MAX},          {"e", OSSL_PKEY_PARAM_RSA_E, EXPONENT_MAX},
    {"d", OSSL_PKEY_PARAM_RSA_D, MODULUS_MAX},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1, MODULUS_MAX},
    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2, MODULUS_MAX},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1, MODULUS_MAX},
    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2, MODULUS_MAX}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1, MODULUS_MAX},
};

static unsigned byte_at(gate_str bytes, size_t i)
{
    return (unsigned char)bytes.ptr[i];
}

/* No leading zero (RFC 7518 section 2, Base64urlUInt), odd. */
static bool is_odd_minimal(gate_str number)
{
    return number.len > 0 && byte_at(number, 0) != 0 && (byte_at(number, number.len - 1) & 1) == 1;
}

static unsigned remainder_of(gate_str number, unsigned divisor)
{
    unsigned rest = 0;

    for (size_t i = 0; i < number.len; i++)
        rest = (rest * 256 + byte_at(number, i)) % divisor;
    return rest;
}

static bool is_power_of_65537(unsigned value, unsigned prime)
{
    unsigned power = 1;

    do {
        if (power == value)
            return true;
        power = power * (65537 % prime) % prime;
    } while (power != 1);
    return false;
}

/* The keys of CVE-2017-15361 can be factored. Their modulus is a power of 65537 for each of these primes; of other moduli one in two
 * hundred million is. */
static bool is_factorable(gate_str n)
{
    static const unsigned primes[] = {11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};

    for (size_t i = 0; i < sizeof primes / sizeof primes[0]; i++)
        if (!is_power_of_65537(remainder_of(n, primes[i]), primes[i]))
            return false;
    return true;
}

/* libcrypto imports any numbers: with e = 1 every signature could be made by anybody, a large e makes verifying a hundred times
 * slower, and so does a large n. */
static bool numbers_are_good(gate_str n, gate_str e)
{
    if (!is_odd_minimal(n) || n.len < MODULUS_MIN || n.len > MODULUS_MAX ||
        (n.len == MODULUS_MIN && byte_at(n, 0) < 0x80))
        return false;
    if (!is_odd_minimal(e) || e.len > EXPONENT_MAX || (e.len == 1 && byte_at(e, 0) == 1))
        return false;
    return !is_factorable(n);
}

static void set_algs(jwk *key, size_t modulus_size)
{
    key->algs = ALG_RSA;
    key->signature_size = modulus_size;
}

bool jwk_rsa_read(arena *a, const json *node, bool own, jwk *key)
{
    size_t count = own ? NUMBERS_OWN : NUMBERS_PUBLIC;
    OSSL_PARAM params[NUMBERS_OWN + 1];
    gate_str numbers[NUMBERS_OWN];

    if (json_find(node, STR("oth"))) /* more than two primes */
        return false;
    for (size_t i = 0; i < count; i++)
        if (!jwk_bytes(a, node, NUMBERS[i].member, NUMBERS[i].max, &numbers[i]) ||
            !jwk_number(a, NUMBERS[i].param, numbers[i], &params[i]))
            return false;
    params[count] = OSSL_PARAM_construct_end();
    set_algs(key, numbers[0].len);
    return numbers_are_good(numbers[0], numbers[1]) && jwk_import("RSA", params, own, key);
}

/* A number of a key, big-endian. */
static bool get_number(arena *a, const EVP_PKEY *key, const char *param, gate_str *bytes)
{
    BIGNUM *number = NULL;
    unsigned char *out = NULL;

    if (EVP_PKEY_get_bn_param(key, param, &number) == 1) {
        bytes->len = (size_t)BN_num_bytes(number);
        out = arena_alloc(a, bytes->len);
        bytes->ptr = (char *)out;
        if (out)
            BN_bn2bin(number, out);
    }
    BN_clear_free(number);
    return out != NULL;
}

bool jwk_rsa_accept(arena *a, jwk *key)
{
    gate_str n, e;
    bool good;

    ERR_set_mark();
    good = get_number(a, key->key, OSSL_PKEY_PARAM_RSA_N, &n) && get_number(a, key->key, OSSL_PKEY_PARAM_RSA_E, &e) &&
           numbers_are_good(n, e);
    ERR_pop_to_mark();
    if (good)
        set_algs(key, n.len);
    return good;
}
