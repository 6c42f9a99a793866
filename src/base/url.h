/* SPDX-License-Identifier: Apache-2.0 */
/* Absolute http and https URLs, and what may stand in a Location header. */
#ifndef GATE_URL_H
#define GATE_URL_H

#include "text.h"

typedef struct url {
    gate_str whole;
    gate_str scheme;    /* "http" or "https" */
    gate_str authority; /* host and port as written */
    gate_str host;      /* without port; with brackets for IPv6 */
    gate_str origin;    /* scheme://authority as written */
    gate_str path;      /* may be empty */
    gate_str query;     /* without '?' */
    bool has_query;
    bool has_fragment;
} url;

/* Strict: lower-case scheme, a host, no user information, no space, control or non-ASCII character, no backslash. */
bool url_read(gate_str s, url *u);
bool url_is_https(const url *u);
bool url_is_loopback(const url *u); /* localhost, 127.0.0.0/8, [::1] */

/* Host and port as a server may receive them in Host: letters, digits, '.', '-', '_', brackets and colon only. */
bool url_authority_is_good(gate_str authority);

/* A path with query on our own origin: begins with one '/', and no second '/' or '\' behind it, no control or space character. */
bool url_is_local(gate_str target);

/* Appends name=value, form-encoded, with '?' or '&' before it as the text needs. */
void url_add_parameter(text *t, gate_str name, gate_str value);

#endif
