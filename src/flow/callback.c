/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   callback_begin      BODY (form_post) ->
 *   response_read       state -> attempt (its cookie); none: an answer for those who are signed in already, else a refusal
 *   metadata_known      iss, error, code; FETCH token endpoint ->
 *   tokens_fetched      token response, ID Token's encryption and form; keys_then ->
 *   keys_known          signature; an unknown key: newer_keys_then -> newer_keys_known
 *   id_token_verified   claims; FETCH userinfo ->
 *   userinfo_fetched    JSON, or JWT: encryption and signature as above
 *   userinfo_known      sub
 *   session_begun       303 to where the person wanted to go
 *   deliver             an application asked: PASS, and it keeps the session
 */
#include "callback.h"

#include "../base/url.h"
#include "../oidc/authorization.h"
#include "../oidc/id_token.h"
#include "../oidc/token.h"
#include "../oidc/userinfo.h"
#include "../session/attempt.h"
#include "discovery.h"
#include "login.h"
#include "refusal_page.h"
#include "visitor.h"

enum { BODY_MAX = 64 * 1024, UNIQUE_BYTES = 24 };

typedef struct callback {
    form fields;
    authorization_response response;
    attempt attempt;
    token_response tokens;
    jws id_token;
    claims claims;
    userinfo userinfo;
    const jws *to_verify; /* the ID Token, or a signed userinfo answer */
    tx_next verified;
} callback;

static const gate_need *body_read(gate_tx *tx, const gate_reply *reply);
static const gate_need *visitor_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *metadata_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *tokens_fetched(gate_tx *tx, const gate_reply *reply);
static const gate_need *keys_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *newer_keys_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *id_token_verified(gate_tx *tx, const gate_reply *reply);
static const gate_need *userinfo_fetched(gate_tx *tx, const gate_reply *reply);
static const gate_need *userinfo_verified_then(gate_tx *tx, const gate_reply *reply);
static const gate_need *userinfo_known(gate_tx *tx);
static const gate_need *session_begun(gate_tx *tx, const gate_reply *reply);

static gate_str query_of(gate_str target)
{
    size_t at;

    return str_find(target, '?', &at) ? str_from(target, at + 1) : STR_NONE;
}

static const gate_need *response_read(gate_tx *tx, gate_str fields);

const gate_need *callback_begin(gate_tx *tx)
{
    tx->flow = ARENA_NEW(&tx->arena, callback);
    tx->retry = STR("/");
    if (!tx->flow)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (tx_is_get(tx))
        return response_read(tx, query_of(tx->request.target));
    if (!tx_is_post(tx))
        return tx_refuse(tx, REFUSAL_method_not_allowed, tx->request.method);
    if (!header_is_type(tx->request.content_type, STR("application/x-www-form-urlencoded")))
        return tx_refuse(tx, REFUSAL_response_malformed, STR("content type of the form"));
    return tx_body(tx, BODY_MAX, body_read);
}

static const gate_need *body_read(gate_tx *tx, const gate_reply *reply)
{
    if (reply->outcome != GATE_OK)
        return tx_refuse(tx, REFUSAL_response_malformed, STR("the form was too large or broke off"));
    return response_read(tx, reply->body);
}

static bool attempt_of(gate_tx *tx, const provider *p, gate_str state, attempt *t)
{
    gate_str base = tx_cookie_name(tx, p), name, sealed;

    return base.ptr && attempt_cookie_name(&tx->arena, base, state, &name) &&
           cookie_find(tx->request.cookies, name, &sealed) &&
           attempt_read(&tx->arena, &tx->crypto, &tx->settings->attempt_ring, sealed, t) &&
           secret_equal(t->state, state) && str_equal(t->provider, p->tag_hex) && (!p->nonce || t->nonce.len) &&
           (!p->pkce || t->code_verifier.len); /* what is demanded now was sent then */
}

static bool find_asked_attempt(gate_tx *tx, callback *cb)
{
    if (!attempt_of(tx, tx->provider, cb->response.state, &cb->attempt))
        return false;
    tx->said.return_to = cb->attempt.target;
    tx->said.note = cb->attempt.note;
    return true;
}

