/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and encrypted tokens for the tests, good ones and wrong ones. */
#ifndef GATE_TEST_JWE_TOKEN_H
#define GATE_TEST_JWE_TOKEN_H

#include "jose/jwe.h"
#include "unit.h"

/* Our own key for this alg, made at the first call and kept until the process ends; ECDH on P-256. */
const jwe_key *jwe_token_key(jwe_alg_set alg);

/* Reads a key of our own; the test fails when it cannot be used. The caller drops it. */
jwe_key jwe_token_read_key(arena *a, gate_str document, const char *alg);

/* HEADER.KEY.IV.CIPHERTEXT.TAG of a raw header text, an encrypted key as bytes, and a content key that is used as it is. */
gate_str jwe_token_make(arena *a, const char *header, gate_str encrypted_key, gate_str cek, jwe_enc_set enc,
                        const char *plain);

/* A good token for a key, by jwe_encrypt. */
gate_str jwe_token_good(arena *a, const jwe_key *key, jwe_enc_set enc, const char *plain);

/* The token with one of its five segments replaced. */
gate_str jwe_token_with(arena *a, gate_str token, size_t segment, gate_str text);
gate_str jwe_token_segment(gate_str token, size_t segment);

/* Reads and decrypts with one key, everything allowed. REFUSAL_none when it is good; then *plain. */
refusal jwe_token_open(arena *a, gate_str token, const jwe_key *key, gate_str *plain);
refusal jwe_token_check(arena *a, gate_str token, const jwe_key *key);

#endif
