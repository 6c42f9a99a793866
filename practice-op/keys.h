/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_KEYS_H
#define PRACTICE_KEYS_H

#include "members.h"
#include <openssl/evp.h>

/* What a key pair is for. All issuers of one generation share their pairs; each pair is made when first asked for. */
typedef enum keys_role {
    KEYS_RS256,
    KEYS_PS256,
    KEYS_ES256,
    KEYS_EDDSA,
    KEYS_SIGNING, /* the roles before this one are published to sign with */
    KEYS_ENCRYPT = KEYS_SIGNING,
    KEYS_STRANGER_RSA, /* never published */
    KEYS_STRANGER_EC,
    KEYS_STRANGER_ED25519,
    KEYS_RSA_1024,
    KEYS_RSA_E3,
    KEYS_P384,
    KEYS_X25519,
    KEYS_ED448,
    KEYS_ROLES
} keys_role;

/* The pair lives until keys_close. Call with the world locked. */
EVP_PKEY *keys_pair(keys_role role, unsigned generation);
void keys_close(void);

/* The role that signs with a JWS algorithm. */
keys_role keys_role_of(const char *alg);
const char *keys_alg_of(keys_role role);

/* "rs256-0": role and generation. */
const char *keys_kid(arena *home, keys_role role, unsigned generation);

/* kty, public members, use, alg and kid. */
members keys_jwk(arena *home, keys_role role, unsigned generation);

#endif
