/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found out about tokens, so that it need not be found out again: bounded in bytes, allocated once. Looked up by a keyed hash
 * of the token's end, then compared whole: nobody can aim at another's entry. The oldest entry gives way. Thread-safe.
 */
#ifndef GATE_TOKEN_CACHE_H
#define GATE_TOKEN_CACHE_H

#include "../base/arena.h"
#include "../base/siphash.h"

typedef struct token_cache token_cache;

/* What an entry holds only for: a hit is one where all of this is equal. */
typedef struct token_policy {
    uint32_t place;      /* which rule let the token in */
    uint32_t kind;       /* what the value is; the caller's numbers */
    uint64_t generation; /* of the keys that verified it */
} token_policy;

/* `size`: bytes in all, at least 64 KiB. NULL when memory is short. */
token_cache *token_cache_open(size_t size, const siphash_key *key);
void token_cache_close(token_cache *cache); /* wipes; NULL allowed */

/* When an entry holds: from when it was found out, up to but not at its end. */
typedef struct token_span {
    int64_t since;
    int64_t expires;
} token_span;

typedef struct token_hit {
    gate_str value;
    token_span span;
} token_hit;

/* True on a hit within its span: hit->value is a copy in `a`. */
bool token_cache_find(token_cache *cache, arena *a, gate_str token, const token_policy *policy, int64_t now,
                      token_hit *hit);

/* An entry too large for the cache is not kept. An older entry about the same token, place and kind gives way. */
void token_cache_add(token_cache *cache, gate_str token, const token_policy *policy, token_span span, gate_str value);

#endif
