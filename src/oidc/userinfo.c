/* SPDX-License-Identifier: Apache-2.0 */
#include "userinfo.h"

#include "../jose/claims.h"

bool userinfo_request_write(arena *a, gate_str access_token, header_list *headers)
{
    text t = text_begin(a, access_token.len + 8);
    gate_str value;

    text_add(&t, STR("Bearer "));
    text_add(&t, access_token);
    if (!text_end(&t, &value))
        return false;
    header_add(headers, STR("Authorization"), value);
    header_add(headers, STR("Accept"), STR("application/json, application/jwt"));
    return !headers->failed;
}

bool userinfo_read(arena *a, const client *c, unsigned status, gate_str content_type, gate_str body, userinfo *u,
                   refusal *why)
{
    *u = (userinfo){0};
    if (status != 200 || body.len > USERINFO_MAX)
        return refuse(why, REFUSAL_userinfo_malformed);
    if (header_is_type(content_type, STR("application/jwt"))) {
        u->is_signed = true;
        return encryption_open(a, &c->userinfo_encryption, body, &body, why) &&
               jws_read(a, body, c->id_token_algs, &u->token, why);
    }
    if (c->userinfo_encryption.alg)
        return refuse(why, REFUSAL_jwe_missing);
    if (!header_is_type(content_type, STR("application/json")))
        return refuse(why, REFUSAL_userinfo_malformed);
    u->claims = json_read_object(a, body);
    if (!u->claims)
        return refuse(why, REFUSAL_userinfo_malformed);
    u->claims_text = u->claims->text;
    return true;
}

bool userinfo_verified(arena *a, const client *c, userinfo *u, int64_t now, refusal *why)
{
    claims t;

    if (!claims_read(a, u->token.payload, &t) || (t.iss.ptr && !str_equal(t.iss, c->issuer)) ||
        (t.aud && !claims_aud_has(&t, c->client_id)) || (t.exp >= 0 && claims_is_expired(&t, now, c->skew)) ||
        (t.nbf >= 0 && claims_is_before(t.nbf, now, c->skew)))
        return refuse(why, REFUSAL_userinfo_malformed);
    u->claims = t.all;
    u->claims_text = t.all->text;
    return true;
}

bool userinfo_check_sub(const userinfo *u, gate_str sub, refusal *why)
{
    gate_str theirs;

    if (json_get_string(u->claims, STR("sub"), &theirs) != JSON_GOOD || !str_equal(theirs, sub))
        return refuse(why, REFUSAL_userinfo_sub);
    return true;
}
