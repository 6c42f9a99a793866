/* SPDX-License-Identifier: Apache-2.0 */
#include "authorize.h"

#include "conduct.h"
#include "grant.h"
#include "page.h"
#include "session.h"
#include <stdlib.h>
#include <string.h>

/* An authorization request while it is answered. */
typedef struct asking {
    issuer *is;
    http_request *rq;
    http_reply *rp;
    const members *params;
    const options_client *client;
    const char *redirect_uri;
} asking;

static const char *param(const asking *a, const char *name)
{
    return members_find(a->params, name);
}

static bool param_is(const asking *a, const char *name, const char *value)
{
    const char *found = param(a, name);
    return found != NULL && strcmp(found, value) == 0;
}

static void deliver(const asking *a, const members *answer)
{
    if (param_is(a, "response_mode", "form_post")) {
        page_form_post(a->rp, a->redirect_uri, answer);
        return;
    }
    text location = text_open(a->rq->home);
    text_print(&location, "%s%s", a->redirect_uri, strchr(a->redirect_uri, '?') != NULL ? "&" : "?");
    members_write_form(answer, &location);
    http_reply_redirect(a->rp, 303, text_end(&location));
}

/* state, and the issuer (RFC 9207), go with every answer. */
static void finish(const asking *a, fault_site site, members *answer)
{
    const char *state = param(a, "state");
    members known = issuer_known(a->is, a->rq->home, a->client->id);
    if (state != NULL)
        members_put(answer, "state", state);
    members_put(answer, "iss", a->is->url);
    members_put(&known, "state", state != NULL ? state : "");
    members_put(&known, "code", members_find(answer, "code") != NULL ? members_find(answer, "code") : "");
    fault_edit_members(a->is->fault, site, answer, &known, time(NULL));
    deliver(a, answer);
}

static void answer_error(const asking *a, const char *error, const char *description)
{
    members answer = members_open(a->rq->home);
    members_put(&answer, "error", error);
    if (description != NULL)
        members_put(&answer, "error_description", description);
    finish(a, ERROR, &answer);
}

static char *choose_acr(const asking *a)
{
    static const char *const KNOWN[] = {"0", "1", "2", "phr", "phrh"};
    const char *asked = param(a, "acr_values");
    while (asked != NULL && *asked != '\0') {
        size_t n = strcspn(asked, " ");
        for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
            if (strlen(KNOWN[i]) == n && strncmp(KNOWN[i], asked, n) == 0)
                return arena_copy(a->rq->home, asked, n);
        }
        asked += n;
        asked += strspn(asked, " ");
    }
    return NULL;
}

static void answer_code(const asking *a, const session *s)
{
    grant model = {
        .client = a->client,
        .who = s->who,
        .redirect_uri = (char *)a->redirect_uri,
        .scope = (char *)param(a, "scope"),
        .nonce = (char *)param(a, "nonce"),
        .challenge = (char *)param(a, "code_challenge"),
        .acr = choose_acr(a),
        .resource = (char *)param(a, "resource"),
        .auth_time = s->auth_time,
    };
    memcpy(model.sid, s->sid, sizeof model.sid);
    members answer = members_open(a->rq->home);
    members_put(&answer, "code", grant_begin(a->is, &model)->code);
    finish(a, ANSWER, &answer);
}

/* Without a client and a redirect URI to trust, the answer is a page (RFC 6749 section 4.1.2.1). */
static bool find_client(asking *a)
{
    const char *id = param(a, "client_id");
    a->client = id != NULL && members_count(a->params, "client_id") == 1 ? options_find_client(id) : NULL;
    a->redirect_uri = param(a, "redirect_uri");
    if (a->client == NULL) {
        page_error(a->rp, 400, "Unknown application", "The client_id is missing, repeated or not registered.");
        return false;
    }
    if (a->redirect_uri == NULL || members_count(a->params, "redirect_uri") != 1 ||
        !options_admit_uri(options_get()->redirect_uris, a->redirect_uri)) {
        page_error(a->rp, 400, "Unknown return address",
                   "The redirect_uri is missing, repeated or not registered for this application.");
        return false;
    }
    return true;
}

