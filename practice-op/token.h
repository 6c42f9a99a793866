/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_TOKEN_H
#define PRACTICE_TOKEN_H

#include "issuer.h"

/* The token endpoint: authorization_code (once) and refresh_token (rotated; a reused one ends its family). */
void token_answer(issuer *is, http_request *rq, http_reply *rp);

#endif
