/* SPDX-License-Identifier: Apache-2.0 */
#include "jwe_alg.h"

typedef struct jwe_alg_entry {
    gate_str name;
    size_t wrap_size;
} jwe_alg_entry;

/* In the order of the bits. */
static const jwe_alg_entry TABLE[] = {
    {STR_INIT("RSA-OAEP"), 0},
    {STR_INIT("RSA-OAEP-256"), 0},
    {STR_INIT("ECDH-ES"), 0},
    {STR_INIT("ECDH-ES+A128KW"), 16},
    {STR_INIT("ECDH-ES+A192KW"), 24},
    {STR_INIT("ECDH-ES+A256KW"), 32},
    {STR_INIT("A128KW"), 16},
    {STR_INIT("A192KW"), 24},
    {STR_INIT("A256KW"), 32},
    {STR_INIT("A128GCMKW"), 16},
    {STR_INIT("A192GCMKW"), 24},
    {STR_INIT("A256GCMKW"), 32},
    {STR_INIT("dir"), 0},
};

enum { COUNT = sizeof TABLE / sizeof TABLE[0] };

jwe_alg_set jwe_alg_read(gate_str name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (str_equal(TABLE[i].name, name))
            return (jwe_alg_set)1 << i;
    return 0;
}

static const jwe_alg_entry *entry_find(jwe_alg_set one)
{
    static const jwe_alg_entry none = {STR_INIT(""), 0};

    for (size_t i = 0; i < COUNT; i++)
        if (one == (jwe_alg_set)1 << i)
            return &TABLE[i];
    return &none;
}

gate_str jwe_alg_name(jwe_alg_set one)
{
    return entry_find(one)->name;
}

size_t jwe_alg_wrap_size(jwe_alg_set one)
{
    return entry_find(one)->wrap_size;
}

bool jwe_alg_is_direct(jwe_alg_set one)
{
    return one == JWE_DIR || one == JWE_ECDH_ES;
}

bool jwe_alg_read_set(gate_str words, jwe_alg_set *set)
{
    gate_str word;

    *set = 0;
    while (str_word(&words, &word)) {
        jwe_alg_set one = jwe_alg_read(word);
        if (!one)
            return false;
        *set |= one;
    }
    return *set != 0;
}
