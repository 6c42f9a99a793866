/* SPDX-License-Identifier: Apache-2.0 */
/* The engine of a transcript: its configuration, its randomness, its log. */
#include "play.h"
#include "shortage.h"

static bool random_bytes(void *context, void *bytes, size_t n)
{
    play *p = context;
    unsigned char *out = bytes;

    for (size_t i = 0; i < n; i++) {
        p->random = p->random * 6364136223846793005u + 1442695040888963407u;
        out[i] = (unsigned char)(p->random >> 56);
    }
    return true;
}

static void take_line(void *context, void *host, gate_log_level level, gate_str line)
{
    play *p = context;

    (void)host;
    (void)level;
    shortage_watch(false);
    text_add(&p->log, line);
    text_add_char(&p->log, '\n');
    shortage_watch(true);
}

/* What goes wrong here for want of memory ends the play; anything else is the transcript's fault. */
static bool refused(play *p, size_t line, const gate_error *error)
{
    p->struck = shortage_struck();
    if (p->struck)
        p->over = true;
    else
        world_fail(&p->world, line, "the configuration is refused", STR_NONE, str_of(error->text));
    return p->struck;
}

static bool set(play *p, gate_scope scope, int number, gate_str option, gate_str value, size_t line)
{
    gate_error error = {0};
    bool good;

    shortage_watch(true);
    good = gate_config_set(p->config, scope, number, option, value, STR("transcript"), &error);
    shortage_watch(false);
    return good || refused(p, line, &error);
}

static bool has_detail(const block *b, gate_str word)
{
    for (const detail *d = b ? b->details : NULL; d; d = d->next) {
        gate_str rest = d->text;
        if (str_equal(script_word(&rest), word))
            return true;
    }
    return false;
}

static bool set_details(play *p, gate_scope scope, int number)
{
    for (const detail *d = p->here->details; d && !p->over; d = d->next) {
        gate_str rest = d->text, option = script_word(&rest);
        if (!str_equal(option, STR("without")) &&
            !set(p, scope, number, option, world_expand(&p->world, d->line, rest), d->line))
            return false;
    }
    return true;
}

static bool begin_config(play *p)
{
    if (p->config)
        return true;
    shortage_watch(true);
    p->config = gate_config_begin();
    shortage_watch(false);
    p->providers = p->sites = p->rules = 0;
    if (!p->config)
        p->over = p->struck = true;
    return p->config != NULL;
}

/* The number of what was added; negative: no memory. */
static int add(play *p, int (*what)(play *, gate_error *))
{
    gate_error error = {0};
    int number;

    shortage_watch(true);
    number = what(p, &error);
    shortage_watch(false);
    if (number < 0)
        refused(p, p->here ? p->here->line : 0, &error);
    return number;
}

static int new_provider(play *p, gate_error *error)
{
    bool named = p->here && str_equal(p->here->word, STR("provider")) && p->here->rest.len;

    return gate_config_provider(p->config, named ? p->here->rest : STR("main"), error);
}

static int new_site(play *p, gate_error *error)
{
    return gate_config_site(p->config, error);
}

static int new_rule(play *p, gate_error *error)
{
    return gate_config_rule(p->config, p->sites - 1, error);
}

static bool add_provider(play *p, const block *b)
{
    static const char *const defaults[][2] = {{"issuer", WORLD_ISSUER},
                                              {"client_id", WORLD_CLIENT},
                                              {"client_secret", WORLD_SECRET},
                                              {"scope", "openid email"}};
    int number = add(p, new_provider);

    p->providers++;
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0] && !p->over; i++) {
        gate_str option = str_of(defaults[i][0]);
        bool without = str_equal(option, STR("client_secret")) && has_detail(b, STR("without"));
        if (!without && !has_detail(b, option) &&
            !set(p, GATE_SCOPE_PROVIDER, number, option, str_of(defaults[i][1]), 0))
            return false;
    }
    return p->over || !b || set_details(p, GATE_SCOPE_PROVIDER, number);
}

static bool add_rule(play *p, const block *b)
{
    int number;

    if (b && str_equal(b->rest, STR("none"))) { /* an application asks for itself */
        p->rules++;
        return true;
    }
    if (!p->sites && add(p, new_site) >= 0)
        p->sites++;
    number = p->over ? -1 : add(p, new_rule);
    p->rules++;
    if (p->over || !set(p, GATE_SCOPE_RULE, number, STR("provider"), b ? b->rest : STR("main"), b ? b->line : 0))
        return p->over;
    return p->over || !b || set_details(p, GATE_SCOPE_RULE, number);
}

bool play_configure(play *p)
{
    gate_str word = p->here->word;

    if (!begin_config(p))
        return true;
    if (str_equal(word, STR("provider")))
        return add_provider(p, p->here);
    if (str_equal(word, STR("rule")))
        return add_rule(p, p->here);
    if (str_equal(word, STR("site"))) {
        p->sites += add(p, new_site) >= 0;
        return !p->world.problem[0];
    }
    world_name(&p->world, "secrets", STR("given"));
    return set_details(p, GATE_SCOPE_ENGINE, 0);
}

static bool fill_in(play *p)
{
    block *here = p->here;
    bool good;

    p->here = NULL;
    good = begin_config(p) && (p->providers || add_provider(p, NULL)) && (p->over || p->rules || add_rule(p, NULL));
    if (good && !p->over && !world_named(&p->world, STR("secrets")).ptr)
        good = set(p, GATE_SCOPE_ENGINE, 0, STR("cookie_secret"), STR(WORLD_COOKIE_SECRET), 0);
    p->here = here;
    return good;
}

bool play_open_engine(play *p)
{
    gate_hooks hooks = {.context = p, .random = random_bytes, .log = take_line};
    gate_error error = {0};

    if (p->engine)
        return true;
    if (!fill_in(p) || p->over)
        return p->over;
    shortage_watch(true);
    p->engine = gate_open(p->config, &hooks, &error);
    shortage_watch(false);
    p->config = NULL;
    return p->engine || refused(p, p->here->line, &error);
}

void play_close_engine(play *p)
{
    gate_config_drop(p->config);
    gate_close(p->engine);
    p->config = NULL;
    p->engine = NULL;
    keeper_remove(&p->world.names, STR("secrets"));
}
