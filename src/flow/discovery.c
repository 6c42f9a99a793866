/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   metadata_then     fresh: next | FETCH metadata -> after_metadata -> next
 *   keys_then         fresh: next | metadata_then -> FETCH keys -> after_keys -> next
 *   newer_keys_then   throttled: next | FETCH keys -> after_keys -> next
 *
 * A failed fetch falls back on a stale snapshot; without one it is a refusal.
 */
#include "discovery.h"

#include "refusal_page.h"

enum { METADATA_MAX = 256 * 1024, KEYS_MAX = 512 * 1024, FRESH_DEFAULT = 3600 };

typedef struct hunt {
    tx_next after_metadata; /* separate, for the keys' hunt goes through the metadata's */
    tx_next after_keys;
    uint64_t keys_asked;
    bool optional; /* nothing is refused: what cannot be had is gone without */
} hunt;

static const gate_need *metadata_fetched(gate_tx *tx, const gate_reply *reply);
static const gate_need *keys_fetch(gate_tx *tx, const gate_reply *reply);
static const gate_need *keys_fetched(gate_tx *tx, const gate_reply *reply);

static hunt *hunt_of(gate_tx *tx)
{
    if (!tx->hunt)
        tx->hunt = ARENA_NEW(&tx->arena, hunt);
    return tx->hunt;
}

static gate_str reply_why(const gate_reply *reply)
{
    return reply->why ? str_of(reply->why) : STR("no complete answer");
}

static freshness hold_metadata(gate_tx *tx)
{
    metadata_release(tx->metadata);
    return provider_metadata(tx->provider, tx->now, &tx->metadata);
}

static freshness hold_keys(gate_tx *tx)
{
    keyset_release(tx->keys);
    tx->keys_generation = provider_keys_generation(tx->provider); /* before the keys: never newer than they are */
    return provider_keys(tx->provider, tx->now, &tx->keys);
}

static const gate_need *get(gate_tx *tx, gate_str url, size_t max, tx_next next)
{
    header_list headers = {0};
    tx_fetch_request f = {.method = STR("GET"), .url = url, .headers = &headers, .max_bytes = max, .share = true};

    header_add(&headers, STR("Accept"), STR("application/json"));
    return tx_fetch(tx, &f, next);
}

const gate_need *metadata_then(gate_tx *tx, tx_next next)
{
    hunt *h = hunt_of(tx);

    if (!h)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    h->after_metadata = next;
    switch (hold_metadata(tx)) {
    case FRESH:
        return next(tx, NULL);
    case STALE:
        if (!provider_metadata_may_fetch(tx->provider, tx->now))
            return next(tx, NULL);
        break;
    case MISSING:
        if (!provider_metadata_may_fetch(tx->provider, tx->now))
            return h->optional ? next(tx, NULL)
                               : tx_refuse(tx, REFUSAL_provider_down, STR("the last attempt failed a moment ago"));
    }
    return get(tx, tx->provider->config_url, METADATA_MAX, metadata_fetched);
}

const gate_need *metadata_if_there_then(gate_tx *tx, tx_next next)
{
    hunt *h = hunt_of(tx);

    if (!h)
        return next(tx, NULL);
    h->optional = true;
    return metadata_then(tx, next);
}

/* Beside a refusal's own words. */
static gate_str reason(gate_tx *tx, refusal why, gate_str detail)
{
    text t = text_begin(&tx->arena, 1024);
    gate_str both;

    text_add(&t, refusal_find(why)->log);
    if (detail.len) {
        text_add(&t, STR(": "));
        text_add(&t, str_part(detail, 0, detail.len < 256 ? detail.len : 256));
    }
    return text_end(&t, &both) ? both : detail;
}

/* A snapshot that we still hold serves on; without one this is the end. */
static const gate_need *without_new_metadata(gate_tx *tx, refusal why, gate_str detail)
{
    hunt *h = tx->hunt;

    provider_metadata_failed(tx->provider, tx->now);
    if (!tx->metadata && !h->optional)
        return tx_refuse(tx, why, detail);
    tx_log(tx, GATE_LOG_WARN, STR("the metadata cannot be refreshed; what is there serves on"),
           reason(tx, why, detail));
    return h->after_metadata(tx, NULL);
}

static bool is_good_answer(const gate_reply *reply)
{
    return reply->outcome == GATE_OK && reply->status == 200;
}

/* The reply's bytes go, the arena's stay. */
static gate_str issuer_of(gate_tx *tx, gate_str document)
{
    gate_str copy = arena_copy(&tx->arena, document);

    return copy.ptr ? metadata_issuer_in(&tx->arena, copy) : STR_NONE;
}

