/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_ACCESS_TOKEN_H
#define PRACTICE_ACCESS_TOKEN_H

#include "grant.h"

/* A new access token for a grant, as it goes out: opaque, or a JWT (RFC 9068) where the issuer's label has ~atjwt. */
const char *access_token_add(issuer *is, const http_request *rq, grant *g);

/* The claims of such a token: what it says itself, and what introspection says of it. `id` is its jti. */
members access_token_claims(const issuer *is, const grant *g, const char *id, time_t made, arena *home);

#endif
