/* SPDX-License-Identifier: Apache-2.0 */
#include "userinfo.h"

#include "conduct.h"
#include "grant.h"
#include "jwe.h"
#include "jwt.h"
#include <string.h>
#include <strings.h>

static void refuse(http_reply *rp, unsigned status, const char *error)
{
    const char *json = text_of(rp->body.home, "{\"error\":\"%s\"}", error);
    http_reply_json(rp, status, json, strlen(json));
    http_set_header(rp, "WWW-Authenticate", text_of(rp->body.home, "Bearer error=\"%s\"", error));
    http_set_header(rp, "Cache-Control", "no-store");
}

/* RFC 6750 section 2: in the header, or in a form, but not in both. */
static const char *find_token(const http_request *rq, http_reply *rp)
{
    const char *authorization = http_find_header(rq, "Authorization");
    const char *in_form = members_find(&rq->form, "access_token");
    bool in_header = authorization != NULL && strncasecmp(authorization, "Bearer ", 7) == 0;
    rp->note = in_header ? "bearer-header" : in_form != NULL ? "bearer-body" : "none";
    if (in_header && in_form != NULL)
        return NULL;
    return in_header ? authorization + 7 : in_form;
}

static grant *find_grant(issuer *is, http_request *rq, http_reply *rp)
{
    const char *token = find_token(rq, rp);
    conduct_check_userinfo(rq);
    grant *g = token != NULL ? grant_find_access(is, token, NULL) : NULL;
    if (token == NULL)
        refuse(rp, 400, "invalid_request");
    else if (g == NULL)
        refuse(rp, 401, "invalid_token");
    return g;
}

/* A small signed JWT of this issuer, for aggregated and distributed claims. */
static void write_claim_source(text *out, const issuer *is, const grant *g)
{
    members claims = members_open(out->home), known = members_open(out->home);
    members_put_string(&claims, "iss", is->url);
    members_put_string(&claims, "sub", g->who->sub);
    members_put_string(&claims, "aud", g->client->id);
    members_put_number(&claims, "iat", time(NULL));
    members_put_number(&claims, "exp", time(NULL) + GRANT_ACCESS_SECONDS);
    members_put(&claims, "shoe_size", "\"38\"");
    jwt_write(out, is, &JWT_USERINFO, "JWT", &claims, &known, g->client);
}

static members make_known(const issuer *is, const grant *g, arena *home)
{
    members known = issuer_known(is, home, g->client->id);
    members_put(&known, "sub", g->who->sub);
    members_put(&known, "access", g->access[(g->access_count - 1) % GRANT_ACCESS_KEPT]);
    if (fault_mentions(is->fault, "$aggregated")) {
        text source = text_open(home);
        write_claim_source(&source, is, g);
        members_add(&known, "aggregated", source.data, source.length);
    }
    return known;
}

static bool wants_jwt(const issuer *is, const http_request *rq)
{
    const char *accept = http_find_header(rq, "Accept");
    return fault_word(is->fault, USERINFO, "signed") != NULL || jwe_agreed(is, &JWE_USERINFO) != NULL ||
           (accept != NULL && strcasecmp(accept, "application/jwt") == 0);
}

void userinfo_answer(issuer *is, http_request *rq, http_reply *rp)
{
    const grant *g = find_grant(is, rq, rp);
    if (g == NULL)
        return;
    members claims = members_open(rq->home), known = make_known(is, g, rq->home);
    text out = text_open(rq->home);
    people_write_claims(g->who, g->scope, &claims);
    bool signs = wants_jwt(is, rq);
    if (signs) {
        members_put_string(&claims, "iss", is->url);
        members_put_string(&claims, "aud", g->client->id);
        text token = text_open(rq->home);
        jwt_write(&token, is, &JWT_USERINFO, NULL, &claims, &known, g->client);
        jwe_write(&out, is, &JWE_USERINFO, g->client, &token);
    } else {
        fault_write_json(is->fault, USERINFO, &claims, &known, time(NULL), &out);
    }
    http_reply_json(rp, 200, out.data, out.length);
    http_set_header(rp, "Cache-Control", "no-store");
    if (signs)
        http_set_header(rp, "Content-Type", "application/jwt");
    issuer_edit_reply(is, USERINFO, rq, rp);
}

void userinfo_answer_distributed(issuer *is, http_request *rq, http_reply *rp)
{
    const grant *g = find_grant(is, rq, rp);
    if (g == NULL)
        return;
    text out = text_open(rq->home);
    write_claim_source(&out, is, g);
    http_reply_json(rp, 200, out.data, out.length);
    http_set_header(rp, "Content-Type", "application/jwt");
}
