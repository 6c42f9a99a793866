/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate.h: the whole interface of the engine, on one page.
 *
 * The engine decides; the host acts. It never opens a socket, reads a clock, sleeps, or calls back into its host for anything that
 * may wait. One HTTP request is one transaction. The host steps it; each step answers with exactly one need; the host meets the
 * need, now or later, and steps again, until the need is GATE_DONE and carries the verdict:
 *
 *     gate_tx *tx = gate_begin(engine, &request);
 *     const gate_need *need = gate_step(tx, NULL, now);
 *     while (need->kind != GATE_DONE) {
 *         ... meet the need, fill in a reply ...
 *         need = gate_step(tx, &reply, now);
 *     }
 *     ... carry out need->done ...
 *     gate_end(tx);
 *
 * Six rules:
 *   1. What may wait is a need; what never waits is an argument (time) or a hook (randomness, log).
 *   2. A transaction has one need at a time.
 *   3. The engine keeps no pointer into host memory after a call returns.
 *   4. What a need points at lives until the next gate_step or gate_end.
 *   5. gate_end is legal at any time, also with a need unanswered.
 *   6. An engine may be shared by threads; a transaction may not.
 *
 * Time is seconds since 1970 (UTC), sizes are bytes. Strings are (pointer, length), never NUL-terminated by promise.
 */
#ifndef GATE_H
#define GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GATE_API __attribute__((visibility("default")))

typedef struct gate_str {
    const char *ptr;
    size_t len;
} gate_str;

typedef struct gate_header {
    gate_str name;
    gate_str value;
} gate_header;

/* ---- hooks: what never waits ------------------------------------------------------------------------------------------------- */

typedef enum { GATE_LOG_ERROR, GATE_LOG_WARN, GATE_LOG_INFO, GATE_LOG_DEBUG } gate_log_level;

typedef struct gate_hooks {
    void *context;                                             /* handed to each hook */
    bool (*random)(void *context, void *bytes, size_t length); /* NULL: libcrypto's generator */
    void (*log)(void *context, void *host, gate_log_level level,
                gate_str line); /* host: gate_request.host; NULL: no log */
} gate_hooks;

/* ---- configuration: built once, const from gate_open on ------------------------------------------------------------------------ */

typedef struct gate_config gate_config;
typedef struct gate_engine gate_engine;

typedef enum { GATE_SCOPE_ENGINE, GATE_SCOPE_PROVIDER, GATE_SCOPE_RULE } gate_scope;

/* One line for the operator: place, option, what is wrong, remedy. Always NUL-terminated. */
typedef struct gate_error {
    char text[512];
} gate_error;

/* NULL when memory is short. */
GATE_API gate_config *gate_config_begin(void);

/* Each returns the new thing's number (0, 1, 2 ...), or -1 with *error filled in. A site is what answers for one origin (a server
 * block, an application): the providers of its rules have their callback and logout addresses there. */
GATE_API int gate_config_provider(gate_config *config, gate_str name, gate_error *error);
GATE_API int gate_config_site(gate_config *config, gate_error *error);
GATE_API int gate_config_rule(gate_config *config, int site, gate_error *error);

/* Sets one option of src/option/options.def. `number` is the provider's or the rule's (0 for the engine's own). `place` says where
 * the operator wrote it ("nginx.conf:12") and stands first in every message about it. A list option may be set several times. */
GATE_API bool gate_config_set(gate_config *config, gate_scope scope, int number, gate_str option, gate_str value,
                              gate_str place, gate_error *error);

/* Checks everything; takes the configuration over and frees it, also on failure. NULL with *error filled in on failure.
 * hooks are copied. */
GATE_API gate_engine *gate_open(gate_config *config, const gate_hooks *hooks, gate_error *error);
GATE_API void gate_config_drop(gate_config *config); /* instead of gate_open */

/* Ends the engine. Every transaction must have ended. */
GATE_API void gate_close(gate_engine *engine);

/* True when one of the site's providers answers this path itself (callback, logout, signed-out page): the host then begins a
 * transaction with rule GATE_NO_RULE wherever the path lies. `path` is decoded, without query. */
