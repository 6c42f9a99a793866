/* SPDX-License-Identifier: Apache-2.0 */
#include "end_session.h"

#include "conduct.h"
#include "grant.h"
#include "page.h"
#include "session.h"
#include <string.h>

/* What is wrong with the request, or NULL. */
static const char *check(const members *params, const grant *g)
{
    const char *hint = members_find(params, "id_token_hint"), *id = members_find(params, "client_id");
    const char *uri = members_find(params, "post_logout_redirect_uri");
    if (members_find_duplicate(params) != NULL)
        return "A parameter occurs twice.";
    if (hint != NULL && g == NULL)
        return "The id_token_hint is not an ID Token of this provider.";
    if (id != NULL && options_find_client(id) == NULL)
        return "The client_id is not registered.";
    if (id != NULL && g != NULL && strcmp(g->client->id, id) != 0)
        return "The id_token_hint was issued to another client.";
    if (uri != NULL && hint == NULL && id == NULL)
        return "Neither id_token_hint nor client_id says whose return address this is.";
    if (uri != NULL && !options_admit_uri(options_get()->post_logout_uris, uri))
        return "The post_logout_redirect_uri is not registered.";
    return NULL;
}

static void go_back(const issuer *is, http_request *rq, http_reply *rp, const members *params)
{
    const char *uri = members_find(params, "post_logout_redirect_uri"), *state = members_find(params, "state");
    members answer = members_open(rq->home), known = issuer_known(is, rq->home, "");
    text location = text_open(rq->home);
    if (state != NULL)
        members_put(&answer, "state", state);
    fault_edit_members(is->fault, RETURN, &answer, &known, time(NULL));
    text_put(&location, uri);
    if (answer.first != NULL)
        text_put(&location, strchr(uri, '?') != NULL ? "&" : "?");
    members_write_form(&answer, &location);
    http_reply_redirect(rp, 303, text_end(&location));
}

void end_session_answer(issuer *is, http_request *rq, http_reply *rp)
{
    const members *params = strcmp(rq->method, "POST") == 0 ? &rq->form : &rq->query;
    const char *hint = members_find(params, "id_token_hint");
    const grant *g = hint != NULL ? grant_find_id_token(is, hint) : NULL;
    const char *why = check(params, g);
    conduct_check_end_session(rq, params);
    if (why != NULL) {
        conduct_note(rq, "%s", why);
        page_error(rp, 400, "Cannot sign you out", why);
        return;
    }
    session_end(is, rq, rp, g != NULL ? g->sid : NULL);
    if (members_find(params, "post_logout_redirect_uri") != NULL)
        go_back(is, rq, rp, params);
    else
        page_signed_out(rp);
}
