/* SPDX-License-Identifier: Apache-2.0 */
/* One GET over the hosts' fetch driver, waited for. */
#ifndef TOOL_FETCH_WAIT_H
#define TOOL_FETCH_WAIT_H

#include "tool.h"

/* The body of a 200 answer, in t's memory. False after having said on standard error why there is none. Redirects are not followed. */
bool fetch_wait(tool *t, gate_str address, gate_str *body);

/* A provider's own statement about itself, and its keys; either may have been refused (then *why). Says I/O trouble itself. */
typedef struct provider_found {
    gate_str document; /* the metadata */
    gate_str jwks_uri;
    gate_str keys; /* the key set's document; ptr NULL when it was not fetched */
} provider_found;

tool_exit fetch_provider(tool *t, gate_str issuer, provider_found *found, refusal *why);

#endif
