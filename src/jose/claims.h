/* SPDX-License-Identifier: Apache-2.0 */
/* The registered claims of a JWT (RFC 7519 section 4.1), each read strictly: a claim of the wrong type is never treated as absent. */
#ifndef GATE_CLAIMS_H
#define GATE_CLAIMS_H

#include "../base/json.h"

typedef struct claims {
    const json *all;
    gate_str iss, sub, azp, nonce, at_hash, acr, jti, sid; /* ptr NULL: absent */
    const json *aud;                                       /* a string or an array of strings; NULL: absent */
    int64_t exp, nbf, iat, auth_time;                      /* -1: absent */
} claims;

/* False when the payload is no strict JSON object or one of these has the wrong type or an impossible value (aud empty or not of
 * strings, times negative or past 2^53, sub empty or longer than 255 bytes). */
bool claims_read(arena *a, gate_str payload, claims *c);

bool claims_aud_has(const claims *c, gate_str audience); /* an empty audience, which nobody configured, is in none */
bool claims_aud_is_only(const claims *c, gate_str audience);

/* Times with tolerance; sums never wrap. */
bool claims_is_expired(const claims *c, int64_t now, int64_t skew); /* exp <= now - skew; absent is expired */
bool claims_is_before(int64_t time, int64_t now, int64_t skew);     /* time > now + skew */

#endif
