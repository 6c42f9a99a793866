/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_world.h"

#include "base/form.h"
#include "fuzz_op.h"

enum { MEMORY = 32 * 1024 * 1024, BEGINNING = 1700000000, TEXT_MAX = 64 * 1024 };

uint8_t world_byte(world *w)
{
    return w->at < w->size ? w->data[w->at++] : 0;
}

gate_str world_text(world *w)
{
    size_t n = world_byte(w);
    gate_str s;

    if (n >= 250)
        n = (n - 249) * 256u;
    if (n > w->size - w->at)
        n = w->size - w->at;
    s = arena_copy(&w->memory, (gate_str){(const char *)w->data + w->at, n});
    w->at += n;
    return s;
}

static bool random_bytes(void *context, void *bytes, size_t n)
{
    world *w = context;

    for (size_t i = 0; i < n; i++) {
        w->random = w->random * 6364136223846793005u + 1442695040888963407u;
        ((unsigned char *)bytes)[i] = (unsigned char)(w->random >> 56);
    }
    return !w->no_random;
}

static bool set(gate_config *config, gate_scope scope, const char *option, const char *value)
{
    gate_error error;

    return gate_config_set(config, scope, 0, str_of(option), str_of(value), STR("fuzz"), &error);
}

/* Each bit is one option that is not the default. Of these, an application that keeps its own sessions has some: */
enum { OF_APPLICATION = 0x5d };

static bool choose(gate_config *config, unsigned bits)
{
    static const struct {
        gate_scope scope;
        const char *option, *value;
    } options[] = {
        {GATE_SCOPE_PROVIDER, "response_mode", "form_post"},
        {GATE_SCOPE_PROVIDER, "session_store", "cookie"},
        {GATE_SCOPE_PROVIDER, "pkce", "off"},
        {GATE_SCOPE_PROVIDER, "nonce", "off"},
        {GATE_SCOPE_PROVIDER, "userinfo", "off"},
        {GATE_SCOPE_PROVIDER, "logout_uri", "/logout"},
        {GATE_SCOPE_PROVIDER, "max_age", "300"},
        {GATE_SCOPE_RULE, "require", "groups has staff"},
        {GATE_SCOPE_RULE, "header", "X-User sub"},
        {GATE_SCOPE_RULE, "unauthenticated", "pass"},
        {GATE_SCOPE_PROVIDER, "session_timeout", "60"},
    };

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if ((bits >> i & 1) && !set(config, options[i].scope, options[i].option, options[i].value))
            return false;
    return true;
}

static bool configure(gate_config *config, unsigned bits, world_kind kind)
{
    gate_error error;

    if (gate_config_provider(config, STR("main"), &error) < 0 || gate_config_site(config, &error) < 0 ||
        !set(config, GATE_SCOPE_PROVIDER, "issuer", OP_ISSUER) ||
        !set(config, GATE_SCOPE_PROVIDER, "client_id", "app") ||
        !set(config, GATE_SCOPE_PROVIDER, "client_secret", "secret") ||
        !set(config, GATE_SCOPE_ENGINE, "cookie_secret", "0123456789abcdef0123456789abcdef"))
        return false;
    if (kind == WORLD_ASKS)
        return set(config, GATE_SCOPE_PROVIDER, "session_store", "application") &&
               set(config, GATE_SCOPE_PROVIDER, "extra_auth_args", "display=page&ui_locales=de") &&
               choose(config, bits & OF_APPLICATION);
    return gate_config_rule(config, 0, &error) >= 0 && set(config, GATE_SCOPE_RULE, "provider", "main") &&
           choose(config, bits);
}

bool world_begin(world *w, const uint8_t *data, size_t size, world_kind kind)
{
    gate_hooks hooks = {.context = w, .random = random_bytes};
    gate_config *config = gate_config_begin();
    gate_error error;
    unsigned bits;

    *w = (world){.data = data, .size = size, .now = BEGINNING};
    bits = world_byte(w);
    bits |= (unsigned)world_byte(w) << 8;
    if (!config)
        return false;
    if (!configure(config, bits, kind)) {
        gate_config_drop(config);
        return false;
    }
    w->engine = gate_open(config, &hooks, &error);
    w->no_random = (bits >> 15) & 1;
    w->max_age = (bits >> 6) & 1;
    arena_open(&w->memory, MEMORY);
    return w->engine != NULL;
}

void world_end(world *w)
{
    gate_close(w->engine);
    arena_close(&w->memory);
}

/* ---- requests ---- */

static gate_str cookie_header(world *w)
{
    text t = text_begin(&w->memory, TEXT_MAX);
    gate_str all;

    for (size_t i = 0; i < WORLD_SLOTS; i++) {
        if (!w->cookies[i].value.ptr)
            continue;
        text_add(&t, w->cookies[i].name);
        text_add_char(&t, '=');
        text_add(&t, w->cookies[i].value);
        text_add(&t, STR("; "));
    }
    return text_end(&t, &all) ? all : STR("");
}

static gate_str callback_target(world *w)
{
    text t = text_begin(&w->memory, TEXT_MAX);
    gate_str all;

    text_add(&t, STR("/oidc_callback?code=c&state="));
    text_add(&t, w->state);
    if (world_byte(w) % 4 == 3)
        text_add(&t, world_text(w));
    return text_end(&t, &all) ? all : STR("/");
}

static void choose_target(world *w, gate_request *r)
{
    size_t at;

    switch (world_byte(w) % 8) {
    case 0:
    case 1:
        r->target = STR("/page?x=1");
        break;
    case 2:
    case 3:
        r->target = callback_target(w);
        break;
    case 4:
        r->target = STR("/logout");
        break;
    case 5:
        r->target = STR("/oidc_signed_out?state=x");
        break;
    case 6:
        r->target = STR("/oidc_callback");
        break;
    default:
        r->target = world_text(w);
    }
    r->path = str_find(r->target, '?', &at) ? str_part(r->target, 0, at) : r->target;
}

