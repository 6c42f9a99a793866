/* SPDX-License-Identifier: Apache-2.0 */
/* A session: who is signed in, since when, and with which tokens. */
#ifndef GATE_SESSION_H
#define GATE_SESSION_H

#include "../jose/claims.h"
#include "seal.h"

enum { SESSION_TAG_SIZE = 16, SESSION_HANDLE_SIZE = 32 };

/* What can be decided without opening the rest. */
typedef struct session_head {
    int64_t created;
    int64_t touched;                          /* last use that was written down */
    int64_t expires;                          /* whatever happens */
    unsigned char provider[SESSION_TAG_SIZE]; /* which issuer and client it came from */
} session_head;

bool session_is_alive(const session_head *head, int64_t now, int64_t timeout);

/* When it ends if it is not used again. */
int64_t session_ends(const session_head *head, int64_t timeout);

/* Use is written down a few times within the timeout, not at each request. */
bool session_wants_touch(const session_head *head, int64_t now, int64_t timeout);

/* The rest, kept as JSON. Members are named as in a token response; `userinfo` is what the endpoint answered. */
typedef struct session_content {
    gate_str id_token;
    gate_str access_token;
    gate_str refresh_token; /* ptr NULL: none */
    gate_str scope;         /* ptr NULL: none */
    int64_t expires_at;     /* of the access token; negative: not said */
    gate_str userinfo;      /* JSON text; ptr NULL: none */
} session_content;

bool session_content_write(text *t, const session_content *content);

/* With the claims: those of the ID Token, and those of userinfo. */
typedef struct session_facts {
    session_content content;
    const json *id_token; /* never NULL */
    const json *userinfo; /* may be NULL */
} session_facts;

bool session_content_read(arena *a, gate_str bytes, session_facts *facts);

/* A claim by name: the ID Token, being signed, speaks before userinfo. */
const json *session_claim(const session_facts *facts, gate_str name);

/* In a store: a head in the clear and a sealed body, whose key comes from the handle, which only the browser has. */
enum { SESSION_KEY_SIZE = 1 + SHA256_SIZE };

bool session_store_key(gate_str handle, char key[SESSION_KEY_SIZE]);
bool session_record_write(arena *a, crypto *c, gate_str handle, const unsigned char *iv, const session_head *head,
                          gate_str body, gate_str *record);
bool session_record_read(gate_str record, session_head *head); /* the head only */
bool session_record_open(arena *a, crypto *c, gate_str handle, gate_str record, gate_str *body);
bool session_record_touch(arena *a, gate_str record, int64_t now, gate_str *touched); /* a copy with the new time */

/* In a cookie: JWE whose protected header carries the times (iat, uat, exp) and the provider (prv). */
bool session_cookie_write(arena *a, crypto *c, const seal_ring *ring, const unsigned char *iv, const session_head *head,
                          gate_str body, text *out);
bool session_cookie_read(arena *a, crypto *c, const seal_ring *ring, gate_str sealed, session_head *head,
                         gate_str *body);

#endif
