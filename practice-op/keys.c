/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include "jwk.h"
#include <openssl/core_names.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GENERATIONS = 8 };

typedef struct maker {
    const char *type, *group, *name, *alg;
    unsigned bits, exponent;
} maker;

static const maker MAKERS[KEYS_ROLES] = {
    [KEYS_RS256] = {"RSA", NULL, "rs256", "RS256", 2048, 65537},
    [KEYS_PS256] = {"RSA", NULL, "ps256", "PS256", 2048, 65537},
    [KEYS_ES256] = {"EC", "P-256", "es256", "ES256", 0, 0},
    [KEYS_EDDSA] = {"ED25519", NULL, "eddsa", "EdDSA", 0, 0},
    [KEYS_ENCRYPT] = {"RSA", NULL, "enc", "RSA-OAEP-256", 2048, 65537},
    [KEYS_STRANGER_RSA] = {"RSA", NULL, "stranger", "RS256", 2048, 65537},
    [KEYS_STRANGER_EC] = {"EC", "P-256", "stranger", "ES256", 0, 0},
    [KEYS_STRANGER_ED25519] = {"ED25519", NULL, "stranger", "EdDSA", 0, 0},
    [KEYS_RSA_1024] = {"RSA", NULL, "rsa1024", "RS256", 1024, 65537},
    [KEYS_RSA_E3] = {"RSA", NULL, "e3", "RS256", 2048, 3},
    [KEYS_P384] = {"EC", "P-384", "p384", "ES384", 0, 0},
    [KEYS_X25519] = {"X25519", NULL, "x25519", "ECDH-ES", 0, 0},
    [KEYS_ED448] = {"ED448", NULL, "ed448", "EdDSA", 0, 0},
};

static EVP_PKEY *pool[KEYS_ROLES][GENERATIONS];

static EVP_PKEY *make_pair(const maker *m)
{
    unsigned bits = m->bits, exponent = m->exponent;
    OSSL_PARAM params[3], *p = params;
    if (m->group != NULL)
        *p++ = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)m->group, 0);
    if (bits > 0) {
        *p++ = OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits);
        *p++ = OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &exponent);
    }
    *p = OSSL_PARAM_construct_end();
    EVP_PKEY *pair = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, m->type, NULL);
    if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_CTX_set_params(ctx, params) != 1 ||
        EVP_PKEY_generate(ctx, &pair) != 1) {
        fprintf(stderr, "practice-op: cannot make a key of type %s\n", m->type);
        exit(1);
    }
    EVP_PKEY_CTX_free(ctx);
    return pair;
}

EVP_PKEY *keys_pair(keys_role role, unsigned generation)
{
    EVP_PKEY **slot = &pool[role][role < KEYS_SIGNING ? generation % GENERATIONS : 0];
    if (*slot == NULL)
        *slot = make_pair(&MAKERS[role]);
    return *slot;
}

void keys_close(void)
{
    for (size_t role = 0; role < KEYS_ROLES; role++) {
        for (size_t i = 0; i < GENERATIONS; i++)
            EVP_PKEY_free(pool[role][i]);
    }
}

keys_role keys_role_of(const char *alg)
{
    for (keys_role role = KEYS_RS256; role < KEYS_SIGNING; role++) {
        if (strcmp(MAKERS[role].alg, alg) == 0)
            return role;
    }
    return strcmp(alg, "Ed25519") == 0 ? KEYS_EDDSA : KEYS_RS256;
}

const char *keys_alg_of(keys_role role)
{
    return MAKERS[role].alg;
}

const char *keys_kid(arena *home, keys_role role, unsigned generation)
{
    return text_of(home, "%s-%u", MAKERS[role].name, generation);
}

members keys_jwk(arena *home, keys_role role, unsigned generation)
{
    members jwk = members_open(home);
    bool signs = role != KEYS_ENCRYPT && role != KEYS_X25519;
    jwk_write(&jwk, keys_pair(role, generation));
    members_put(&jwk, "use", signs ? "\"sig\"" : "\"enc\"");
    members_put_string(&jwk, "alg", MAKERS[role].alg);
    members_put_string(&jwk, "kid", keys_kid(home, role, generation));
    return jwk;
}
