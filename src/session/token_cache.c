/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries lie one behind the other in a ring of bytes; a table of buckets points into it. Positions only grow, so that an entry is
 * there as long as its position is less than one ring's length behind the next one to be written.
 */
#include "token_cache.h"

#include "../base/secret.h"

#include <pthread.h>
#include <stdlib.h>

enum { WAYS = 4, TAIL = 64, LEAST = 64 * 1024, BYTES_PER_BUCKET = 2048 };

typedef struct slot {
    uint64_t hash;
    uint64_t at; /* position + 1; 0: empty */
} slot;

typedef struct entry {
    token_policy policy;
    int64_t since;
    int64_t expires;
    size_t token_len;
    size_t value_len;
} entry;

struct token_cache {
    pthread_mutex_t lock;
    siphash_key key;
    size_t size;
    size_t bucket_count;
    uint64_t next; /* position */
    slot *slots;
    char *ring;
};

token_cache *token_cache_open(size_t size, const siphash_key *key)
{
    token_cache *cache = calloc(1, sizeof *cache);

    if (!cache)
        return NULL;
    cache->key = *key;
    cache->size = (size < LEAST ? LEAST : size) / 16 * 16;
    cache->bucket_count = cache->size / BYTES_PER_BUCKET;
    cache->slots = calloc(cache->bucket_count * WAYS, sizeof *cache->slots);
    cache->ring = malloc(cache->size);
    if (cache->slots && cache->ring && pthread_mutex_init(&cache->lock, NULL) == 0)
        return cache;
    free(cache->slots);
    free(cache->ring);
    free(cache);
    return NULL;
}

void token_cache_close(token_cache *cache)
{
    if (!cache)
        return;
    secret_wipe(cache->ring, cache->next < cache->size ? (size_t)cache->next : cache->size);
    secret_wipe(&cache->key, sizeof cache->key);
    pthread_mutex_destroy(&cache->lock);
    free(cache->slots);
    free(cache->ring);
    free(cache);
}

/* The end of a token is its signature: as good as random, and where tokens differ. With the place and kind, so that one token which
 * many places know does not crowd one bucket. */
static uint64_t hash_of(const token_cache *cache, gate_str token, const token_policy *policy)
{
    char bytes[TAIL + 2 * sizeof(uint32_t)];
    size_t n = token.len < TAIL ? token.len : TAIL;

    memcpy(bytes, &policy->place, sizeof policy->place);
    memcpy(bytes + sizeof policy->place, &policy->kind, sizeof policy->kind);
    if (n)
        memcpy(bytes + 2 * sizeof(uint32_t), token.ptr + token.len - n, n);
    return siphash(&cache->key, (gate_str){bytes, 2 * sizeof(uint32_t) + n});
}

static slot *bucket_of(const token_cache *cache, uint64_t hash)
{
    return cache->slots + hash % cache->bucket_count * WAYS;
}

/* Is what a slot points at still there, not overwritten? */
static bool is_there(const token_cache *cache, const slot *s)
{
    return s->at && cache->next - (s->at - 1) <= cache->size;
}

static entry *entry_at(const token_cache *cache, const slot *s)
{
    return (entry *)(void *)(cache->ring + (s->at - 1) % cache->size);
}

static bool is_about(const entry *e, gate_str token, const token_policy *policy)
{
    return e->policy.place == policy->place && e->policy.kind == policy->kind &&
           str_equal((gate_str){(const char *)(e + 1), e->token_len}, token);
}

/* A clock that was set back finds nothing that was found out after that time: nbf may be to come again. */
static bool is_hit(const entry *e, gate_str token, const token_policy *policy, int64_t now)
{
    return e->since <= now && now < e->expires && e->policy.generation == policy->generation &&
           is_about(e, token, policy);
}

bool token_cache_find(token_cache *cache, arena *a, gate_str token, const token_policy *policy, int64_t now,
                      token_hit *hit)
{
    uint64_t hash = hash_of(cache, token, policy);
    slot *bucket = bucket_of(cache, hash);

    hit->value = STR_NONE;

    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < WAYS && !hit->value.ptr; i++) {
        const entry *e;
        if (bucket[i].hash != hash || !is_there(cache, &bucket[i]))
            continue;
        e = entry_at(cache, &bucket[i]);
        if (!is_hit(e, token, policy, now))
            continue;
        hit->value = arena_copy(a, (gate_str){(const char *)(e + 1) + e->token_len, e->value_len});
        hit->span = (token_span){e->since, e->expires};
    }
    pthread_mutex_unlock(&cache->lock);
    return hit->value.ptr != NULL;
}

/* That of an older entry about the same, or an empty or overwritten one, or the oldest. */
static slot *slot_to_use(const token_cache *cache, uint64_t hash, gate_str token, const token_policy *policy)
{
    slot *bucket = bucket_of(cache, hash), *oldest = &bucket[0];

    for (size_t i = 0; i < WAYS; i++)
        if (bucket[i].hash == hash && is_there(cache, &bucket[i]) &&
            is_about(entry_at(cache, &bucket[i]), token, policy))
            return &bucket[i];
    for (size_t i = 0; i < WAYS; i++) {
        if (!is_there(cache, &bucket[i]))
            return &bucket[i];
        if (bucket[i].at < oldest->at)
            oldest = &bucket[i];
    }
    return oldest;
}

/* Room for n bytes in one piece: what is left at the ring's end is passed over. */
static uint64_t take_room(token_cache *cache, size_t n)
{
    size_t left = cache->size - (size_t)(cache->next % cache->size);
    uint64_t at;

    if (left < n)
        cache->next += left;
    at = cache->next;
    cache->next += n;
    return at;
}

void token_cache_add(token_cache *cache, gate_str token, const token_policy *policy, token_span span, gate_str value)
{
    size_t n = (sizeof(entry) + token.len + value.len + 15) / 16 * 16;
    uint64_t hash = hash_of(cache, token, policy);
    slot *s;
    entry *e;

    if (token.len > cache->size / 4 || value.len > cache->size / 4)
        return;
    pthread_mutex_lock(&cache->lock);
    s = slot_to_use(cache, hash, token, policy);
    *s = (slot){.hash = hash, .at = take_room(cache, n) + 1};
    e = entry_at(cache, s);
    *e = (entry){
        .policy = *policy,
        .since = span.since,
        .expires = span.expires,
        .token_len = token.len,
        .value_len = value.len,
    };
    if (token.len)
        memcpy(e + 1, token.ptr, token.len);
    if (value.len)
        memcpy((char *)(e + 1) + token.len, value.ptr, value.len);
    pthread_mutex_unlock(&cache->lock);
}
