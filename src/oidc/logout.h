/* SPDX-License-Identifier: Apache-2.0 */
/* RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0). */
#ifndef GATE_LOGOUT_H
#define GATE_LOGOUT_H

#include "../base/text.h"

enum { LOGOUT_URL_MAX = 16 * 1024 };

typedef struct logout_request {
    gate_str endpoint;
    gate_str client_id;
    gate_str id_token_hint;            /* empty: none */
    gate_str post_logout_redirect_uri; /* empty: none */
    gate_str state;                    /* empty: none */
} logout_request;

/* The URL that the browser is sent to. */
void logout_request_write(text *t, const logout_request *r);

#endif
