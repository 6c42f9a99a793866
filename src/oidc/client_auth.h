/* SPDX-License-Identifier: Apache-2.0 */
/* Client authentication at the provider's endpoints (OpenID Connect Core 9, RFC 6749 2.3.1, RFC 7523). */
#ifndef GATE_CLIENT_AUTH_H
#define GATE_CLIENT_AUTH_H

#include "../base/header.h"
#include "client.h"

/* Adds to the request's form and headers. `unique`: fresh randomness for jti, at least 16 bytes. */
bool client_auth_write(arena *a, const client *c, gate_str token_endpoint, gate_str unique, int64_t now, text *body,
                       header_list *headers);

#endif
