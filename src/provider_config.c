/* SPDX-License-Identifier: Apache-2.0 */
/* A provider's options, read and checked. What cannot be safe refuses to start, and says why in one line. */
#include "base/url.h"
#include "oidc/authorization.h"
#include "provider.h"
#include "provider_state.h"

enum { SECRET_MAX = 4096 };

typedef struct reader {
    arena *arena;
    const option_set *options;
    provider *p;
    gate_error *error;
} reader;

static bool fail(reader *r, option_id id, const char *wrong, const char *remedy)
{
    return option_fail_at(r->error, r->options, id, wrong, remedy);
}

static bool fail_name(reader *r, const char *wrong, const char *remedy)
{
    return option_fail(r->error, STR_NONE, r->p->name, wrong, remedy);
}

static gate_str value(reader *r, option_id id)
{
    return option_text(r->options, id);
}

static gate_str default_of(option_id id)
{
    return str_of(gate_option_at((size_t)id)->fallback);
}

static bool flag(reader *r, option_id id)
{
    return option_number(r->options, id) != 0;
}

/* http is for loopback, or for those who say so loudly (OIDC Core 16.17). */
static bool url_is_safe(reader *r, const url *u)
{
    return url_is_https(u) || url_is_loopback(u) || r->p->allow_http;
}

static bool read_issuer(reader *r)
{
    client *c = &r->p->client;
    url issuer;

    c->issuer = value(r, OPTION_issuer);
    c->client_id = value(r, OPTION_client_id);
    if (!c->issuer.len)
        return fail_name(r, "has no issuer", "add: issuer https://...");
    if (!url_read(c->issuer, &issuer) || issuer.has_query || issuer.has_fragment)
        return fail(r, OPTION_issuer, "is no issuer",
                    "give an https URL without query and fragment (OIDC Discovery 2)");
    if (!url_is_safe(r, &issuer))
        return fail(r, OPTION_issuer, "is http outside loopback", "use https, or say allow_insecure_http on");
    return true;
}

static bool read_config_url(reader *r)
{
    gate_str issuer = r->p->client.issuer, given = value(r, OPTION_config_url);
    text t = text_begin(r->arena, issuer.len + 64);
    url u;

    if (given.len) {
        r->p->config_url = given;
        if (!url_read(given, &u) || u.has_fragment)
            return fail(r, OPTION_config_url, "is no URL", "give an https URL");
        return url_is_safe(r, &u) || fail(r, OPTION_config_url, "is http outside loopback", "use https");
    }
    /* OIDC Discovery 4: a trailing slash of the issuer goes, for this address only. */
    text_add(&t, str_has_suffix(issuer, STR("/")) ? str_part(issuer, 0, issuer.len - 1) : issuer);
    text_add(&t, STR("/.well-known/openid-configuration"));
    return text_end(&t, &r->p->config_url);
}

/* A path that the path of a request can be equal to: servers decode and normalise it and take the query off. */
static bool is_path(gate_str s)
{
    gate_str rest = s.len ? str_from(s, 1) : s, part;
    size_t at;

    if (!url_is_local(s) || s.len == 1 || str_find(s, '?', &at) || str_find(s, '#', &at) || str_find(s, '%', &at))
        return false;
    while (str_cut(&rest, '/', &part))
        if ((!part.len && rest.ptr) || str_equal(part, STR(".")) || str_equal(part, STR("..")))
            return false;
    return true;
}

static bool read_redirect_uri(reader *r)
{
    provider *p = r->p;
    url u;

    p->redirect_uri = p->redirect_path = value(r, OPTION_redirect_uri);
    if (p->redirect_uri.ptr[0] == '/')
        return is_path(p->redirect_uri) ||
               fail(r, OPTION_redirect_uri, "is no path", "give a path such as /oidc_callback");
    if (!url_read(p->redirect_uri, &u) || u.has_fragment || !is_path(u.path))
        return fail(r, OPTION_redirect_uri, "is neither a path nor a URL",
                    "give a path, or the whole https URL that is registered");
    if (!url_is_safe(r, &u))
        return fail(r, OPTION_redirect_uri, "is http outside loopback", "use https, or say allow_insecure_http on");
    p->redirect_path = u.path;
    p->origin = u.origin;
    p->origin_is_https = url_is_https(&u);
    return true;
}

static bool read_request_options(reader *r)
{
    provider *p = r->p;

    p->scope = value(r, OPTION_scope);
    p->extra = value(r, OPTION_extra_auth_args);
    p->acr_values = value(r, OPTION_acr_values);
    p->acr_check = flag(r, OPTION_acr_check);
    p->max_age = option_given(r->options, OPTION_max_age) ? option_number(r->options, OPTION_max_age) : -1;
    p->form_post = str_equal(value(r, OPTION_response_mode), STR("form_post"));
    p->pkce = flag(r, OPTION_pkce);
    p->nonce = flag(r, OPTION_nonce);
    p->userinfo = flag(r, OPTION_userinfo);
    if (!str_has_word(p->scope, STR("openid")))
        return fail(r, OPTION_scope, "lacks openid", "add openid: without it there is no ID Token (OIDC Core 3.1.2.1)");
    if (!authorization_extra_is_good(r->arena, p->extra))
        return fail(r, OPTION_extra_auth_args, "cannot be read, or names a parameter that is set here already",
                    "give name=value&name=value without state, nonce, scope and the like");
    if (!p->pkce && !p->nonce)
        return fail(r, OPTION_nonce, "is off and pkce too", "leave one of them on");
    return true;
}

