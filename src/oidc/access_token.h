/* SPDX-License-Identifier: Apache-2.0 */
/* The checks on a bearer token that is a JWT whose signature was verified (RFC 9068 section 4), or whose claims introspection gave. */
#ifndef GATE_ACCESS_TOKEN_H
#define GATE_ACCESS_TOKEN_H

#include "../jose/claims.h"
#include "../jose/jws.h"
#include "client.h"

/* The kinds of token that a rule accepts, as a set. */
typedef unsigned token_kinds;
enum {
    TOKEN_AT_JWT = 1 << 0,   /* RFC 9068: typ at+jwt and all that it demands */
    TOKEN_JWT = 1 << 1,      /* a JWT access token of a provider that does not follow RFC 9068 */
    TOKEN_ID_TOKEN = 1 << 2, /* an ID Token used as bearer token */
    TOKEN_OPAQUE = 1 << 3    /* by introspection */
};

bool token_kinds_read(gate_str words, token_kinds *kinds);

typedef struct access_demand {
    gate_str audiences; /* words; one of them must be named */
    token_kinds kinds;
    int64_t now;
} access_demand;

/* False with *why: jwt_type, token_claims, token_iss, token_aud, token_exp, token_nbf, token_bound, id_token_azp. */
bool access_token_check(const client *c, const jws *token, const claims *t, const access_demand *demand, refusal *why);

/* The same for what introspection answered, where iss and exp may be absent: the provider has said that the token is active. */
bool access_token_check_introspected(const client *c, const claims *t, const access_demand *demand, refusal *why);

/* Does the token carry each of the words? scope as words, scp as words or array, scope as array. */
bool access_token_has_scopes(const json *granted, gate_str scopes);

#endif
