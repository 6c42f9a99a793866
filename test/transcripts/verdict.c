/* SPDX-License-Identifier: Apache-2.0 */
/* What a transcript says of a verdict, and what holds of every verdict. */
#include "play.h"

#include "base/cookie.h"
#include "base/form.h"
#include "base/header.h"

static bool fail(play *p, const detail *d, const char *what, gate_str wanted, gate_str got)
{
    return world_fail(&p->world, d ? d->line : p->here ? p->here->line : 0, what, wanted, got);
}

static gate_str find_header(const gate_done *done, gate_str name)
{
    gate_str value = STR_NONE;

    header_find(done->headers, done->header_count, name, &value);
    return value;
}

/* The last Set-Cookie value for this cookie, which is the one that counts; ptr NULL: none. */
static gate_str find_cookie(const gate_done *done, gate_str name)
{
    gate_str found = STR_NONE;

    for (size_t i = 0; i < done->header_count; i++) {
        gate_str value = done->headers[i].value;
        if (str_equal_nocase(done->headers[i].name, STR("Set-Cookie")) && str_has_prefix(value, name) &&
            value.len > name.len && value.ptr[name.len] == '=')
            found = value;
    }
    return found;
}

static bool removes(gate_str set_cookie)
{
    return str_contains(set_cookie, STR("Max-Age=0;"));
}

/* A session's own cookie, or a piece of one: not that of an attempt (.a), the trail (.n) or a sign-out (.o). */
static bool sets_session(const gate_done *done)
{
    for (size_t i = 0; i < done->header_count; i++) {
        gate_str value = done->headers[i].value, name;
        size_t dot;
        if (!str_equal(done->headers[i].name, STR("Set-Cookie")) || removes(value))
            continue;
        str_cut(&value, '=', &name);
        if (!str_find(name, '.', &dot) || (name.ptr[dot + 1] >= '0' && name.ptr[dot + 1] <= '9'))
            return true;
    }
    return false;
}

/* ---- the words ---- */

typedef bool (*check)(play *p, const detail *d, const gate_done *done, gate_str rest);

static bool check_refusal(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    return str_equal(done->refusal, rest) || fail(p, d, "refusal", rest, done->refusal);
}

static bool check_location(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str location = find_header(done, STR("Location"));

    return str_contains(location, rest) || fail(p, d, "location", rest, location);
}

static bool check_location_not(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str location = find_header(done, STR("Location"));

    return !str_contains(location, rest) || fail(p, d, "location holds", rest, location);
}

static bool check_location_is(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str location = find_header(done, STR("Location"));

    return str_equal(location, rest) || fail(p, d, "location", rest, location);
}

static bool check_header(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str name = STR_NONE, value;

    str_cut(&rest, ':', &name);
    value = find_header(done, name);
    return (value.ptr && str_contains(value, str_trim(rest))) || fail(p, d, "header", d->text, value);
}

static bool check_no_header(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    return !find_header(done, rest).ptr || fail(p, d, "header that should not be there", rest, find_header(done, rest));
}

static bool check_sets(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str got = find_cookie(done, script_word(&rest)), word;

    if (!got.ptr || removes(got))
        return fail(p, d, "cookie", d->text, got);
    while (str_word(&rest, &word))
        if (!str_contains(got, word))
            return fail(p, d, "cookie", d->text, got);
    return true;
}

static bool check_sets_not(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str got = find_cookie(done, rest);

    return !got.ptr || removes(got) || fail(p, d, "cookie that should not be set", rest, got);
}

static bool check_removes(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str got = find_cookie(done, rest);

    return (got.ptr && removes(got)) || fail(p, d, "cookie to be removed", rest, got);
}

static bool check_body(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    return str_contains(done->body, rest) || fail(p, d, "body", rest, done->body);
}

static bool check_body_not(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    return !str_contains(done->body, rest) || fail(p, d, "body holds", rest, done->body);
}

static bool check_identity(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str name = STR_NONE, value = STR_NONE;

    str_cut(&rest, ':', &name);
    header_find(done->identity, done->identity_count, name, &value);
    return (value.ptr && str_equal(value, str_trim(rest))) || fail(p, d, "identity", d->text, value);
}

static bool check_no_identity(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str value;

    return !header_find(done->identity, done->identity_count, rest, &value) ||
           fail(p, d, "identity that should not be there", rest, value);
}

static bool check_claim(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str name = script_word(&rest), value = STR_NONE;

    (void)done;
    return (gate_claim(p->tx, name, &value) && str_equal(value, rest)) || fail(p, d, "claim", d->text, value);
}

