/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include "access_token.h"
#include "client.h"
#include "conduct.h"
#include "grant.h"
#include "id_token.h"
#include "jwe.h"
#include <openssl/sha.h>
#include <string.h>

/* A row may change the signing keys before it signs: each time, or each time but the first. */
static void rotate(issuer *is)
{
    const char *word = fault_word(is->fault, ISSUER, "rotate");
    if (word != NULL && (strcmp(word, "before") == 0 || is->has_signed))
        is->generation++;
    is->has_signed = true;
}

/* What a refresh token was stays good when the answer, in the end, brings no new one. */
static void keep_refresh(grant *g, const members *answer, const char *before)
{
    if (members_find(answer, "refresh_token") == NULL)
        memcpy(g->refresh, before, sizeof g->refresh);
}

static void answer(issuer *is, http_request *rq, http_reply *rp, grant *g, bool refreshed)
{
    fault_site site = refreshed ? REFRESH : TOKEN;
    members m = members_open(rq->home), known = issuer_known(is, rq->home, g->client->id);
    text signed_token = text_open(rq->home), id_token = text_open(rq->home), json = text_open(rq->home);
    const char *access = access_token_add(is, rq, g);
    const char *before = arena_copy(rq->home, g->refresh, sizeof g->refresh);
    rotate(is);
    id_token_write(&signed_token, is, g, access, refreshed);
    grant_add_id_token(g,
                       text_end(&signed_token)); /* an id_token_hint comes without our encryption (OIDC Core 3.1.2.1) */
    jwe_write(&id_token, is, &JWE_ID_TOKEN, g->client, &signed_token);
    text_end(&id_token);
    members_put_string(&m, "access_token", access);
    members_put(&m, "token_type", "\"Bearer\"");
    members_put_number(&m, "expires_in", GRANT_ACCESS_SECONDS);
    members_put_string(&m, "refresh_token", grant_add_refresh(g));
    members_put_string(&m, "scope", g->scope);
    members_put_string(&m, "id_token", id_token.data);
    fault_write_json(is->fault, site, &m, &known, time(NULL), &json);
    http_reply_json(rp, 200, json.data, json.length);
    http_set_header(rp, "Cache-Control", "no-store");
    issuer_edit_reply(is, site, rq, rp);
    keep_refresh(g, &m, before);
}

/* RFC 7636 section 4.6. */
static bool verifier_fits(arena *home, const grant *g, const char *verifier)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    text challenge = text_open(home);
    if (g->challenge == NULL || verifier == NULL)
        return g->challenge == NULL && verifier == NULL;
    SHA256((const unsigned char *)verifier, strlen(verifier), hash);
    text_put_base64url(&challenge, hash, sizeof hash);
    return strcmp(text_end(&challenge), g->challenge) == 0;
}

static const char *check_code(const http_request *rq, grant *g, const options_client *c)
{
    const char *uri = members_find(&rq->form, "redirect_uri");
    if (g == NULL || g->client != c)
        return "no such code";
    if (g->used) {
        g->revoked = true;
        return "the code was used before; its tokens are revoked";
    }
    g->used = true;
    if (time(NULL) >= g->made + GRANT_CODE_SECONDS)
        return "the code has expired";
    if (uri == NULL || strcmp(uri, g->redirect_uri) != 0)
        return "redirect_uri is not that of the authorization request";
    if (!verifier_fits(rq->home, g, members_find(&rq->form, "code_verifier")))
        return "code_verifier does not fit";
    return NULL;
}

static void redeem_code(issuer *is, http_request *rq, http_reply *rp, const options_client *c)
{
    const char *code = members_find(&rq->form, "code");
    grant *g = code != NULL ? grant_find_code(is, code) : NULL;
    const char *why = check_code(rq, g, c);
    if (g != NULL && g->client == c && why != NULL)
        conduct_note(rq, "%s", why);
    if (why != NULL)
        client_reply_error(rp, 400, "invalid_grant", why);
    else
        answer(is, rq, rp, g, false);
}

/* Scope may shrink (RFC 6749 section 6); this provider only tells whether it grew. */
static bool scope_is_within(const grant *g, const char *scope, arena *home)
{
    while (scope != NULL && *scope != '\0') {
        size_t n = strcspn(scope, " ");
        if (!people_scope_holds(g->scope, arena_copy(home, scope, n)))
            return false;
        scope += n;
        scope += strspn(scope, " ");
    }
    return true;
}

static void redeem_refresh(issuer *is, http_request *rq, http_reply *rp, const options_client *c)
{
    const char *token = members_find(&rq->form, "refresh_token");
    bool reused = false;
    grant *g = token != NULL ? grant_find_refresh(is, token, &reused) : NULL;
    if (g != NULL && g->client == c && reused) {
        g->revoked = true;
        conduct_note(rq, "a refresh token was used again");
    }
    if (g == NULL || g->client != c || g->revoked)
        client_reply_error(rp, 400, "invalid_grant", "no such refresh token");
    else if (!scope_is_within(g, members_find(&rq->form, "scope"), rq->home))
        client_reply_error(rp, 400, "invalid_scope", "more than was granted");
    else
        answer(is, rq, rp, g, true);
}

void token_answer(issuer *is, http_request *rq, http_reply *rp)
{
    const char *type = members_find(&rq->form, "grant_type");
    conduct_check_token(rq);
    const options_client *c = client_authenticate(is, rq, rp);
    if (c == NULL)
        return;
    if (rq->form_is_bad || members_find_duplicate(&rq->form) != NULL || type == NULL)
        client_reply_error(rp, 400, "invalid_request", "not a token request, or a parameter occurs twice");
    else if (strcmp(type, "authorization_code") == 0)
        redeem_code(is, rq, rp, c);
    else if (strcmp(type, "refresh_token") == 0)
        redeem_refresh(is, rq, rp, c);
    else
        client_reply_error(rp, 400, "unsupported_grant_type", type);
}
