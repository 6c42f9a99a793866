/* SPDX-License-Identifier: Apache-2.0 */
#include "introspect.h"

#include "access_token.h"
#include "client.h"
#include "conduct.h"
#include "jwt.h"
#include "mint.h"
#include <string.h>
#include <strings.h>

static const char SIGNED_TYPE[] = "application/token-introspection+jwt";

/* Inactive tokens have no members but this one (RFC 7662 section 2.2). */
static members make_answer(issuer *is, const http_request *rq, const options_client *c, const char *token)
{
    members answer = members_open(rq->home), claims = members_open(rq->home);
    size_t slot = 0;
    const grant *g = grant_find_access(is, token, &slot);
    bool active = g != NULL;
    if (active)
        claims = access_token_claims(is, g, g->access[slot], g->access_made[slot], rq->home);
    else
        active = mint_find(is, token, &claims);
    members_put(&answer, "active", active ? "true" : "false");
    if (!active)
        return answer;
    for (const member *m = claims.first; m != NULL; m = m->next)
        members_add(&answer, m->name, m->value, m->length);
    members_put(&answer, "token_type", "\"Bearer\"");
    if (issuer_has_word(is, "phantom")) {
        text phantom = text_open(rq->home);
        members known = members_open(rq->home);
        jwt_write(&phantom, is, &JWT_ACCESS_TOKEN, "at+jwt", &claims, &known, c);
        members_put_string(&answer, "jwt", text_end(&phantom));
    }
    return answer;
}

static void sign(issuer *is, http_request *rq, http_reply *rp, const options_client *c, const text *answer)
{
    members claims = members_open(rq->home), known = members_open(rq->home);
    text token = text_open(rq->home);
    members_put_string(&claims, "iss", is->url);
    members_put_string(&claims, "aud", c->id);
    members_put_number(&claims, "iat", time(NULL));
    members_add(&claims, "token_introspection", answer->data, answer->length);
    jwt_write(&token, is, &JWT_INTROSPECTION, "token-introspection+jwt", &claims, &known, c);
    http_reply_json(rp, 200, token.data, token.length);
    http_set_header(rp, "Content-Type", SIGNED_TYPE);
}

static void answer(issuer *is, http_request *rq, http_reply *rp, const options_client *c, const char *token)
{
    members m = make_answer(is, rq, c, token), known = issuer_known(is, rq->home, c->id);
    const char *accept = http_find_header(rq, "Accept");
    text json = text_open(rq->home);
    fault_write_json(is->fault, INTROSPECTION, &m, &known, time(NULL), &json);
    if (accept != NULL && strcasecmp(accept, SIGNED_TYPE) == 0)
        sign(is, rq, rp, c, &json);
    else
        http_reply_json(rp, 200, json.data, json.length);
    http_set_header(rp, "Cache-Control", "no-store");
    issuer_edit_reply(is, INTROSPECTION, rq, rp);
}

void introspect_answer(issuer *is, http_request *rq, http_reply *rp)
{
    const char *token = members_find(&rq->form, "token");
    const options_client *c = client_authenticate(is, rq, rp);
    if (c == NULL)
        return;
    if (c->secret[0] == '\0' && c->key == NULL)
        client_reply_error(rp, 401, "invalid_client", "who asks must prove who it is");
    else if (rq->form_is_bad || members_find_duplicate(&rq->form) != NULL || token == NULL)
        client_reply_error(rp, 400, "invalid_request", "no token, or a parameter occurs twice");
    else
        answer(is, rq, rp, c, token);
}
