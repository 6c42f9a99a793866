/* SPDX-License-Identifier: Apache-2.0 */
/* The secrets that seal our cookies, and sealed text in cookies that is longer than one of them may be. */
#ifndef GATE_SEAL_H
#define GATE_SEAL_H

#include "../base/cookie.h"
#include "../base/header.h"
#include "../jose/sealed.h"

enum {
    SEAL_SECRETS_MAX = 8,
    SEAL_SECRET_SIZE = 32, /* a secret's least length */
    SEAL_CHUNKS_MAX = 5,   /* that are read */
    SEAL_COOKIE_MAX =
        7000 /* written in all: with more, the Cookie header outgrows the 8 KiB that servers take by default */
};

/* One key for each secret: the first seals, all open. */
typedef struct seal_ring {
    size_t count;
    sealed_key keys[SEAL_SECRETS_MAX];
} seal_ring;

bool seal_ring_add(seal_ring *ring, gate_str secret_bytes, gate_str purpose);

/* What the browser sent under `name`: the cookie of that name, or name.0, name.1 ... put together. False: nothing there. */
bool seal_cookie_read(arena *a, gate_str cookies, gate_str name, gate_str *value);

/* Set-Cookie headers for `value` (chunked when long), and for the removal of what the browser sent beyond it. An empty value removes
 * all. False when the value is longer than SEAL_COOKIE_MAX or memory is short. */
bool seal_cookie_write(arena *a, gate_str cookies, const cookie *c, header_list *headers);

/* One Set-Cookie header. */
bool cookie_set(arena *a, const cookie *c, header_list *headers);

#endif