static bool read_auth_method(reader *r)
{
    gate_str method = value(r, OPTION_client_auth_method);
    client *c = &r->p->client;

    if (str_equal(method, STR("client_secret_basic")))
        c->auth = CLIENT_AUTH_BASIC;
    else if (str_equal(method, STR("client_secret_post")))
        c->auth = CLIENT_AUTH_POST;
    else if (str_equal(method, STR("private_key_jwt")) || (!method.len && option_given(r->options, OPTION_client_key)))
        c->auth = CLIENT_AUTH_PRIVATE_KEY_JWT;
    else
        c->auth = method.len || !option_given(r->options, OPTION_client_secret) ? CLIENT_AUTH_NONE : CLIENT_AUTH_BASIC;
    c->client_secret.bytes = value(r, OPTION_client_secret);
    c->audience_is_token_endpoint = str_equal(value(r, OPTION_client_assertion_audience), STR("token_endpoint"));
    if (c->client_secret.bytes.len > SECRET_MAX)
        return fail(r, OPTION_client_secret, "is too long", "at most 4096 bytes");
    if ((c->auth == CLIENT_AUTH_BASIC || c->auth == CLIENT_AUTH_POST) && !c->client_secret.bytes.len)
        return fail(r, OPTION_client_auth_method, "needs a client_secret", "add: client_secret_file FILE");
    if (c->auth == CLIENT_AUTH_PRIVATE_KEY_JWT && !option_given(r->options, OPTION_client_key))
        return fail(r, OPTION_client_auth_method, "needs a client_key", "add: client_key_file FILE");
    if (c->auth == CLIENT_AUTH_NONE && c->client_secret.bytes.len)
        return fail(r, OPTION_client_auth_method, "is none, but there is a client_secret", "leave one of the two out");
    if (c->auth == CLIENT_AUTH_NONE && !r->p->pkce)
        return fail(r, OPTION_pkce, "is off for a client that does not authenticate", "leave it on (RFC 9700 2.1.1)");
    return true;
}

static bool read_client_key(reader *r)
{
    client *c = &r->p->client;
    gate_str alg = value(r, OPTION_token_endpoint_auth_signing_alg);

    if (c->auth != CLIENT_AUTH_PRIVATE_KEY_JWT)
        return true;
    if (!jwk_read_private(r->arena, value(r, OPTION_client_key), &c->key))
        return fail(r, OPTION_client_key, "is no private key that can sign",
                    "give a PEM or JWK file: RSA from 2048 bits, P-256, Ed25519 ...");
    if (option_given(r->options, OPTION_client_key_id))
        c->key.kid = value(r, OPTION_client_key_id);
    c->key_alg = alg.len ? alg_read(alg) : c->key.algs & -c->key.algs;
    if (!(c->key_alg & c->key.algs))
        return fail(r, OPTION_token_endpoint_auth_signing_alg, "does not fit the client_key",
                    "leave it out, or name the key's own");
    return true;
}

/* OIDC Core 10.1: HMAC is made with the client's secret, which must then be as long as the hash (RFC 7518 3.2). */
static bool read_secret_key(reader *r)
{
    client *c = &r->p->client;
    alg_set hmac = c->id_token_algs & ALG_HMAC;

    if (!hmac)
        return true;
    if (!c->client_secret.bytes.len || !jwk_read_secret(c->client_secret.bytes, &c->secret_key) ||
        (hmac & ~c->secret_key.algs))
        return fail(r, OPTION_id_token_signed_response_alg,
                    "names an HMAC algorithm, but client_secret is shorter than its hash",
                    "use RS256, or a secret of 32 bytes for HS256, 48 for HS384, 64 for HS512");
    return true;
}

static bool read_token_options(reader *r)
{
    client *c = &r->p->client;

    c->skew = option_number(r->options, OPTION_clock_skew);
    c->trusted_audiences = value(r, OPTION_trusted_audiences);
    if (!alg_read_set(value(r, OPTION_id_token_signed_response_alg), &c->id_token_algs))
        return fail(r, OPTION_id_token_signed_response_alg, "names an algorithm that is not accepted here",
                    "choose among RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA Ed25519 Ed448");
    if (!read_secret_key(r))
        return false;
    if (!alg_read_set(value(r, OPTION_access_token_signing_alg), &c->access_token_algs) ||
        (c->access_token_algs & ALG_HMAC))
        return fail(r, OPTION_access_token_signing_alg, "names an algorithm that is not accepted here",
                    "choose among RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA Ed25519 Ed448");
    r->p->introspection_cache = option_number(r->options, OPTION_introspection_cache);
    r->p->introspection_signed = flag(r, OPTION_introspection_signed_response);
    return true;
}

