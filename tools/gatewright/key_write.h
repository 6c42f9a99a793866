/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of every type written as JWK, for signatures and for encryption, and their thumbprints. */
#ifndef TOOL_KEY_WRITE_H
#define TOOL_KEY_WRITE_H

#include "base/json.h"

#include <openssl/evp.h>

/* The members of the key's type in the order of RFC 7638; with `own` the private ones behind them. */
bool key_write_members(text *t, const EVP_PKEY *key, bool own);

/* True for the type whose members say the alg already (AKP, RFC 9964 section 3). */
bool key_write_says_alg(const EVP_PKEY *key);

/* RFC 7638: SHA-256 over the public members, base64url. False for a symmetric key (NULL): the hash of a secret is not for showing
 * (RFC 7638 section 7). */
bool key_write_thumbprint(arena *a, const EVP_PKEY *key, gate_str *thumbprint);

/* "k" and "kty" of a symmetric key. */
void key_write_octets(text *t, gate_str octets);

/* What people call its size: bits of the modulus, of the curve, or of the secret. */
int key_write_bits(const EVP_PKEY *key, gate_str octets);

#endif
