/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   our callback, logout or signed-out address   -> callback, logout
 *   no rule                                      -> PASS
 *   a bearer token, where the place takes them   -> as a session, or 401
 *   session, rule holds                          -> PASS with identity headers
 *   session, rule does not hold                  -> 403
 *   no session                                   -> sign in | 401 | PASS, by the rule and by what the request can follow
 */
#include "guard.h"

#include "../base/url.h"
#include "bearer.h"
#include "callback.h"
#include "login.h"
#include "logout.h"
#include "refusal_page.h"
#include "upstream.h"
#include "visitor.h"

static const gate_need *no_bearer(gate_tx *tx, const gate_reply *reply);
static const gate_need *visitor_known(gate_tx *tx, const gate_reply *reply);

typedef enum { NOT_OURS, CALLBACK, LOGOUT, SIGNED_OUT, KEYS } address;

static address address_of(const provider *p, gate_str path)
{
    if (str_equal(path, p->redirect_path))
        return CALLBACK;
    if (p->logout_path.ptr && str_equal(path, p->logout_path))
        return LOGOUT;
    return p->signed_out_path.ptr && str_equal(path, p->signed_out_path) ? SIGNED_OUT : NOT_OURS;
}

static address find_address(const settings *all, const site *s, gate_str path, const provider **p)
{
    if (s && all->signer.count && str_equal(path, all->signer.jwks_path))
        return KEYS;
    for (const site_provider *each = s ? s->providers : NULL; each; each = each->next) {
        address found = address_of(each->provider, path);
        if (found != NOT_OURS) {
            *p = each->provider;
            return found;
        }
    }
    return NOT_OURS;
}

bool guard_answers(const settings *all, const site *s, gate_str path)
{
    const provider *p;

    return find_address(all, s, path, &p) != NOT_OURS;
}

/* A token that is known, at a place that looks for tokens nowhere else, adds nothing to the request, and where no address is ours. */
bool guard_stands(const gate_tx *tx)
{
    const place *p = tx->place;

    if (!p || !tx->site || tx->site->providers || tx->settings->signer.count)
        return false;
    return tx->visitor.claims_text.ptr && p->bearer.from_header && !p->bearer.from_query && !p->bearer.from_form &&
           !p->bearer.from_cookie.ptr && !p->headers && p->upstream.token == UPSTREAM_KEEP;
}

bool guard_request_is_good(const gate_tx *tx)
{
    const tx_request *r = &tx->request;

    return r->method.len && r->target.len && r->target.ptr[0] == '/' && header_is_safe(r->target) && r->path.len &&
           r->path.ptr[0] == '/' && url_authority_is_good(r->authority) &&
           (str_equal(r->scheme, STR("https")) || str_equal(r->scheme, STR("http")));
}

const gate_need *guard_begin(gate_tx *tx, const gate_reply *reply)
{
    (void)reply;
    if (tx->request.too_large)
        return tx_refuse(tx, REFUSAL_request_too_large, STR_NONE);
    switch (find_address(tx->settings, tx->site, tx->request.path, &tx->provider)) {
    case CALLBACK:
        return guard_request_is_good(tx)
                   ? callback_begin(tx)
                   : tx_refuse(tx, REFUSAL_request_malformed, tx->request.path); /* its query holds the code */
    case LOGOUT:
        return guard_request_is_good(tx) ? logout_begin(tx)
                                         : tx_refuse(tx, REFUSAL_request_malformed, tx->request.path);
    case SIGNED_OUT:
        return signed_out_begin(tx);
    case KEYS:
        return upstream_keys_begin(tx);
    case NOT_OURS:
        break;
    }
    if (!tx->place)
        return tx_pass(tx);
    if (tx->place->bearer.count)
        return bearer_find_then(tx, visitor_known, no_bearer);
    return no_bearer(tx, NULL);
}

static const gate_need *let_in_unknown(gate_tx *tx)
{
    upstream_remove(tx);
    return tx_pass(tx);
}

/* No token: a session serves as well where people can sign in. */
static const gate_need *no_bearer(gate_tx *tx, const gate_reply *reply)
{
    (void)reply;
    tx->provider = tx->place->provider;
    if (!tx->provider)
        return tx->place->unauthenticated == UNAUTHENTICATED_PASS ? let_in_unknown(tx) : bearer_refuse_missing(tx);
    return visitor_find_then(tx, visitor_known);
}

