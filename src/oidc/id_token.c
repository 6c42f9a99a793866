/* SPDX-License-Identifier: Apache-2.0 */
#include "id_token.h"

#include "../base/base64url.h"
#include "../base/secret.h"
#include "../jose/crypto.h"

enum { IAT_PAST_MAX = 24 * 3600 };

/* RFC 8725 3.11: a token that says what it is, and is something else, is no ID Token. "JWT" and absence say nothing. */
static bool check_type(const jws *token, refusal *why)
{
    gate_str typ = token->typ, prefix = STR("application/");

    if (typ.len > prefix.len && str_equal_nocase(str_part(typ, 0, prefix.len), prefix))
        typ = str_from(typ, prefix.len);
    return !typ.ptr || str_equal_nocase(typ, STR("JWT")) || str_equal_nocase(typ, STR("id_token+jwt")) ||
           refuse(why, REFUSAL_jwt_type);
}

/* 3.1.3.7 (3) to (5): we are an audience, every other one is trusted by configuration, and with several of them azp says whose it is. */
static bool check_audience(const client *c, const claims *t, refusal *why)
{
    const json *each = t->aud->type == JSON_ARRAY ? t->aud->child : t->aud;

    if (!claims_aud_has(t, c->client_id))
        return refuse(why, REFUSAL_id_token_aud);
    for (; each; each = t->aud->type == JSON_ARRAY ? each->next : NULL)
        if (!str_equal(each->text, c->client_id) && !str_has_word(c->trusted_audiences, each->text))
            return refuse(why, REFUSAL_id_token_aud);
    if (t->azp.ptr ? !str_equal(t->azp, c->client_id) : !claims_aud_is_only(t, c->client_id))
        return refuse(why, REFUSAL_id_token_azp);
    return true;
}

/* (2) and what must be there at all. */
static bool check_parties(const client *c, const claims *t, refusal *why)
{
    if (!t->iss.ptr || !t->sub.ptr || !t->aud || t->exp < 0 || t->iat < 0)
        return refuse(why, REFUSAL_id_token_claims);
    if (!str_equal(t->iss, c->issuer))
        return refuse(why, REFUSAL_id_token_iss);
    return check_audience(c, t, why);
}

/* (9), (10), and nbf. */
static bool check_times(const client *c, const claims *t, int64_t now, refusal *why)
{
    if (claims_is_expired(t, now, c->skew))
        return refuse(why, REFUSAL_id_token_exp);
    if (claims_is_before(t->iat, now, c->skew) || t->iat < now - IAT_PAST_MAX)
        return refuse(why, REFUSAL_id_token_iat);
    if (t->nbf >= 0 && claims_is_before(t->nbf, now, c->skew))
        return refuse(why, REFUSAL_id_token_nbf);
    return true;
}

/* (12), (13). */
static bool check_strength(const client *c, const claims *t, const id_token_demand *demand, refusal *why)
{
    if (demand->acr_values.len && (!t->acr.ptr || !str_has_word(demand->acr_values, t->acr)))
        return refuse(why, REFUSAL_id_token_acr);
    if (demand->max_age < 0)
        return true;
    if (t->auth_time < 0 || claims_is_before(t->auth_time, demand->now, c->skew) ||
        demand->now - t->auth_time > demand->max_age + c->skew)
        return refuse(why, REFUSAL_id_token_auth_time);
    return true;
}

/* 3.1.3.6: the left half of the token's digest, by the ID Token's own algorithm. */
static bool check_at_hash(const jws *token, const claims *t, gate_str access_token, refusal *why)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    char written[BASE64URL_SIZE(EVP_MAX_MD_SIZE)];
    text expected = text_begin_at(written, sizeof written);
    const char *digest = alg_digest(token->alg);
    gate_str want;
    size_t n;

    if (!t->at_hash.ptr)
        return true; /* optional in the code flow */
    if (!digest || !crypto_digest(digest, access_token, hash, &n))
        return refuse(why, REFUSAL_id_token_at_hash);
    base64url_write(&expected, (gate_str){(char *)hash, n / 2});
    return (text_end(&expected, &want) && secret_equal(want, t->at_hash)) || refuse(why, REFUSAL_id_token_at_hash);
}

bool id_token_check(const client *c, const jws *token, const claims *t, const id_token_demand *demand, refusal *why)
{
    if (!check_type(token, why) || !check_parties(c, t, why) || !check_times(c, t, demand->now, why))
        return false;
    if (demand->nonce.len && !(t->nonce.ptr && secret_equal(t->nonce, demand->nonce)))
        return refuse(why, REFUSAL_id_token_nonce); /* (11) */
    return check_strength(c, t, demand, why) && check_at_hash(token, t, demand->access_token, why);
}
