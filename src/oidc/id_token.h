/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of OpenID Connect Core 3.1.3.7 on an ID Token whose signature was verified. */
#ifndef GATE_ID_TOKEN_H
#define GATE_ID_TOKEN_H

#include "../jose/claims.h"
#include "../jose/jws.h"
#include "client.h"

typedef struct id_token_demand {
    gate_str nonce;        /* empty: none was sent */
    gate_str access_token; /* for at_hash */
    gate_str acr_values;   /* empty: none demanded */
    int64_t max_age;       /* negative: none demanded */
    int64_t now;
} id_token_demand;

/* False with *why, an id_token_... refusal or jwt_type. */
bool id_token_check(const client *c, const jws *token, const claims *t, const id_token_demand *demand, refusal *why);

#endif
