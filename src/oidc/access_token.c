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

    return typ.len > prefix.len && str_equal_nocase(str_part(typ, 0, prefix.len), prefix) ? str_from(typ, prefix.len)
                                                                                          : typ;
}

/* What providers say of a token's purpose within it: `typ` (Keycloak), `token_use` (Cognito). Absent: ptr NULL. */
static bool read_purpose(const json *all, gate_str *typ, gate_str *use)
{
    *typ = *use = STR_NONE;
    return json_get_string(all, STR("typ"), typ) != JSON_WRONG &&
           json_get_string(all, STR("token_use"), use) != JSON_WRONG;
}

/* A logout token and a security event have `events` (OIDC Back-Channel Logout 2.4, RFC 8417 2.2). */
static bool is_for_access(const json *all)
{
    static const gate_str others[] = {
        STR_INIT("ID"),   STR_INIT("Refresh"),  STR_INIT("Offline"),       STR_INIT("Logout"),
        STR_INIT("DPoP"), STR_INIT("id_token"), STR_INIT("refresh_token"),
    };
    gate_str typ, use;

    if (json_find(all, STR("events")) || !read_purpose(all, &typ, &use))
        return false;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (typ.ptr && str_equal_nocase(typ, others[i]))
            return false;
    return !use.ptr || str_equal_nocase(use, STR("access")) || str_equal_nocase(use, STR("access_token"));
}

static bool looks_like_id_token(const claims *t)
{
    return t->nonce.ptr || t->at_hash.ptr || json_find(t->all, STR("c_hash")) || json_find(t->all, STR("s_hash"));
}

/* RFC 9068 2.2: what such a token always has. */
static bool check_at_jwt(const claims *t, refusal *why)
{
    gate_str client_id;

    return (t->sub.ptr && t->iat >= 0 && t->jti.ptr &&
            json_get_string(t->all, STR("client_id"), &client_id) == JSON_GOOD) ||
           refuse(why, REFUSAL_token_claims);
}

static bool is_id_token(const claims *t)
{
    gate_str typ, use;

    if (json_find(t->all, STR("events")) || !read_purpose(t->all, &typ, &use))
        return false;
    if ((typ.ptr && !str_equal_nocase(typ, STR("ID"))) || (use.ptr && !str_equal_nocase(use, STR("id"))))
        return false;
    return t->sub.ptr && t->iat >= 0;
}

static bool has_audience(const claims *t, gate_str audiences)
{
    gate_str word;

    while (str_word(&audiences, &word))
        if (claims_aud_has(t, word))
            return true;
    return false;
}

/* OIDC Core 3.1.3.7 (4) and (5): for whom among several, and never for a client that is not one of ours. */
static bool check_azp(const client *c, const claims *t, gate_str audiences, refusal *why)
{
    if (!t->azp.ptr)
        return t->aud->type == JSON_STRING || t->aud->count == 1 || refuse(why, REFUSAL_id_token_azp);
    return str_equal(t->azp, c->client_id) || str_has_word(audiences, t->azp) || refuse(why, REFUSAL_id_token_azp);
}

/* RFC 8725 3.11 and 3.12: the kinds exclude each other. */
static bool check_kind(const client *c, const jws *token, const claims *t, const access_demand *demand, refusal *why)
{
    gate_str typ = bare_type(token->typ);
    bool plain = !typ.ptr || str_equal_nocase(typ, STR("JWT"));

    if (typ.ptr && str_equal_nocase(typ, STR("at+jwt"))) {
        if (!(demand->kinds & (TOKEN_AT_JWT | TOKEN_JWT)) || !is_for_access(t->all))
            return refuse(why, REFUSAL_jwt_type);
        return !(demand->kinds & TOKEN_AT_JWT) || check_at_jwt(t, why);
    }
    if (plain && (demand->kinds & TOKEN_JWT) && !looks_like_id_token(t) && is_for_access(t->all))
        return true;
    if (plain && (demand->kinds & TOKEN_ID_TOKEN) && is_id_token(t))
        return check_azp(c, t, demand->audiences, why);
    return refuse(why, REFUSAL_jwt_type);
}

/* RFC 7800 3: a token that is bound to a key is worth nothing without the proof of it, which is not looked for here. */
static bool check_unbound(const claims *t, refusal *why)
{
    return !json_find(t->all, STR("cnf")) || refuse(why, REFUSAL_token_bound);
}

static bool check_times(const client *c, const claims *t, int64_t now, refusal *why)
{
    if (claims_is_expired(t, now, c->skew))
        return refuse(why, REFUSAL_token_exp);
    if ((t->nbf >= 0 && claims_is_before(t->nbf, now, c->skew)) ||
        (t->iat >= 0 && claims_is_before(t->iat, now, c->skew)))
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
    return check_times(c, t, demand->now, why) && check_kind(c, token, t, demand, why) && check_unbound(t, why);
}

/* RFC 7662 2.2: token_type, where it is said, is that of an access token that is used as it is. */
static bool is_bearer(const json *all)
{
    gate_str type = STR_NONE;

    return json_get_string(all, STR("token_type"), &type) != JSON_WRONG &&
           (!type.ptr || str_equal_nocase(type, STR("Bearer")) || str_equal_nocase(type, STR("access_token")));
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
    /* The endpoint answers for refresh tokens too. */
    if (!is_bearer(t->all) || !is_for_access(t->all))
        return refuse(why, REFUSAL_jwt_type);
    return check_unbound(t, why);
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
