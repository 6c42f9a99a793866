/* SPDX-License-Identifier: Apache-2.0 */
/* Cookies (RFC 6265): reading the Cookie header, writing Set-Cookie. */
#ifndef GATE_COOKIE_H
#define GATE_COOKIE_H

#include "text.h"

enum { COOKIE_SIZE_MAX = 3800 }; /* of a value: browsers keep 4096 bytes for name, value and attributes together */

/* Takes the next pair off a Cookie header. Values are as sent, surrounding double quotes removed. */
bool cookie_next(gate_str *rest, gate_str *name, gate_str *value);
bool cookie_find(gate_str header, gate_str name, gate_str *value); /* the first of this name */

typedef struct cookie {
    gate_str name;
    gate_str value;
    int64_t max_age; /* seconds; 0 removes the cookie; negative: until the browser ends */
    bool secure;
    bool cross_site; /* sent on cross-site POST too: SameSite=None where secure, else unspecified */
} cookie;

/* Path=/, HttpOnly, no Domain. */
void cookie_write(text *t, const cookie *c);

#endif
