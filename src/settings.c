/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "base/header.h"
#include "config.h"
#include "settings_parts.h"

#include <openssl/rand.h>

enum { SETTINGS_MEMORY = 64 * 1024 * 1024 };

const place *settings_place(const settings *s, int rule)
{
    return rule >= 0 && (size_t)rule < s->place_count ? &s->places[rule] : NULL;
}

const site *settings_site(const settings *s, int number)
{
    return number >= 0 && (size_t)number < s->site_count ? &s->sites[number] : NULL;
}

static char header_char(char c)
{
    return c == '_' || c == '.' ? '-' : char_lower(c);
}

bool settings_is_same_header(gate_str a, gate_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (header_char(a.ptr[i]) != header_char(b.ptr[i]))
            return false;
    return true;
}

/* The values live in the configuration, which goes: each is copied. */
static bool copy_options(arena *a, const option_set *from, option_set *to, gate_error *error)
{
    if (!option_set_begin(a, to))
        return option_fail(error, STR_NONE, STR("configuration"), "does not fit into memory", NULL);
    for (int i = 0; i < OPTION_count; i++)
        for (const option_value *v = &from->values[i]; v && v->given; v = v->next)
            if (!option_set_value(a, to, (option_id)i, v->text, v->place, error))
                return false;
    return true;
}

static bool read_providers(const gate_config *config, settings *s, gate_error *error)
{
    const config_entry *entry = config->providers.first;

    s->providers = ARENA_ARRAY(&s->arena, provider, (size_t)config->providers.count);
    if (!s->providers)
        return option_fail(error, STR_NONE, STR("configuration"), "does not fit into memory", NULL);
    for (; entry; entry = entry->next) {
        gate_str name = arena_copy(&s->arena, entry->name);
        option_set *options = ARENA_NEW(&s->arena, option_set);
        if (!name.ptr || !options || !copy_options(&s->arena, &entry->options, options, error))
            return false;
        s->provider_count++;
        if (!provider_open(&s->arena, name, options, &s->providers[s->provider_count - 1], error))
            return false;
    }
    return true;
}

static bool read_demands(arena *a, const option_set *options, place *p, gate_error *error)
{
    const demand **link = &p->demands;

    for (const option_value *v = &options->values[OPTION_require]; v && v->given; v = v->next) {
        const char *wrong = NULL;
        size_t at;
        demand *d = ARENA_NEW(a, demand);
        if (d)
            d->expression = rule_read(a, v->text, &wrong, &at);
        if (!d || !d->expression)
            return option_fail(error, v->place, STR("require"), wrong ? wrong : "does not fit into memory",
                               "write for example: groups has \"staff\" and email_verified = true");
        *link = d;
        link = (const demand **)&d->next;
    }
    return true;
}

