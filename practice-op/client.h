/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_CLIENT_H
#define PRACTICE_CLIENT_H

#include "issuer.h"
#include "options.h"

/*
 * Who sends a token request: client_secret_basic, client_secret_post, private_key_jwt or none (OIDC Core 9). NULL, with
 * the reply made, when that is not proven. The method goes into the reply's note.
 */
const options_client *client_authenticate(issuer *is, http_request *rq, http_reply *rp);

/* An OAuth error as the token endpoint sends it (RFC 6749 section 5.2). */
void client_reply_error(http_reply *rp, unsigned status, const char *error, const char *description);

#endif
