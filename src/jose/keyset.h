/* SPDX-License-Identifier: Apache-2.0 */
/* A provider's key set (RFC 7517 section 5): an immutable snapshot, counted by those who hold it. */
#ifndef GATE_KEYSET_H
#define GATE_KEYSET_H

#include "jwk.h"

enum { KEYSET_MAX = 100, KEYSET_TRY_MAX = 4, KEYSET_SIZE_MAX = 1024 * 1024 };

typedef struct keyset keyset;

/* NULL when the document is no key set, is larger than KEYSET_SIZE_MAX, has more than KEYSET_MAX keys, or no key that can be used.
 * Keys that cannot be used are passed over, not fatal. The caller holds the one reference; the document may go. */
keyset *keyset_read(gate_str document);

keyset *keyset_hold(keyset *set); /* thread-safe */
void keyset_release(keyset *set); /* thread-safe; NULL allowed */

/*
 * The keys that may verify a signature of `alg` with this kid (ptr NULL: the token names none). found[] gets at most KEYSET_TRY_MAX;
 * answers how many. With a kid there is at most one: two fitting keys of one kid are ambiguous, then 0 and *ambiguous. A kid matches
 * only a key that has this kid. A token without kid may be tried with up to KEYSET_TRY_MAX keys of its alg; more than that: 0 and
 * *ambiguous.
 */
size_t keyset_find(const keyset *set, alg_set alg, gate_str kid, const jwk *found[KEYSET_TRY_MAX], bool *ambiguous);

/* Were both read from the same bytes? */
bool keyset_is_same(const keyset *a, const keyset *b);

size_t keyset_count(const keyset *set);
const jwk *keyset_at(const keyset *set, size_t i);

#endif
