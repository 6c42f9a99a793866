/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed text: JWE in compact form, alg "dir", enc "A256GCM" (RFC 7516, RFC 7518 4.5 and 5.3), with keys of our own. This is for what
 * we wrote ourselves (cookies); nothing here decrypts a provider's token.
 */
#ifndef GATE_JWE_H
#define GATE_JWE_H

#include "../base/json.h"
#include "crypto.h"

typedef struct jwe_key {
    unsigned char bytes[SEAL_KEY_SIZE];
} jwe_key;

/* Appends the sealed text. `members`: further members of the protected header as JSON text (",\"iat\":1"), or empty. `iv` is fresh
 * randomness for each text. */
bool jwe_seal(arena *a, crypto *c, text *out, const jwe_key *key, const unsigned char iv[SEAL_IV_SIZE], gate_str members, gate_str plain);

/* Tries the keys in turn. False when the text is malformed, has another alg or enc, any crit or zip, or no key opens it. */
bool jwe_open(arena *a, crypto *c, gate_str sealed, const jwe_key *keys, size_t key_count, const json **header, gate_str *plain);

#endif
