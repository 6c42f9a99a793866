/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   bearer_find_then    BODY (only where the form is looked at) ->
 *   token_found         none: without | known from before: accepted | a JWT, encrypted perhaps: jwt_begin | opaque: opaque_begin
 *   jwt_begin           whose it says it is: one of the place's providers; keys_then ->
 *   keys_known          signature; an unknown key: newer_keys_then -> newer_keys_known
 *   jwt_verified        the claims hold -> accepted
 *   opaque_begin        metadata_then -> FETCH introspection endpoint -> introspected (introspection.c)
 *   accepted            scope, cache -> next
 */
#include "bearer.h"

#include "../base/cookie.h"
#include "bearer_token.h"
#include "discovery.h"
#include "refusal_page.h"

enum { FORM_MAX = 64 * 1024 };

static const gate_need *form_read_then(gate_tx *tx, const gate_reply *reply);
static const gate_need *token_found(gate_tx *tx);
static const gate_need *jwt_begin(gate_tx *tx);
static const gate_need *keys_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *newer_keys_known(gate_tx *tx, const gate_reply *reply);

/* ---- the token in the request ---- */

/* One token, from one place (RFC 6750 2). */
static bool take(bearer *b, gate_str token, refusal *why)
{
    if (b->token.ptr)
        return refuse(why, REFUSAL_bearer_twice);
    if (!token.len || token.len > JWS_SIZE_MAX)
        return refuse(why, REFUSAL_bearer_malformed);
    b->token = token;
    return true;
}