static bool check_no_claim(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str value = STR_NONE;

    (void)done;
    return !gate_claim(p->tx, rest, &value) || fail(p, d, "claim that should not be there", rest, value);
}

static bool check_access_token(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str value = STR_NONE;

    (void)done;
    return (gate_token(p->tx, GATE_ACCESS_TOKEN, &value) && str_equal(value, rest)) ||
           fail(p, d, "access token", rest, value);
}

static bool check_said(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    static const struct {
        gate_str word;
        gate_said_kind kind;
    } kinds[] = {
        {STR_INIT("return-to"), GATE_RETURN_TO}, {STR_INIT("note"), GATE_NOTE},
        {STR_INIT("error"), GATE_ERROR},         {STR_INIT("error_description"), GATE_ERROR_DESCRIPTION},
        {STR_INIT("error_uri"), GATE_ERROR_URI},
    };
    gate_str word = script_word(&rest), value = STR_NONE;

    (void)done;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (str_equal(kinds[i].word, word))
            return gate_said(p->tx, kinds[i].kind, &value) == (rest.len > 0) && str_equal(value, rest)
                       ? true
                       : fail(p, d, "said", d->text, value);
    return fail(p, d, "no such word of gate_said", STR_NONE, word);
}

static bool check_token_response(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str value = STR_NONE;

    (void)done;
    return (gate_token(p->tx, GATE_TOKEN_RESPONSE, &value) && str_contains(value, rest)) ||
           fail(p, d, "token response", rest, value);
}

static bool check_claims(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_claims_kind kind = str_has_prefix(d->text, STR("userinfo")) ? GATE_USERINFO_CLAIMS : GATE_TOKEN_CLAIMS;
    gate_str value = STR_NONE;

    (void)done;
    return (gate_claims(p->tx, kind, &value) && str_contains(value, rest)) || fail(p, d, "claims", rest, value);
}

static bool check_expires(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    int64_t at = 0, wanted = 0;

    (void)done;
    if (str_equal(rest, STR("never")))
        return !gate_expires(p->tx, &at) || fail(p, d, "expires", rest, STR("at some time"));
    return (str_number(str_from(rest, str_has_prefix(rest, STR("+"))), INT32_MAX, &wanted) &&
            gate_expires(p->tx, &at) && at == p->world.now + wanted) ||
           fail(p, d, "expires", rest, STR("at another time"));
}

static bool check_log(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str log = {p->log.bytes, p->log.len};

    (void)done;
    return str_contains(log, rest) || fail(p, d, "log", rest, log);
}

static bool check_log_not(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str log = {p->log.bytes, p->log.len};

    (void)done;
    return !str_contains(log, rest) || fail(p, d, "log holds", rest, log);
}

/* remember NAME PREFIX: what stands in the body behind the prefix, up to a double quote. */
static bool check_remember(play *p, const detail *d, const gate_done *done, gate_str rest)
{
    gate_str name = arena_copy(&p->world.memory, script_word(&rest)), value = STR_NONE;

    for (size_t i = 0; i + rest.len < done->body.len; i++) {
        gate_str here = str_from(done->body, i);
        if (!str_has_prefix(here, rest))
            continue;
        here = str_from(here, rest.len);
        str_cut(&here, '"', &value);
        world_name(&p->world, name.ptr, value);
        return true;
    }
    return fail(p, d, "body", rest, done->body);
}

static const struct {
    gate_str word;
    check check;
} WORDS[] = {
    {STR_INIT("refusal"), check_refusal},
    {STR_INIT("location"), check_location},
    {STR_INIT("location-not"), check_location_not},
    {STR_INIT("location-is"), check_location_is},
    {STR_INIT("header"), check_header},
    {STR_INIT("no-header"), check_no_header},
    {STR_INIT("sets"), check_sets},
    {STR_INIT("sets-not"), check_sets_not},
    {STR_INIT("removes"), check_removes},
    {STR_INIT("body"), check_body},
    {STR_INIT("body-not"), check_body_not},
    {STR_INIT("identity"), check_identity},
    {STR_INIT("no-identity"), check_no_identity},
    {STR_INIT("claim"), check_claim},
    {STR_INIT("no-claim"), check_no_claim},
    {STR_INIT("access-token"), check_access_token},
    {STR_INIT("said"), check_said},
    {STR_INIT("token-response"), check_token_response},
    {STR_INIT("claims-have"), check_claims},
    {STR_INIT("userinfo-has"), check_claims},
    {STR_INIT("expires"), check_expires},
    {STR_INIT("log"), check_log},
    {STR_INIT("log-not"), check_log_not},
    {STR_INIT("remember"), check_remember},
};