static const gate_need *metadata_fetched(gate_tx *tx, const gate_reply *reply)
{
    hunt *h = tx->hunt;
    const provider *p = tx->provider;
    refusal why = REFUSAL_none;
    metadata *m;
    unsigned char spread;

    if (!is_good_answer(reply))
        return without_new_metadata(tx, REFUSAL_provider_down,
                                    reply->outcome == GATE_OK ? tx_status(tx, reply->status) : reply_why(reply));
    m = tx_random(tx, &spread, 1) ? metadata_read(reply->body, p->client.issuer, p->allow_http, &why) : NULL;
    if (!m)
        return without_new_metadata(tx, why ? why : REFUSAL_internal,
                                    why == REFUSAL_metadata_issuer ? issuer_of(tx, reply->body) : STR_NONE);
    provider_metadata_put(p, metadata_hold(m), tx->now,
                          header_fresh_for(reply->headers, reply->header_count, FRESH_DEFAULT), spread);
    metadata_release(tx->metadata);
    tx->metadata = m;
    return h->after_metadata(tx, NULL);
}

const gate_need *keys_then(gate_tx *tx, tx_next next)
{
    hunt *h = hunt_of(tx);

    if (!h)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    h->after_keys = next;
    switch (hold_keys(tx)) {
    case FRESH:
        return next(tx, NULL);
    case STALE:
        if (!provider_keys_may_fetch(tx->provider, tx->now))
            return next(tx, NULL);
        break;
    case MISSING:
        if (!provider_keys_may_fetch(tx->provider, tx->now))
            return tx_refuse(tx, REFUSAL_provider_down, STR("the last attempt to fetch the keys failed a moment ago"));
    }
    return metadata_then(tx, keys_fetch);
}

const gate_need *newer_keys_then(gate_tx *tx, tx_next next)
{
    hunt *h = hunt_of(tx);

    if (!h || !provider_keys_may_refetch(tx->provider, tx->now)) {
        hold_keys(tx); /* another transaction may have fetched newer ones since */
        return tx->keys ? next(tx, NULL) : tx_refuse(tx, REFUSAL_provider_down, STR("the keys are too old"));
    }
    h->after_keys = next;
    return metadata_then(tx, keys_fetch);
}

static const gate_need *keys_fetch(gate_tx *tx, const gate_reply *reply)
{
    hunt *h = tx->hunt;

    (void)reply;
    if (!tx->metadata) { /* optional */
        provider_keys_failed(tx->provider, tx->now);
        return h->after_keys(tx, NULL);
    }
    h->keys_asked = provider_keys_ask(tx->provider);
    return get(tx, tx->metadata->jwks_uri, KEYS_MAX, keys_fetched);
}

static const gate_need *without_new_keys(gate_tx *tx, refusal why, gate_str detail)
{
    hunt *h = tx->hunt;

    provider_keys_failed(tx->provider, tx->now);
    if (!tx->keys && !h->optional)
        return tx_refuse(tx, why, detail);
    tx_log(tx, GATE_LOG_WARN, STR("the keys cannot be refreshed; those that are there serve on"),
           reason(tx, why, detail));
    return h->after_keys(tx, NULL);
}

static const gate_need *keys_fetched(gate_tx *tx, const gate_reply *reply)
{
    hunt *h = tx->hunt;
    keyset *set;
    unsigned char spread;

    if (!is_good_answer(reply))
        return without_new_keys(tx, REFUSAL_provider_down,
                                reply->outcome == GATE_OK ? tx_status(tx, reply->status) : reply_why(reply));
    set = tx_random(tx, &spread, 1) ? keyset_read(reply->body) : NULL;
    if (!set)
        return without_new_keys(tx, REFUSAL_keys_malformed, STR("no key in the set can be used"));
    provider_keys_put(tx->provider, set, h->keys_asked, tx->now,
                      header_fresh_for(reply->headers, reply->header_count, FRESH_DEFAULT), spread);
    hold_keys(tx); /* this set, or one that was asked for later and is there already */
    if (!tx->keys)
        return without_new_keys(tx, REFUSAL_provider_down, STR("the keys are too old"));
    return h->after_keys(tx, NULL);
}

const gate_need *refresh_then(gate_tx *tx, tx_next next)
{
    hunt *h = hunt_of(tx);

    if (!h)
        return next(tx, NULL);
    h->optional = true;
    h->after_keys = next;
    h->after_metadata = keys_fetch;
    hold_metadata(tx);
    hold_keys(tx);
    return get(tx, tx->provider->config_url, METADATA_MAX, metadata_fetched);
}
