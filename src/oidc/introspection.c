/* SPDX-License-Identifier: Apache-2.0 */
#include "introspection.h"

#include "../base/form.h"
#include "../jose/claims.h"
#include "client_auth.h"

enum { REQUEST_MAX = 64 * 1024 };

static const gate_str JWT_TYPE = STR_INIT("application/token-introspection+jwt");

bool introspection_request_write(arena *a, const client *c, const introspection_request *r, gate_str *body,
                                 header_list *headers)
{
    text t = text_begin(a, REQUEST_MAX);

    form_add(&t, STR("token"), r->token);
    form_add(&t, STR("token_type_hint"), STR("access_token"));
    header_add(headers, STR("Content-Type"), STR("application/x-www-form-urlencoded"));
    header_add(headers, STR("Accept"), r->want_jwt ? JWT_TYPE : STR("application/json"));
    return client_auth_write(a, c, r->token_endpoint, r->unique, r->now, &t, headers) && text_end(&t, body) &&
           !headers->failed;
}

/* Without active: true nothing else of the answer counts (RFC 7662 2.2). */
static bool take_answer(const json *answer, introspection *i, refusal *why)
{
    if (json_get_flag(answer, STR("active"), &i->active) != JSON_GOOD)
        return refuse(why, REFUSAL_introspection_malformed);
    if (!i->active)
        return true;
    i->claims = answer;
    if (!i->jwt.ptr && json_get_string(answer, STR("jwt"), &i->jwt) == JSON_WRONG)
        return refuse(why, REFUSAL_introspection_malformed);
    return !i->jwt.ptr || jws_has_form(i->jwt) || refuse(why, REFUSAL_introspection_malformed);
}

bool introspection_read(arena *a, const client *c, const introspection_reply *reply, introspection *i, refusal *why)
{
    gate_str content_type = reply->content_type, body = reply->body;

    *i = (introspection){0};
    if (reply->status != 200 || body.len > INTROSPECTION_MAX)
        return refuse(why, REFUSAL_introspection_malformed);
    if (header_is_type(content_type, JWT_TYPE)) {
        i->is_signed = true;
        i->jwt = body;
        return jws_read(a, body, c->id_token_algs, &i->token, why);
    }
    if (reply->want_jwt || !header_is_type(content_type, STR("application/json")))
        return refuse(why, REFUSAL_introspection_malformed);
    return take_answer(json_read_object(a, body), i, why);
}

static bool is_introspection_type(gate_str typ)
{
    return str_equal_nocase(typ, STR("token-introspection+jwt")) || str_equal_nocase(typ, JWT_TYPE);
}

bool introspection_verified(arena *a, const client *c, introspection *i, int64_t now, refusal *why)
{
    claims t;
    const json *answer;

    if (!claims_read(a, i->token.payload, &t) || !is_introspection_type(i->token.typ) || !str_equal(t.iss, c->issuer) ||
        !t.iss.ptr || !claims_aud_has(&t, c->client_id) || t.iat < 0 || claims_is_before(t.iat, now, c->skew) ||
        (t.exp >= 0 && claims_is_expired(&t, now, c->skew)))
        return refuse(why, REFUSAL_introspection_malformed);
    answer = json_find(t.all, STR("token_introspection"));
    if (!answer || answer->type != JSON_OBJECT)
        return refuse(why, REFUSAL_introspection_malformed);
    return take_answer(answer, i, why);
}
