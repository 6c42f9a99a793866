/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   login_begin, login_begin_on -> metadata_then -> send: 302 to the authorization endpoint, with a sealed cookie for this attempt
 */
#include "login.h"

#include "../base/base64url.h"
#include "../base/url.h"
#include "../oidc/authorization.h"
#include "../session/attempt.h"
#include "discovery.h"
#include "refusal_page.h"

enum { ROUNDS_MAX = 3, TRAIL_LIFE = 60, STATE_BYTES = 24, NONCE_BYTES = 24, VERIFIER_BYTES = 32 };

typedef struct login {
    attempt attempt;
    gate_str scope;
    gate_str extra;
} login;

static const gate_need *send(gate_tx *tx, const gate_reply *reply);

static bool trail_name(gate_tx *tx, gate_str *name)
{
    gate_str base = tx_cookie_name(tx, tx->provider);
    text t = text_begin(&tx->arena, base.len + 2);

    text_add(&t, base);
    text_add(&t, STR(".n"));
    return base.ptr && text_end(&t, name);
}

static int64_t trail_read(gate_tx *tx)
{
    gate_str name, value;
    int64_t round;

    if (!trail_name(tx, &name) || !cookie_find(tx->request.cookies, name, &value) ||
        !str_number(value, ROUNDS_MAX, &round))
        return 0;
    return round;
}

bool login_trail_write(gate_tx *tx, int64_t round)
{
    cookie c = {.max_age = round ? TRAIL_LIFE : 0, .secure = tx_is_https(tx, tx->provider)};
    char digits[20];
    text t = text_begin_at(digits, sizeof digits);
    gate_str sent;

    if (!trail_name(tx, &c.name))
        return false;
    if (!round && !cookie_find(tx->request.cookies, c.name, &sent))
        return true;
    if (round)
        text_add_number(&t, round > ROUNDS_MAX ? ROUNDS_MAX : round);
    return text_end(&t, &c.value) && cookie_set(&tx->arena, &c, &tx->headers);
}

bool login_redirect_uri(gate_tx *tx, gate_str *redirect_uri)
{
    const provider *p = tx->provider;
    text t = text_begin(&tx->arena, 2048);
    gate_str origin;

    if (p->origin.len) {
        *redirect_uri = p->redirect_uri;
        return true;
    }
    if (!tx_origin(tx, p, &origin))
        return false;
    text_add(&t, origin);
    text_add(&t, p->redirect_uri);
    return text_end(&t, redirect_uri);
}

/* Tokens must not travel in the clear, but for the loopback of a developer's machine (OIDC Core 16.17). */
static bool is_safe_here(gate_tx *tx)
{
    gate_str origin;
    url u;

    return tx_is_https(tx, tx->provider) || tx->provider->allow_http ||
           (tx_origin(tx, tx->provider, &origin) && url_read(origin, &u) && url_is_loopback(&u));
}

/* Raw bytes that are no URL's, percent-encoded as browsers do it: then they can be sealed, and come back the same (RFC 3986 2.1). */
static bool clean_target(gate_tx *tx, gate_str target, gate_str *clean)
{
    text t = text_begin(&tx->arena, 3 * target.len);

    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.ptr[i];
        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>')
            text_add_url(&t, str_part(target, i, 1));
        else
            text_add_char(&t, (char)c);
    }
    return text_end(&t, clean);
}

const gate_need *login_begin(gate_tx *tx, gate_str target)
{
    login_terms terms = {.scope = tx->provider->scope, .extra = tx->provider->extra, .max_age = -1};

    return login_begin_on(tx, target, &terms);
}

/* A browser that does not keep the session is sent around a few times only. An application that asks knows better itself. */
static bool goes_in_circles(gate_tx *tx, attempt *t)
{
    t->round = tx->asked ? 0 : trail_read(tx);
    return t->round >= ROUNDS_MAX;
}

/* Target and note share one cookie. */
static void remember(gate_tx *tx, attempt *t, gate_str target, gate_str note)
{
    t->note = note;
    t->target = target.len + BASE64URL_SIZE(note.len) <= ATTEMPT_TARGET_MAX ? target : STR("/");
    if (t->target.ptr != target.ptr)
        tx_log(tx, GATE_LOG_INFO, STR("the address asked for is too long to be remembered; sign-in will return to /"),
               STR_NONE);
}

const gate_need *login_begin_on(gate_tx *tx, gate_str target, const login_terms *terms)
{
    login *flow = ARENA_NEW(&tx->arena, login);
    attempt *t = flow ? &flow->attempt : NULL;

    if (!t || !clean_target(tx, target, &target))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (!is_safe_here(tx))
        return tx_refuse(tx, REFUSAL_request_insecure, tx->request.authority);
    tx->retry = target;
    if (goes_in_circles(tx, t)) {
        login_trail_write(tx, 0);
        return tx_refuse(tx, REFUSAL_login_loop, STR_NONE);
    }
    remember(tx, t, target, terms->note);
    t->acr_values = terms->acr_values;
    t->max_age = terms->max_age;
    flow->scope = terms->scope;
    flow->extra = terms->extra;
    tx->flow = flow;
    return metadata_then(tx, send);
}

