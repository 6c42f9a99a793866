/* SPDX-License-Identifier: Apache-2.0 */
#include "access_token.h"

#include "jwt.h"
#include <stdlib.h>

/* Whom a token is for: the resource that was asked for (RFC 8707), else what the label says (~aud-api), else the client. */
static const char *find_audience(const issuer *is, const grant *g, arena *home)
{
    const char *named = issuer_word_after(is, home, "aud-");
    return g->resource != NULL ? g->resource : named != NULL ? named : g->client->id;
}

members access_token_claims(const issuer *is, const grant *g, const char *id, time_t made, arena *home)
{
    members claims = members_open(home);
    members_put_string(&claims, "iss", is->url);
    members_put_string(&claims, "sub", g->who->sub);
    members_put_string(&claims, "aud", find_audience(is, g, home));
    members_put_number(&claims, "exp", made + GRANT_ACCESS_SECONDS);
    members_put_number(&claims, "iat", made);
    members_put_string(&claims, "jti", id);
    members_put_string(&claims, "client_id", g->client->id);
    members_put_string(&claims, "scope", g->scope);
    if (people_scope_holds(g->scope, "groups") && g->who->groups != NULL)
        members_put(&claims, "groups", g->who->groups);
    return claims;
}

/* A parameter of the token request overrides that of the authorization request. */
static void set_resource(const http_request *rq, grant *g)
{
    const char *resource = members_find(&rq->form, "resource");
    if (resource == NULL)
        return;
    free(g->resource);
    g->resource = arena_keep(resource);
}

const char *access_token_add(issuer *is, const http_request *rq, grant *g)
{
    const char *id = grant_add_access(g);
    set_resource(rq, g);
    if (!issuer_has_word(is, "atjwt"))
        return id;
    members claims = access_token_claims(is, g, id, time(NULL), rq->home), known = members_open(rq->home);
    text token = text_open(rq->home);
    jwt_write(&token, is, &JWT_ACCESS_TOKEN, "at+jwt", &claims, &known, g->client);
    grant_set_access_jwt(g, text_end(&token));
    return token.data;
}
