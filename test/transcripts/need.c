/* SPDX-License-Identifier: Apache-2.0 */
/* What a transcript says of a need: which it is, what it asks, and what is answered. */
#include "play.h"

#include "base/base64url.h"
#include "base/form.h"
#include "base/header.h"

#include <openssl/sha.h>

static const char *const KINDS[] = {"body", "store", "fetch", "done"};
static const char *const OPS[] = {"get", "take", "add", "put", "drop"};

static bool fail(play *p, const detail *d, const char *what, gate_str wanted, gate_str got)
{
    return world_fail(&p->world, d ? d->line : p->here->line, what, wanted, got);
}

static gate_str need_kind(const gate_need *need)
{
    return str_of(KINDS[need->kind]);
}

static bool check_url(play *p, gate_str kind)
{
    static const char *const paths[][2] = {
        {"metadata", "/.well-known/"}, {"keys", "/jwks"}, {"token", "/token"}, {"userinfo", "/userinfo"}};
    gate_str url = p->need->fetch.url;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (str_equal(kind, str_of(paths[i][0])))
            return str_contains(url, str_of(paths[i][1])) || fail(p, NULL, "fetch", kind, url);
    return fail(p, NULL, "no such fetch", STR_NONE, kind);
}

/* Name: part of the value. */
static bool check_header(play *p, const detail *d, gate_str line)
{
    const gate_fetch_need *f = &p->need->fetch;
    gate_str got = STR_NONE, want;
    size_t at;

    if (!str_find(line, ':', &at))
        return fail(p, d, "header", line, STR_NONE);
    want = str_trim(str_from(line, at + 1));
    if (header_find(f->headers, f->header_count, str_part(line, 0, at), &got) && str_contains(got, want))
        return true;
    return fail(p, d, "header of the fetch", line, got);
}

/* RFC 7636: the verifier of some challenge that was sent before, or none where none was. */
static bool check_verifier(play *p)
{
    form *fields = ARENA_NEW(&p->world.memory, form);
    unsigned char hash[SHA256_DIGEST_LENGTH];
    text name = text_begin(&p->world.memory, 128);
    gate_str verifier = STR_NONE, known;

    if (!form_read(&p->world.memory, p->need->fetch.body, fields))
        return fail(p, NULL, "the body is no form", STR_NONE, p->need->fetch.body);
    if (form_get(fields, STR("code_verifier"), &verifier) == FORM_ABSENT)
        return !world_named(&p->world, STR("code_challenge")).ptr ||
               fail(p, NULL, "code_verifier", STR("one"), STR("none"));
    SHA256((const unsigned char *)verifier.ptr, verifier.len, hash);
    text_add(&name, STR("challenge "));
    base64url_write(&name, (gate_str){(char *)hash, sizeof hash});
    text_end(&name, &known);
    return verifier.len >= 43 && (world_named(&p->world, known).ptr != NULL ||
                                  fail(p, NULL, "no challenge fits the verifier", known, verifier));
}

static bool check_detail(play *p, const detail *d)
{
    gate_str rest = world_expand(&p->world, d->line, d->text), word = script_word(&rest);
    const gate_fetch_need *f = &p->need->fetch;

    if (p->need->kind != GATE_FETCH)
        return true;
    if (str_equal(word, STR("method")))
        return str_equal(f->method, rest) || fail(p, d, "method", rest, f->method);
    if (str_equal(word, STR("url")))
        return str_equal(f->url, rest) || fail(p, d, "url", rest, f->url);
    if (str_equal(word, STR("sends")))
        return str_contains(f->body, rest) || fail(p, d, "body of the fetch", rest, f->body);
    if (str_equal(word, STR("sends-not")))
        return !str_contains(f->body, rest) || fail(p, d, "body of the fetch holds", rest, f->body);
    if (str_equal(word, STR("header")))
        return check_header(p, d, rest);
    return true;
}