static const char *check_type(const asking *a)
{
    const char *mode = param(a, "response_mode");
    if (param(a, "request") != NULL)
        return "request_not_supported";
    if (param(a, "request_uri") != NULL)
        return "request_uri_not_supported";
    if (!param_is(a, "response_type", "code"))
        return "unsupported_response_type";
    if (!people_scope_holds(param(a, "scope"), "openid"))
        return "invalid_scope";
    if (mode != NULL && strcmp(mode, "query") != 0 && strcmp(mode, "form_post") != 0)
        return "invalid_request";
    return NULL;
}

static const char *check_request(const asking *a)
{
    const char *prompt = param(a, "prompt"), *max_age = param(a, "max_age"), *wrong = check_type(a);
    bool public_client = a->client->secret[0] == '\0' && a->client->key == NULL;
    if (members_find_duplicate(a->params) != NULL)
        return "invalid_request";
    if (wrong != NULL)
        return wrong;
    if (param(a, "code_challenge") != NULL ? !param_is(a, "code_challenge_method", "S256") : public_client)
        return "invalid_request";
    if (people_scope_holds(prompt, "none") && strcmp(prompt, "none") != 0)
        return "invalid_request";
    if (max_age != NULL && (*max_age == '\0' || max_age[strspn(max_age, "0123456789")] != '\0'))
        return "invalid_request";
    return NULL;
}

/* A person chosen on the page, or by a test. */
static const person *chosen(const asking *a)
{
    const person *who = people_find(param(a, "practice_login"));
    if (who == NULL && a->is->label[0] != '\0')
        who = people_find(param(a, "login_hint"));
    return who;
}

static bool is_fresh(const asking *a, const session *s)
{
    const char *prompt = param(a, "prompt"), *max_age = param(a, "max_age");
    if (s == NULL || people_scope_holds(prompt, "login") || people_scope_holds(prompt, "select_account"))
        return false;
    return max_age == NULL || time(NULL) - s->auth_time <= strtol(max_age, NULL, 10);
}

/* Whether the person of an id_token_hint is the one who is signed in (OIDC Core 3.1.2.1). */
static bool fits_hint(const asking *a, const session *s)
{
    const char *hint = param(a, "id_token_hint");
    const grant *g = hint != NULL ? grant_find_id_token(a->is, hint) : NULL;
    return hint == NULL || (g != NULL && g->who == s->who);
}

static void sign_in(const asking *a)
{
    session *s = session_find(a->is, a->rq);
    bool silent = people_scope_holds(param(a, "prompt"), "none"), fresh = is_fresh(a, s);
    const person *who = silent ? NULL : chosen(a);
    if (who != NULL && !(fresh && s->who == who))
        s = session_begin(a->is, a->rq, a->rp, who);
    else if (!fresh && silent)
        return answer_error(a, "login_required", NULL);
    else if (!fresh)
        return page_login(a->is, a->rp, a->params);
    if (!fits_hint(a, s))
        return answer_error(a, "login_required", "another person is signed in");
    answer_code(a, s);
}

void authorize_answer(issuer *is, http_request *rq, http_reply *rp)
{
    asking a = {.is = is, .rq = rq, .rp = rp, .params = strcmp(rq->method, "POST") == 0 ? &rq->form : &rq->query};
    const char *fail = fault_word(is->fault, ANSWER, "fail");
    conduct_check_authorize(is, rq, a.params);
    if (!find_client(&a))
        return;
    const char *error = check_request(&a);
    if (error != NULL)
        answer_error(&a, error, "the authorization request is not acceptable");
    else if (fail != NULL)
        answer_error(&a, fail, NULL);
    else if (param(&a, "practice_error") != NULL)
        answer_error(&a, param(&a, "practice_error"), NULL);
    else
        sign_in(&a);
}
