/* SPDX-License-Identifier: Apache-2.0 */
/* What was fetched from a provider: how long it is fresh, how long it serves, and how often it may be fetched. */
#include "provider.h"
#include "token.h"

enum { NOW = 1700000000, DAY = 86400 };

static const char METADATA[] =
    "{\"issuer\":\"https://op.example\",\"authorization_endpoint\":\"https://op.example/a\",\"token_endpoint\":"
    "\"https://op.example/t\",\"jwks_uri\":\"https://op.example/j\"}";

static provider *open_one(arena *a, const char *name, const char *acr_values)
{
    option_set *options = ARENA_NEW(a, option_set);
    provider *p = ARENA_NEW(a, provider);
    gate_error error;

    assert_true(option_set_begin(a, options));
    assert_true(option_set_value(a, options, OPTION_issuer, STR("https://op.example"), STR(""), &error));
    assert_true(option_set_value(a, options, OPTION_client_id, STR("app"), STR(""), &error));
    if (acr_values)
        assert_true(option_set_value(a, options, OPTION_acr_values, str_of(acr_values), STR(""), &error));
    assert_true(provider_open(a, str_of(name), options, p, &error));
    return p;
}

static metadata *some_metadata(void)
{
    refusal why = REFUSAL_none;
    metadata *m = metadata_read(str_of(METADATA), STR("https://op.example"), false, &why);

    assert_non_null(m);
    return m;
}

static keyset *keys_named(arena *a, const char *kid)
{
    gate_str key = token_public(a, KEY_ED25519, kid);
    keyset *set = keyset_read(token_set(a, &key, NULL));

    assert_non_null(set);
    return set;
}

static keyset *some_keys(arena *a)
{
    return keys_named(a, "\"kid\":\"k\"");
}

static freshness metadata_at(const provider *p, int64_t now)
{
    metadata *m = NULL;
    freshness f = provider_metadata(p, now, &m);

    assert_int_equal(m == NULL, f == MISSING);
    metadata_release(m);
    return f;
}

static freshness keys_at(const provider *p, int64_t now)
{
    keyset *set = NULL;
    freshness f = provider_keys(p, now, &set);

    assert_int_equal(set == NULL, f == MISSING);
    keyset_release(set);
    return f;
}

static void put_keys(const provider *p, keyset *set, int64_t now, int64_t fresh_for, unsigned char spread)
{
    provider_keys_put(p, set, provider_keys_ask(p), now, fresh_for, spread);
}

static void fresh_then_stale_then_missing(void **state)
{
    provider *p = open_one(*state, "main", NULL);

    assert_int_equal(metadata_at(p, NOW), MISSING);
    provider_metadata_put(p, some_metadata(), NOW, 600, 0);
    assert_int_equal(metadata_at(p, NOW + 599), FRESH);
    assert_int_equal(metadata_at(p, NOW + 600), STALE);
    assert_int_equal(metadata_at(p, NOW + 600 + PROVIDER_STALE - 1), STALE);
    assert_int_equal(metadata_at(p, NOW + 600 + PROVIDER_STALE), MISSING);
    assert_int_equal(keys_at(p, NOW), MISSING);
    put_keys(p, some_keys(*state), NOW, 600, 255);
    assert_int_equal(keys_at(p, NOW + 599), FRESH);
    assert_int_equal(keys_at(p, NOW + 600 + PROVIDER_STALE - 1), STALE);
    assert_int_equal(keys_at(p, NOW + 600 + PROVIDER_STALE), MISSING);
    provider_close(p);
    provider_close(&(provider){0});
}

static void freshness_has_bounds(void **state)
{
    provider *p = open_one(*state, "main", NULL);

    provider_metadata_put(p, some_metadata(), NOW, 0, 0);
    assert_int_equal(metadata_at(p, NOW + 59), FRESH);
    assert_int_equal(metadata_at(p, NOW + 60), STALE);
    provider_metadata_put(p, some_metadata(), NOW, 10 * DAY, 0);
    assert_int_equal(metadata_at(p, NOW + DAY - 1), FRESH);
    assert_int_equal(metadata_at(p, NOW + DAY), STALE);
    provider_close(p);
}

static void snapshots_outlive_their_successors(void **state)
{
    provider *p = open_one(*state, "main", NULL);
    metadata *held;

    provider_metadata_put(p, some_metadata(), NOW, 600, 0);
    assert_int_equal(provider_metadata(p, NOW, &held), FRESH);
    provider_metadata_put(p, some_metadata(), NOW, 600, 0);
    assert_str(held->token_endpoint, STR("https://op.example/t"));
    metadata_release(held);
    provider_close(p);
}