/* Several providers may share a callback path: the one whose attempt this is counts. */
static bool find_attempt(gate_tx *tx, callback *cb)
{
    if (tx->asked)
        return find_asked_attempt(tx, cb);
    for (const site_provider *each = tx->site->providers; each; each = each->next) {
        if (!str_equal(each->provider->redirect_path, tx->request.path) ||
            !attempt_of(tx, each->provider, cb->response.state, &cb->attempt))
            continue;
        tx->provider = each->provider;
        if (url_is_local(cb->attempt.target))
            tx->retry = cb->attempt.target;
        return true;
    }
    return false;
}

/* The browser uses an attempt once, whatever comes of it. A second use of the code is for the provider to refuse (RFC 6749 4.1.2). */
static bool remove_attempt(gate_tx *tx, const callback *cb)
{
    cookie gone = {.secure = tx_is_https(tx, tx->provider), .cross_site = tx->provider->form_post};

    return attempt_cookie_name(&tx->arena, tx_cookie_name(tx, tx->provider), cb->attempt.state, &gone.name) &&
           cookie_set(&tx->arena, &gone, &tx->headers);
}

static const gate_need *response_read(gate_tx *tx, gate_str fields)
{
    callback *cb = tx->flow;
    refusal why = REFUSAL_none;
    gate_str copy = arena_copy(&tx->arena, fields);

    if (!copy.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (!form_read(&tx->arena, copy, &cb->fields))
        return tx_refuse(tx, REFUSAL_response_malformed, STR("form encoding"));
    if (!authorization_response_read(&cb->fields, &cb->response, &why))
        return tx_refuse(tx, why, STR_NONE);
    if (!find_attempt(tx, cb))
        return tx->asked ? visitor_known(tx, NULL) : visitor_find_then(tx, visitor_known);
    if (!remove_attempt(tx, cb))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (tx->provider->form_post != tx_is_post(tx))
        return tx_refuse(tx, REFUSAL_response_mode, tx->request.method);
    if (tx->now - cb->attempt.begun > ATTEMPT_LIFE || !url_is_local(cb->attempt.target))
        return tx_refuse(tx, REFUSAL_attempt_expired, STR_NONE);
    return metadata_then(tx, metadata_known);
}

/* No attempt: the back button, or a second copy of the same answer, is nothing to complain about for who is signed in. */
static const gate_need *visitor_known(gate_tx *tx, const gate_reply *reply)
{
    (void)reply;
    if (tx->visitor.signed_in) /* never when an application asks: it knows who is signed in */
        return tx_redirect(tx, 303, STR("/"));
    return tx_refuse(tx, REFUSAL_attempt_unknown, STR_NONE);
}

static const gate_need *ask_for_tokens(gate_tx *tx, callback *cb)
{
    header_list headers = {0};
    tx_fetch_request f = {.method = STR("POST"),
                          .url = tx->metadata->token_endpoint,
                          .headers = &headers,
                          .max_bytes = TOKEN_RESPONSE_MAX};
    token_request r = {
        .endpoint = tx->metadata->token_endpoint,
        .code = cb->response.code,
        .redirect_uri = cb->attempt.redirect_uri,
        .code_verifier = cb->attempt.code_verifier,
        .now = tx->now,
    };

    if (!tx_random_text(tx, UNIQUE_BYTES, &r.unique) ||
        !token_request_write(&tx->arena, &tx->provider->client, &r, &f.body, &headers))
        return tx_refuse(tx, REFUSAL_internal, STR("memory or randomness, or the client's key"));
    return tx_fetch(tx, &f, tokens_fetched);
}

static const gate_need *metadata_known(gate_tx *tx, const gate_reply *reply)
{
    callback *cb = tx->flow;
    const authorization_response *r = &cb->response;
    refusal why = REFUSAL_none;

    (void)reply;
    if (!metadata_signs_in(tx->metadata))
        return tx_refuse(tx, REFUSAL_metadata_malformed, STR("no authorization_endpoint, or no token_endpoint"));
    /* RFC 9207: before anything else of the answer is believed, errors too. */
    if (!authorization_response_check_iss(r, tx->provider->client.issuer, tx->metadata->promises_iss, &why))
        return tx_refuse(tx, why, r->iss);
    if (r->error.ptr) {
        tx->said.error = r->error;
        tx->said.error_description = r->error_description;
        tx->said.error_uri = r->error_uri;
        tx_log(tx, GATE_LOG_INFO, STR("the provider's error_description"), r->error_description);
        return tx_refuse(
            tx, str_equal(r->error, STR("access_denied")) ? REFUSAL_response_denied : REFUSAL_response_error, r->error);
    }
    if (!r->code.len)
        return tx_refuse(tx, REFUSAL_code_missing, STR_NONE);
    return ask_for_tokens(tx, cb);
}

static const gate_need *verify_then(gate_tx *tx, const jws *token, tx_next next)
{
    callback *cb = tx->flow;

    cb->to_verify = token;
    cb->verified = next;
    if (!(token->alg & ALG_HMAC))
        return keys_then(tx, keys_known);
    /* Never with a key of the provider's set: the one key for HMAC is the client's secret (RFC 8725 2.1). */
    return jws_verify(token, &tx->provider->client.secret_key) ? next(tx, NULL)
                                                               : tx_refuse(tx, REFUSAL_jwt_signature, STR("HMAC"));
}

static const gate_need *tokens_fetched(gate_tx *tx, const gate_reply *reply)
{
    const client *c = &tx->provider->client;
    callback *cb = tx->flow;
    refusal why = REFUSAL_none;
    gate_str body;

    if (reply->outcome != GATE_OK)
        return tx_refuse(tx, REFUSAL_token_down, reply->why ? str_of(reply->why) : STR_NONE);
    body = arena_copy(&tx->arena, reply->body);
    if (!body.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (!token_response_read(&tx->arena, reply->status, body, &cb->tokens, &why)) {
        tx->said.error = cb->tokens.error;
        tx->said.error_description = cb->tokens.error_description;
        tx->said.error_uri = cb->tokens.error_uri;
        return tx_refuse(tx, why, cb->tokens.error.len ? cb->tokens.error : tx_status(tx, reply->status));
    }
    tx->said.token_response = body;
    /* 3.1.3.7 (1). From here on the ID Token is the signed one: as id_token_hint too it goes without our encryption (3.1.2.1). */
    if (!encryption_open(&tx->arena, &c->id_token_encryption, cb->tokens.id_token, &cb->tokens.id_token, &why) ||
        !jws_read(&tx->arena, cb->tokens.id_token, c->id_token_algs, &cb->id_token, &why))
        return tx_refuse(tx, why, STR("the ID Token"));
    return verify_then(tx, &cb->id_token, id_token_verified);
}

static const gate_need *keys_known(gate_tx *tx, const gate_reply *reply)
{
    callback *cb = tx->flow;
    refusal why = REFUSAL_none;

    (void)reply;
    if (jws_verify_with_set(cb->to_verify, tx->keys, &why))
        return cb->verified(tx, NULL);
    /* OIDC Core 10.1.1: the provider may have new keys. A bad signature is no reason to ask. */
    if (why == REFUSAL_jwt_key_unknown)
        return newer_keys_then(tx, newer_keys_known);
    return tx_refuse(tx, why, cb->to_verify->kid);
}

static const gate_need *newer_keys_known(gate_tx *tx, const gate_reply *reply)
{
    callback *cb = tx->flow;
    refusal why = REFUSAL_none;

    (void)reply;
    if (!jws_verify_with_set(cb->to_verify, tx->keys, &why))
        return tx_refuse(tx, why, cb->to_verify->kid);
    return cb->verified(tx, NULL);
}

static session_content content_of(const gate_tx *tx, const callback *cb)
{
    return (session_content){
        .id_token = cb->tokens.id_token,
        .access_token = cb->tokens.access_token,
        .refresh_token = cb->tokens.refresh_token,
        .scope = cb->tokens.scope,
        .expires_at = cb->tokens.expires_in < 0 ? -1 : tx->now + cb->tokens.expires_in,
        .userinfo = cb->userinfo.claims_text,
    };
}

static const gate_need *deliver(gate_tx *tx)
{
    const callback *cb = tx->flow;
    session_facts *facts = ARENA_NEW(&tx->arena, session_facts);

    if (!facts)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    *facts =
        (session_facts){.content = content_of(tx, cb), .id_token = cb->claims.all, .userinfo = cb->userinfo.claims};
    tx->visitor = (visitor){.signed_in = true, .facts_read = true, .facts = facts};
    return tx_pass(tx);
}

static const gate_need *begin_session(gate_tx *tx)
{
    session_content content = content_of(tx, tx->flow);

    return tx->asked ? deliver(tx) : visitor_begin_then(tx, &content, session_begun);
}

static const gate_need *ask_for_userinfo(gate_tx *tx)
{
    callback *cb = tx->flow;
    header_list headers = {0};
    tx_fetch_request f = {
        .method = STR("GET"), .url = tx->metadata->userinfo_endpoint, .headers = &headers, .max_bytes = USERINFO_MAX};

    if (!userinfo_request_write(&tx->arena, cb->tokens.access_token, &headers))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    return tx_fetch(tx, &f, userinfo_fetched);
}

/* Empty: none. What a sign-in asked for stands in place of what is configured. */
static gate_str demanded_acr(const provider *p, const attempt *t)
{
    if (!p->acr_check)
        return STR("");
    return t->acr_values.len ? t->acr_values : p->acr_values;
}

static const gate_need *id_token_verified(gate_tx *tx, const gate_reply *reply)
{
    callback *cb = tx->flow;
    const provider *p = tx->provider;
    id_token_demand wanted = {
        .nonce = cb->attempt.nonce,
        .access_token = cb->tokens.access_token,
        .acr_values = demanded_acr(p, &cb->attempt),
        .max_age = cb->attempt.max_age >= 0 ? cb->attempt.max_age : p->max_age,
        .now = tx->now,
    };
    refusal why = REFUSAL_none;

    (void)reply;
    if (!claims_read(&tx->arena, cb->id_token.payload, &cb->claims))
        return tx_refuse(tx, REFUSAL_id_token_claims, STR_NONE);
    if (!id_token_check(&p->client, &cb->id_token, &cb->claims, &wanted, &why))
        return tx_refuse(tx, why, STR_NONE);
    if (p->userinfo && tx->metadata->userinfo_endpoint.ptr)
        return ask_for_userinfo(tx);
    return begin_session(tx);
}

static const gate_need *userinfo_fetched(gate_tx *tx, const gate_reply *reply)
{
    callback *cb = tx->flow;
    refusal why = REFUSAL_none;
    gate_str type = STR_NONE, body;

    if (reply->outcome != GATE_OK)
        return tx_refuse(tx, REFUSAL_userinfo_down, reply->why ? str_of(reply->why) : STR_NONE);
    header_find(reply->headers, reply->header_count, STR("content-type"), &type);
    body = arena_copy(&tx->arena, reply->body);
    if (!body.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (!userinfo_read(&tx->arena, &tx->provider->client, reply->status, type, body, &cb->userinfo, &why))
        return tx_refuse(tx, why, tx_status(tx, reply->status));
    if (cb->userinfo.is_signed)
        return verify_then(tx, &cb->userinfo.token, userinfo_verified_then);
    return userinfo_known(tx);
}

static const gate_need *userinfo_verified_then(gate_tx *tx, const gate_reply *reply)
{
    callback *cb = tx->flow;
    refusal why = REFUSAL_none;

    (void)reply;
    if (!userinfo_verified(&tx->arena, &tx->provider->client, &cb->userinfo, tx->now, &why))
        return tx_refuse(tx, why, STR_NONE);
    return userinfo_known(tx);
}

static const gate_need *userinfo_known(gate_tx *tx)
{
    callback *cb = tx->flow;
    refusal why = REFUSAL_none;

    if (!userinfo_check_sub(&cb->userinfo, cb->claims.sub, &why))
        return tx_refuse(tx, why, STR_NONE);
    return begin_session(tx);
}

static const gate_need *session_begun(gate_tx *tx, const gate_reply *reply)
{
    callback *cb = tx->flow;

    (void)reply;
    if (!login_trail_write(tx, cb->attempt.round + 1) || tx->headers.failed)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    return tx_redirect(tx, 303, cb->attempt.target);
}
