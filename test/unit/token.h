/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and tokens for the tests of src/jose, good ones and wrong ones. */
#ifndef GATE_TEST_TOKEN_H
#define GATE_TEST_TOKEN_H

#include "jose/jws.h"
#include "unit.h"

typedef enum { KEY_RSA, KEY_RSA_OTHER, KEY_P256, KEY_P384, KEY_P521, KEY_ED25519, KEY_ED448, KEY_COUNT } key_name;

/* Our own key, with its private part; made at the first call, kept until the process ends. */
const jwk *token_key(key_name name);

/* {MEMBERS,"kty":...} with the public part alone. `members` is JSON text without braces, "" for none. */
gate_str token_public(arena *a, key_name name, const char *members);
gate_str token_private(arena *a, key_name name);

/* {"keys":[...]} of JWK texts; ends at a NULL argument (pointers to gate_str). */
gate_str token_set(arena *a, ...);

/* base64url of a text. */
gate_str token_segment(arena *a, gate_str bytes);

/* HEADER.PAYLOAD.SIGNATURE of raw texts, signed with `alg` whatever the header says. */
gate_str token_make(arena *a, key_name name, alg_set alg, const char *header, const char *payload);
gate_str token_make_with(arena *a, const jwk *key, alg_set alg, gate_str header, gate_str payload);

/* The same, of a header segment and a payload segment that are encoded already, however badly. */
gate_str token_sign_segments(arena *a, const jwk *key, alg_set alg, gate_str header, gate_str payload);

/* HEADER.PAYLOAD.SIGNATURE of raw texts and any bytes for a signature. */
gate_str token_raw(arena *a, const char *header, const char *payload, gate_str signature);

/* Every alg that a key set may be asked for. */
#define TOKEN_ALGS (ALG_RSA | ALG_EC | ALG_ED)

/* Reads the token and verifies it with the public part of the key, as an endpoint does. REFUSAL_none when it is good. */
refusal token_check(arena *a, gate_str token, alg_set allowed, key_name name);

/* Reads and verifies with a set. */
refusal token_check_set(arena *a, gate_str token, alg_set allowed, gate_str set);

/* A token that is good: RS256, KEY_RSA. */
gate_str token_good(arena *a);

#endif