GATE_API bool gate_site_answers(const gate_engine *engine, int site, gate_str path);

/* True when a request header of this name, in any spelling (case, '_', '.', '-'), would be taken for an identity header that some
 * rule of this engine sets: the host removes it from what the client sent, on every request. */
GATE_API bool gate_header_is_ours(const gate_engine *engine, gate_str name);

/* True when some provider keeps its sessions in the host's store. */
GATE_API bool gate_needs_store(const gate_engine *engine);

/* ---- a transaction -------------------------------------------------------------------------------------------------------------- */

typedef struct gate_tx gate_tx;

#define GATE_NO_RULE (-1)

typedef struct gate_request {
    int site;
    int rule;           /* what the place demands that the server routed to, or GATE_NO_RULE */
    gate_str method;    /* GET, POST ... */
    gate_str scheme;    /* "https" or "http", as the server knows it, not as a header says */
    gate_str authority; /* Host, or :authority */
    gate_str target;    /* path and query as received */
    gate_str path;      /* the path that the server routed: decoded, normalised, without query */
    const gate_header *headers;
    size_t header_count;
    void *host; /* handed to the log hook; never dereferenced */
} gate_request;

/* The four kinds of need, for ever. */
typedef enum { GATE_BODY, GATE_STORE, GATE_FETCH, GATE_DONE } gate_need_kind;

/* BODY: the request's body, whole, at most max_bytes. Reply: GATE_OK with body; GATE_FAILED when larger or broken off. */
typedef struct gate_body_need {
    size_t max_bytes;
} gate_body_need;

/* STORE: one operation on the host's key-value store. Keys are at most 64 bytes, values at most 64 KiB, both binary.
 *   GET   each of keys       -> GATE_OK with values[] (one for each key, .ptr NULL where absent)
 *   TAKE  keys[0]            -> as GET, and the key is gone (one taker wins)
 *   ADD   keys[0], value     -> GATE_OK, or GATE_EXISTS and nothing changed
 *   PUT   keys[0], value     -> GATE_OK, or GATE_ABSENT and nothing changed: PUT never brings a dropped key back
 *   DROP  each of keys       -> GATE_OK (also when it was not there)
 * An expired key is absent. A store that cannot be asked answers GATE_FAILED, which is never a miss. */
typedef enum { GATE_GET, GATE_TAKE, GATE_ADD, GATE_PUT, GATE_DROP } gate_store_op;

#define GATE_KEYS_MAX 4

typedef struct gate_store_need {
    gate_store_op op;
    size_t key_count;
    gate_str keys[GATE_KEYS_MAX];
    gate_str value;
    int64_t expires; /* ADD, PUT: when the key ends by itself */
} gate_store_need;

/* FETCH: one HTTP exchange with the provider. Redirects are not followed. TLS is verified against ca_file, or the system's
 * authorities when that is empty. Reply: GATE_OK with any status, headers and body; GATE_FAILED when there was no complete answer
 * within timeout_ms or max_bytes (counted after decoding). `share` is true when equal fetches at one moment may be one: equal in all
 * of method, url, headers and body, or, where share_as is not empty, in url and share_as. */
typedef struct gate_fetch_need {
    gate_str method;
    gate_str url;
    const gate_header *headers;
    size_t header_count;
    gate_str body;
    size_t max_bytes;
    uint32_t timeout_ms;
    bool share;
    gate_str share_as;
    gate_str ca_file;
    gate_str crl_file;
} gate_fetch_need;

/* DONE: the verdict. */
typedef enum {
    GATE_PASS,  /* let the request through: add `headers` to the response, replace request headers by `identity` */
    GATE_ANSWER /* answer with status, headers and body; the application never sees the request */
} gate_verdict;

typedef struct gate_done {
    gate_verdict verdict;
    bool signed_in; /* PASS: somebody is there (a place may let the unknown pass too) */
    unsigned status;
    const gate_header *headers;
    size_t header_count;
    gate_str body;
    const gate_header
        *identity; /* PASS: request headers for the application, in place of any of their names; empty: none of it */
    size_t identity_count;
    gate_str refusal; /* id in src/option/refusals.def; empty when nothing was refused */
} gate_done;

