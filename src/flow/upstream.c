/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream.h"

#include "../base/base64url.h"
#include "../jose/jws.h"
#include "bearer_token.h"
#include "refusal_page.h"

enum { KIND_SIGNED = 4, JTI_BYTES = 16, PAYLOAD_MAX = 8 * 1024 };

static bool add_authorization(gate_tx *tx, gate_str token, refusal *why)
{
    text t = text_begin(&tx->arena, token.len + 8);
    gate_str value;

    text_add(&t, STR("Bearer "));
    text_add(&t, token);
    if (!text_end(&t, &value))
        return refuse(why, REFUSAL_internal);
    header_add(&tx->identity, STR("Authorization"), value);
    return true;
}

void upstream_remove(gate_tx *tx)
{
    if (tx->place->upstream.token != UPSTREAM_KEEP)
        header_add(&tx->identity, STR("Authorization"), STR(""));
}

static bool add_phantom(gate_tx *tx, refusal *why)
{
    const bearer *b = tx->bearer;

    if (!b || !b->token.ptr) { /* a session has none */
        upstream_remove(tx);
        return true;
    }
    if (b->jwt_form)
        return add_authorization(tx, b->token, why); /* a JWT is its own, wherever it stood */
    return b->phantom.ptr ? add_authorization(tx, b->phantom, why) : refuse(why, REFUSAL_phantom_missing);
}

/* ---- a token of our own ---- */

/* What the token is kept under: the session's handle, its sealed body, or the bearer token that it stands for. */
static gate_str whose(const gate_tx *tx)
{
    if (tx->bearer && tx->bearer->token.ptr)
        return tx->bearer->token;
    return tx->visitor.handle.ptr ? tx->visitor.handle : tx->visitor.body;
}

static void add_claims(text *t, const gate_tx *tx, const session_facts *facts)
{
    gate_str rest = tx->place->upstream.claims, name;

    while (str_word(&rest, &name)) {
        const json *claim = session_claim(facts, name);
        if (!claim)
            continue;
        if (claim->type == JSON_STRING)
            json_add_string(t, name, claim->text);
        else
            json_add_raw(t, name, claim->text);
    }
}

/* Never beyond the token that it stands for. */
static int64_t signed_until(const gate_tx *tx, const session_facts *facts)
{
    int64_t until = tx->now + tx->place->upstream.lifetime, exp;
    bool is_bearer = tx->bearer && tx->bearer->token.ptr; /* the exp of a session's ID Token is another matter */

    return is_bearer && json_get_time(facts->id_token, STR("exp"), &exp) == JSON_GOOD && exp < until ? exp : until;
}

static bool write_payload(gate_tx *tx, const session_facts *facts, gate_str *payload)
{
    text t = text_begin(&tx->arena, PAYLOAD_MAX);
    gate_str jti;

    if (!tx_random_text(tx, JTI_BYTES, &jti))
        return false;
    json_begin(&t);
    json_add_string(&t, STR("iss"), tx->settings->signer.issuer);
    json_add_string(&t, STR("aud"), tx->place->upstream.audience);
    json_add_number(&t, STR("iat"), tx->now);
    json_add_number(&t, STR("exp"), signed_until(tx, facts));
    json_add_string(&t, STR("jti"), jti);
    add_claims(&t, tx, facts);
    json_end(&t);
    return text_end(&t, payload);
}

static bool sign(gate_tx *tx, const session_facts *facts, gate_str *token)
{
    const jwk *key = &tx->settings->signer.keys[0];
    text t = text_begin(&tx->arena, JWS_SIZE_MAX);
    gate_str payload;

    return write_payload(tx, facts, &payload) && jws_sign(&tx->arena, &t, key, key->algs, STR("at+jwt"), payload) &&
           text_end(&t, token);
}

/* One token serves for half its life: the application always gets one with time left. */
static bool add_signed(gate_tx *tx, const session_facts *facts, refusal *why)
{
    token_policy policy = {.place = tx->place->number, .kind = KIND_SIGNED};
    int64_t half = (signed_until(tx, facts) - tx->now) / 2;
    token_hit hit;

    if (!token_cache_find(tx->settings->tokens, &tx->arena, whose(tx), &policy, tx->now, &hit)) {
        if (!sign(tx, facts, &hit.value))
            return refuse(why, REFUSAL_internal);
        token_cache_add(tx->settings->tokens, whose(tx), &policy, (token_span){tx->now, tx->now + half}, hit.value);
    }
    return add_authorization(tx, hit.value, why);
}

bool upstream_add(gate_tx *tx, const session_facts *facts, refusal *why)
{
    switch (tx->place->upstream.token) {
    case UPSTREAM_KEEP:
        return true;
    case UPSTREAM_NONE:
        upstream_remove(tx);
        return true;
    case UPSTREAM_PHANTOM:
        return add_phantom(tx, why);
    case UPSTREAM_SIGNED:
        return add_signed(tx, facts, why);
    }
    return refuse(why, REFUSAL_internal);
}

const gate_need *upstream_keys_begin(gate_tx *tx)
{
    if (!tx_is_get(tx))
        return tx_refuse(tx, REFUSAL_method_not_allowed, tx->request.method);
    header_add(&tx->headers, STR("Cache-Control"), STR("public, max-age=300"));
    return tx_answer(tx, 200, STR("application/jwk-set+json"), tx->settings->signer.jwks);
}
