/* SPDX-License-Identifier: Apache-2.0 */
/* The authorization request and response (OpenID Connect Core 3.1.2, RFC 6749 4.1, RFC 7636, RFC 9207). */
#ifndef GATE_AUTHORIZATION_H
#define GATE_AUTHORIZATION_H

#include "../base/form.h"
#include "../option/refusal.h"

enum { AUTHORIZATION_URL_MAX = 16 * 1024 };

typedef struct authorization_request {
    gate_str endpoint;
    gate_str client_id;
    gate_str redirect_uri;
    gate_str scope;
    gate_str state;
    gate_str nonce;          /* empty: none */
    gate_str code_challenge; /* empty: no PKCE */
    gate_str response_mode;  /* empty: the default, query */
    gate_str acr_values;     /* empty: none */
    int64_t max_age;         /* seconds; negative: none */
    gate_str extra;          /* form-encoded, checked by authorization_extra_is_good; may be empty */
} authorization_request;

/* The URL that the browser is sent to. */
void authorization_request_write(text *t, const authorization_request *r);

/* True for a parameter that the request sets itself. */
bool authorization_is_own(gate_str name);

/* False when `extra` cannot be read or names a parameter that the request sets itself. */
bool authorization_extra_is_good(arena *a, gate_str extra);

typedef struct authorization_response {
    gate_str state;
    gate_str iss;               /* ptr NULL: absent */
    gate_str code;              /* ptr NULL: absent */
    gate_str error;             /* ptr NULL: absent */
    gate_str error_description; /* from outside: never shown, logged escaped */
    gate_str error_uri;         /* likewise */
} authorization_response;

/* False with *why: response_duplicate, state_missing, internal. Code and error are judged later, when the response is known to be ours. */
bool authorization_response_read(const form *fields, authorization_response *r, refusal *why);

/* RFC 9207 2.4: iss, where present or promised, is the issuer. */
bool authorization_response_check_iss(const authorization_response *r, gate_str issuer, bool promised, refusal *why);

#endif
