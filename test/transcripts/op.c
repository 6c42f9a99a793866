/* SPDX-License-Identifier: Apache-2.0 */
/* The practice provider's answers: good ones, changed by the lines under `fetch`. */
#include "world.h"

#include "base/json.h"
#include "base/url.h"

enum { ANSWER_MAX = 1024 * 1024, REPLY_HEADERS_MAX = 8 };

typedef struct answer {
    world *world;
    const block *block;
    keeper members; /* JSON texts */
    gate_str body;  /* instead of the members */
    gate_str content_type;
    gate_header *headers;
    gate_reply *reply;
} answer;

static gate_str join(world *w, gate_str a, const char *b, const char *c)
{
    text t = text_begin(&w->memory, ANSWER_MAX);
    gate_str s;

    text_add(&t, a);
    text_add(&t, str_of(b));
    text_add(&t, str_of(c));
    return text_end(&t, &s) ? s : STR("");
}

static void set(answer *a, const char *name, gate_str value)
{
    text t = text_begin(&a->world->memory, ANSWER_MAX);
    gate_str quoted;

    json_write_string(&t, value);
    if (text_end(&t, &quoted))
        keeper_set(&a->members, str_of(name), quoted, INT64_MAX);
}

static void fill_metadata(answer *a, const gate_fetch_need *need)
{
    static const char *const endpoints[][2] = {
        {"authorization_endpoint", "/authorize"}, {"token_endpoint", "/token"},        {"jwks_uri", "/jwks"},
        {"userinfo_endpoint", "/userinfo"},       {"end_session_endpoint", "/logout"},
    };
    url u;

    if (!url_read(need->url, &u))
        return;
    set(a, "issuer", u.origin);
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++)
        set(a, endpoints[i][0], join(a->world, u.origin, endpoints[i][1], ""));
}

static void fill_token(answer *a)
{
    text t = text_begin(&a->world->memory, ANSWER_MAX);
    gate_str arguments = STR(""), token;

    for (const detail *d = a->block->details; d; d = d->next) {
        gate_str rest = d->text;
        if (str_equal(script_word(&rest), STR("id_token")))
            arguments = world_expand(a->world, d->line, rest);
    }
    set(a, "access_token", STR(WORLD_ACCESS_TOKEN));
    set(a, "token_type", STR("Bearer"));
    keeper_set(&a->members, STR("expires_in"), STR("3600"), INT64_MAX);
    if (world_write_token(a->world, &t, arguments) && text_end(&t, &token))
        set(a, "id_token", token);
    else
        world_fail(a->world, a->block->line, "the ID Token cannot be made", arguments, STR_NONE);
}

static void fill_keys(answer *a)
{
    a->body = world_expand(a->world, a->block->line, STR("{{jwks rsa ec ed}}"));
}

static bool fill(answer *a, gate_str kind, const gate_fetch_need *need)
{
    if (str_equal(kind, STR("metadata"))) {
        fill_metadata(a, need);
    } else if (str_equal(kind, STR("keys"))) {
        fill_keys(a);
    } else if (str_equal(kind, STR("token"))) {
        fill_token(a);
    } else if (str_equal(kind, STR("userinfo"))) {
        set(a, "sub", STR("alice"));
        set(a, "email", STR("alice@example.org"));
    } else {
        return false;
    }
    return true;
}

static void add_header(answer *a, gate_str line)
{
    size_t at;

    if (!str_find(line, ':', &at) || a->reply->header_count == REPLY_HEADERS_MAX)
        return;
    if (str_equal(str_part(line, 0, at), STR("content-type")))
        a->content_type = str_trim(str_from(line, at + 1));
    else
        a->headers[a->reply->header_count++] = (gate_header){str_part(line, 0, at), str_trim(str_from(line, at + 1))};
}

/* Lines that are expectations, not parts of the answer, are passed over. */
static void change(answer *a, const detail *d)
{
    gate_str rest = world_expand(a->world, d->line, d->text), word = script_word(&rest), name;
    int64_t status;

    if (str_equal(word, STR("status")) && str_number(rest, 999, &status)) {
        a->reply->status = (unsigned)status;
    } else if (str_equal(word, STR("failed"))) {
        *a->reply = (gate_reply){.outcome = GATE_FAILED, .why = "connection refused"};
    } else if (str_equal(word, STR("body"))) {
        a->body = rest;
    } else if (str_equal(word, STR("replies"))) {
        add_header(a, rest);
    } else if (str_equal(word, STR("without"))) {
        keeper_remove(&a->members, rest);
    } else if (str_equal(word, STR("with"))) {
        name = script_word(&rest);
        keeper_set(&a->members, name, rest, INT64_MAX);
    }
}

static gate_str members_text(answer *a)
{
    text t = text_begin(&a->world->memory, ANSWER_MAX);
    gate_str s;

    json_begin(&t);
    for (const item *each = a->members.first; each; each = each->next)
        if (each->value.ptr)
            json_add_raw(&t, each->name, each->value);
    json_end(&t);
    return text_end(&t, &s) ? s : STR("");
}

bool world_provider_reply(world *w, gate_str kind, const gate_fetch_need *need, const block *b, gate_reply *reply)
{
    answer a = {
        .world = w, .block = b, .members.arena = &w->memory, .reply = reply, .content_type = STR("application/json")};

    *reply = (gate_reply){.outcome = GATE_OK, .status = 200};
    a.headers = ARENA_ARRAY(&w->memory, gate_header, REPLY_HEADERS_MAX + 1);
    if (!fill(&a, kind, need))
        return false;
    for (const detail *d = b->details; d; d = d->next)
        change(&a, d);
    if (reply->outcome == GATE_FAILED)
        return true;
    a.headers[reply->header_count++] = (gate_header){STR("Content-Type"), a.content_type};
    reply->headers = a.headers;
    reply->body = a.body.ptr ? a.body : members_text(&a);
    return true;
}
