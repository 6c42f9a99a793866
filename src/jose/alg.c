/* SPDX-License-Identifier: Apache-2.0 */
#include "alg.h"

typedef struct alg_entry {
    gate_str name;
    const char *digest;
    size_t digest_size;
} alg_entry;

/* In the order of the bits. at_hash with Ed25519 takes the hash that Ed25519 itself uses; Ed448's is SHAKE256, which nobody sends. */
static const alg_entry TABLE[] = {
    {STR_INIT("RS256"), "SHA256", 32},  {STR_INIT("RS384"), "SHA384", 48}, {STR_INIT("RS512"), "SHA512", 64},
    {STR_INIT("PS256"), "SHA256", 32},  {STR_INIT("PS384"), "SHA384", 48}, {STR_INIT("PS512"), "SHA512", 64},
    {STR_INIT("ES256"), "SHA256", 32},  {STR_INIT("ES384"), "SHA384", 48}, {STR_INIT("ES512"), "SHA512", 64},
    {STR_INIT("ES256K"), "SHA256", 32}, {STR_INIT("EdDSA"), "SHA512", 64}, {STR_INIT("Ed25519"), "SHA512", 64},
    {STR_INIT("Ed448"), NULL, 0},       {STR_INIT("HS256"), "SHA256", 32}, {STR_INIT("HS384"), "SHA384", 48},
    {STR_INIT("HS512"), "SHA512", 64},  {STR_INIT("ML-DSA-44"), NULL, 0},  {STR_INIT("ML-DSA-65"), NULL, 0},
    {STR_INIT("ML-DSA-87"), NULL, 0},
};

enum { ALG_COUNT = sizeof TABLE / sizeof TABLE[0] };

alg_set alg_read(gate_str name)
{
    for (size_t i = 0; i < ALG_COUNT; i++)
        if (str_equal(TABLE[i].name, name))
            return (alg_set)1 << i;
    return 0;
}

static const alg_entry *entry_find(alg_set one)
{
    static const alg_entry none = {STR_INIT(""), NULL, 0};

    for (size_t i = 0; i < ALG_COUNT; i++)
        if (one == (alg_set)1 << i)
            return &TABLE[i];
    return &none;
}

gate_str alg_name(alg_set one)
{
    return entry_find(one)->name;
}

const char *alg_digest(alg_set one)
{
    return entry_find(one)->digest;
}

size_t alg_digest_size(alg_set one)
{
    return entry_find(one)->digest_size;
}

bool alg_read_set(gate_str words, alg_set *set)
{
    gate_str word;

    *set = 0;
    while (str_word(&words, &word)) {
        alg_set one = alg_read(word);
        if (!one)
            return false;
        *set |= one;
    }
    return *set != 0;
}
