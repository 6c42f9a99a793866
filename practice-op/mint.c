/* SPDX-License-Identifier: Apache-2.0 */
#include "mint.h"

#include "jwt.h"
#include "oddsig.h"
#include "options.h"
#include "random.h"
#include "sig.h"
#include <stdlib.h>
#include <string.h>

enum { LIFE_SECONDS = 300 };

typedef struct minted {
    struct minted *next;
    char token[RANDOM_LONG];
    json_t *claims;
} minted;

void mint_forget_all(issuer *is)
{
    while (is->minted != NULL) {
        minted *next = is->minted->next;
        json_decref(is->minted->claims);
        free(is->minted);
        is->minted = next;
    }
}

/* The members of the parameter's object replace those of `into`; null takes one away. */
static bool overlay(json_t *into, const http_request *rq, const char *name)
{
    const char *given = members_find(&rq->form, name), *key;
    json_t *changes = given != NULL ? json_loads(given, 0, NULL) : json_object(), *value;
    bool good = json_is_object(changes);
    json_object_foreach(changes, key, value)
    {
        if (json_is_null(value))
            json_object_del(into, key);
        else
            json_object_set(into, key, value);
    }
    json_decref(changes);
    return good;
}

static json_t *usual_claims(const issuer *is, const http_request *rq)
{
    char id[RANDOM_SHORT];
    const char *audience = issuer_word_after(is, rq->home, "aud-"), *client = options_get()->clients->id;
    json_int_t now = (json_int_t)time(NULL);
    random_write(id, sizeof id);
    return json_pack("{s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:s}", "iss", is->url, "sub", "person-ada", "aud",
                     audience != NULL ? audience : client, "exp", now + LIFE_SECONDS, "iat", now, "jti", id,
                     "client_id", client, "scope", "openid profile");
}

static json_t *usual_header(const issuer *is, const http_request *rq)
{
    return json_pack("{s:s,s:s,s:s}", "alg", is->alg, "typ", "at+jwt", "kid",
                     keys_kid(rq->home, keys_role_of(is->alg), is->generation));
}

static void put_part(text *out, const json_t *object)
{
    char *json = json_dumps(object, JSON_COMPACT);
    text_put_base64url(out, json, strlen(json));
    free(json);
}

static void write_jwt(text *out, const issuer *is, const http_request *rq, const json_t *header, const json_t *claims)
{
    const char *how = members_find(&rq->form, "sign"), *damage = members_find(&rq->form, "break");
    text input = text_open(rq->home), sig = text_open(rq->home);
    put_part(&input, header);
    text_put(&input, ".");
    put_part(&input, claims);
    if (how != NULL)
        oddsig_make(&sig, is, how, options_get()->clients->secret, input.data, input.length);
    else
        sig_make(&sig, keys_pair(keys_role_of(is->alg), is->generation), is->alg, input.data, input.length);
    if (damage != NULL)
        oddsig_break(&sig, damage);
    text_add(out, input.data, input.length);
    text_put(out, ".");
    text_put_base64url(out, sig.data, sig.length);
}

static void write_opaque(text *out, issuer *is, json_t *claims)
{
    minted *m = arena_forever(sizeof *m);
    random_write(m->token, sizeof m->token);
    m->claims = json_incref(claims);
    m->next = is->minted;
    is->minted = m;
    text_put(out, m->token);
}

bool mint_answer(issuer *is, const http_request *rq, http_reply *rp)
{
    json_t *claims = usual_claims(is, rq), *header = usual_header(is, rq);
    bool good = overlay(claims, rq, "claims") && overlay(header, rq, "header");
    if (good && members_find(&rq->form, "opaque") != NULL)
        write_opaque(&rp->body, is, claims);
    else if (good)
        write_jwt(&rp->body, is, rq, header, claims);
    json_decref(claims);
    json_decref(header);
    rp->status = 200;
    http_set_header(rp, "Content-Type", "text/plain");
    return good;
}

static minted *find_opaque(const issuer *is, const char *token)
{
    minted *m = is->minted;
    while (m != NULL && (token == NULL || strcmp(m->token, token) != 0))
        m = m->next;
    return m;
}

bool mint_revoke(issuer *is, const http_request *rq, http_reply *rp)
{
    minted *m = find_opaque(is, members_find(&rq->form, "token"));
    (void)rp;
    if (m == NULL)
        return false;
    m->token[0] = '\0';
    return true;
}

static bool put_living(const json_t *object, members *claims)
{
    const char *key;
    json_t *value;
    const json_t *exp = json_object_get(object, "exp");
    if (json_is_integer(exp) && json_integer_value(exp) <= (json_int_t)time(NULL))
        return false;
    json_object_foreach((json_t *)object, key, value)
    {
        char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        members_put(claims, key, json);
        free(json);
    }
    return true;
}

bool mint_find(const issuer *is, const char *token, members *claims)
{
    const minted *m = find_opaque(is, token);
    const char *why;
    if (m != NULL)
        return put_living(m->claims, claims);
    json_t *object = jwt_read(claims->home, token, keys_pair(keys_role_of(is->alg), is->generation), &why);
    bool found = object != NULL && put_living(object, claims);
    json_decref(object);
    return found;
}
