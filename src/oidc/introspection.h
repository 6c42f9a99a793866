/* SPDX-License-Identifier: Apache-2.0 */
/* Token introspection (RFC 7662), and the same as a signed JWT (RFC 9701). */
#ifndef GATE_INTROSPECTION_H
#define GATE_INTROSPECTION_H

#include "../base/header.h"
#include "../jose/jws.h"
#include "client.h"

enum { INTROSPECTION_MAX = 64 * 1024 };

typedef struct introspection_request {
    gate_str endpoint;
    gate_str token_endpoint; /* audience of a client assertion where the provider wants that */
    gate_str token;
    gate_str unique; /* fresh randomness for a client assertion */
    int64_t now;
    bool want_jwt; /* ask for RFC 9701 */
} introspection_request;

/* The POST's body and headers. The client authenticates as at the token endpoint. */
bool introspection_request_write(arena *a, const client *c, const introspection_request *r, gate_str *body,
                                 header_list *headers);

typedef struct introspection {
    bool is_signed; /* a JWT: to be verified, then introspection_verified */
    jws token;
    bool active;
    const json *claims; /* of an active token */
    gate_str jwt;       /* the JWT that stands for the opaque token; ptr NULL: none was given */
} introspection;

typedef struct introspection_reply {
    unsigned status;
    gate_str content_type;
    gate_str body;
    bool want_jwt; /* as in the request: anything else is refused then */
} introspection_reply;

/* False with *why: introspection_malformed or a jwt_ refusal. */
bool introspection_read(arena *a, const client *c, const introspection_reply *reply, introspection *i, refusal *why);

/* RFC 9701 5: typ, iss, aud, iat (and exp, where it is there) of the signed answer, whose member token_introspection is then what counts. */
bool introspection_verified(arena *a, const client *c, introspection *i, int64_t now, refusal *why);

#endif
