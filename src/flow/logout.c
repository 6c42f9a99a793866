/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   logout_begin      which provider's session? visitor_find_then, for each that has this address ->
 *   visitor_known     not asked for by our own site: a page with a button that posts a token
 *                     POST with a form: BODY -> form_read_then
 *   sign_out          metadata_then -> visitor_end_then: the session is dead before the browser goes anywhere ->
 *   session_ended     303 to the provider's end_session_endpoint, or to our own page
 *   logout_begin_asked   an application has ended its session: metadata_then -> 303 as above
 *   signed_out_begin  the provider sends the browser back: state is compared, a page shown, whatever it says
 */
#include "logout.h"

#include "../base/base64url.h"
#include "../base/url.h"
#include "../oidc/logout.h"
#include "discovery.h"
#include "login.h"
#include "refusal_page.h"
#include "visitor.h"

enum {
    FORM_MAX = 4096,
    STATE_BYTES = 16,
    STATE_LIFE = 600,
    HINT_MAX = 4096 /* a longer ID Token is left out: servers take addresses of 8 KiB */
};

static const gate_need *visitor_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *form_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *sign_out(gate_tx *tx);
static const gate_need *metadata_known(gate_tx *tx, const gate_reply *reply);
static const gate_need *session_ended(gate_tx *tx, const gate_reply *reply);

/*
 * Did our own site ask for this? Sec-Fetch-Site is set by the browser and out of reach for a page. Where it is absent, Origin decides;
 * where that is absent too, nothing is known and the person is asked.
 */
static bool is_own_request(gate_tx *tx)
{
    const tx_request *r = &tx->request;
    gate_str origin;

    if (r->fetch_site.len)
        return str_equal(r->fetch_site, STR("same-origin")) || (tx_is_get(tx) && str_equal(r->fetch_site, STR("none")));
    return r->origin.len && tx_origin(tx, tx->provider, &origin) && str_equal(r->origin, origin);
}

const gate_need *logout_begin(gate_tx *tx)
{
    if (!tx_is_get(tx) && !tx_is_post(tx))
        return tx_refuse(tx, REFUSAL_method_not_allowed, tx->request.method);
    tx->leaving = true;
    return visitor_find_then(tx, visitor_known);
}

/* The site's next provider that has this logout address too; NULL: none. */
static const provider *next_provider(const gate_tx *tx)
{
    const site_provider *each = tx->site->providers;

    while (each && each->provider != tx->provider)
        each = each->next;
    for (each = each ? each->next : NULL; each; each = each->next)
        if (each->provider->logout_path.ptr && str_equal(each->provider->logout_path, tx->request.path))
            return each->provider;
    return NULL;
}

/* A value that only who holds the session cookie can have been given. */
static bool make_token(gate_tx *tx, gate_str *token)
{
    gate_str from = tx->visitor.handle.ptr ? tx->visitor.handle : tx->visitor.body;
    unsigned char mac[SHA256_SIZE];
    text t = text_begin(&tx->arena, BASE64URL_SIZE(sizeof mac));

    if (!crypto_hmac_sha256(from, STR("gatewright sign-out"), mac))
        return false;
    base64url_write(&t, (gate_str){(char *)mac, sizeof mac});
    return text_end(&t, token);
}

static const gate_need *ask(gate_tx *tx)
{
    page p = {
        .title = STR("Sign out?"),
        .message = STR("Do you want to sign out of this site?"),
        .link_text = STR("Sign out"),
        .form_action = tx->provider->logout_path,
        .form_name = STR("token"),
    };

    if (tx->arena.failed ||
        !make_token(tx, &p.form_value)) /* it may have been our own request that could not be read */
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    return tx_show(tx, 200, &p);
}

static const gate_need *show_signed_out(gate_tx *tx)
{
    page p = {
        .title = STR("You are signed out"),
        .message = STR("Your session on this site has ended."),
        .link = STR("/"),
        .link_text = STR("Continue"),
    };

    return tx_show(tx, 200, &p);
}

/* Another site's form, for one, brings no cookie along: then it is not known whether there is a session. */
static const gate_need *show_nothing_to_end(gate_tx *tx)
{
    page p = {
        .title = STR("Nobody is signed in here"),
        .message = STR("This request brought no session of this site along, so nothing was changed."),
        .link = STR("/"),
        .link_text = STR("Continue"),
    };

    return tx_show(tx, 200, &p);
}

