/* SPDX-License-Identifier: Apache-2.0 */
/* What was fetched from a provider. */
#include "provider_state.h"

#include <pthread.h>

enum {
    FRESH_MIN = 60,
    FRESH_MAX = 24 * 3600,
    RETRY_AFTER = 5, /* seconds between attempts while a fetch fails */
    REFETCH_BURST = 2,
    REFETCH_EVERY = 30
};

typedef struct snapshot_times {
    int64_t fresh_until;
    int64_t refresh_at; /* ahead of fresh_until */
    int64_t retry_at;
} snapshot_times;

struct provider_state {
    pthread_mutex_t lock;
    metadata *metadata;
    snapshot_times metadata_times;
    keyset *keys;
    snapshot_times keys_times;
    uint64_t keys_generation;
    uint64_t keys_asked;               /* the last question's number, */
    uint64_t keys_answered;            /* and that of the question which the keys answer */
    int64_t refetch_at[REFETCH_BURST]; /* times of the last refetches for unknown keys, oldest first */
};

provider_state *provider_state_open(arena *a)
{
    provider_state *s = ARENA_NEW(a, provider_state);

    if (s && pthread_mutex_init(&s->lock, NULL) != 0)
        return NULL;
    for (size_t i = 0; s && i < REFETCH_BURST; i++)
        s->refetch_at[i] = INT64_MIN / 2;
    return s;
}

void provider_close(provider *p)
{
    provider_state *s = p->state;

    jwk_drop(&p->client.key);
    provider_encryption_drop(p);
    if (!s)
        return;
    metadata_release(s->metadata);
    keyset_release(s->keys);
    pthread_mutex_destroy(&s->lock);
    p->state = NULL;
}

static freshness judge(const snapshot_times *times, int64_t now)
{
    return now < times->fresh_until ? FRESH : now < times->fresh_until + PROVIDER_STALE ? STALE : MISSING;
}

freshness provider_metadata(const provider *p, int64_t now, metadata **m)
{
    provider_state *s = p->state;
    freshness f;

    pthread_mutex_lock(&s->lock);
    f = s->metadata ? judge(&s->metadata_times, now) : MISSING;
    *m = f == MISSING ? NULL : metadata_hold(s->metadata);
    pthread_mutex_unlock(&s->lock);
    return f;
}

freshness provider_keys(const provider *p, int64_t now, keyset **set)
{
    provider_state *s = p->state;
    freshness f;

    pthread_mutex_lock(&s->lock);
    f = s->keys ? judge(&s->keys_times, now) : MISSING;
    *set = f == MISSING ? NULL : keyset_hold(s->keys);
    pthread_mutex_unlock(&s->lock);
    return f;
}

static void stamp(snapshot_times *times, int64_t now, int64_t fresh_for, unsigned char spread)
{
    int64_t life = fresh_for < FRESH_MIN ? FRESH_MIN : fresh_for > FRESH_MAX ? FRESH_MAX : fresh_for;

    times->fresh_until = now + life;
    times->refresh_at = now + life * 3 / 4 - life * spread / 2048;
    times->retry_at = 0;
}

void provider_metadata_put(const provider *p, metadata *m, int64_t now, int64_t fresh_for, unsigned char spread)
{
    provider_state *s = p->state;
    metadata *old;

    pthread_mutex_lock(&s->lock);
    old = s->metadata;
    s->metadata = m;
    stamp(&s->metadata_times, now, fresh_for, spread);
    pthread_mutex_unlock(&s->lock);
    metadata_release(old);
}

uint64_t provider_keys_ask(const provider *p)
{
    provider_state *s = p->state;
    uint64_t asked;

    pthread_mutex_lock(&s->lock);
    asked = ++s->keys_asked;
    pthread_mutex_unlock(&s->lock);
    return asked;
}

void provider_keys_put(const provider *p, keyset *set, uint64_t asked, int64_t now, int64_t fresh_for,
                       unsigned char spread)
{
    provider_state *s = p->state;
    keyset *old = set;

    pthread_mutex_lock(&s->lock);
    if (asked > s->keys_answered) {
        old = s->keys;
        s->keys = set;
        s->keys_answered = asked;
        /* The same document again is no new generation: what its keys verified stays verified. */
        if (!old || !keyset_is_same(old, set))
            s->keys_generation++;
        stamp(&s->keys_times, now, fresh_for, spread);
    }
    pthread_mutex_unlock(&s->lock);
    keyset_release(old);
}

static void fail(provider_state *s, snapshot_times *times, int64_t now)
{
    pthread_mutex_lock(&s->lock);
    times->retry_at = now + RETRY_AFTER;
    pthread_mutex_unlock(&s->lock);
}

void provider_metadata_failed(const provider *p, int64_t now)
{
    fail(p->state, &p->state->metadata_times, now);
}

void provider_keys_failed(const provider *p, int64_t now)
{
    fail(p->state, &p->state->keys_times, now);
}

/* A clock that was set back must not keep us waiting. */
static bool may_fetch(provider_state *s, const snapshot_times *times, int64_t now)
{
    bool may;

    pthread_mutex_lock(&s->lock);
    may = now >= times->retry_at || times->retry_at - now > RETRY_AFTER;
    pthread_mutex_unlock(&s->lock);
    return may;
}

bool provider_metadata_may_fetch(const provider *p, int64_t now)
{
    return may_fetch(p->state, &p->state->metadata_times, now);
}

bool provider_keys_may_fetch(const provider *p, int64_t now)
{
    return may_fetch(p->state, &p->state->keys_times, now);
}

bool provider_keys_may_refetch(const provider *p, int64_t now)
{
    provider_state *s = p->state;
    bool may;

    pthread_mutex_lock(&s->lock);
    may = now - s->refetch_at[0] >= REFETCH_EVERY * REFETCH_BURST || now < s->refetch_at[0];
    if (may) {
        memmove(s->refetch_at, s->refetch_at + 1, (REFETCH_BURST - 1) * sizeof s->refetch_at[0]);
        s->refetch_at[REFETCH_BURST - 1] = now;
    }
    pthread_mutex_unlock(&s->lock);
    return may;
}

uint64_t provider_keys_generation(const provider *p)
{
    provider_state *s = p->state;
    uint64_t generation;

    pthread_mutex_lock(&s->lock);
    generation = s->keys_generation;
    pthread_mutex_unlock(&s->lock);
    return generation;
}

int64_t provider_keys_fresh_until(const provider *p)
{
    provider_state *s = p->state;
    int64_t until;

    pthread_mutex_lock(&s->lock);
    until = s->keys_times.fresh_until;
    pthread_mutex_unlock(&s->lock);
    return until;
}

static int64_t due_of(const void *snapshot, const snapshot_times *times)
{
    if (!snapshot)
        return INT64_MAX;
    return times->refresh_at > times->retry_at ? times->refresh_at : times->retry_at;
}

int64_t provider_due(const provider *p)
{
    provider_state *s = p->state;
    int64_t a, b;

    pthread_mutex_lock(&s->lock);
    a = due_of(s->metadata, &s->metadata_times);
    b = due_of(s->keys, &s->keys_times);
    pthread_mutex_unlock(&s->lock);
    return a < b ? a : b;
}
