/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_AUTHORIZE_H
#define PRACTICE_AUTHORIZE_H

#include "issuer.h"

/* The authorization endpoint, GET and POST (OIDC Core 3.1.2): code flow, response_mode query or form_post. */
void authorize_answer(issuer *is, http_request *rq, http_reply *rp);

#endif
