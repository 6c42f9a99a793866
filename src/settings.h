/* SPDX-License-Identifier: Apache-2.0 */
/* All that the operator said, read and checked; const from gate_open on. Built by config.c. */
#ifndef GATE_SETTINGS_H
#define GATE_SETTINGS_H

#include "provider.h"
#include "rule.h"

typedef enum { UNAUTHENTICATED_LOGIN, UNAUTHENTICATED_401, UNAUTHENTICATED_PASS } unauthenticated;

typedef struct demand {
    const rule_node *expression;
    struct demand *next;
} demand;

typedef struct claim_header {
    gate_str name;
    gate_str claim;
    struct claim_header *next;
} claim_header;

typedef struct place {
    const provider *provider;
    unauthenticated unauthenticated;
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
