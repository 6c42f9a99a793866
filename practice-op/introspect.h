/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_INTROSPECT_H
#define PRACTICE_INTROSPECT_H

#include "http.h"
#include "issuer.h"

/*
 * What a token is worth (RFC 7662), for a client that proves who it is: JSON, or a signed JWT where Accept asks for one (RFC 9701). An
 * issuer with ~phantom in its label adds `jwt`, a JWT access token with the same claims.
 */
void introspect_answer(issuer *is, http_request *rq, http_reply *rp);

#endif
