/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One OpenID provider: what the operator configured, const from gate_open on, and what was fetched: immutable snapshots of metadata and
 * keys, swapped whole. All functions may be called from several threads at once.
 */
#ifndef GATE_PROVIDER_H
#define GATE_PROVIDER_H

#include "jose/keyset.h"
#include "oidc/client.h"
#include "oidc/metadata.h"
#include "option/option.h"
#include "session/session.h"

typedef struct provider_state provider_state;

typedef struct provider {
    gate_str name;
    client client;
    gate_str config_url;

    gate_str redirect_uri; /* as configured: a path or a URL */
    gate_str redirect_path;
    gate_str origin; /* of redirect_uri where that is a URL; else empty: the request's own */
    bool origin_is_https;

    gate_str scope;
    gate_str extra;
    gate_str acr_values;
    bool acr_check;
    int64_t max_age; /* negative: none */
    bool form_post;
    bool pkce;
    bool nonce;
    bool userinfo;
    int64_t introspection_cache; /* seconds */
    bool introspection_signed;

    gate_str cookie_name; /* without __Host- */
    bool in_cookie;       /* sessions live in the browser */
    bool in_application;  /* ... or are none of our business */
    int64_t session_timeout;
    int64_t session_lifetime;
    unsigned char
        tag[SESSION_TAG_SIZE]; /* of issuer, client_id and name: binds sessions and attempts to this provider */
    gate_str tag_hex;

    gate_str logout_path;     /* ptr NULL: none */
    gate_str signed_out_uri;  /* as configured */
    gate_str signed_out_path; /* our own page's; ptr NULL: the operator's page */
    bool token_hint;

    gate_str ca_file;
    gate_str crl_file;
    uint32_t timeout_ms;
    bool allow_http;

    provider_state *state;
} provider;

/* Reads and checks the options (src/provider_config.c). False with *error. */
bool provider_open(arena *a, gate_str name, const option_set *options, provider *p, gate_error *error);
void provider_close(provider *p); /* allowed on zeroed memory */

/* ---- fetched state ---- */

enum { PROVIDER_STALE = 24 * 3600 }; /* how long beyond its freshness a snapshot serves while the provider is down */

typedef enum { FRESH, STALE, MISSING } freshness;

/* A counted reference to the snapshot in *m or *set, and how good it is at `now`; MISSING: NULL. */
freshness provider_metadata(const provider *p, int64_t now, metadata **m);
freshness provider_keys(const provider *p, int64_t now, keyset **set);

/* Takes the reference over. `fresh_for` as the answer's headers said, in seconds; `spread` (0..255, random) parts the refresh times of
 * many processes. Keys were asked for with a number of provider_keys_ask: an answer that comes after that to a later question is
 * dropped, so that no older set takes a newer one's place. */
uint64_t provider_keys_ask(const provider *p);
void provider_metadata_put(const provider *p, metadata *m, int64_t now, int64_t fresh_for, unsigned char spread);
void provider_keys_put(const provider *p, keyset *set, uint64_t asked, int64_t now, int64_t fresh_for,
                       unsigned char spread);

/* A failed fetch: the next waits a little. */
void provider_metadata_failed(const provider *p, int64_t now);
void provider_keys_failed(const provider *p, int64_t now);
bool provider_metadata_may_fetch(const provider *p, int64_t now);
bool provider_keys_may_fetch(const provider *p, int64_t now);

/* May the keys be fetched again because a token names one that we do not have? Two at once, then one in 30 seconds; the attempt is
 * counted, not its success, so that a flood of made-up kids costs the provider nothing. */
bool provider_keys_may_refetch(const provider *p, int64_t now);

/* Changes with every key set that is not the one before: what an older one verified is to be verified again. */
uint64_t provider_keys_generation(const provider *p);

/* Until when what these keys verified need not be verified again: the set may have changed by then. */
int64_t provider_keys_fresh_until(const provider *p);

/* When a snapshot that is in use should be refreshed ahead of its end; INT64_MAX: never. */
int64_t provider_due(const provider *p);

#endif
