/* SPDX-License-Identifier: Apache-2.0 */
/* ML-DSA (FIPS 204) as keys of the type AKP (RFC 9964), where libcrypto has it: its release 3.5 and later. */
#include "jwk_kinds.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

enum { SEED_SIZE = 32 };

/* libcrypto's name for the private seed; older releases have no constant for it. */
#define PARAM_SEED "seed"

typedef struct lattice {
    const char *name; /* of the alg, and libcrypto's for the type */
    alg_set alg;
    size_t public_size, signature_size; /* FIPS 204 table 2 */
} lattice;

static const lattice LATTICES[] = {
    {"ML-DSA-44", ALG_ML_DSA_44, 1312, 2420},
    {"ML-DSA-65", ALG_ML_DSA_65, 1952, 3309},
    {"ML-DSA-87", ALG_ML_DSA_87, 2592, 4627},
};

enum { LATTICE_COUNT = sizeof LATTICES / sizeof LATTICES[0] };

static void set_algs(jwk *key, const lattice *l)
{
    key->algs = l->alg;
    key->signature_size = l->signature_size;
}

/* RFC 9964 section 3: alg must be there, and says which set of parameters the key belongs to. */
static const lattice *lattice_find(const json *node)
{
    for (size_t i = 0; i < LATTICE_COUNT; i++)
        if (json_is_string(json_find(node, STR("alg")), str_of(LATTICES[i].name)))
            return &LATTICES[i];
    return NULL;
}

bool jwk_akp_read(arena *a, const json *node, bool own, jwk *key)
{
    const lattice *l = lattice_find(node);
    OSSL_PARAM params[3];
    gate_str pub, seed;

    if (!l || !jwk_bytes(a, node, "pub", l->public_size, &pub) || pub.len != l->public_size)
        return false;
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)pub.ptr, pub.len);
    params[1] = OSSL_PARAM_construct_end();
    params[2] = OSSL_PARAM_construct_end();
    if (own) {
        if (!jwk_bytes(a, node, "priv", SEED_SIZE, &seed) || seed.len != SEED_SIZE)
            return false;
        params[1] = OSSL_PARAM_construct_octet_string(PARAM_SEED, (void *)seed.ptr, seed.len);
    }
    set_algs(key, l);
    return jwk_import(l->name, params, own, key);
}

bool jwk_akp_accept(jwk *key)
{
    for (size_t i = 0; i < LATTICE_COUNT; i++) {
        if (EVP_PKEY_is_a(key->key, LATTICES[i].name)) {
            set_algs(key, &LATTICES[i]);
            return true;
        }
    }
    return false;
}