typedef struct gate_need {
    gate_need_kind kind;
    union {
        gate_body_need body;
        gate_store_need store;
        gate_fetch_need fetch;
        gate_done done;
    };
} gate_need;

/* ABSENT is an answer; FAILED is the lack of one. */
typedef enum { GATE_OK, GATE_ABSENT, GATE_EXISTS, GATE_FAILED } gate_outcome;

typedef struct gate_reply {
    gate_outcome outcome;
    gate_str body;              /* BODY, FETCH */
    unsigned status;            /* FETCH */
    const gate_header *headers; /* FETCH */
    size_t header_count;
    gate_str values[GATE_KEYS_MAX]; /* STORE */
    const char *why;                /* FAILED: a few words for the log ("connection refused"), or NULL */
} gate_reply;

/* NULL when memory is short: the host answers 503. */
GATE_API gate_tx *gate_begin(gate_engine *engine, const gate_request *request);

/*
 * What an application asks for itself, in place of what a place demands, where it keeps its own sessions (session_store application):
 *
 *   SIGN_IN   ANSWER: 302 to the provider, with the attempt in a cookie of its own.
 *   CALLBACK  the request is the provider's answer. PASS: somebody has signed in, and every check of an ID Token is done; `headers` are
 *             to be added to the application's own answer. ANSWER: a refusal.
 *   SIGN_OUT  ANSWER: 303 to the provider's end_session_endpoint, or to return_to where there is none. The application has ended its
 *             session before it asks.
 */
typedef enum { GATE_SIGN_IN, GATE_CALLBACK, GATE_SIGN_OUT } gate_ask_kind;

#define GATE_NOTE_MAX 1024

typedef struct gate_ask {
    gate_ask_kind kind;
    int provider;
    gate_str
        return_to; /* SIGN_IN: path and query on our own origin. SIGN_OUT: an address that the provider knows; empty: as
                           configured */
    gate_str
        parameters; /* SIGN_IN, SIGN_OUT: further parameters, form-encoded. scope, max_age and acr_values of a sign-in stand
                            in place of what is configured; what only the engine may say (state, nonce ...) is a refusal */
    gate_str note; /* SIGN_IN: the application's own, at most GATE_NOTE_MAX bytes of text, sealed into the attempt */
    gate_str id_token; /* SIGN_OUT: for id_token_hint */
} gate_ask;

/* `request->rule` does not matter. NULL when memory is short. */
GATE_API gate_tx *gate_begin_ask(gate_engine *engine, const gate_request *request, const gate_ask *ask);

/* First with reply NULL, then with the answer to the need before. Never NULL. */
GATE_API const gate_need *gate_step(gate_tx *tx, const gate_reply *reply, int64_t now);

/* Wipes and frees all that belongs to the transaction. NULL is allowed. */
GATE_API void gate_end(gate_tx *tx);

/* After GATE_PASS, until gate_end: what is known of who is there. A claim's value as text that may stand in a header: strings as they
 * are, numbers, true and false as written, arrays of these joined by ','. An array that could not be told apart again (an element
 * with a comma, or no plain value) and an object come as JSON. False when there is none, or when it holds control characters. */
GATE_API bool gate_claim(gate_tx *tx, gate_str name, gate_str *value);

typedef enum {
    GATE_ID_TOKEN,
    GATE_ACCESS_TOKEN,
    GATE_REFRESH_TOKEN,
    GATE_TOKEN_RESPONSE /* CALLBACK: the token endpoint's whole answer, JSON */
} gate_token_kind;
GATE_API bool gate_token(gate_tx *tx, gate_token_kind kind, gate_str *value);

/* The same as one JSON object: the claims of the ID Token or of the bearer token, and what the userinfo endpoint answered. */
typedef enum { GATE_TOKEN_CLAIMS, GATE_USERINFO_CLAIMS } gate_claims_kind;
GATE_API bool gate_claims(gate_tx *tx, gate_claims_kind kind, gate_str *json);