/* Headers that frame the request, or that say who asks in another way: setting them would change what the request is. */
static bool is_header_of_http(gate_str name)
{
    static const gate_str names[] = {
        STR_INIT("host"),   STR_INIT("connection"), STR_INIT("content-length"), STR_INIT("transfer-encoding"),
        STR_INIT("te"),     STR_INIT("trailer"),    STR_INIT("upgrade"),        STR_INIT("keep-alive"),
        STR_INIT("expect"), STR_INIT("cookie"),     STR_INIT("content-type"),   STR_INIT("content-encoding"),
        STR_INIT("range"),  STR_INIT("origin"),     STR_INIT("authorization"),  STR_INIT("proxy-authorization"),
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (settings_is_same_header(name, names[i]))
            return true;
    return false;
}

static bool is_header_name(gate_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = char_lower(name.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return name.len > 0 && !is_header_of_http(name);
}

static bool has_header(const place *p, gate_str name)
{
    for (const claim_header *h = p->headers; h; h = h->next)
        if (settings_is_same_header(h->name, name))
            return true;
    return false;
}

static bool read_claim_headers(arena *a, const option_set *options, place *p, gate_error *error)
{
    const claim_header **link = &p->headers;

    for (const option_value *v = &options->values[OPTION_header]; v && v->given; v = v->next) {
        gate_str rest = v->text, more;
        claim_header *h = ARENA_NEW(a, claim_header);
        if (!h)
            return option_fail(error, v->place, STR("header"), "does not fit into memory", NULL);
        if (!str_word(&rest, &h->name) || !str_word(&rest, &h->claim) || str_word(&rest, &more) ||
            !is_header_name(h->name))
            return option_fail(error, v->place, STR("header"), "is no header name and claim",
                               "write for example: X-User-Email email");
        if (has_header(p, h->name))
            return option_fail(error, v->place, STR("header"), "is given twice in one place",
                               "give each claim a header of its own");
        h->name = arena_copy(a, h->name);
        h->claim = arena_copy(a, h->claim);
        if (!h->name.ptr || !h->claim.ptr)
            return option_fail(error, v->place, STR("header"), "does not fit into memory", NULL);
        *link = h;
        link = (const claim_header **)&h->next;
    }
    return true;
}

static const provider *provider_named(const settings *s, gate_str name)
{
    for (size_t i = 0; i < s->provider_count; i++)
        if (str_equal(s->providers[i].name, name))
            return &s->providers[i];
    return NULL;
}

static bool site_add(arena *a, site *where, const provider *p)
{
    site_provider **link = &where->providers;

    for (; *link; link = &(*link)->next)
        if ((*link)->provider == p)
            return true;
    *link = ARENA_NEW(a, site_provider);
    if (*link)
        (*link)->provider = p;
    return *link != NULL;
}

/* Who signs in here, or nobody: bearer tokens only. */
static bool read_sign_in(settings *s, const config_entry *entry, place *p, gate_error *error)
{
    const option_set *options = &entry->options;

    if (!option_given(options, OPTION_provider) && option_given(options, OPTION_bearer))
        return true;
    p->provider = provider_named(s, option_text(options, OPTION_provider));
    if (!p->provider)
        return option_fail_at(error, options, OPTION_provider, "names no provider that is defined",
                              "define it, or mend the name");
    if (!p->provider->client.client_id.len)
        return option_fail(error, STR_NONE, p->provider->name, "has no client_id", "add: client_id ...");
    if (p->provider->in_application)
        return option_fail_at(error, options, OPTION_provider, "names a provider whose sessions the application keeps",
                              "let its session_store be another, or take the place away");
    return site_add(&s->arena, &s->sites[entry->site], p->provider) ||
           option_fail(error, STR_NONE, STR("configuration"), "does not fit into memory", NULL);
}

static bool read_bearer_from(const option_set *options, bearer_place *b, gate_error *error)
{
    gate_str rest = option_text(options, OPTION_bearer_from), word, named = STR("cookie:");

    while (str_word(&rest, &word)) {
        if (str_equal(word, STR("header")))
            b->from_header = true;
        else if (str_equal(word, STR("query")))
            b->from_query = true;
        else if (str_equal(word, STR("form")))
            b->from_form = true;
        else if (str_has_prefix(word, named) && word.len > named.len && !b->from_cookie.ptr)
            b->from_cookie = str_from(word, named.len);
        else
            return option_fail_at(error, options, OPTION_bearer_from, "names no place for a token",
                                  "choose among header, query, form, cookie:NAME");
    }
    return b->from_header || b->from_query || b->from_form || b->from_cookie.ptr ||
           option_fail_at(error, options, OPTION_bearer_from, "names no place for a token",
                          "choose among header, query, form, cookie:NAME");
}

static bool read_bearer_providers(const settings *s, const option_set *options, bearer_place *b, gate_error *error)
{
    gate_str rest = option_text(options, OPTION_bearer), word;

    for (b->count = 0; str_word(&rest, &word); b->count++) {
        const provider *p = provider_named(s, word);
        if (!p || b->count >= PLACE_BEARERS_MAX)
            return option_fail_at(error, options, OPTION_bearer,
                                  p ? "names too many providers" : "names no provider that is defined",
                                  "name up to eight providers that are defined");
        if ((b->kinds & TOKEN_OPAQUE) && !p->client.client_id.len)
            return option_fail(error, STR_NONE, p->name, "has no client_id, which introspection of opaque tokens needs",
                               "add: client_id and client_secret_file");
        b->providers[b->count] = p;
    }
    return b->count || option_fail_at(error, options, OPTION_bearer, "names no provider",
                                      "name up to eight providers that are defined");
}

/* RFC 6749 3.3: what may stand in a scope, and so within the quotes of a challenge. */
static bool is_scope_list(gate_str words)
{
    for (size_t i = 0; i < words.len; i++)
        if (words.ptr[i] < 0x20 || words.ptr[i] > 0x7e || words.ptr[i] == '"' || words.ptr[i] == '\\')
            return false;
    return words.len <= BEARER_SCOPES_MAX;
}

static bool read_bearer(const settings *s, const option_set *options, bearer_place *b, gate_error *error)
{
    if (!option_given(options, OPTION_bearer))
        return true;
    b->audiences = option_text(options, OPTION_audience);
    b->scopes = option_text(options, OPTION_bearer_scope);
    if (!b->audiences.len)
        return option_fail_at(error, options, OPTION_bearer,
                              "is given without audience: any token of the provider would do",
                              "add: audience, the name under which the provider knows this application");
    if (!is_scope_list(b->scopes))
        return option_fail_at(error, options, OPTION_bearer_scope, "is no list of scopes",
                              "give words of visible ASCII without \" and \\");
    if (!token_kinds_read(option_text(options, OPTION_bearer_type), &b->kinds))
        return option_fail_at(error, options, OPTION_bearer_type, "names no kind of token",
                              "choose among at+jwt, jwt, id_token, opaque");
    return read_bearer_from(options, b, error) && read_bearer_providers(s, options, b, error);
}

/* Claims that a token signed here has of its own. */
static bool names_own_claim(gate_str words)
{
    static const gate_str own[] = {STR_INIT("iss"), STR_INIT("aud"), STR_INIT("iat"),
                                   STR_INIT("exp"), STR_INIT("jti"), STR_INIT("nbf")};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (str_has_word(words, own[i]))
            return true;
    return false;
}

static bool read_upstream(const settings *s, const option_set *options, upstream_place *u, gate_error *error)
{
    gate_str token = option_text(options, OPTION_upstream_token);

    u->token = str_equal(token, STR("none"))      ? UPSTREAM_NONE
               : str_equal(token, STR("phantom")) ? UPSTREAM_PHANTOM
               : str_equal(token, STR("signed"))  ? UPSTREAM_SIGNED
                                                  : UPSTREAM_KEEP;
    u->audience = option_text(options, OPTION_upstream_audience);
    u->claims = option_text(options, OPTION_upstream_claims);
    u->lifetime = option_number(options, OPTION_upstream_lifetime);
    if (u->token != UPSTREAM_SIGNED)
        return true;
    if (!s->signer.count)
        return option_fail_at(error, options, OPTION_upstream_token, "is signed, but there is no signing_key",
                              "add: signing_key_file FILE");
    if (names_own_claim(u->claims))
        return option_fail_at(error, options, OPTION_upstream_claims, "names iss, aud, iat, exp, jti or nbf",
                              "leave these out: the token has its own");
    return u->audience.len ||
           option_fail_at(error, options, OPTION_upstream_token, "is signed, but there is no upstream_audience",
                          "name whom the token is for");
}

static bool read_place(settings *s, const config_entry *entry, place *p, gate_error *error)
{
    gate_str mode = option_text(&entry->options, OPTION_unauthenticated);
    option_set *options = ARENA_NEW(&s->arena, option_set);

    if (!options || !copy_options(&s->arena, &entry->options, options, error))
        return false;
    if (!read_sign_in(s, entry, p, error) || !read_bearer(s, options, &p->bearer, error) ||
        !read_upstream(s, options, &p->upstream, error))
        return false;
    p->unauthenticated = str_equal(mode, STR("pass"))  ? UNAUTHENTICATED_PASS
                         : str_equal(mode, STR("401")) ? UNAUTHENTICATED_401
                                                       : UNAUTHENTICATED_LOGIN;
    if (!read_demands(&s->arena, options, p, error) || !read_claim_headers(&s->arena, options, p, error))
        return false;
    if (p->bearer.scopes.len && p->unauthenticated == UNAUTHENTICATED_PASS)
        return option_fail_at(error, options, OPTION_bearer_scope, "cannot hold where the unknown may pass",
                              "let unauthenticated be login or 401");
    if (p->demands && p->unauthenticated == UNAUTHENTICATED_PASS)
        return option_fail_at(error, options, OPTION_require, "cannot hold where the unknown may pass",
                              "take it away, or let unauthenticated be login or 401");
    return true;
}

static bool read_places(const gate_config *config, settings *s, gate_error *error)
{
    s->sites = ARENA_ARRAY(&s->arena, site, (size_t)config->sites);
    s->places = ARENA_ARRAY(&s->arena, place, (size_t)config->rules.count);
    if (!s->sites || !s->places)
        return option_fail(error, STR_NONE, STR("configuration"), "does not fit into memory", NULL);
    s->site_count = (size_t)config->sites;
    for (const config_entry *entry = config->rules.first; entry; entry = entry->next)
        if (!read_place(s, entry, &s->places[s->place_count++], error))
            return false;
    for (size_t i = 0; i < s->place_count; i++)
        s->places[i].number = (uint32_t)i;
    return true;
}

static bool open_token_cache(const gate_config *config, settings *s, gate_error *error)
{
    siphash_key key;
    bool wanted = false;

    for (size_t i = 0; i < s->place_count; i++)
        wanted = wanted || s->places[i].bearer.count > 0 || s->places[i].upstream.token == UPSTREAM_SIGNED;
    if (!wanted)
        return true;
    if (s->hooks.random ? !s->hooks.random(s->hooks.context, &key, sizeof key)
                        : RAND_bytes((unsigned char *)&key, sizeof key) != 1)
        return option_fail(error, STR_NONE, STR("engine"), "has no randomness", NULL);
    s->tokens = token_cache_open((size_t)option_number(&config->engine, OPTION_token_cache_size), &key);
    return s->tokens ||
           option_fail(error, STR_NONE, STR("token_cache_size"), "does not fit into memory", "make it smaller");
}

/* Cookies are for sign-in; who only checks bearer tokens needs no secret for them. */
static bool signs_in(const settings *s)
{
    for (size_t i = 0; i < s->site_count; i++)
        if (s->sites[i].providers)
            return true;
    for (size_t i = 0; i < s->provider_count; i++)
        if (s->providers[i].in_application)
            return true;
    return false;
}

static bool read_secrets(const gate_config *config, settings *s, gate_error *error)
{
    for (const option_value *v = &config->engine.values[OPTION_cookie_secret]; v && v->given; v = v->next) {
        if (v->text.len < SEAL_SECRET_SIZE)
            return option_fail(error, v->place, STR("cookie_secret"), "is shorter than 32 bytes",
                               "make one with: openssl rand -hex 32");
        if (!seal_ring_add(&s->session_ring, v->text, STR("JWE CEK")) ||
            !seal_ring_add(&s->attempt_ring, v->text, STR("gatewright attempt")))
            return option_fail(error, v->place, STR("cookie_secret"), "is given too often", "keep at most eight");
    }
    if (signs_in(s) && !s->attempt_ring.count)
        return option_fail(error, STR_NONE, STR("cookie_secret"), "is missing", "make one with: openssl rand -hex 32");
    return true;
}

bool settings_open(const gate_config *config, const gate_hooks *hooks, settings *s, gate_error *error)
{
    *s = (settings){0};
    if (hooks)
        s->hooks = *hooks;
    arena_open(&s->arena, SETTINGS_MEMORY);
    return signer_open(&s->arena, &config->engine, &s->signer, error) && read_providers(config, s, error) &&
           read_places(config, s, error) && sites_check(s, error) && read_secrets(config, s, error) &&
           open_token_cache(config, s, error);
}

void settings_close(settings *s)
{
    for (size_t i = 0; i < s->provider_count; i++)
        provider_close(&s->providers[i]);
    token_cache_close(s->tokens);
    signer_close(&s->signer);
    arena_close(&s->arena);
    *s = (settings){0};
}
