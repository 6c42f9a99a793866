/* SPDX-License-Identifier: Apache-2.0 */
/* What follows when it is known whose a bearer token is: the cache, the scopes, the answer to a bad one. */
#include "bearer.h"

#include "bearer_token.h"
#include "refusal_page.h"

#include <string.h>

/* The value of a cache entry: the token's exp; for an opaque token its phantom; the claims' text. Told apart by the kind. */
enum { KIND_JWT = 1, KIND_OPAQUE = 2, KIND_INACTIVE = 3, KIND_UNSCOPED = 5, CHALLENGE_MAX = BEARER_SCOPES_MAX + 1024 };

/* RFC 9110 5.6.4 */
static void add_quoted(text *t, gate_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\')
            text_add_char(t, '\\');
        text_add_char(t, s.ptr[i]);
    }
}

/* RFC 6750 3: scheme, realm, and what went wrong, unless nothing was tried. */
static void add_challenge(gate_tx *tx, const refusal_entry *entry)
{
    text t = text_begin(&tx->arena, CHALLENGE_MAX);
    gate_str challenge;

    text_add(&t, STR("Bearer realm=\""));
    add_quoted(&t, tx->place->bearer.providers[0]->name);
    text_add_char(&t, '"');
    if (entry->oauth.len) {
        text_add(&t, STR(", error=\""));
        text_add(&t, entry->oauth);
        text_add(&t, STR("\", error_description=\""));
        add_quoted(&t, entry->say);
        text_add_char(&t, '"');
    }
    if (str_equal(entry->oauth, STR("insufficient_scope"))) {
        text_add(&t, STR(", scope=\""));
        text_add(&t, tx->place->bearer.scopes);
        text_add_char(&t, '"');
    }
    if (text_end(&t, &challenge))
        header_add(&tx->headers, STR("WWW-Authenticate"), challenge);
}

const gate_need *bearer_refuse(gate_tx *tx, refusal why, gate_str detail)
{
    const refusal_entry *entry = refusal_find(why);

    if (entry->status < 500)
        add_challenge(tx, entry);
    return tx_refuse(tx, why, detail);
}

static gate_str told(const bearer *b, refusal why)
{
    const json *said = NULL;

    switch (why) {
    case REFUSAL_jwt_alg:
        said = json_find(b->jwt.header, STR("alg"));
        break;
    case REFUSAL_jwt_type:
        said = json_find(b->jwt.header, STR("typ"));
        break;
    case REFUSAL_bearer_issuer:
    case REFUSAL_token_iss:
        said = json_find(b->claims.all, STR("iss"));
        break;
    case REFUSAL_token_aud:
        said = b->claims.aud;
        break;
    case REFUSAL_token_exp:
        said = json_find(b->claims.all, STR("exp"));
        break;
    default:
        break;
    }
    return said ? said->text : STR_NONE;
}

const gate_need *bearer_refuse_told(gate_tx *tx, refusal why)
{
    return bearer_refuse(tx, why, told(tx->bearer, why));
}

const gate_need *bearer_refuse_missing(gate_tx *tx)
{
    return bearer_refuse(tx, REFUSAL_bearer_missing, tx->request.path);
}

/* ---- the cache: one entry per token and place ---- */

/* Which of the place's providers an entry is of is part of its kind, since each has its own generation of keys. */
static token_policy policy_for(const gate_tx *tx, uint32_t kind, size_t provider_index)
{
    return (token_policy){
        .place = tx->place->number,
        .kind = kind | (uint32_t)provider_index << 8,
        .generation = kind == KIND_JWT ? provider_keys_generation(tx->place->bearer.providers[provider_index]) : 0,
    };
}

static bool take_known(bearer *b, const token_hit *hit, gate_str *value)
{
    if (hit->value.len < sizeof b->known_ends)
        return false;
    memcpy(&b->known_ends, hit->value.ptr, sizeof b->known_ends);
    *value = str_from(hit->value, sizeof b->known_ends);
    b->known_span = hit->span;
    return true;
}

static bool find(gate_tx *tx, uint32_t kind, gate_str *value)
{
    const bearer_place *terms = &tx->place->bearer;

    for (size_t i = 0; i < terms->count; i++) {
        token_policy policy = policy_for(tx, kind, i);
        token_hit hit;
        if (!token_cache_find(tx->settings->tokens, &tx->arena, tx->bearer->token, &policy, tx->now, &hit))
            continue;
        tx->provider = terms->providers[i];
        return take_known(tx->bearer, &hit, value);
    }
    return false;
}

