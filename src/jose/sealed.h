/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed text: JWE in compact form, alg "dir", enc "A256GCM" (RFC 7516, RFC 7518 4.5 and 5.3), with keys of our own. This is for what
 * we wrote ourselves (cookies); nothing here decrypts a provider's token.
 */
#ifndef GATE_SEALED_H
#define GATE_SEALED_H

#include "../base/json.h"
#include "crypto.h"

typedef struct sealed_key {
    unsigned char bytes[SEAL_KEY_SIZE];
} sealed_key;

/* Appends the sealed text. `members`: further members of the protected header as JSON text (",\"iat\":1"), or empty. `iv` is fresh
 * randomness for each text. */
bool sealed_write(arena *a, crypto *c, text *out, const sealed_key *key, const unsigned char iv[SEAL_IV_SIZE],
                  gate_str members, gate_str plain);

/* Tries the keys in turn. False when the text is malformed, has another alg or enc, any crit or zip, or no key opens it. */
bool sealed_read(arena *a, crypto *c, gate_str sealed, const sealed_key *keys, size_t key_count, const json **header,
                 gate_str *plain);

#endif
