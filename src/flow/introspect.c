/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   opaque_begin        the place's first provider: metadata_then -> FETCH introspection endpoint ->
 *   introspected        JSON, or JWT (RFC 9701): keys_then -> keys_known -> (newer_keys_then -> newer_keys_known)
 *   answer_known        inactive: a refusal | claims -> bearer_accept
 *
 * An endpoint that does not answer is a 503, never an inactive token, and the other way round.
 */
#include "bearer_token.h"
#include "discovery.h"
#include "refusal_page.h"

enum { UNIQUE_BYTES = 24, INACTIVE_FOR = 10 };

static const gate_need *metadata_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *introspected(gate_tx *tx, const gate_reply *reply);
static const gate_need *keys_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *newer_keys_known(gate_tx *tx, const gate_reply *reply);

const gate_need *opaque_begin(gate_tx *tx)
{
    /* An opaque token does not say whose it is. It is shown to one provider only: to another it would be a gift. */
    tx->provider = tx->place->bearer.providers[0];
    return metadata_then(tx, metadata_known);
}

/* Equal questions are those of one client about one token: an answer is for the client that asked. */
static gate_str share_name(gate_tx *tx)
{
    text t = text_begin(&tx->arena, JWS_SIZE_MAX + 128);
    gate_str name;

    text_add(&t, tx->provider->name);
    text_add_char(&t, ' ');
    text_add(&t, tx->bearer->token);
    return text_end(&t, &name) ? name : STR_NONE;
}

static const gate_need *metadata_known(gate_tx *tx, const gate_reply *reply)
{
    header_list headers = {0};
    introspection_request r = {
        .endpoint = tx->metadata->introspection_endpoint,
        .token_endpoint = tx->metadata->token_endpoint.ptr ? tx->metadata->token_endpoint : tx->metadata->issuer,
        .token = tx->bearer->token,
        .now = tx->now,
        .want_jwt = tx->provider->introspection_signed,
    };
    tx_fetch_request f = {
        .method = STR("POST"),
        .url = r.endpoint,
        .headers = &headers,
        .max_bytes = INTROSPECTION_MAX,
        .share_as = share_name(tx),
    };

    (void)reply;
    f.share = f.share_as.len > 0;
    if (!r.endpoint.len)
        return bearer_refuse(tx, REFUSAL_introspection_down, STR("no introspection_endpoint in the metadata"));
    if (!tx_random_text(tx, UNIQUE_BYTES, &r.unique) ||
        !introspection_request_write(&tx->arena, &tx->provider->client, &r, &f.body, &headers))
        return tx_refuse(tx, REFUSAL_internal, STR("memory or randomness, or the client's key"));
    return tx_fetch(tx, &f, introspected);
}

static const gate_need *inactive(gate_tx *tx)
{
    bearer_remember_inactive(tx, tx->now + INACTIVE_FOR);
    return bearer_refuse(tx, REFUSAL_token_inactive, STR_NONE);
}

/* No longer than the token itself, nor than configured. */
static int64_t keep_until(const gate_tx *tx, const claims *t)
{
    int64_t until = tx->now + tx->provider->introspection_cache;

    return t->exp >= 0 && t->exp < until ? t->exp : until;
}

static const gate_need *answer_known(gate_tx *tx)
{
    bearer *b = tx->bearer;
    access_demand wanted = {.audiences = tx->place->bearer.audiences, .kinds = tx->place->bearer.kinds, .now = tx->now};
    refusal why = REFUSAL_none;

    if (!b->answer.active)
        return inactive(tx);
    if (!claims_read(&tx->arena, b->answer.claims->text, &b->claims))
        return bearer_refuse(tx, REFUSAL_token_claims, STR_NONE);
    if (!access_token_check_introspected(&tx->provider->client, &b->claims, &wanted, &why))
        return bearer_refuse_told(tx, why);
    if (tx->place->upstream.token == UPSTREAM_PHANTOM)
        b->phantom = b->answer.jwt;
    return bearer_accept(tx, keep_until(tx, &b->claims));
}

static const gate_need *introspected(gate_tx *tx, const gate_reply *reply)
{
    bearer *b = tx->bearer;
    refusal why = REFUSAL_none;
    introspection_reply answer = {.status = reply->status, .want_jwt = tx->provider->introspection_signed};

    if (reply->outcome != GATE_OK || reply->status >= 500)
        return bearer_refuse(tx, REFUSAL_introspection_down, reply->why ? str_of(reply->why) : STR_NONE);
    if (reply->status == 401)
        return bearer_refuse(tx, REFUSAL_client_refused, STR("at the introspection endpoint"));
    header_find(reply->headers, reply->header_count, STR("content-type"), &answer.content_type);
    answer.body = arena_copy(&tx->arena, reply->body);
    if (!answer.body.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (!introspection_read(&tx->arena, &tx->provider->client, &answer, &b->answer, &why))
        return bearer_refuse(tx, why, STR_NONE);
    return b->answer.is_signed ? keys_then(tx, keys_known) : answer_known(tx);
}

static const gate_need *signed_answer_verified(gate_tx *tx)
{
    refusal why = REFUSAL_none;

    if (!introspection_verified(&tx->arena, &tx->provider->client, &tx->bearer->answer, tx->now, &why))
        return bearer_refuse(tx, why, STR_NONE);
    return answer_known(tx);
}

static const gate_need *keys_known(gate_tx *tx, const gate_reply *reply)
{
    refusal why = REFUSAL_none;

    (void)reply;
    if (jws_verify_with_set(&tx->bearer->answer.token, tx->keys, &why))
        return signed_answer_verified(tx);
    if (why == REFUSAL_jwt_key_unknown)
        return newer_keys_then(tx, newer_keys_known);
    return bearer_refuse(tx, REFUSAL_introspection_malformed, refusal_find(why)->log);
}

static const gate_need *newer_keys_known(gate_tx *tx, const gate_reply *reply)
{
    refusal why = REFUSAL_none;

    (void)reply;
    if (!jws_verify_with_set(&tx->bearer->answer.token, tx->keys, &why))
        return bearer_refuse(tx, REFUSAL_introspection_malformed, refusal_find(why)->log);
    return signed_answer_verified(tx);
}
