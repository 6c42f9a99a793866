/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash for tables whose keys come from outside. */
#ifndef GATE_SIPHASH_H
#define GATE_SIPHASH_H

#include "str.h"

typedef struct siphash_key {
    uint64_t k0, k1;
} siphash_key;

uint64_t siphash(const siphash_key *key, gate_str s);

#endif