static bool check_detail(play *p, const detail *d, const gate_done *done)
{
    gate_str rest = world_expand(&p->world, d->line, d->text), word = script_word(&rest);

    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (str_equal(WORDS[i].word, word))
            return WORDS[i].check(p, d, done, rest);
    return fail(p, d, "no such line under a verdict", STR_NONE, word);
}

/* ---- what holds of every verdict ---- */

static bool check_cookies(play *p, const gate_done *done)
{
    for (size_t i = 0; i < done->header_count; i++) {
        gate_str value = done->headers[i].value;
        bool host_only = str_has_prefix(value, STR("__Host-"));
        if (!str_equal(done->headers[i].name, STR("Set-Cookie")))
            continue;
        if (!str_contains(value, STR("; HttpOnly")) || !str_contains(value, STR("; Path=/;")) ||
            str_contains(value, STR("Domain")) || host_only != str_contains(value, STR("; Secure")) || value.len > 4096)
            return fail(p, NULL, "cookie", STR("HttpOnly, Path=/, no Domain, Secure with __Host-, at most 4096"),
                        value);
    }
    return true;
}

static bool check_redirect(play *p, const gate_done *done)
{
    static const char *const good[] = {"https://op.example/", "https://op2.example/", "http://127.0.0.1:9000/",
                                       "https://www.example/", "https://app.example/"};
    gate_str location = find_header(done, STR("Location"));

    if (!location.ptr)
        return done->status < 300 || done->status > 399 || fail(p, NULL, "redirect", STR("a location"), STR_NONE);
    if (location.len && location.ptr[0] == '/' &&
        (location.len == 1 || (location.ptr[1] != '/' && location.ptr[1] != '\\')))
        return true;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (str_has_prefix(location, str_of(good[i])))
            return true;
    return fail(p, NULL, "redirect to an origin that is neither ours nor the provider's", STR_NONE, location);
}

/* Secrets never reach the log, nor a refusal's page. */
static bool check_secrets(play *p, const gate_done *done)
{
    static const char *const secrets[] = {WORLD_SECRET, WORLD_CODE, WORLD_ACCESS_TOKEN, WORLD_COOKIE_SECRET};
    gate_str log = {p->log.bytes, p->log.len};

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (str_contains(log, str_of(secrets[i])) || str_contains(done->body, str_of(secrets[i])))
            return fail(p, NULL, "a secret in the log or the page", STR_NONE, str_of(secrets[i]));
    for (const item *each = p->world.jar.first; each; each = each->next)
        if (each->value.len >= 40 && (str_contains(log, each->value) || str_contains(done->body, each->value)))
            return fail(p, NULL, "a cookie in the log or the page", STR_NONE, each->name);
    return true;
}

static bool check_always(play *p, const gate_done *done)
{
    for (size_t i = 0; i < done->header_count; i++)
        if (!header_is_safe(done->headers[i].value) || !done->headers[i].name.len)
            return fail(p, NULL, "header", STR("no control characters"), done->headers[i].name);
    if (done->verdict == GATE_ANSWER &&
        (done->status < 200 || done->status > 599 || done->signed_in || done->identity_count))
        return fail(p, NULL, "answer", STR("a status and nobody signed in"), STR_NONE);
    if (done->verdict == GATE_ANSWER && !find_header(done, STR("Cache-Control")).ptr)
        return fail(p, NULL, "answer", STR("Cache-Control"), STR_NONE);
    if (done->refusal.len && (done->status < 400 || sets_session(done)))
        return fail(p, NULL, "refusal", STR("a status from 400 and no session cookie"), done->refusal);
    return check_cookies(p, done) && check_redirect(p, done) && check_secrets(p, done);
}

/* ---- verdicts ---- */

static bool wants_pass(const block *b)
{
    return str_equal(b->word, STR("pass"));
}

static bool wants_signed_in(const block *b)
{
    return wants_pass(b) && !str_equal(b->rest, STR("unknown")) && !str_equal(b->rest, STR("upkeep"));
}

static int64_t wanted_status(const block *b)
{
    int64_t status = 0;

    str_number(b->rest, 999, &status);
    return wants_pass(b) ? 0 : status;
}

static bool is_same(const block *b, const gate_done *done)
{
    bool passes = done->verdict == GATE_PASS;

    return passes == wants_pass(b) && done->signed_in == wants_signed_in(b) && done->status == wanted_status(b);
}

static gate_str describe(play *p, const gate_done *done)
{
    text t = text_begin(&p->world.memory, 4096);
    gate_str s;

    text_add(&t, done->verdict == GATE_PASS ? done->signed_in ? STR("pass") : STR("pass unknown") : STR("done "));
    if (done->verdict == GATE_ANSWER)
        text_add_number(&t, done->status);
    text_add_char(&t, ' ');
    text_add(&t, done->refusal);
    text_add_char(&t, ' ');
    text_add(&t, find_header(done, STR("Location")));
    return text_end(&t, &s) ? s : STR("");
}

