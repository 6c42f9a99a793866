/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_MINT_H
#define PRACTICE_MINT_H

#include "http.h"
#include "issuer.h"

/*
 * Tokens to order, for tests of a service that takes bearer tokens. Parameters of the form, none of them needed:
 *   claims  a JSON object over the usual claims of an access token; null takes one away
 *   header  the same for the JOSE header
 *   opaque  any value: an opaque token, which introspection knows by these claims
 *   sign    how an attacker would sign: see oddsig.h
 *   break   how the signature is damaged: see oddsig.h
 * The token is the answer. False when a parameter cannot be read.
 */
bool mint_answer(issuer *is, const http_request *rq, http_reply *rp);

/* `token`: introspection says from now on that it is not active. False when it was not minted here, or is a JWT. */
bool mint_revoke(issuer *is, const http_request *rq, http_reply *rp);

/* The claims of a minted token, opaque or a JWT with a good signature, that has not expired. */
bool mint_find(const issuer *is, const char *token, members *claims);

#endif
