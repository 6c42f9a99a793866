/* SPDX-License-Identifier: Apache-2.0 */
/* Sends the browser to tx->provider, remembering where it wanted to go. */
#ifndef GATE_LOGIN_H
#define GATE_LOGIN_H

#include "tx.h"

/* `target`: path and query on our own origin. */
const gate_need *login_begin(gate_tx *tx, gate_str target);

/* What an application asks for in place of what is configured. */
typedef struct login_terms {
    gate_str scope;
    gate_str acr_values; /* empty: as configured */
    int64_t max_age;     /* negative: as configured */
    gate_str extra;      /* form-encoded; may be empty */
    gate_str note;
} login_terms;

const gate_need *login_begin_on(gate_tx *tx, gate_str target, const login_terms *terms);

/* The cookie that counts sign-ins in a row. A browser that does not keep the session cookie would be sent around for ever. */
bool login_trail_write(gate_tx *tx, int64_t round); /* 0 removes it */

/* The address that the provider sends the browser back to. */
bool login_redirect_uri(gate_tx *tx, gate_str *redirect_uri);

#endif