/* exp phantom '\n' claims */
static bool find_opaque(gate_tx *tx)
{
    gate_str value, phantom;

    if (!find(tx, KIND_OPAQUE, &value) || !str_cut(&value, '\n', &phantom))
        return false;
    tx->bearer->phantom = phantom.len ? phantom : STR_NONE;
    tx->bearer->known = value;
    return true;
}

/* Found out before, and refused. */
static bool find_refused(gate_tx *tx, uint32_t kind, refusal why)
{
    token_policy policy = policy_for(tx, kind, 0);
    token_hit hit;

    if (token_cache_find(tx->settings->tokens, &tx->arena, tx->bearer->token, &policy, tx->now, &hit))
        tx->bearer->refused = why;
    return tx->bearer->refused != REFUSAL_none;
}

static bool find_jwt(gate_tx *tx)
{
    tx->bearer->jwt_form = find(tx, KIND_JWT, &tx->bearer->known);
    return tx->bearer->jwt_form;
}

/* Looks only for what this place can have found out: each look costs a hash. */
bool bearer_cached(gate_tx *tx)
{
    const bearer_place *terms = &tx->place->bearer;
    bool opaque = terms->kinds & TOKEN_OPAQUE;

    return (terms->kinds != TOKEN_OPAQUE && find_jwt(tx)) || (opaque && find_opaque(tx)) ||
           (opaque && find_refused(tx, KIND_INACTIVE, REFUSAL_token_inactive)) ||
           (terms->scopes.len && find_refused(tx, KIND_UNSCOPED, REFUSAL_token_scope));
}

static void remember_refused(gate_tx *tx, uint32_t kind, int64_t expires)
{
    token_policy policy = policy_for(tx, kind, 0);

    token_cache_add(tx->settings->tokens, tx->bearer->token, &policy, (token_span){tx->now, expires}, STR_NONE);
}

void bearer_remember_inactive(gate_tx *tx, int64_t expires)
{
    remember_refused(tx, KIND_INACTIVE, expires);
}

static size_t provider_index(const gate_tx *tx)
{
    size_t i = 0;

    while (i + 1 < tx->place->bearer.count && tx->place->bearer.providers[i] != tx->provider)
        i++;
    return i;
}

static void remember(gate_tx *tx, int64_t expires)
{
    bearer *b = tx->bearer;
    token_policy policy = policy_for(tx, b->jwt_form ? KIND_JWT : KIND_OPAQUE, provider_index(tx));
    int64_t ends;
    text t = text_begin(&tx->arena, sizeof ends + b->phantom.len + b->claims.all->text.len + 1);
    gate_str value;

    if (json_get_time(b->claims.all, STR("exp"), &ends) != JSON_GOOD)
        ends = NO_END;
    text_add(&t, (gate_str){(const char *)&ends, sizeof ends});
    if (b->jwt_form) {
        /* of the keys that verified it, which may not be the newest any more */
        policy.generation = tx->keys_generation;
    } else {
        text_add(&t, b->phantom);
        text_add_char(&t, '\n');
    }
    text_add(&t, b->claims.all->text);
    if (!text_end(&t, &value))
        return;
    token_cache_add(tx->settings->tokens, b->token, &policy, (token_span){tx->now, expires}, value);
}

const gate_need *bearer_accept(gate_tx *tx, int64_t expires)
{
    if (!access_token_has_scopes(tx->bearer->claims.all, tx->place->bearer.scopes)) {
        if (expires > tx->now)
            remember_refused(tx, KIND_UNSCOPED, expires);
        return bearer_refuse(tx, REFUSAL_token_scope, tx->place->bearer.scopes);
    }
    if (expires > tx->now)
        remember(tx, expires);
    return bearer_go_on(tx);
}

/* ---- on ---- */

/* What the cache knows was let in by this very place, scopes and all: its claims are read by visitor_facts, if anybody asks. */
static const gate_need *go_on_known(gate_tx *tx)
{
    const bearer *b = tx->bearer;

    tx->visitor = (visitor){
        .signed_in = true,
        .claims_text = b->known,
        .token = b->token,
        .token_ends = b->known_ends,
        .token_span = b->known_span,
    };
    return b->next(tx, NULL);
}

const gate_need *bearer_go_on(gate_tx *tx)
{
    bearer *b = tx->bearer;
    session_facts *facts;

    if (b->refused)
        return bearer_refuse(tx, b->refused, STR_NONE);
    if (b->known.ptr)
        return go_on_known(tx);
    facts = ARENA_NEW(&tx->arena, session_facts);
    if (!facts)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    *facts = (session_facts){.content = {.access_token = b->token, .expires_at = -1}, .id_token = b->claims.all};
    tx->visitor = (visitor){.signed_in = true, .facts_read = true, .facts = facts};
    return b->next(tx, NULL);
}
