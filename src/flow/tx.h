/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One transaction: what it knows, and the ways to go on. Each way either answers a need, with `next` to be called with the reply, or, as
 * xxx_then, calls `next` at once when there is nothing to wait for. The state of a flow is the function that comes next.
 */
#ifndef GATE_TX_H
#define GATE_TX_H

#include "../base/form.h"
#include "../option/refusal.h"
#include "../settings.h"

typedef const gate_need *(*tx_next)(gate_tx *tx, const gate_reply *reply);

typedef struct tx_request {
    gate_str method, scheme, authority, target, path;
    gate_str cookies; /* all Cookie fields, joined by "; " */
    gate_str accept, content_type, origin, upgrade, requested_with, fetch_mode, fetch_site, purpose;
    gate_str authorization;
    bool authorization_twice;
    bool too_large;
    void *host;
} tx_request;

enum { NO_END = -1 };

/* Who sends the request. */
typedef struct visitor {
    bool signed_in;
    session_head head;
    gate_str handle;       /* of a session in the store: what the browser sent, decoded */
    gate_str record;       /* what the store keeps */
    gate_str body;         /* of a session in the cookie */
    gate_str claims_text;  /* of a bearer token that the cache knows */
    gate_str token;        /* that token */
    int64_t token_ends;    /* its exp, NO_END without one */
    token_span token_span; /* when the cache knows it */
    bool facts_read;
    session_facts *facts; /* by visitor_facts; NULL when they cannot be read */
} visitor;

/* What a CALLBACK found out, for gate_said and gate_token. */
typedef struct tx_said {
    gate_str return_to, note;
    gate_str error, error_description, error_uri; /* the provider's words */
    gate_str token_response;
} tx_said;

struct gate_tx {
    arena arena;
    crypto crypto;
    const settings *settings;
    tx_request request;
    const site *site;
    const place *place;       /* NULL: GATE_NO_RULE */
    const provider *provider; /* whom this is about, once known */
    int64_t now;

    tx_next next;
    tx_next after; /* what follows when a piece of a flow is through */
    gate_need need;

    const gate_ask *asked; /* an application asks; NULL: a place demands */
    tx_said said;

    bool leaving;   /* signing out: the session's use is not written down any more */
    gate_str retry; /* where another try begins, once known: a path on our own origin */

    header_list headers;  /* for the response, whatever it is */
    header_list identity; /* for the application */
    gate_header fetch_headers[HEADERS_MAX];

    metadata *metadata; /* references held until the end */
    keyset *keys;
    uint64_t keys_generation;

    visitor visitor;
    struct hunt *hunt;           /* discovery's own state */
    struct beginning *beginning; /* visitor's own state */
    struct bearer *bearer;       /* bearer's own state */
    void *flow;                  /* the running flow's own state, in the arena */
};

/* Life: a tx is made once and used for many transactions, one after the other. */
bool tx_open(gate_tx *tx);
bool tx_begin(gate_tx *tx, const settings *s, const gate_request *request); /* request NULL: upkeep */
void tx_end(gate_tx *tx);                                                   /* wipes; ready for tx_begin */
void tx_close(gate_tx *tx);

/* Randomness. False when there is none. */
bool tx_random(gate_tx *tx, void *bytes, size_t n);
bool tx_random_text(gate_tx *tx, size_t n, gate_str *base64url); /* n random bytes, at most 64 */

/* Needs. */
const gate_need *tx_body(gate_tx *tx, size_t max, tx_next next);
const gate_need *tx_store(gate_tx *tx, gate_store_op op, gate_str key, gate_str value, int64_t expires, tx_next next);
typedef struct tx_fetch_request {
    gate_str method, url, body;
    const header_list *headers; /* NULL: none */
    size_t max_bytes;
    bool share;
    gate_str share_as;
} tx_fetch_request;
const gate_need *tx_fetch(gate_tx *tx, const tx_fetch_request *f, tx_next next);

/* Verdicts. */
const gate_need *tx_pass(gate_tx *tx);
const gate_need *tx_redirect(gate_tx *tx, unsigned status, gate_str location);
const gate_need *tx_answer(gate_tx *tx, unsigned status, gate_str type, gate_str body);

/* One line for the operator. */
void tx_log(gate_tx *tx, gate_log_level level, gate_str message, gate_str detail);

/* "status 307", as a detail for the log. */
gate_str tx_status(gate_tx *tx, unsigned status);

/* The origin that the browser sees, "https://host"; false when the request's own authority is unusable. Cookies are Secure and
 * __Host- when it is https. */
bool tx_origin(gate_tx *tx, const provider *p, gate_str *origin);
bool tx_is_https(const gate_tx *tx, const provider *p);
gate_str tx_cookie_name(gate_tx *tx, const provider *p); /* ptr NULL when memory is short */

/* Does the browser navigate, so that it can follow a redirect to the provider and show a page? */
bool tx_is_navigation(const gate_tx *tx);
bool tx_is_get(const gate_tx *tx); /* GET or HEAD */
bool tx_is_post(const gate_tx *tx);

#endif
