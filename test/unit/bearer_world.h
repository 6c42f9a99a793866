/* SPDX-License-Identifier: Apache-2.0 */
/* A whole engine in front of a service, two providers around it, and requests: for tests of bearer tokens, in one thread. */
#ifndef GATE_TEST_BEARER_WORLD_H
#define GATE_TEST_BEARER_WORLD_H

#include "gate.h"

enum { WORLD_OPS = 2, WORLD_TEXT = 20480 };

typedef struct world_op {
    const char *issuer;
    bool down;             /* nothing is answered */
    bool no_introspection; /* the metadata name no endpoint for it */
    gate_str keys;         /* the key set's document */
    unsigned status;       /* of introspection, with this type and body; status 0: no answer */
    const char *type;
    gate_str answer;
    unsigned metadata_fetches, keys_fetches, questions;
} world_op;

/* What gate_stands said of the last verdict that stands: world_visit holds every later one against it. */
typedef struct world_promise {
    bool made;
    int rule;
    int64_t since, until;
    char authorization[WORLD_TEXT];
    char sub[512];
} world_promise;

typedef struct bearer_world {
    gate_engine *engine;
    gate_error error; /* when there is no engine */
    int64_t now;
    world_op ops[WORLD_OPS]; /* https://op.example, https://two.example */
    gate_str form;           /* what a request's body is; ptr NULL: it breaks off */
    gate_str record;         /* what the store has under every key; ptr NULL: nothing */
    unsigned store_asks;
    char question[WORLD_TEXT]; /* the last introspection request's body, */
    char credentials[512];     /* its Authorization, */
    char accepted[128];        /* and Accept, */
    char shared_as[1024];      /* and as what it may be shared; empty: it may not */
    char logged[WORLD_TEXT];   /* the last line of the log */
    world_promise promise;
} bearer_world;

/*
 * Options, one in a line: "+provider NAME" and "+rule" begin one, to which the lines behind belong; "!name value" is the engine's own.
 * False with w->error when the engine refuses them. The answers of the providers are the caller's to fill in.
 */
bool world_open(bearer_world *w, const char *options);

/* The same options, an engine and nothing around it. */
gate_engine *world_engine(const char *options, const gate_hooks *hooks, gate_error *error);
void world_close(bearer_world *w);

typedef struct world_request {
    const char *method; /* NULL: GET */
    const char *target; /* NULL: / */
    int rule;
    gate_header headers[6]; /* up to the first without a name */
} world_request;

typedef struct world_answer {
    bool passed;
    bool signed_in;
    unsigned status;
    char refusal[64];
    char challenge[2048]; /* WWW-Authenticate; empty: none */
    char sub[512];        /* who is there */
    bool sets_authorization;
    char authorization[WORLD_TEXT]; /* for the application */
    char token[WORLD_TEXT];         /* gate_token's access token */
    bool stands;                    /* by gate_stands, */
    int64_t since, until;           /* and when */
} world_answer;

/* One request from gate_begin to gate_end; each need is met from `w`. */
void world_visit(bearer_world *w, const world_request *r, world_answer *answer);

/* A session of `sub` at the first provider, and the Cookie field that goes with it. `field` holds 128 bytes. */
bool world_sign_in(bearer_world *w, const char *sub, char record[1024], char *field);

#endif