static bool is_cookie_name(gate_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = char_lower(name.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return name.len > 0 && name.len <= 64 &&
           !str_equal_nocase(str_part(name, 0, name.len < 2 ? name.len : 2), STR("__"));
}

/* "oidc_" and the provider's name, its unusual characters replaced. */
static bool default_cookie_name(reader *r, gate_str *name)
{
    text t = text_begin(r->arena, 128);

    text_add(&t, STR("oidc_"));
    for (size_t i = 0; i < r->p->name.len && i < 48; i++) {
        gate_str c = str_part(r->p->name, i, 1);
        text_add(&t, is_cookie_name(c) ? c : STR("_"));
    }
    return text_end(&t, name);
}

static bool read_session_options(reader *r)
{
    provider *p = r->p;

    p->in_cookie = str_equal(value(r, OPTION_session_store), STR("cookie"));
    p->in_application = str_equal(value(r, OPTION_session_store), STR("application"));
    p->session_timeout = option_number(r->options, OPTION_session_timeout);
    p->session_lifetime = option_number(r->options, OPTION_session_lifetime);
    p->cookie_name = value(r, OPTION_cookie_name);
    if (!p->cookie_name.len)
        return default_cookie_name(r, &p->cookie_name);
    return is_cookie_name(p->cookie_name) ||
           fail(r, OPTION_cookie_name, "is no cookie name", "use letters, digits, _ and -, at most 64, without prefix");
}

static bool read_logout_options(reader *r)
{
    provider *p = r->p;
    gate_str path = value(r, OPTION_logout_uri), after = value(r, OPTION_post_logout_uri);
    url u;

    p->token_hint = flag(r, OPTION_logout_token_hint);
    p->signed_out_uri = after;
    p->signed_out_path = path.ptr && str_equal(after, default_of(OPTION_post_logout_uri)) ? after : STR_NONE;
    p->logout_path = path;
    if (path.ptr && (!is_path(path) || str_equal(path, p->redirect_path)))
        return fail(r, OPTION_logout_uri, "is no path of its own", "give a path such as /logout");
    if (str_equal(after, p->redirect_path))
        return fail(r, OPTION_post_logout_uri, "is the callback", "give a page of its own");
    if (url_is_local(after))
        return true;
    return (url_read(after, &u) && !u.has_fragment && url_is_safe(r, &u)) ||
           fail(r, OPTION_post_logout_uri, "is neither a path nor a URL",
                "give a path, or the https URL that is registered");
}

static bool read_network_options(reader *r)
{
    r->p->ca_file = value(r, OPTION_ssl_trusted_certificate);
    r->p->crl_file = value(r, OPTION_ssl_crl);
    r->p->timeout_ms = (uint32_t)option_number(r->options, OPTION_fetch_timeout) * 1000;
    return true;
}

/* The name is part of it: two providers of one issuer and client may demand different things (acr_values, max_age), and a session of the
 * one, which the browser can send under any cookie's name, is none of the other. */
static bool make_tag(reader *r)
{
    text t = text_begin(r->arena, 8192), hex = text_begin(r->arena, 64);
    unsigned char hash[SHA256_SIZE];
    gate_str both;

    text_add(&t, r->p->client.issuer);
    text_add_char(&t, '\0');
    text_add(&t, r->p->client.client_id);
    text_add_char(&t, '\0');
    text_add(&t, r->p->name);
    if (!text_end(&t, &both) || !crypto_sha256(both, hash))
        return fail_name(r, "cannot be set up: memory is short, or issuer and client_id are too long", NULL);
    memcpy(r->p->tag, hash, SESSION_TAG_SIZE);
    text_add_hex(&hex, (gate_str){(char *)hash, SESSION_TAG_SIZE});
    return text_end(&hex, &r->p->tag_hex);
}

bool provider_open(arena *a, gate_str name, const option_set *options, provider *p, gate_error *error)
{
    reader r = {.arena = a, .options = options, .p = p, .error = error};

    *error = (gate_error){0};
    *p = (provider){.name = name};
    p->allow_http = flag(&r, OPTION_allow_insecure_http);
    if (read_issuer(&r) && read_config_url(&r) && read_redirect_uri(&r) && read_request_options(&r) &&
        read_auth_method(&r) && read_client_key(&r) && read_token_options(&r) &&
        provider_encryption_read(a, options, p, error) && read_session_options(&r) && read_logout_options(&r) &&
        read_network_options(&r) && make_tag(&r))
        p->state = provider_state_open(a);
    if (!p->state && !error->text[0])
        fail_name(&r, "cannot be set up: memory is short", NULL);
    return p->state != NULL;
}
