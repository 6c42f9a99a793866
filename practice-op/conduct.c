/* SPDX-License-Identifier: Apache-2.0 */
#include "conduct.h"

#include "people.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHORT = 16 };

static const char UNRESERVED[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

void conduct_note(http_request *rq, const char *format, ...)
{
    char note[256];
    va_list list;
    va_start(list, format);
    vsnprintf(note, sizeof note, format, list);
    va_end(list);
    members_put(&rq->violations, "", note);
}

static void check_duplicates(http_request *rq, const members *params)
{
    const char *twice = members_find_duplicate(params);
    if (twice != NULL)
        conduct_note(rq, "parameter occurs twice: %s", twice);
}

static void check_fresh(issuer *is, http_request *rq, const members *params, const char *name)
{
    const char *value = members_find(params, name);
    if (value == NULL)
        conduct_note(rq, "%s is missing", name);
    else if (strlen(value) < SHORT)
        conduct_note(rq, "%s is short", name);
    else if (rq->form.first == NULL && issuer_seen(is, name, value)) /* the login page sends it once more, by POST */
        conduct_note(rq, "%s was used before", name);
}

/* RFC 7636 section 4.3: only S256, and so 43 characters of base64url. */
static void check_challenge(issuer *is, http_request *rq, const members *params)
{
    const char *challenge = members_find(params, "code_challenge");
    const char *method = members_find(params, "code_challenge_method");
    check_fresh(is, rq, params, "code_challenge");
    if (challenge == NULL)
        return;
    if (method == NULL || strcmp(method, "S256") != 0)
        conduct_note(rq, "code_challenge_method is not S256");
    if (strlen(challenge) != 43 || strspn(challenge, UNRESERVED) != 43)
        conduct_note(rq, "code_challenge is not a base64url SHA-256");
}

static void check_redirect_uri(http_request *rq, const members *params)
{
    const char *uri = members_find(params, "redirect_uri");
    if (uri == NULL)
        conduct_note(rq, "redirect_uri is missing");
    else if (strchr(uri, '#') != NULL)
        conduct_note(rq, "redirect_uri has a fragment");
    else if (strstr(uri, "://") == NULL)
        conduct_note(rq, "redirect_uri is not absolute");
}

static void check_prompt(http_request *rq, const members *params)
{
    const char *prompt = members_find(params, "prompt"), *max_age = members_find(params, "max_age");
    if (!people_scope_holds(prompt, "none"))
        return;
    if (max_age != NULL && strcmp(max_age, "0") == 0)
        conduct_note(rq, "max_age=0 with prompt=none");
    if (strcmp(prompt, "none") != 0)
        conduct_note(rq, "prompt=none with other values");
}

static void check_strangers(http_request *rq, const members *params)
{
    static const char *const NEVER[] = {"client_secret", "access_token", "refresh_token", "code_verifier",
                                        "client_assertion"};
    for (size_t i = 0; i < sizeof NEVER / sizeof NEVER[0]; i++) {
        if (members_find(params, NEVER[i]) != NULL)
            conduct_note(rq, "%s in an authorization request", NEVER[i]);
    }
}

void conduct_check_authorize(issuer *is, http_request *rq, const members *params)
{
    const char *type = members_find(params, "response_type");
    check_duplicates(rq, params);
    if (!people_scope_holds(members_find(params, "scope"), "openid"))
        conduct_note(rq, "scope lacks openid");
    if (type == NULL || strcmp(type, "code") != 0)
        conduct_note(rq, "response_type is not code");
    check_redirect_uri(rq, params);
    check_fresh(is, rq, params, "state");
    check_fresh(is, rq, params, "nonce");
    check_challenge(is, rq, params);
    check_prompt(rq, params);
    check_strangers(rq, params);
}

static void check_query(http_request *rq)
{
    for (const member *q = rq->query.first; q != NULL; q = q->next)
        conduct_note(rq, "parameter in the query of a back-channel request: %s", q->name);
    if (rq->cookies.first != NULL)
        conduct_note(rq, "a cookie on a back-channel request");
    if (rq->form_is_bad)
        conduct_note(rq, "the body is not application/x-www-form-urlencoded");
}

static void check_verifier(http_request *rq)
{
    const char *verifier = members_find(&rq->form, "code_verifier");
    size_t n = verifier != NULL ? strlen(verifier) : 0;
    if (verifier == NULL)
        conduct_note(rq, "code_verifier is missing");
    else if (n < 43 || n > 128 || strspn(verifier, UNRESERVED) != n)
        conduct_note(rq, "code_verifier is not of RFC 7636's form");
}

void conduct_check_token(http_request *rq)
{
    const char *type = members_find(&rq->form, "grant_type");
    check_query(rq);
    check_duplicates(rq, &rq->form);
    if (type != NULL && strcmp(type, "authorization_code") == 0)
        check_verifier(rq);
    if (strstr(rq->path, "/moved/") != NULL)
        conduct_note(rq, "a redirect of the token endpoint was followed");
}

void conduct_check_userinfo(http_request *rq)
{
    check_query(rq);
    if (members_find(&rq->query, "access_token") != NULL)
        conduct_note(rq, "access token in the query");
    if (members_find(&rq->form, "access_token") != NULL && http_find_header(rq, "Authorization") != NULL)
        conduct_note(rq, "access token in header and body");
}

void conduct_check_end_session(http_request *rq, const members *params)
{
    check_duplicates(rq, params);
    if (members_find(params, "id_token_hint") == NULL)
        conduct_note(rq, "id_token_hint is missing");
    if (members_find(params, "post_logout_redirect_uri") != NULL && members_find(params, "state") == NULL)
        conduct_note(rq, "state is missing");
}

void conduct_check_public(http_request *rq)
{
    if (http_find_header(rq, "Authorization") != NULL)
        conduct_note(rq, "credentials on a request that needs none");
    if (rq->cookies.first != NULL)
        conduct_note(rq, "a cookie on a back-channel request");
    if (strstr(rq->path, "/moved/") != NULL)
        conduct_note(rq, "a redirect was followed");
}
