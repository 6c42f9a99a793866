/* SPDX-License-Identifier: Apache-2.0 */
#include "access_token.h"

static token_kinds kind_named(gate_str word)
{
    if (str_equal(word, STR("at+jwt")))
        return TOKEN_AT_JWT;
    if (str_equal(word, STR("jwt")))
        return TOKEN_JWT;
    if (str_equal(word, STR("id_token")))
        return TOKEN_ID_TOKEN;
    return str_equal(word, STR("opaque")) ? TOKEN_OPAQUE : 0;
}

bool token_kinds_read(gate_str words, token_kinds *kinds)
{
    gate_str word;

    for (*kinds = 0; str_word(&words, &word);) {
        token_kinds kind = kind_named(word);
        if (!kind)
            return false;
        *kinds |= kind;
    }
    return *kinds != 0;
}

static gate_str bare_type(gate_str typ)
{
    gate_str prefix = STR("application/");

    return typ.len > prefix.len && str_equal_nocase(str_part(typ, 0, prefix.len), prefix) ? str_from(typ, prefix.len) : typ;
}

/* What providers write into tokens that are meant for something else than calling a resource. */
static bool is_for_something_else(const json *all)
{
    static const gate_str types[] = {STR_INIT("ID"), STR_INIT("Refresh"), STR_INIT("Offline"), STR_INIT("Logout")};
    gate_str typ = STR_NONE, use = STR_NONE;

    if (json_find(all, STR("events")) || json_get_string(all, STR("typ"), &typ) == JSON_WRONG ||
        json_get_string(all, STR("token_use"), &use) == JSON_WRONG)
        return true;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (str_equal(typ, types[i]))
            return true;
    return use.ptr && !str_equal(use, STR("access"));
}

static bool looks_like_id_token(const claims *t)
{
    return t->nonce.ptr || t->at_hash.ptr || json_find(t->all, STR("c_hash"));
}

/* RFC 8725 3.11 and 3.12: the kinds exclude each other. */
static bool check_kind(const jws *token, const claims *t, token_kinds kinds, refusal *why)
{
    gate_str typ = bare_type(token->typ);
    bool plain = !typ.ptr || str_equal_nocase(typ, STR("JWT"));

    if (str_equal_nocase(typ, STR("at+jwt"))) {
        if (!(kinds & (TOKEN_AT_JWT | TOKEN_JWT)) || json_find(t->all, STR("events")))
            return refuse(why, REFUSAL_jwt_type);
        /* RFC 9068 2.2: what such a token always has. */
        if ((kinds & TOKEN_AT_JWT) && (!t->sub.ptr || t->iat < 0 || !t->jti.ptr || !json_find(t->all, STR("client_id"))))
            return refuse(why, REFUSAL_token_claims);
        return true;
    }
    if (plain && (kinds & TOKEN_JWT) && !looks_like_id_token(t) && !is_for_something_else(t->all))
        return true;
    if (plain && (kinds & TOKEN_ID_TOKEN) && !json_find(t->all, STR("events")) && t->sub.ptr && t->iat >= 0)
        return true;
    return refuse(why, REFUSAL_jwt_type);
}

static bool has_audience(const claims *t, gate_str audiences)
{
    gate_str word;

    while (str_word(&audiences, &word))
        if (claims_aud_has(t, word))
            return true;
    return false;
}

static bool check_times(const client *c, const claims *t, int64_t now, refusal *why)
{
    if (claims_is_expired(t, now, c->skew))
        return refuse(why, REFUSAL_token_exp);
    if ((t->nbf >= 0 && claims_is_before(t->nbf, now, c->skew)) || (t->iat >= 0 && claims_is_before(t->iat, now, c->skew)))
        return refuse(why, REFUSAL_token_nbf);
    return true;
}

bool access_token_check(const client *c, const jws *token, const claims *t, const access_demand *demand, refusal *why)
{
    if (!t->iss.ptr || !t->aud || t->exp < 0)
        return refuse(why, REFUSAL_token_claims);
    if (!str_equal(t->iss, c->issuer))
        return refuse(why, REFUSAL_token_iss);
    if (!has_audience(t, demand->audiences))
        return refuse(why, REFUSAL_token_aud);
    return check_times(c, t, demand->now, why) && check_kind(token, t, demand->kinds, why);
}

bool access_token_check_introspected(const client *c, const claims *t, const access_demand *demand, refusal *why)
{
    if (t->iss.ptr && !str_equal(t->iss, c->issuer))
        return refuse(why, REFUSAL_token_iss);
    /* Without aud the rule could not tell whom the token is for. */
    if (!t->aud || !has_audience(t, demand->audiences))
        return refuse(why, REFUSAL_token_aud);
    if (t->exp >= 0 && claims_is_expired(t, demand->now, c->skew))
        return refuse(why, REFUSAL_token_exp);
    if (t->nbf >= 0 && claims_is_before(t->nbf, demand->now, c->skew))
        return refuse(why, REFUSAL_token_nbf);
    return true;
}

static bool has_scope(const json *claim, gate_str scope)
{
    if (!claim)
        return false;
    return claim->type == JSON_STRING ? str_has_word(claim->text, scope) : json_has_string(claim, scope);
}

bool access_token_has_scopes(const json *granted, gate_str scopes)
{
    gate_str word;

    while (str_word(&scopes, &word))
        if (!has_scope(json_find(granted, STR("scope")), word) && !has_scope(json_find(granted, STR("scp")), word))
            return false;
    return true;
}
