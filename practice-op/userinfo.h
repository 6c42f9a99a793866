/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_USERINFO_H
#define PRACTICE_USERINFO_H

#include "issuer.h"

/* The UserInfo endpoint (OIDC Core 5.3): JSON, or a JWT when the client accepts application/jwt or the issuer insists. */
void userinfo_answer(issuer *is, http_request *rq, http_reply *rp);

/* The source of distributed claims (OIDC Core 5.6.2): a JWT. */
void userinfo_answer_distributed(issuer *is, http_request *rq, http_reply *rp);

#endif
