/* SPDX-License-Identifier: Apache-2.0 */
/* Signed tokens in compact form (RFC 7515): read strictly, verified, made. */
#ifndef GATE_JWS_H
#define GATE_JWS_H

#include "../base/json.h"
#include "../option/refusal.h"
#include "alg.h"
#include "keyset.h"

enum { JWS_SIZE_MAX = 16 * 1024 };

typedef struct jws {
    gate_str input;     /* header '.' payload, as received: what the signature covers */
    gate_str payload;   /* decoded from these very bytes */
    gate_str signature; /* decoded */
    alg_set alg;        /* one bit */
    gate_str kid;       /* ptr NULL: none */
    gate_str typ;       /* ptr NULL: none */
    const json *header;
} jws;

/*
 * Reads without verifying. Exactly three segments, strict base64url, the header a strict JSON object, alg one of `allowed`; any crit,
 * b64 or zip is refused; jwk, jku, x5u and x5c are ignored; kid and typ are strings of at most 1 KiB. The payload is not parsed.
 * False with *why: jwt_malformed, jwt_alg, jwt_crit, internal.
 */
bool jws_read(arena *a, gate_str token, alg_set allowed, jws *token_out, refusal *why);

/* Three segments of visible characters, of at most JWS_SIZE_MAX: it may be a signed token. Nothing is decoded. */
bool jws_has_form(gate_str token);

/* One key, one signature: the key must know the alg, the signature have its exact size. */
bool jws_verify(const jws *token, const jwk *key);

/* Finds the key in the set and verifies. False with *why: jwt_key_unknown (the set may be old), jwt_key_ambiguous, jwt_signature. */
bool jws_verify_with_set(const jws *token, const keyset *set, refusal *why);

/* Appends a token to `out`. Header: alg, kid where the key has one, typ where not empty. */
bool jws_sign(arena *a, text *out, const jwk *key, alg_set alg, gate_str typ, gate_str payload);

#endif
