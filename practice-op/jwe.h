/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_JWE_H
#define PRACTICE_JWE_H

#include "issuer.h"
#include "options.h"

/* What is encrypted to the client, once it is signed: the word of a row that says how, and the sites of a fault that it has. */
typedef struct jwe_sites {
    const char *word;
    fault_site header, plain, jwe;
} jwe_sites;

extern const jwe_sites JWE_ID_TOKEN, JWE_USERINFO;

/* "RSA-OAEP-256 A128CBC-HS256": how this issuer encrypts, or NULL where it does not. */
const char *jwe_agreed(const issuer *is, const jwe_sites *sites);

/*
 * Appends the signed token, encrypted where the issuer encrypts, edited by its fault. RSA wants the client's encryption key, the symmetric
 * algorithms its secret (OIDC Core 10.2); a client without gets the token as it is.
 */
void jwe_write(text *out, const issuer *is, const jwe_sites *sites, const options_client *client, const text *token);

#endif