static bool fill_attempt(gate_tx *tx, attempt *t)
{
    const provider *p = tx->provider;

    t->nonce = t->code_verifier = STR("");
    t->provider = p->tag_hex;
    t->begun = tx->now;
    return login_redirect_uri(tx, &t->redirect_uri) && tx_random_text(tx, STATE_BYTES, &t->state) &&
           (!p->nonce || tx_random_text(tx, NONCE_BYTES, &t->nonce)) &&
           (!p->pkce || tx_random_text(tx, VERIFIER_BYTES, &t->code_verifier));
}

/* RFC 7636 4.2. */
static bool make_challenge(gate_tx *tx, gate_str verifier, gate_str *challenge)
{
    unsigned char hash[SHA256_SIZE];
    text t = text_begin(&tx->arena, BASE64URL_SIZE(sizeof hash));

    *challenge = STR_NONE;
    if (!verifier.len)
        return true;
    if (!crypto_sha256(verifier, hash))
        return false;
    base64url_write(&t, (gate_str){(char *)hash, sizeof hash});
    return text_end(&t, challenge);
}

static bool write_url(gate_tx *tx, const login *flow, gate_str *location)
{
    const provider *p = tx->provider;
    const attempt *t = &flow->attempt;
    authorization_request r = {
        .endpoint = tx->metadata->authorization_endpoint,
        .client_id = p->client.client_id,
        .redirect_uri = t->redirect_uri,
        .scope = flow->scope,
        .state = t->state,
        .nonce = t->nonce,
        .response_mode = p->form_post ? STR("form_post") : STR_NONE,
        .acr_values = t->acr_values.len ? t->acr_values : p->acr_values,
        .max_age = t->max_age >= 0 ? t->max_age : p->max_age,
        .extra = flow->extra,
    };
    text url_text = text_begin(&tx->arena, AUTHORIZATION_URL_MAX);

    if (!make_challenge(tx, t->code_verifier, &r.code_challenge))
        return false;
    authorization_request_write(&url_text, &r);
    return text_end(&url_text, location);
}

static bool write_attempt_cookie(gate_tx *tx, const attempt *t)
{
    unsigned char iv[SEAL_IV_SIZE];
    text sealed = text_begin(&tx->arena, COOKIE_SIZE_MAX);
    cookie c = {
        .max_age = ATTEMPT_LIFE,
        .secure = tx_is_https(tx, tx->provider),
        .cross_site = tx->provider->form_post,
    };

    return tx_random(tx, iv, sizeof iv) &&
           attempt_write(&tx->arena, &tx->crypto, &tx->settings->attempt_ring, iv, t, &sealed) &&
           text_end(&sealed, &c.value) &&
           attempt_cookie_name(&tx->arena, tx_cookie_name(tx, tx->provider), t->state, &c.name) &&
           cookie_set(&tx->arena, &c, &tx->headers);
}

/* How old an attempt's cookie is; what cannot be opened or has expired is the oldest of all. */
static int64_t attempt_begun(gate_tx *tx, gate_str sealed)
{
    attempt t;

    if (!attempt_read(&tx->arena, &tx->crypto, &tx->settings->attempt_ring, sealed, &t) ||
        tx->now - t.begun > ATTEMPT_LIFE)
        return INT64_MIN;
    return t.begun;
}

static bool remove_cookie(gate_tx *tx, gate_str name)
{
    cookie gone = {.name = name, .secure = tx_is_https(tx, tx->provider), .cross_site = tx->provider->form_post};

    return cookie_set(&tx->arena, &gone, &tx->headers);
}

/* Tabs that were left alone would pile up their cookies until the server refuses the request as too large: the oldest give way. */
static bool bound_attempts(gate_tx *tx)
{
    gate_str base = tx_cookie_name(tx, tx->provider), rest = tx->request.cookies, name, value, oldest_name = STR_NONE;
    int64_t oldest = INT64_MAX;
    int count = 0;

    while (base.ptr && cookie_next(&rest, &name, &value)) {
        int64_t begun;
        if (!attempt_is_cookie(base, name))
            continue;
        count++;
        begun = attempt_begun(tx, value);
        if (begun == INT64_MIN && count <= 2 * ATTEMPT_COUNT_MAX && !remove_cookie(tx, name))
            return false;
        if (begun != INT64_MIN && begun < oldest) {
            oldest = begun;
            oldest_name = name;
        }
    }
    return base.ptr && (count < ATTEMPT_COUNT_MAX || !oldest_name.ptr || remove_cookie(tx, oldest_name));
}

static const gate_need *send(gate_tx *tx, const gate_reply *reply)
{
    login *flow = tx->flow;
    attempt *t = &flow->attempt;
    gate_str location;

    (void)reply;
    if (!metadata_signs_in(tx->metadata))
        return tx_refuse(tx, REFUSAL_metadata_malformed, STR("no authorization_endpoint, or no token_endpoint"));
    if (!fill_attempt(tx, t) || !write_url(tx, flow, &location) || !bound_attempts(tx) ||
        !write_attempt_cookie(tx, t) || tx->headers.failed || tx->arena.failed)
        return tx_refuse(tx, REFUSAL_internal, STR("memory or randomness"));
    return tx_redirect(tx, 302, location);
}
