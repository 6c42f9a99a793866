/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pending sign-in: what must be known when the browser comes back, sealed into a cookie of its own, so that several tabs do not
 * disturb each other. The cookie is named by the beginning of the state.
 */
#ifndef GATE_ATTEMPT_H
#define GATE_ATTEMPT_H

#include "seal.h"

enum {
    ATTEMPT_LIFE = 600,       /* seconds */
    ATTEMPT_COUNT_MAX = 6,    /* in one browser; the oldest gives way */
    ATTEMPT_TARGET_MAX = 2000 /* bytes of the address to return to */
};

typedef struct attempt {
    gate_str state;
    gate_str nonce;         /* empty: none was sent */
    gate_str code_verifier; /* empty: no PKCE */
    gate_str target;        /* path and query to return to, on our own origin */
    gate_str redirect_uri;  /* as it was sent */
    gate_str provider;      /* provider_tag in hexadecimal */
    gate_str note;          /* the application's own text; empty: none */
    gate_str acr_values;    /* asked for in place of what is configured; empty: not */
    int64_t max_age;        /* likewise; negative: not */
    int64_t begun;
    int64_t round; /* how many sign-ins in a row led here; see login */
} attempt;

/* The sealed text. `iv`: SEAL_IV_SIZE fresh random bytes. */
bool attempt_write(arena *a, crypto *c, const seal_ring *ring, const unsigned char *iv, const attempt *t, text *out);
bool attempt_read(arena *a, crypto *c, const seal_ring *ring, gate_str sealed, attempt *t);

/* base, '.', 'a', the state's first 8 characters. */
bool attempt_cookie_name(arena *a, gate_str base, gate_str state, gate_str *name);

/* True when a cookie's name is that of some attempt. */
bool attempt_is_cookie(gate_str base, gate_str name);

#endif