static void add_header(world *w, gate_request *r, gate_str name, gate_str value)
{
    if (r->header_count < WORLD_HEADERS)
        w->headers[r->header_count++] = (gate_header){name, value};
}

static void choose_headers(world *w, gate_request *r)
{
    static const gate_header known[] = {
        {STR_INIT("Content-Type"), STR_INIT("application/x-www-form-urlencoded")},
        {STR_INIT("Origin"), STR_INIT("https://app.example")},
        {STR_INIT("Sec-Fetch-Site"), STR_INIT("same-origin")},
        {STR_INIT("Sec-Fetch-Site"), STR_INIT("cross-site")},
        {STR_INIT("Upgrade"), STR_INIT("websocket")},
        {STR_INIT("X-Requested-With"), STR_INIT("XMLHttpRequest")},
    };
    unsigned bits = world_byte(w);

    if (!(bits & 1))
        add_header(w, r, STR("Accept"), STR("text/html"));
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (bits >> (i + 1) & 1)
            add_header(w, r, known[i].name, known[i].value);
    add_header(w, r, STR("Cookie"), cookie_header(w));
    if (bits & 128)
        add_header(w, r, STR("Cookie"), world_text(w));
}

void world_request(world *w, gate_request *r)
{
    unsigned how = world_byte(w);

    *r = (gate_request){
        .scheme = STR("https"), .authority = STR("app.example"), .method = how & 1 ? STR("POST") : STR("GET")};
    if ((how & 12) == 12)
        r->authority = world_text(w);
    if ((how & 48) == 48)
        r->scheme = STR("http");
    if ((how & 192) == 192)
        r->method = world_text(w);
    choose_target(w, r);
    choose_headers(w, r);
    r->headers = w->headers;
}

/* ---- what is remembered ---- */

static slot *slot_of(slot *slots, gate_str name)
{
    slot *empty = &slots[WORLD_SLOTS - 1];

    for (size_t i = WORLD_SLOTS; i-- > 0;) {
        if (slots[i].value.ptr && str_equal(slots[i].name, name))
            return &slots[i];
        if (!slots[i].value.ptr)
            empty = &slots[i];
    }
    *empty = (slot){.name = name};
    return empty;
}

static void take_cookie(world *w, gate_str set_cookie)
{
    gate_str all = arena_copy(&w->memory, set_cookie), rest = all, pair, name;
    slot *s;

    if (!str_cut(&rest, ';', &pair) || !str_cut(&pair, '=', &name) || !pair.ptr)
        return;
    s = slot_of(w->cookies, name);
    s->value = str_contains(all, STR("Max-Age=0;")) ? STR_NONE : pair;
}

void world_remember(world *w, const gate_done *done)
{
    form *fields = ARENA_NEW(&w->memory, form);
    gate_str location = STR_NONE;
    size_t at;

    for (size_t i = 0; i < done->header_count; i++)
        if (str_equal(done->headers[i].name, STR("Set-Cookie")))
            take_cookie(w, done->headers[i].value);
    if (!header_find(done->headers, done->header_count, STR("Location"), &location) || !str_find(location, '?', &at) ||
        !fields || !form_read(&w->memory, arena_copy(&w->memory, str_from(location, at + 1)), fields))
        return;
    form_get(fields, STR("state"), &w->state);
    w->nonce = STR_NONE;
    form_get(fields, STR("nonce"), &w->nonce);
}

/* ---- replies ---- */

static void answer_store(world *w, const gate_store_need *need, gate_reply *reply)
{
    slot *s = slot_of(w->store, arena_copy(&w->memory, need->keys[0]));

    switch (need->op) {
    case GATE_GET:
        reply->values[0] = s->value;
        break;
    case GATE_TAKE:
        reply->values[0] = s->value;
        s->value = STR_NONE;
        break;
    case GATE_ADD:
        if (s->value.ptr)
            reply->outcome = GATE_EXISTS;
        else
            s->value = arena_copy(&w->memory, need->value);
        break;
    case GATE_PUT:
        if (s->value.ptr)
            s->value = arena_copy(&w->memory, need->value);
        else
            reply->outcome = GATE_ABSENT;
        break;
    case GATE_DROP:
        s->value = STR_NONE;
        break;
    }
}

static void answer_anything(world *w, gate_reply *reply)
{
    reply->status = 150u + 2u * world_byte(w);
    if (world_byte(w) & 1)
        reply->status = 200;
    w->headers[0] =
        (gate_header){STR("Content-Type"), world_byte(w) & 1 ? STR("application/jwt") : STR("application/json")};
    w->headers[1] = (gate_header){STR("Cache-Control"), world_text(w)};
    reply->headers = w->headers;
    reply->header_count = 2;
    reply->body = world_text(w);
}

gate_reply world_reply(world *w, const gate_need *need)
{
    gate_reply reply = {.outcome = GATE_OK};
    unsigned how = world_byte(w) % 16;

    if (how < 4 && how > 0) {
        reply.outcome = how == 1 ? GATE_FAILED : how == 2 ? GATE_ABSENT : GATE_EXISTS;
        return reply;
    }
    if (need->kind == GATE_STORE)
        answer_store(w, &need->store, &reply);
    else if (need->kind == GATE_BODY)
        reply.body = how & 1 ? world_text(w) : str_from(callback_target(w), sizeof "/oidc_callback?" - 1);
    else if (how < 8 && how > 5)
        answer_anything(w, &reply);
    else
        op_answer(w, need->fetch.url, &reply);
    return reply;
}
