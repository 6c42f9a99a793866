/* SPDX-License-Identifier: Apache-2.0 */
/* The userinfo request and response (OpenID Connect Core 5.3). */
#ifndef GATE_USERINFO_H
#define GATE_USERINFO_H

#include "../base/header.h"
#include "../jose/jws.h"
#include "client.h"

enum { USERINFO_MAX = 64 * 1024 };

/* The GET's headers. */
bool userinfo_request_write(arena *a, gate_str access_token, header_list *headers);

typedef struct userinfo {
    jws token; /* the answer is a signed JWT: to be verified with userinfo_verified before use */
    bool is_signed;
    const json *claims;   /* once known to be good */
    gate_str claims_text; /* the same, as JSON text */
} userinfo;

/* Reads a JSON or JWT answer. JSON is ready at once; a JWT only after its signature was verified with a key of the provider and
 * userinfo_verified was called. False with *why: userinfo_malformed, or a jwt_ refusal. */
bool userinfo_read(arena *a, const client *c, unsigned status, gate_str content_type, gate_str body, userinfo *u,
                   refusal *why);

/* The claims of a JWT answer: iss and aud, where present, are the provider and us (5.3.2); exp and nbf hold where present. */
bool userinfo_verified(arena *a, const client *c, userinfo *u, int64_t now, refusal *why);

/* 5.3.2: sub is that of the ID Token, or nothing of it may be used. */
bool userinfo_check_sub(const userinfo *u, gate_str sub, refusal *why);

#endif
