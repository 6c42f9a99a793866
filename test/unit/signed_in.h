/* SPDX-License-Identifier: Apache-2.0 */
/* An engine, and a request of somebody who is signed in: the plain allowed request, for tests and for bench/engine.c. */
#ifndef GATE_TEST_SIGNED_IN_H
#define GATE_TEST_SIGNED_IN_H

#include "gate.h"

#include <stdbool.h>
#include <stddef.h>

enum { SIGNED_IN_NOW = 1800000000 };

typedef enum {
    SIGNED_IN_STORE,  /* the session is in the store, and only its head is asked */
    SIGNED_IN_COOKIE, /* in a sealed cookie */
    SIGNED_IN_CLAIMS  /* in the store; a rule and two headers ask for its claims */
} signed_in_kind;

typedef struct signed_in {
    gate_engine *engine;
    gate_request request;
    gate_header headers[8];
    char cookie[8192];
    char record[4096];
    size_t record_size;
    unsigned reads, writes; /* of the store, by signed_in_visit */
} signed_in;

/* False when something went wrong; signed_in_close is to be called all the same. */
bool signed_in_open(signed_in *s, signed_in_kind kind);
void signed_in_close(signed_in *s);

/* One request from gate_begin to gate_end. True when it was let in, with `identity` headers for the application. */
bool signed_in_visit(signed_in *s, size_t *identity);

#endif