/* When what the visitor showed ends by itself: the session unless it is used again, or the bearer token. False: not known. */
GATE_API bool gate_expires(gate_tx *tx, int64_t *at);

/* After GATE_PASS: true when the verdict hangs on nothing in the request but its one Authorization. Every request of the same site and rule
 * that has the same one then gets the same verdict, claims and tokens, whatever else it carries, from *since up to but not at *until;
 * unless a transaction of this engine was given the reply to a FETCH meanwhile, for keys may be others then. Within that a host need not
 * ask again. */
GATE_API bool gate_stands(const gate_tx *tx, int64_t *since, int64_t *until);

/* After GATE_DONE of a CALLBACK, a refusal too: what SIGN_IN was given, and the provider's own words where it answered with an error. */
typedef enum { GATE_RETURN_TO, GATE_NOTE, GATE_ERROR, GATE_ERROR_DESCRIPTION, GATE_ERROR_URI } gate_said_kind;
GATE_API bool gate_said(gate_tx *tx, gate_said_kind kind, gate_str *value);

/* Upkeep: refreshing metadata and keys ahead of their end, a transaction without a request. gate_upkeep answers NULL when nothing
 * is due at `now`; otherwise step it as any transaction; its verdict means nothing. gate_upkeep_due: when to ask again. */
GATE_API gate_tx *gate_upkeep(gate_engine *engine, int64_t now);
GATE_API int64_t gate_upkeep_due(const gate_engine *engine, int64_t now);

/* ---- the option table, for hosts that make their directives from it ------------------------------------------------------------- */

typedef enum {
    GATE_TYPE_TEXT,
    GATE_TYPE_SECRET, /* a host also offers NAME_file */
    GATE_TYPE_URL,
    GATE_TYPE_FLAG, /* on, off */
    GATE_TYPE_TIME, /* seconds, or with a unit: 30s 10m 8h 7d */
    GATE_TYPE_NUMBER,
    GATE_TYPE_CHOICE,
    GATE_TYPE_WORDS /* words separated by spaces */
} gate_option_type;

typedef struct gate_option {
    gate_scope scope;
    const char *name;
    gate_option_type type;
    const char *fallback; /* the default, as text; NULL when there is none */
    const char *bounds;   /* CHOICE: "a|b|c"; TIME and NUMBER: "min..max"; else NULL */
    const char *help;
} gate_option;

/* The i-th option, or NULL past the last. */
GATE_API const gate_option *gate_option_at(size_t i);

/* ---- the refusal table -------------------------------------------------------------------------------------------------------- */

typedef struct gate_refusal {
    const char *id;
    unsigned status;
    const char *oauth;  /* OAuth error code, or "" */
    const char *clause; /* of the specification */
    const char *log;    /* the cause, for the operator */
    const char *page;   /* what a person is told */
} gate_refusal;

/* The i-th refusal, or NULL past the last. */
GATE_API const gate_refusal *gate_refusal_at(size_t i);

/* ---- sealed text: for hosts that keep their own sessions in a cookie --------------------------------------------------------------- */

/* JWE, dir and A256GCM, the keys made from secrets by HKDF-SHA256 with `purpose` as info. The first secret seals, all open (at most 8).
 * A sealer belongs to one thread; what it hands out lives until its next call, and is no argument of that call. NULL when there is no secret, or memory is short. */
typedef struct gate_sealer gate_sealer;
GATE_API gate_sealer *gate_sealer_open(const gate_str *secrets, size_t count, gate_str purpose);
GATE_API void gate_sealer_close(gate_sealer *sealer); /* wipes; NULL is allowed */

/* `members`: further members of the protected header as JSON text (",\"iat\":1"), or empty; what it says is the host's to keep well
 * formed. At most 64 KiB of text. False: too long, malformed, no key opens it, or memory or randomness is short. */
GATE_API bool gate_seal(gate_sealer *sealer, gate_str members, gate_str plain, gate_str *sealed);
GATE_API bool gate_unseal(gate_sealer *sealer, gate_str sealed, gate_str *header, gate_str *plain);

GATE_API const char *gate_version(void);

#ifdef __cplusplus
}
#endif
#endif
