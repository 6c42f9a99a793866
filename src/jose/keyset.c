/* SPDX-License-Identifier: Apache-2.0 */
#include "keyset.h"

#include "crypto.h"

#include <stdatomic.h>

/* What reading needs at most: the tree of a document of KEYSET_SIZE_MAX, and its numbers decoded. */
enum { READING_MAX = 8 * 1024 * 1024, KEPT_MAX = 512 * 1024 };

struct keyset {
    arena memory; /* in which the set itself lies */
    atomic_size_t holders;
    unsigned char document[SHA256_SIZE]; /* the digest of what it was read from */
    size_t count;
    jwk keys[KEYSET_MAX];
};

static keyset *keyset_new(void)
{
    keyset *set;
    arena memory;

    arena_open(&memory, KEPT_MAX);
    set = ARENA_NEW(&memory, keyset);
    if (!set) {
        arena_close(&memory);
        return NULL;
    }
    set->memory = memory;
    atomic_init(&set->holders, 1);
    return set;
}

/* False only when memory is short: a key that cannot be used is passed over (RFC 7517 section 5). */
static bool add_key(arena *reading, keyset *set, const json *node)
{
    jwk *key = &set->keys[set->count];

    if (!jwk_read_public(reading, node, key))
        return true;
    set->count++;
    if (!key->kid.ptr)
        return true;
    key->kid = arena_copy(&set->memory, key->kid);
    return key->kid.ptr != NULL;
}

static bool add_keys(arena *reading, keyset *set, gate_str document)
{
    const json *keys = json_find(json_read_object(reading, document), STR("keys"));

    if (!keys || keys->type != JSON_ARRAY || keys->count > KEYSET_MAX)
        return false;
    for (const json *node = keys->child; node; node = node->next)
        if (!add_key(reading, set, node))
            return false;
    return set->count > 0;
}

keyset *keyset_read(gate_str document)
{
    keyset *set = document.len <= KEYSET_SIZE_MAX ? keyset_new() : NULL;
    arena reading;
    bool good;

    if (!set)
        return NULL;
    arena_open(&reading, READING_MAX);
    good = crypto_sha256(document, set->document) && add_keys(&reading, set, document);
    arena_close(&reading);
    if (good)
        return set;
    keyset_release(set);
    return NULL;
}

keyset *keyset_hold(keyset *set)
{
    atomic_fetch_add_explicit(&set->holders, 1, memory_order_relaxed);
    return set;
}

void keyset_release(keyset *set)
{
    arena memory;

    if (!set || atomic_fetch_sub_explicit(&set->holders, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < set->count; i++)
        jwk_drop(&set->keys[i]);
    memory = set->memory; /* the set lies in what is closed */
    arena_close(&memory);
}

static bool key_fits(const jwk *key, alg_set alg, gate_str kid)
{
    return (key->algs & alg) && (!kid.ptr || (key->kid.ptr && str_equal(key->kid, kid)));
}

size_t keyset_find(const keyset *set, alg_set alg, gate_str kid, const jwk *found[KEYSET_TRY_MAX], bool *ambiguous)
{
    size_t most = kid.ptr ? 1 : KEYSET_TRY_MAX, n = 0;

    *ambiguous = false;
    for (size_t i = 0; i < set->count; i++) {
        if (!key_fits(&set->keys[i], alg, kid))
            continue;
        if (n == most) {
            *ambiguous = true;
            return 0;
        }
        found[n++] = &set->keys[i];
    }
    return n;
}

bool keyset_is_same(const keyset *a, const keyset *b)
{
    return memcmp(a->document, b->document, SHA256_SIZE) == 0;
}

size_t keyset_count(const keyset *set)
{
    return set->count;
}

const jwk *keyset_at(const keyset *set, size_t i)
{
    return i < set->count ? &set->keys[i] : NULL;
}
