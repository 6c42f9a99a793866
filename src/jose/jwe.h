/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encrypted tokens in compact form (RFC 7516): read strictly, decrypted, made. The JSON serialization, RSA1_5, PBES2 and zip are not
 * implemented, on purpose.
 *
 * Decryption is not authentication: anybody can encrypt to a public key. What comes out of jwe_decrypt is to be believed only when it
 * is a signed token (jws.h) whose signature is then verified (RFC 7519 section 11.2).
 */
#ifndef GATE_JWE_H
#define GATE_JWE_H

#include "../option/refusal.h"
#include "jwe_key.h"

enum { JWE_SIZE_MAX = 32 * 1024, JWE_TRY_MAX = 4 };

typedef struct jwe {
    gate_str aad;           /* the header as received */
    gate_str encrypted_key; /* decoded; may be empty */
    gate_str iv;
    gate_str ciphertext;
    gate_str tag;
    jwe_alg_set alg; /* one bit */
    jwe_enc_set enc; /* one bit */
    gate_str kid;    /* ptr NULL: none */
    gate_str typ;    /* ptr NULL: none */
    bool is_nested;  /* cty says that the content is a JWT (RFC 7519 section 5.2) */
    const json *header;
} jwe;

/* True when the text has the five segments of an encrypted token rather than the three of a signed one. */
bool jwe_is_one(gate_str token);

/*
 * Reads without decrypting. Exactly five segments, strict base64url, the header a strict JSON object, alg one of `algs` and enc one of
 * `encs`; crit and zip are refused; iv and tag have their exact sizes; dir and ECDH-ES have no encrypted key, the others one.
 * False with *why: jwe_malformed, jwe_alg, jwe_crit, internal.
 */
bool jwe_read(arena *a, gate_str token, jwe_alg_set algs, jwe_enc_set encs, jwe *out, refusal *why);

/*
 * Decrypts with those of the keys that have the token's alg and, where both name one, its kid; at most JWE_TRY_MAX of them. The
 * plaintext lies in the arena. False with *why: jwe_key_unknown, internal, or jwe_decrypt for everything else, whatever it was.
 */
bool jwe_decrypt(arena *a, const jwe *token, const jwe_key *keys, size_t count, gate_str *plain, refusal *why);

/* Appends a token to `out`. Header: alg, enc, kid where the key has one, typ and cty where not empty. */
bool jwe_encrypt(arena *a, text *out, const jwe_key *key, jwe_enc_set enc, gate_str typ, gate_str cty, gate_str plain);

#endif