static const gate_need *visitor_known(gate_tx *tx, const gate_reply *reply)
{
    const provider *other;

    (void)reply;
    if (!tx->visitor.signed_in) {
        other = next_provider(tx);
        if (!other)
            return show_nothing_to_end(tx);
        tx->provider = other;
        return visitor_find_then(tx, visitor_known);
    }
    if (is_own_request(tx))
        return sign_out(tx);
    if (tx_is_post(tx) && header_is_type(tx->request.content_type, STR("application/x-www-form-urlencoded")))
        return tx_body(tx, FORM_MAX, form_known);
    return ask(tx);
}

static const gate_need *form_known(gate_tx *tx, const gate_reply *reply)
{
    form *fields = ARENA_NEW(&tx->arena, form);
    gate_str sent, expected;

    if (reply->outcome != GATE_OK || !fields || !form_read(&tx->arena, reply->body, fields) ||
        form_get(fields, STR("token"), &sent) != FORM_ONCE || !make_token(tx, &expected) ||
        !secret_equal(sent, expected))
        return ask(tx);
    return sign_out(tx);
}

/* The provider is wanted for the way on only: without its metadata the session ends all the same. */
static const gate_need *sign_out(gate_tx *tx)
{
    return metadata_if_there_then(tx, metadata_known);
}

static const gate_need *metadata_known(gate_tx *tx, const gate_reply *reply)
{
    (void)reply;
    return visitor_end_then(tx, session_ended);
}

static bool state_name(gate_tx *tx, gate_str *name)
{
    gate_str base = tx_cookie_name(tx, tx->provider);
    text t = text_begin(&tx->arena, base.len + 2);

    text_add(&t, base);
    text_add(&t, STR(".o"));
    return base.ptr && text_end(&t, name);
}

static bool write_state(gate_tx *tx, gate_str state)
{
    cookie c = {.value = state, .max_age = state.len ? STATE_LIFE : 0, .secure = tx_is_https(tx, tx->provider)};

    return state_name(tx, &c.name) && cookie_set(&tx->arena, &c, &tx->headers);
}

/* The registered address to return to: ours, or the operator's page. */
static bool return_address(gate_tx *tx, gate_str *address)
{
    const provider *p = tx->provider;
    text t = text_begin(&tx->arena, 2048);
    gate_str origin;

    *address = p->signed_out_uri;
    if (!p->signed_out_uri.len || p->signed_out_uri.ptr[0] != '/')
        return true;
    if (!tx_origin(tx, p, &origin))
        return false;
    text_add(&t, origin);
    text_add(&t, p->signed_out_uri);
    return text_end(&t, address);
}

static bool write_url(gate_tx *tx, gate_str *location)
{
    const session_facts *facts = tx->provider->token_hint ? visitor_facts(tx) : NULL;
    logout_request r = {
        .endpoint = tx->metadata->end_session_endpoint,
        .client_id = tx->provider->client.client_id,
        .id_token_hint = facts && facts->content.id_token.len <= HINT_MAX ? facts->content.id_token : STR_NONE,
    };
    text t = text_begin(&tx->arena, LOGOUT_URL_MAX);

    if (!tx_random_text(tx, STATE_BYTES, &r.state) || !return_address(tx, &r.post_logout_redirect_uri) ||
        !write_state(tx, r.state))
        return false;
    logout_request_write(&t, &r);
    return text_end(&t, location);
}

static const gate_need *session_ended(gate_tx *tx, const gate_reply *reply)
{
    gate_str location = tx->provider->signed_out_uri;

    (void)reply;
    if (!login_trail_write(tx, 0))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (tx->metadata && tx->metadata->end_session_endpoint.ptr && !write_url(tx, &location))
        return tx_refuse(tx, REFUSAL_internal, STR("memory or randomness"));
    tx->visitor = (visitor){0};
    return tx_redirect(tx, 303, location);
}

/* RP-Initiated Logout 3: another state, or none, changes nothing: the session is gone already. */
static void compare_state(gate_tx *tx, const form *fields)
{
    gate_str name, kept, sent = STR_NONE;

    if (!state_name(tx, &name) || !cookie_find(tx->request.cookies, name, &kept))
        return;
    if (form_get(fields, STR("state"), &sent) != FORM_ONCE || !secret_equal(sent, kept))
        tx_log(tx, GATE_LOG_INFO, STR("the provider returned from sign-out with another state"), STR_NONE);
    write_state(tx, STR_NONE);
}

/* ---- asked for by an application ---- */