static void failures_wait(void **state)
{
    provider *p = open_one(*state, "main", NULL);

    assert_true(provider_metadata_may_fetch(p, NOW));
    provider_metadata_failed(p, NOW);
    assert_false(provider_metadata_may_fetch(p, NOW));
    assert_false(provider_metadata_may_fetch(p, NOW + 4));
    assert_true(provider_metadata_may_fetch(p, NOW + 5));
    assert_true(provider_metadata_may_fetch(p, NOW - 10)); /* the clock was set back */
    assert_true(provider_keys_may_fetch(p, NOW));
    provider_keys_failed(p, NOW);
    assert_false(provider_keys_may_fetch(p, NOW + 4));
    assert_true(provider_keys_may_fetch(p, NOW + 5));
    provider_close(p);
}

/* At most two at once, and over any long stretch one in thirty seconds. */
static void f73_unknown_keys_are_throttled(void **state)
{
    provider *p = open_one(*state, "main", NULL);
    int count = 0;

    assert_true(provider_keys_may_refetch(p, NOW));
    assert_true(provider_keys_may_refetch(p, NOW));
    for (int i = 0; i < 100; i++)
        assert_false(provider_keys_may_refetch(p, NOW + 29));
    for (int second = 30; second < 630; second++)
        count += provider_keys_may_refetch(p, NOW + second);
    assert_in_range(count, 18, 20);
    assert_true(provider_keys_may_refetch(p, NOW - 1000)); /* the clock was set back */
    provider_close(p);
}

static void f76_upkeep_is_due_ahead_of_the_end(void **state)
{
    provider *p = open_one(*state, "main", NULL);
    int64_t early, late;

    assert_int_equal(provider_due(p), INT64_MAX);
    provider_metadata_put(p, some_metadata(), NOW, 2048, 255);
    early = provider_due(p);
    provider_metadata_put(p, some_metadata(), NOW, 2048, 0);
    late = provider_due(p);
    assert_true(NOW < early && early < late && late < NOW + 2048);
    put_keys(p, some_keys(*state), NOW, 100, 0);
    assert_int_equal(provider_due(p), NOW + 75);
    provider_keys_failed(p, NOW + 75);
    assert_int_equal(provider_due(p), NOW + 80);
    provider_close(p);
}

/* A session of one is none of the other, though issuer and client are the same. */
static void tags_tell_providers_apart(void **state)
{
    provider *a = open_one(*state, "main", NULL), *b = open_one(*state, "strong", "gold"),
             *again = open_one(*state, "main", NULL);

    assert_memory_not_equal(a->tag, b->tag, SESSION_TAG_SIZE);
    assert_memory_equal(a->tag, again->tag, SESSION_TAG_SIZE);
    assert_int_equal(a->tag_hex.len, 2 * SESSION_TAG_SIZE);
    provider_close(a);
    provider_close(b);
    provider_close(again);
}

static bool has_kid(const provider *p, const char *kid)
{
    const jwk *found[KEYSET_TRY_MAX];
    keyset *set;
    bool ambiguous, has;

    provider_keys(p, NOW, &set);
    assert_non_null(set);
    has = keyset_find(set, ALG_ED25519, str_of(kid), found, &ambiguous) == 1;
    keyset_release(set);
    return has;
}

/* Two questions under way: the answer to the first comes last, and is dropped. */
static void f75_no_older_set_after_a_newer(void **state)
{
    provider *p = open_one(*state, "main", NULL);
    uint64_t first = provider_keys_ask(p), second = provider_keys_ask(p), generation;

    provider_keys_put(p, keys_named(*state, "\"kid\":\"new\""), second, NOW, 600, 0);
    generation = provider_keys_generation(p);
    provider_keys_put(p, keys_named(*state, "\"kid\":\"old\""), first, NOW + 1, 6000, 0);
    assert_true(has_kid(p, "new") && !has_kid(p, "old"));
    assert_true(provider_keys_generation(p) == generation);
    assert_int_equal(provider_keys_fresh_until(p), NOW + 600);
    put_keys(p, keys_named(*state, "\"kid\":\"newest\""), NOW + 1, 600, 0);
    assert_true(has_kid(p, "newest"));
    provider_close(p);
}

static void keys_have_generations(void **state)
{
    provider *p = open_one(*state, "main", NULL);
    uint64_t before = provider_keys_generation(p), after;

    put_keys(p, some_keys(*state), NOW, 600, 0);
    after = provider_keys_generation(p);
    assert_true(after != before);
    put_keys(p, some_keys(*state), NOW, 600, 0);
    assert_true(provider_keys_generation(p) == after); /* the same document again */
    put_keys(p, keys_named(*state, "\"kid\":\"k2\""), NOW, 600, 0);
    assert_true(provider_keys_generation(p) != after);
    provider_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fresh_then_stale_then_missing),
        TEST(freshness_has_bounds),
        TEST(snapshots_outlive_their_successors),
        TEST(failures_wait),
        TEST(f73_unknown_keys_are_throttled),
        TEST(f76_upkeep_is_due_ahead_of_the_end),
        TEST(tags_tell_providers_apart),
        TEST(f75_no_older_set_after_a_newer),
        TEST(keys_have_generations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
