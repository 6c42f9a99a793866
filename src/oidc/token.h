/* SPDX-License-Identifier: Apache-2.0 */
/* The token request and response of the code flow (OpenID Connect Core 3.1.3). */
#ifndef GATE_TOKEN_H
#define GATE_TOKEN_H

#include "../base/header.h"
#include "../option/refusal.h"
#include "client.h"

enum { TOKEN_RESPONSE_MAX = 256 * 1024 };

typedef struct token_request {
    gate_str endpoint;
    gate_str code;
    gate_str redirect_uri;
    gate_str code_verifier; /* empty: no PKCE */
    gate_str unique;        /* fresh randomness for a client assertion */
    int64_t now;
} token_request;

/* The POST's body and headers. */
bool token_request_write(arena *a, const client *c, const token_request *r, gate_str *body, header_list *headers);

typedef struct token_response {
    gate_str access_token;
    gate_str id_token;
    gate_str refresh_token;     /* ptr NULL: none */
    gate_str scope;             /* ptr NULL: as requested */
    int64_t expires_in;         /* seconds; negative: not said */
    gate_str error;             /* the provider's word where *why is token_error or client_refused; from outside */
    gate_str error_description; /* likewise */
    gate_str error_uri;         /* likewise */
} token_response;

/* False with *why: token_malformed, token_error, client_refused, token_type, id_token_missing. Strings point into `body` or the arena. */
bool token_response_read(arena *a, unsigned status, gate_str body, token_response *r, refusal *why);

#endif
