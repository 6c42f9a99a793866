/* SPDX-License-Identifier: Apache-2.0 */
/* All that the operator said, read and checked; const from gate_open on. Built by config.c. */
#ifndef GATE_SETTINGS_H
#define GATE_SETTINGS_H

#include "oidc/access_token.h"
#include "provider.h"
#include "rule.h"
#include "session/token_cache.h"

typedef enum { UNAUTHENTICATED_LOGIN, UNAUTHENTICATED_401, UNAUTHENTICATED_PASS } unauthenticated;

typedef struct demand {
    const rule_node *expression;
    struct demand *next;
} demand;

enum { PLACE_BEARERS_MAX = 8, BEARER_SCOPES_MAX = 1024 };

typedef enum { UPSTREAM_KEEP, UPSTREAM_NONE, UPSTREAM_PHANTOM, UPSTREAM_SIGNED } upstream_token;

/* What a place demands of a bearer token. */
typedef struct bearer_place {
    size_t count; /* 0: bearer tokens are not looked at */
    const provider *providers[PLACE_BEARERS_MAX];
    gate_str audiences;
    gate_str scopes;
    token_kinds kinds;
    bool from_header, from_query, from_form;
    gate_str from_cookie; /* its name; ptr NULL: none */
} bearer_place;

/* What the application gets as Authorization. */
typedef struct upstream_place {
    upstream_token token;
    gate_str audience; /* the rest is for tokens signed here */
    gate_str claims;   /* words */
    int64_t lifetime;  /* seconds */
} upstream_place;

enum { SIGNER_KEYS_MAX = 4 };

/* The keys of our own that sign tokens for applications: the first signs, all are published. */
typedef struct signer {
    size_t count;
    jwk keys[SIGNER_KEYS_MAX];
    gate_str issuer;
    gate_str jwks_path;
    gate_str jwks; /* the published document */
} signer;

typedef struct claim_header {
    gate_str name;
    gate_str claim;
    struct claim_header *next;
} claim_header;

typedef struct place {
    uint32_t number;
    const provider *provider; /* for sign-in; NULL: bearer tokens only */
    unauthenticated unauthenticated;
    bearer_place bearer;
    upstream_place upstream;
    const demand *demands;
    const claim_header *headers;
} place;

typedef struct site_provider {
    const provider *provider;
    struct site_provider *next;
} site_provider;

typedef struct site {
    site_provider *providers; /* each once */
} site;

typedef struct settings {
    gate_hooks hooks;
    size_t provider_count;
    provider *providers;
    size_t site_count;
    site *sites;
    size_t place_count;
    place *places;
    seal_ring session_ring;
    seal_ring attempt_ring;
    token_cache *tokens; /* NULL where no place takes bearer tokens or signs */
    signer signer;
    arena arena;
} settings;

/* NULL: no rule or site of this number. */
const place *settings_place(const settings *s, int rule);
const site *settings_site(const settings *s, int site);

/* Reads a configuration into *s. False with *error; *s is then to be closed all the same. */
bool settings_open(const gate_config *config, const gate_hooks *hooks, settings *s, gate_error *error);
void settings_close(settings *s);

/* Two header names that a server behind us might take for one: equal but for case and for '_', '.', '-'. */
bool settings_is_same_header(gate_str a, gate_str b);

#endif
