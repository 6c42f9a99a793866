/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that the provider signs and then encrypts to us: ID Tokens, userinfo, access tokens (OIDC Core 10.2, RFC 7519 section 5.2).
 * Decryption is no authentication: what was encrypted must be a signed token, which is then verified like any other.
 */
#ifndef GATE_ENCRYPTION_H
#define GATE_ENCRYPTION_H

#include "../jose/jwe.h"

/* What was agreed for one kind of token. Const from gate_open on. */
typedef struct encryption {
    jwe_alg_set alg; /* one bit; 0: tokens of this kind are signed alone */
    jwe_enc_set enc; /* one bit */
    jwe_key *keys;
    size_t count;
} encryption;

/*
 * *inner is the signed token that is to be verified: the plaintext where encryption was agreed, else `token` itself. What is encrypted
 * against the agreement is refused, and so is what is not; alg and enc are compared before any key is touched.
 * False with *why: jwe_missing, jwe_unexpected, jwe_nested, or a refusal of jwe.h.
 */
bool encryption_open(arena *a, const encryption *e, gate_str token, gate_str *inner, refusal *why);

/* OIDC Core 10.2: a key for symmetric algorithms is the left part of a SHA-2 digest of the client secret. The octets lie in the arena.
 * False when memory is short, or alg wants no symmetric key. */
bool encryption_secret_key(arena *a, gate_str client_secret, jwe_alg_set alg, jwe_enc_set enc, jwe_key *key);

#endif