/* On our own origin: a path, or a URL that begins with the origin. */
static bool is_our_own(gate_tx *tx, gate_str address)
{
    gate_str origin, rest;

    if (url_is_local(address))
        return true;
    if (!tx_origin(tx, tx->provider, &origin) || !str_has_prefix(address, origin))
        return false;
    rest = str_from(address, origin.len);
    return !rest.len || url_is_local(rest);
}

/* Where there is no endpoint, the browser stays here: an address elsewhere is for the provider to judge, and it was not asked. */
static const gate_need *stay_here(gate_tx *tx)
{
    gate_str wanted = tx->asked->return_to;

    return tx_redirect(tx, 303, wanted.len && is_our_own(tx, wanted) ? wanted : STR("/"));
}

static bool names_own_parameter(const form *fields, gate_str *name)
{
    static const gate_str own[] = {STR_INIT("client_id"), STR_INIT("id_token_hint"),
                                   STR_INIT("post_logout_redirect_uri")};
    gate_str value;

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (form_get(fields, own[i], &value) != FORM_ABSENT) {
            *name = own[i];
            return true;
        }
    return false;
}

/* RP-Initiated Logout 2: an absolute address, or none. */
static bool absolute(gate_tx *tx, gate_str wanted, gate_str *address)
{
    text t = text_begin(&tx->arena, LOGOUT_URL_MAX);
    gate_str origin;

    *address = wanted;
    if (!url_is_local(wanted))
        return true;
    if (!tx_origin(tx, tx->provider, &origin))
        return false;
    text_add(&t, origin);
    text_add(&t, wanted);
    return text_end(&t, address);
}

/* Only the name of what is refused is told: the value may be a token. */
static bool parameters_are_good(gate_tx *tx, gate_str *refused)
{
    form *fields = ARENA_NEW(&tx->arena, form);
    gate_str address = tx->asked->return_to;
    url u;

    *refused = STR("they are no form");
    if (!fields || !form_read(&tx->arena, tx->asked->parameters, fields) || names_own_parameter(fields, refused))
        return false;
    *refused = STR("the address to return to");
    return !address.len || url_is_local(address) || url_read(address, &u);
}

static bool write_asked_url(gate_tx *tx, gate_str *location)
{
    const gate_ask *asked = tx->asked;
    logout_request r = {
        .endpoint = tx->metadata->end_session_endpoint,
        .client_id = tx->provider->client.client_id,
        .id_token_hint = tx->provider->token_hint && asked->id_token.len <= HINT_MAX ? asked->id_token : STR_NONE,
    };
    form *fields = ARENA_NEW(&tx->arena, form);
    text t = text_begin(&tx->arena, LOGOUT_URL_MAX);

    if (!fields || !form_read(&tx->arena, asked->parameters, fields) ||
        !absolute(tx, asked->return_to, &r.post_logout_redirect_uri))
        return false;
    logout_request_write(&t, &r);
    for (size_t i = 0; i < fields->count; i++)
        url_add_parameter(&t, fields->fields[i].name, fields->fields[i].value);
    return text_end(&t, location);
}

static const gate_need *way_out_known(gate_tx *tx, const gate_reply *reply)
{
    gate_str location;

    (void)reply;
    if (!tx->metadata || !tx->metadata->end_session_endpoint.ptr)
        return stay_here(tx);
    if (!write_asked_url(tx, &location))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    return tx_redirect(tx, 303, location);
}

const gate_need *logout_begin_asked(gate_tx *tx)
{
    gate_str refused;

    if (!parameters_are_good(tx, &refused))
        return tx_refuse(tx, REFUSAL_parameter_refused, refused);
    return metadata_if_there_then(tx, way_out_known);
}

/* ---- the page after it ---- */

/* Several providers may share the page: each that a sign-out is under way at has its own cookie. */
const gate_need *signed_out_begin(gate_tx *tx)
{
    form *fields = ARENA_NEW(&tx->arena, form);
    size_t at;

    if (!fields)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (str_find(tx->request.target, '?', &at) && !form_read(&tx->arena, str_from(tx->request.target, at + 1), fields))
        fields->count = 0;
    for (const site_provider *each = tx->site->providers; each; each = each->next) {
        if (!each->provider->signed_out_path.ptr || !str_equal(each->provider->signed_out_path, tx->request.path))
            continue;
        tx->provider = each->provider;
        compare_state(tx, fields);
    }
    return show_signed_out(tx);
}
