/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by bearer.c, introspect.c and bearer_accept.c only. */
#ifndef GATE_BEARER_TOKEN_H
#define GATE_BEARER_TOKEN_H

#include "../oidc/introspection.h"
#include "tx.h"

typedef struct bearer {
    tx_next next;
    tx_next without;
    gate_str token;
    gate_str signed_token;     /* the same, or what was encrypted in it */
    const provider *opened_by; /* whose key opened it; NULL: it is not encrypted */
    jws jwt;
    claims claims;
    introspection answer;
    refusal refused; /* known from before */
    bool jwt_form;
    gate_str known;     /* the claims' text, from the cache: not read unless somebody asks */
    int64_t known_ends; /* that token's exp, NO_END without one */
    token_span known_span;
    gate_str phantom; /* the JWT that stands for an opaque token; ptr NULL: none */
} bearer;

const gate_need *bearer_refuse(gate_tx *tx, refusal why, gate_str detail);

/* The same, with what the token says where the refusal is about that: its alg, typ, iss, aud or exp. Never the token itself. */
const gate_need *bearer_refuse_told(gate_tx *tx, refusal why);

/* The token's claims are known and good until `expires`: scope, cache, then on. */
const gate_need *bearer_accept(gate_tx *tx, int64_t expires);

/* An opaque token is known to be inactive until `expires`. */
void bearer_remember_inactive(gate_tx *tx, int64_t expires);

/* True when the cache knows the token; what bearer_accept remembered is then there, or it is known to be inactive. */
bool bearer_cached(gate_tx *tx);
const gate_need *bearer_go_on(gate_tx *tx);

const gate_need *opaque_begin(gate_tx *tx);

#endif