static const gate_need *let_in_unknown_or_not(gate_tx *tx)
{
    if (tx->place->unauthenticated == UNAUTHENTICATED_PASS)
        return let_in_unknown(tx);
    if (tx->place->unauthenticated == UNAUTHENTICATED_401 || !tx_is_navigation(tx))
        return tx->place->bearer.count ? bearer_refuse_missing(tx)
                                       : tx_refuse(tx, REFUSAL_no_session, tx->request.path);
    if (!guard_request_is_good(tx))
        return tx_refuse(tx, REFUSAL_request_malformed, tx->request.path);
    if (!tx_is_get(tx))
        return tx_refuse_with_link(tx, REFUSAL_form_without_session, tx->request.path,
                                   url_is_local(tx->request.target) ? tx->request.target : STR("/"), STR("Sign in"));
    /* "//host" would lead elsewhere when it comes back in a Location. */
    return login_begin(tx, url_is_local(tx->request.target) ? tx->request.target : STR("/"));
}

static bool demands_hold(gate_tx *tx, const session_facts *facts, rule_denial *denied)
{
    rule_facts known = {.first = facts->id_token, .second = facts->userinfo};

    for (const demand *d = tx->place->demands; d; d = d->next)
        if (!rule_check(d->expression, &known, denied))
            return false;
    return true;
}

/* Can the elements stand side by side, so that a comma always parts two of them? */
static bool is_plain_list(const json *array)
{
    size_t at;

    for (const json *each = array->child; each; each = each->next)
        if (each->type == JSON_ARRAY || each->type == JSON_OBJECT || str_find(each->text, ',', &at) ||
            str_has_prefix(each->text, STR("[")))
            return false;
    return true;
}

static bool list_as_text(arena *a, const json *array, gate_str *value)
{
    text t = text_begin(a, array->text.len + 1);

    for (const json *each = array->child; each; each = each->next) {
        if (each != array->child)
            text_add_char(&t, ',');
        text_add(&t, each->text);
    }
    return text_end(&t, value);
}

bool claim_as_text(gate_tx *tx, const session_facts *facts, gate_str name, gate_str *value)
{
    const json *claim = session_claim(facts, name);

    if (!claim || claim->type == JSON_NULL)
        return false;
    *value = claim->text;
    if (claim->type == JSON_ARRAY && is_plain_list(claim) && !list_as_text(&tx->arena, claim, value))
        return false;
    if (header_is_safe(*value))
        return true;
    tx_log(tx, GATE_LOG_WARN, STR("a claim holds control characters and is not passed on"), name);
    return false;
}

static void add_identity(gate_tx *tx, const session_facts *facts)
{
    gate_str value;

    for (const claim_header *h = tx->place->headers; h; h = h->next)
        if (claim_as_text(tx, facts, h->claim, &value))
            header_add(&tx->identity, h->name, value);
}

/* Who may not enter as this person may want to come back as another. */
static const gate_need *refuse_entry(gate_tx *tx, const rule_denial *denied)
{
    text t = text_begin(&tx->arena, denied->test.len + 128);
    gate_str detail;
    gate_str out =
        tx->place->provider && tx->provider == tx->place->provider ? tx->place->provider->logout_path : STR_NONE;

    if (denied->unknown)
        text_add(&t, STR("unknown, for the claim is missing or of another type: "));
    text_add(&t, denied->test);
    return tx_refuse_with_link(tx, REFUSAL_not_allowed, text_end(&t, &detail) ? detail : denied->test, out,
                               STR("Sign out"));
}

static const gate_need *visitor_known(gate_tx *tx, const gate_reply *reply)
{
    const session_facts *facts;
    refusal why = REFUSAL_none;
    rule_denial denied;

    (void)reply;
    if (!tx->visitor.signed_in)
        return let_in_unknown_or_not(tx);
    if (!tx->place->demands && !tx->place->headers && tx->place->upstream.token == UPSTREAM_KEEP)
        return tx_pass(tx); /* the claims are not even opened */
    facts = visitor_facts(tx);
    if (!facts) {
        if (tx->arena.failed)
            return tx_refuse(tx, REFUSAL_internal, STR("memory"));
        tx->visitor = (visitor){0};
        return let_in_unknown_or_not(tx);
    }
    if (!demands_hold(tx, facts, &denied))
        return refuse_entry(tx, &denied);
    add_identity(tx, facts);
    if (!upstream_add(tx, facts, &why))
        return tx_refuse(tx, why, STR_NONE);
    if (tx->identity.failed)
        return tx_refuse(tx, REFUSAL_internal, STR("too many identity headers"));
    return tx_pass(tx);
}