bool play_check_verdict(play *p)
{
    const gate_done *done = &p->need->done;
    bool refusal_named = false;

    if (p->need->kind != GATE_DONE)
        return fail(p, NULL, "verdict", p->here->word,
                    p->need->kind == GATE_FETCH   ? p->need->fetch.url
                    : p->need->kind == GATE_STORE ? STR("store")
                                                  : STR("body"));
    if (!is_same(p->here, done))
        return fail(p, NULL, "verdict", p->here->rest.len ? p->here->rest : p->here->word, describe(p, done));
    for (const detail *d = p->here->details; d; d = d->next) {
        refusal_named = refusal_named || str_has_prefix(d->text, STR("refusal "));
        if (!check_detail(p, d, done))
            return false;
    }
    if (done->refusal.len && !refusal_named)
        return fail(p, NULL, "refusal", STR("none"), done->refusal);
    return check_always(p, done);
}

static gate_str if_failed(const block *b)
{
    for (const detail *d = b->details; d; d = d->next) {
        gate_str rest = d->text;
        if (str_equal(script_word(&rest), STR("if-failed")))
            return rest;
    }
    return STR("refusal");
}

bool play_check_failed(play *p, const block *failed, const block *end)
{
    const gate_done *done = &p->need->done;
    gate_str how = if_failed(failed);
    int64_t status;

    p->here = NULL;
    if (p->need->kind != GATE_DONE)
        return fail(p, NULL, "after a failure", STR("a verdict"), STR("another need"));
    if (str_equal(how, STR("same")))
        return end && is_same(end, done) ? check_always(p, done)
                                         : fail(p, NULL, "after a failure", STR("the same verdict"), describe(p, done));
    if (str_equal(how, STR("pass")))
        return done->verdict == GATE_PASS || fail(p, NULL, "after a failure", how, describe(p, done));
    if (str_number(how, 999, &status))
        return (done->verdict == GATE_ANSWER && done->status == status) ||
               fail(p, NULL, "after a failure", how, describe(p, done));
    if (done->verdict != GATE_ANSWER || !done->refusal.len || sets_session(done))
        return fail(p, NULL, "after a failure", STR("a refusal"), describe(p, done));
    if (str_equal(failed->word, STR("store")) && !str_equal(done->refusal, STR("store_down")))
        return fail(p, NULL, "after a failure of the store", STR("store_down"), describe(p, done));
    return check_always(p, done);
}

bool play_check_short(play *p, const block *end)
{
    const gate_done *done = &p->need->done;

    p->here = NULL;
    if (p->need->kind != GATE_DONE || !end)
        return fail(p, NULL, "short of memory", STR("a verdict"), STR("another need"));
    if (str_equal(end->rest, STR("upkeep")))
        return true;
    if (is_same(end, done) || (done->verdict == GATE_ANSWER && done->status == 503))
        return true;
    /* A session is not to be overlooked; a sign-in at a callback may fail. */
    if ((wants_signed_in(end) && !str_equal(end->rest, STR("callback"))) || done->verdict == GATE_PASS ||
        !done->refusal.len)
        return fail(p, NULL, "short of memory", end->rest.len ? end->rest : end->word, describe(p, done));
    return true;
}

/* ---- memory ---- */

static void remember_challenge(play *p, gate_str challenge)
{
    text t = text_begin(&p->world.memory, 256);
    gate_str name;

    text_add(&t, STR("challenge "));
    text_add(&t, challenge);
    if (text_end(&t, &name))
        keeper_set(&p->world.names, name, STR("sent"), INT64_MAX);
}

void play_remember(play *p)
{
    const gate_done *done = &p->need->done;
    form *fields = ARENA_NEW(&p->world.memory, form);
    gate_str rest = find_header(done, STR("Location"));
    size_t at;

    for (size_t i = 0; i < done->header_count; i++)
        if (str_equal(done->headers[i].name, STR("Set-Cookie")))
            keeper_take_cookie(&p->world.jar, done->headers[i].value, p->world.now);
    if (!str_find(rest, '?', &at) || !str_has_prefix(rest, STR("http")) ||
        !form_read(&p->world.memory, str_from(rest, at + 1), fields))
        return;
    for (size_t i = 0; i < fields->count; i++) {
        gate_header *f = &fields->fields[i];
        keeper_set(&p->world.names, f->name, f->value, INT64_MAX);
        if (str_equal(f->name, STR("code_challenge")))
            remember_challenge(p, f->value);
    }
}
