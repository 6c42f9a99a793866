/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_JWT_H
#define PRACTICE_JWT_H

#include "issuer.h"
#include "options.h"

/* The three sites of a fault that a kind of token has. */
typedef struct jwt_sites {
    fault_site header, claims, jws;
} jwt_sites;

extern const jwt_sites JWT_ID_TOKEN, JWT_USERINFO, JWT_LOGOUT_TOKEN, JWT_INTROSPECTION, JWT_ACCESS_TOKEN;

/*
 * Signs claims with the issuer's algorithm, edited by its fault. `known` are the words of templates besides those of
 * issuer_known; the client's secret is for faults that make a MAC with it. `typ` may be NULL.
 */
void jwt_write(text *out, const issuer *is, const jwt_sites *sites, const char *typ, members *claims,
               const members *known, const options_client *client);

/* The payload of a compact JWS that the key verifies, or NULL with the reason. The caller drops the reference. */
json_t *jwt_read(arena *home, const char *token, EVP_PKEY *key, const char **why);

#endif
