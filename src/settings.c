/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "base/header.h"
#include "config.h"

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

static bool read_providers(const gate_config *config, crypto *c, settings *s, gate_error *error)
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
        if (!provider_open(&s->arena, c, name, options, &s->providers[s->provider_count - 1], error))
            return false;
    }
    return true;
}

/* Two providers that one browser could mix up. */
static bool check_apart(const settings *s, gate_error *error)
{
    for (size_t i = 0; i < s->provider_count; i++)
        for (size_t k = 0; k < i; k++)
            if (str_equal(s->providers[i].cookie_name, s->providers[k].cookie_name))
                return option_fail(error, STR_NONE, s->providers[i].name, "has the same cookie_name as another provider",
                                   "give each its own");
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

static bool is_header_name(gate_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = char_lower(name.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return name.len > 0;
}

static bool read_claim_headers(arena *a, const option_set *options, place *p, gate_error *error)
{
    const claim_header **link = &p->headers;

    for (const option_value *v = &options->values[OPTION_header]; v && v->given; v = v->next) {
        gate_str rest = v->text, more;
        claim_header *h = ARENA_NEW(a, claim_header);
        if (!h)
            return option_fail(error, v->place, STR("header"), "does not fit into memory", NULL);
        if (!str_word(&rest, &h->name) || !str_word(&rest, &h->claim) || str_word(&rest, &more) || !is_header_name(h->name))
            return option_fail(error, v->place, STR("header"), "is no header name and claim", "write for example: X-User-Email email");
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

static bool read_place(settings *s, const config_entry *entry, place *p, gate_error *error)
{
    gate_str name = option_text(&entry->options, OPTION_provider);
    gate_str mode = option_text(&entry->options, OPTION_unauthenticated);

    p->provider = provider_named(s, name);
    if (!p->provider)
        return option_fail_at(error, &entry->options, OPTION_provider, "names no provider that is defined", "define it, or mend the name");
    p->unauthenticated = str_equal(mode, STR("pass"))  ? UNAUTHENTICATED_PASS
                         : str_equal(mode, STR("401")) ? UNAUTHENTICATED_401
                                                       : UNAUTHENTICATED_LOGIN;
    if (!site_add(&s->arena, &s->sites[entry->site], p->provider))
        return option_fail(error, STR_NONE, STR("configuration"), "does not fit into memory", NULL);
    return read_demands(&s->arena, &entry->options, p, error) && read_claim_headers(&s->arena, &entry->options, p, error);
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
    return true;
}

static bool read_secrets(const gate_config *config, crypto *c, settings *s, gate_error *error)
{
    for (const option_value *v = &config->engine.values[OPTION_cookie_secret]; v && v->given; v = v->next) {
        if (v->text.len < SEAL_SECRET_SIZE)
            return option_fail(error, v->place, STR("cookie_secret"), "is shorter than 32 bytes", "make one with: openssl rand -hex 32");
        if (!seal_ring_add(c, &s->session_ring, v->text, STR("JWE CEK")) ||
            !seal_ring_add(c, &s->attempt_ring, v->text, STR("gatewright attempt")))
            return option_fail(error, v->place, STR("cookie_secret"), "is given too often", "keep at most eight");
    }
    if (s->provider_count && !s->attempt_ring.count)
        return option_fail(error, STR_NONE, STR("cookie_secret"), "is missing", "make one with: openssl rand -hex 32");
    return true;
}

bool settings_open(const gate_config *config, const gate_hooks *hooks, settings *s, gate_error *error)
{
    crypto c;
    bool good;

    *s = (settings){0};
    if (hooks)
        s->hooks = *hooks;
    arena_open(&s->arena, SETTINGS_MEMORY);
    good = crypto_open(&c) || option_fail(error, STR_NONE, STR("libcrypto"), "lacks SHA-256 or AES-256-GCM", "install OpenSSL 3");
    good = good && read_providers(config, &c, s, error) && check_apart(s, error) && read_places(config, s, error) &&
           read_secrets(config, &c, s, error);
    crypto_close(&c);
    return good;
}

void settings_close(settings *s)
{
    for (size_t i = 0; i < s->provider_count; i++)
        provider_close(&s->providers[i]);
    arena_close(&s->arena);
    *s = (settings){0};
}
