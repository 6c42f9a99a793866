/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys of every type, for signatures and for encryption, written as JWK for others. Private parts are never written here. */
#ifndef GATE_JWK_WRITE_H
#define GATE_JWK_WRITE_H

#include "../base/text.h"
#include "jwk.h"

/* The public members of the key's type, in the order of RFC 7638. RSA, EC, OKP and AKP keys. */
bool jwk_write_members(text *t, const EVP_PKEY *key);

/* True for the type whose members say the alg already (AKP, RFC 9964 section 3). */
bool jwk_write_says_alg(const EVP_PKEY *key);

/* A whole JWK (RFC 7517) of a key that signs: its members, kid where it has one, use, and the given alg. */
bool jwk_write_public(text *t, const jwk *key, alg_set alg);

/* RFC 7638: SHA-256 over the public members, base64url. False for a symmetric key (NULL): the hash of a secret is not for showing
 * (RFC 7638 section 7). */
bool jwk_thumbprint(arena *a, const EVP_PKEY *key, gate_str *thumbprint);

#endif
