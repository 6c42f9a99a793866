/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_ID_TOKEN_H
#define PRACTICE_ID_TOKEN_H

#include "grant.h"

/* OIDC Core 2, 3.1.3.6; with `refreshed`, 12.2. */
void id_token_write(text *out, const issuer *is, const grant *g, const char *access_token, bool refreshed);

/* A logout token for a grant's session (Back-Channel Logout 1.0 section 2.4). */
void id_token_write_logout(text *out, const issuer *is, const grant *g);

#endif