/* Does a longer word begin here than "Bearer" (RFC 9110 5.6.2: token)? */
static bool is_longer_word(gate_str rest)
{
    char c = rest.len ? char_lower(rest.ptr[0]) : ' ';

    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* Another scheme than Bearer is none of our business. */
static bool take_header(const gate_tx *tx, bearer *b, refusal *why)
{
    gate_str value = str_trim(tx->request.authorization), scheme = STR("Bearer"), rest;

    if (tx->request.authorization_twice)
        return refuse(why, REFUSAL_bearer_twice);
    if (value.len < scheme.len || !str_equal_nocase(str_part(value, 0, scheme.len), scheme))
        return true;
    rest = str_from(value, scheme.len);
    if (is_longer_word(rest))
        return true;
    if (!rest.len || rest.ptr[0] != ' ')
        return refuse(why, REFUSAL_bearer_malformed);
    return take(b, str_trim(rest), why);
}

static bool take_field(const form *fields, gate_str name, bearer *b, refusal *why)
{
    gate_str token;

    switch (form_get(fields, name, &token)) {
    case FORM_ABSENT:
        return true;
    case FORM_TWICE:
        return refuse(why, REFUSAL_bearer_twice);
    default:
        return take(b, token, why);
    }
}

static bool take_query(gate_tx *tx, bearer *b, refusal *why)
{
    form *fields = ARENA_NEW(&tx->arena, form);
    size_t at;

    if (!str_find(tx->request.target, '?', &at))
        return true;
    if (!fields)
        return refuse(why, REFUSAL_internal);
    if (!form_read(&tx->arena, str_from(tx->request.target, at + 1), fields))
        return refuse(why, REFUSAL_bearer_malformed);
    return take_field(fields, STR("access_token"), b, why) && take_field(fields, STR("id_token"), b, why);
}

static bool take_cookie(const gate_tx *tx, bearer *b, gate_str name, refusal *why)
{
    gate_str rest = tx->request.cookies, each, token;

    while (rest.ptr && cookie_next(&rest, &each, &token))
        if (str_equal(each, name) && !take(b, token, why))
            return false;
    return true;
}

static bool take_all(gate_tx *tx, bearer *b, refusal *why)
{
    const bearer_place *terms = &tx->place->bearer;

    return (!terms->from_header || take_header(tx, b, why)) && (!terms->from_query || take_query(tx, b, why)) &&
           (!terms->from_cookie.ptr || take_cookie(tx, b, terms->from_cookie, why));
}

const gate_need *bearer_find_then(gate_tx *tx, tx_next next, tx_next without)
{
    bearer *b = ARENA_NEW(&tx->arena, bearer);
    refusal why = REFUSAL_none;

    if (!b)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    b->next = next;
    b->without = without;
    tx->bearer = b;
    if (!take_all(tx, b, &why))
        return bearer_refuse(tx, why, STR_NONE);
    if (tx->place->bearer.from_form && tx_is_post(tx) &&
        header_is_type(tx->request.content_type, STR("application/x-www-form-urlencoded")))
        return tx_body(tx, FORM_MAX, form_read_then);
    return token_found(tx);
}

static const gate_need *form_read_then(gate_tx *tx, const gate_reply *reply)
{
    form *fields = ARENA_NEW(&tx->arena, form);
    gate_str body = arena_copy(&tx->arena, reply->body);
    refusal why = REFUSAL_none;

    if (!fields || !body.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (reply->outcome != GATE_OK || !form_read(&tx->arena, body, fields))
        return bearer_refuse(tx, REFUSAL_bearer_malformed, STR("the form"));
    if (!take_field(fields, STR("access_token"), tx->bearer, &why))
        return bearer_refuse(tx, why, STR_NONE);
    return token_found(tx);
}

/* ---- who it is ---- */

static bool has_jwt_form(gate_str token)
{
    size_t dots = 0, at;

    for (; dots <= 2 && str_find(token, '.', &at); dots++)
        token = str_from(token, at + 1);
    return dots == 2;
}

static bool may_be_encrypted(const bearer_place *terms)
{
    for (size_t i = 0; i < terms->count; i++)
        if (terms->providers[i]->client.access_token_encryption.alg)
            return true;
    return false;
}

/* An encrypted token does not say whose it is: the keys for each of the place's providers that encrypts are tried. */
static bool open_encrypted(gate_tx *tx, refusal *why)
{
    const bearer_place *terms = &tx->place->bearer;
    bearer *b = tx->bearer;

    for (size_t i = 0; i < terms->count && *why != REFUSAL_internal; i++) {
        const provider *p = terms->providers[i];
        *why = REFUSAL_none;
        if (p->client.access_token_encryption.alg &&
            encryption_open(&tx->arena, &p->client.access_token_encryption, b->token, &b->signed_token, why)) {
            b->opened_by = p;
            return true;
        }
    }
    return refuse(why, REFUSAL_jwe_unexpected);
}

static const gate_need *encrypted_begin(gate_tx *tx)
{
    refusal why = REFUSAL_none;

    if (!open_encrypted(tx, &why))
        return bearer_refuse(tx, why, STR_NONE);
    return jwt_begin(tx);
}

static const gate_need *token_found(gate_tx *tx)
{
    const bearer_place *terms = &tx->place->bearer;
    bearer *b = tx->bearer;
    bool is_signed;

    if (!b->token.ptr)
        return b->without(tx, NULL);
    if (bearer_cached(tx)) /* whatever there is to say of its form was said when it was new */
        return bearer_go_on(tx);
    if (!str_is_visible_ascii(b->token))
        return bearer_refuse(tx, REFUSAL_bearer_malformed, STR_NONE);
    b->signed_token = b->token;
    is_signed = has_jwt_form(b->token);
    b->jwt_form =
        (terms->kinds & ~(token_kinds)TOKEN_OPAQUE) && (is_signed || (may_be_encrypted(terms) && jwe_is_one(b->token)));
    if (b->jwt_form)
        return is_signed ? jwt_begin(tx) : encrypted_begin(tx);
    if (terms->kinds & TOKEN_OPAQUE)
        return opaque_begin(tx);
    return bearer_refuse(tx, REFUSAL_bearer_opaque, STR_NONE);
}

/* Which of the place's providers the token says it comes from. What it says is only compared, and proved by the signature after that. */
static const provider *provider_of(const bearer_place *terms, gate_str iss)
{
    for (size_t i = 0; i < terms->count && iss.ptr; i++)
        if (str_equal(terms->providers[i]->client.issuer, iss))
            return terms->providers[i];
    return NULL;
}

static alg_set all_algs(const bearer_place *terms)
{
    alg_set algs = 0;

    for (size_t i = 0; i < terms->count; i++)
        algs |= terms->providers[i]->client.access_token_algs;
    return algs;
}

/* Encrypted, or not, as agreed with this very provider. */
static bool is_as_agreed(gate_tx *tx, refusal *why)
{
    const encryption *agreed = &tx->provider->client.access_token_encryption;
    const provider *opened_by = tx->bearer->opened_by;
    gate_str inner;

    if (opened_by ? opened_by == tx->provider : !agreed->alg)
        return true;
    return encryption_open(&tx->arena, agreed, tx->bearer->token, &inner, why);
}

static const gate_need *jwt_begin(gate_tx *tx)
{
    bearer *b = tx->bearer;
    refusal why = REFUSAL_none;

    if (!jws_read(&tx->arena, b->signed_token, all_algs(&tx->place->bearer), &b->jwt, &why))
        return bearer_refuse_told(tx, why);
    if (!claims_read(&tx->arena, b->jwt.payload, &b->claims)) /* once: the very bytes that the signature covers */
        return bearer_refuse(tx, REFUSAL_token_claims, STR_NONE);
    tx->provider = provider_of(&tx->place->bearer, b->claims.iss);
    if (!tx->provider)
        return bearer_refuse_told(tx, REFUSAL_bearer_issuer);
    if (!is_as_agreed(tx, &why))
        return bearer_refuse(tx, why, STR_NONE);
    if (!(b->jwt.alg & tx->provider->client.access_token_algs))
        return bearer_refuse_told(tx, REFUSAL_jwt_alg);
    return keys_then(tx, keys_known);
}

/* No longer than the token, nor than the keys are fresh: whoever only hits the cache must come to see that a key is gone. */
static int64_t keep_until(const gate_tx *tx, int64_t token_until)
{
    int64_t keys_until = provider_keys_fresh_until(tx->provider);

    return token_until < keys_until ? token_until : keys_until;
}

static const gate_need *jwt_verified(gate_tx *tx)
{
    bearer *b = tx->bearer;
    access_demand wanted = {.audiences = tx->place->bearer.audiences, .kinds = tx->place->bearer.kinds, .now = tx->now};
    refusal why = REFUSAL_none;

    if (!access_token_check(&tx->provider->client, &b->jwt, &b->claims, &wanted, &why))
        return bearer_refuse_told(tx, why);
    return bearer_accept(tx, keep_until(tx, b->claims.exp + tx->provider->client.skew));
}

static const gate_need *keys_known(gate_tx *tx, const gate_reply *reply)
{
    bearer *b = tx->bearer;
    refusal why = REFUSAL_none;

    (void)reply;
    if (jws_verify_with_set(&b->jwt, tx->keys, &why))
        return jwt_verified(tx);
    if (why == REFUSAL_jwt_key_unknown)
        return newer_keys_then(tx, newer_keys_known);
    return bearer_refuse(tx, why, b->jwt.kid);
}

static const gate_need *newer_keys_known(gate_tx *tx, const gate_reply *reply)
{
    bearer *b = tx->bearer;
    refusal why = REFUSAL_none;

    (void)reply;
    if (!jws_verify_with_set(&b->jwt, tx->keys, &why))
        return bearer_refuse(tx, why, b->jwt.kid);
    return jwt_verified(tx);
}