static bool check_kind(play *p)
{
    const block *b = p->here;

    if (!str_equal(need_kind(p->need), b->word)) {
        if (p->need->kind == GATE_DONE && p->need->done.refusal.len)
            return fail(p, NULL, "need", b->word, p->need->done.refusal);
        return fail(p, NULL, "need", b->word, p->need->kind == GATE_FETCH ? p->need->fetch.url : need_kind(p->need));
    }
    if (p->need->kind == GATE_STORE)
        return str_equal(str_of(OPS[p->need->store.op]), b->rest) ||
               fail(p, NULL, "store", b->rest, str_of(OPS[p->need->store.op]));
    if (p->need->kind == GATE_FETCH)
        return check_url(p, b->rest) && (!str_equal(b->rest, STR("token")) || check_verifier(p));
    return true;
}

/* What gate.h promises of every need. */
static bool check_promises(play *p)
{
    const gate_need *n = p->need;

    if (n->kind == GATE_BODY)
        return n->body.max_bytes > 0 || fail(p, NULL, "body", STR("a bound"), STR_NONE);
    if (n->kind == GATE_STORE) {
        bool written = n->store.op == GATE_ADD || n->store.op == GATE_PUT;
        return (n->store.key_count >= 1 && n->store.keys[0].len && n->store.keys[0].len <= 64 &&
                n->store.value.len <= 65536 && (!written || (n->store.expires > p->world.now && n->store.value.len))) ||
               fail(p, NULL, "store", STR("what gate.h promises"), STR_NONE);
    }
    if (!n->fetch.max_bytes || !n->fetch.timeout_ms || !str_has_prefix(n->fetch.url, STR("http")))
        return fail(p, NULL, "fetch", STR("bounds, and a URL"), n->fetch.url);
    for (size_t i = 0; i < n->fetch.header_count; i++)
        if (!header_is_safe(n->fetch.headers[i].value))
            return fail(p, NULL, "header of the fetch", STR("no control characters"), n->fetch.headers[i].name);
    return true;
}

bool play_check_need(play *p)
{
    if (!check_kind(p) || !check_promises(p))
        return false;
    for (const detail *d = p->here->details; d; d = d->next)
        if (!check_detail(p, d))
            return false;
    return true;
}

/* Where the block says what is answered, the store itself is not asked. */
static void answer_store(play *p, gate_reply *reply)
{
    if (!p->here->details || str_has_prefix(p->here->details->text, STR("if-failed")))
        keeper_answer(&p->world.store, &p->need->store, p->world.now, reply);
    for (const detail *d = p->here->details; d; d = d->next) {
        gate_str rest = world_expand(&p->world, d->line, d->text), word = script_word(&rest);
        if (str_equal(word, STR("failed")))
            *reply = (gate_reply){.outcome = GATE_FAILED, .why = "connection refused"};
        else if (str_equal(word, STR("absent")))
            *reply = (gate_reply){.outcome = GATE_ABSENT};
        else if (str_equal(word, STR("exists")))
            *reply = (gate_reply){.outcome = GATE_EXISTS};
        else if (str_equal(word, STR("value")))
            reply->values[0] = rest;
    }
}

gate_reply play_reply(play *p)
{
    gate_reply reply = {.outcome = GATE_OK};

    if (p->need->kind == GATE_FETCH) {
        world_provider_reply(&p->world, p->here->rest, &p->need->fetch, p->here, &reply);
        return reply;
    }
    if (p->need->kind == GATE_STORE) {
        answer_store(p, &reply);
        return reply;
    }
    reply.body = world_expand(&p->world, p->here->line, p->here->rest);
    for (const detail *d = p->here->details; d; d = d->next)
        if (str_equal(d->text, STR("failed")))
            reply = (gate_reply){.outcome = GATE_FAILED, .why = "the client left"};
    return reply;
}

gate_reply play_own_reply(play *p, gate_outcome fetch)
{
    gate_reply reply = {.outcome = fetch};

    if (p->need->kind == GATE_STORE)
        keeper_answer(&p->world.store, &p->need->store, p->world.now, &reply);
    return reply;
}
