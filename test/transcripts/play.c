/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"

#include "shortage.h"

enum { LOG_MAX = 64 * 1024, NEEDS_MAX = 24, HEADERS_SENT_MAX = 32 };

static bool is_word(const block *b, const char *word)
{
    return str_equal(b->word, str_of(word));
}

static bool is_end(const block *b)
{
    return is_word(b, "pass") || is_word(b, "done") || is_word(b, "begins-not");
}

/* The verdict that the running request should come to. */
static const block *end_of_request(const play *p)
{
    const block *b = p->here;

    while (b && !is_end(b))
        b = b->next;
    return b;
}

static void step(play *p, const gate_reply *reply)
{
    shortage_watch(true);
    p->need = gate_step(p->tx, reply, p->world.now);
    shortage_watch(false);
    p->struck = shortage_struck();
}

static void end(play *p)
{
    gate_end(p->tx);
    p->tx = NULL;
    p->need = NULL;
}

/* ---- a request ---- */

typedef struct sending {
    gate_request request;
    gate_ask ask;
    bool asks;
    gate_header headers[HEADERS_SENT_MAX];
    bool cookies, accept, ruled;
} sending;

static void add_header(sending *s, gate_str name, gate_str value)
{
    if (s->request.header_count < HEADERS_SENT_MAX)
        s->headers[s->request.header_count++] = (gate_header){name, value};
}

static bool read_asked(sending *s, gate_str word, gate_str rest)
{
    static const struct {
        gate_str word;
        gate_ask_kind kind;
    } kinds[] = {{STR_INIT("sign-in"), GATE_SIGN_IN},
                 {STR_INIT("callback"), GATE_CALLBACK},
                 {STR_INIT("sign-out"), GATE_SIGN_OUT}};
    int64_t number;

    for (size_t i = 0; str_equal(word, STR("asks")) && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!str_equal(rest, kinds[i].word))
            continue;
        s->ask.kind = kinds[i].kind;
        return s->asks = true;
    }
    if (str_equal(word, STR("ask-provider")) && str_number(rest, 99, &number))
        s->ask.provider = (int)number;
    else if (str_equal(word, STR("return-to")))
        s->ask.return_to = rest;
    else if (str_equal(word, STR("parameters")))
        s->ask.parameters = rest;
    else if (str_equal(word, STR("note")))
        s->ask.note = rest;
    else if (str_equal(word, STR("id-token")))
        s->ask.id_token = rest;
    else
        return false;
    return true;
}

static void read_detail(play *p, sending *s, const detail *d)
{
    gate_str rest = world_expand(&p->world, d->line, d->text), word = script_word(&rest);
    int64_t number = 0;

    if (read_asked(s, word, rest))
        return;
    if (str_has_suffix(word, STR(":"))) {
        s->accept = s->accept || str_equal(word, STR("accept:"));
        add_header(s, str_part(word, 0, word.len - 1), rest);
    } else if (str_equal(word, STR("scheme"))) {
        s->request.scheme = rest;
    } else if (str_equal(word, STR("authority"))) {
        s->request.authority = rest;
    } else if (str_equal(word, STR("path"))) {
        s->request.path = rest;
    } else if (str_equal(word, STR("site")) && str_number(rest, 99, &number)) {
        s->request.site = (int)number;
    } else if (str_equal(word, STR("rule"))) {
        s->ruled = true;
        s->request.rule = str_number(rest, 99, &number) ? (int)number : GATE_NO_RULE;
    } else if (str_equal(word, STR("no-cookies"))) {
        s->cookies = false;
    } else if (str_equal(word, STR("no-accept"))) {
        s->accept = true;
    } else {
        world_fail(&p->world, d->line, "no such line under request", STR_NONE, word);
    }
}

static void fill_request(play *p, sending *s)
{
    gate_str rest = world_expand(&p->world, p->here->line, p->here->rest), cookies;
    size_t at;

    *s = (sending){.request = {.scheme = STR("https"), .authority = STR("app.example")}, .cookies = true};
    s->request.method = p->method = script_word(&rest);
    s->request.target = rest;
    s->request.path = str_find(rest, '?', &at) ? str_part(rest, 0, at) : rest;
    for (const detail *d = p->here->details; d; d = d->next)
        read_detail(p, s, d);
    if (!s->accept)
        add_header(s, STR("Accept"), STR("text/html,application/xhtml+xml"));
    cookies = keeper_cookies(&p->world.jar, p->world.now);
    if (s->cookies && cookies.len)
        add_header(s, STR("Cookie"), cookies);
    if (!s->ruled && gate_site_answers(p->engine, s->request.site, s->request.path))
        s->request.rule = GATE_NO_RULE;
    s->request.headers = s->headers;
}

static bool begin_request(play *p)
{
    sending s;

    fill_request(p, &s);
    p->log.len = 0;
    shortage_watch(true);
    p->tx = s.asks ? gate_begin_ask(p->engine, &s.request, &s.ask) : gate_begin(p->engine, &s.request);
    shortage_watch(false);
    memset(&s, 'x', sizeof s); /* the engine may keep nothing of it */
    if (p->tx) {
        step(p, NULL);
        return true;
    }
    p->struck = shortage_struck();
    p->over = p->struck;
    if (p->struck || (p->here->next && is_word(p->here->next, "begins-not")))
        return true;
    return world_fail(&p->world, p->here->line, "the request cannot begin", STR_NONE, STR_NONE);
}

static bool begin_upkeep(play *p)
{
    bool none = str_equal(p->here->rest, STR("none"));

    p->log.len = 0;
    shortage_watch(true);
    p->tx = gate_upkeep(p->engine, p->world.now);
    shortage_watch(false);
    p->struck = shortage_struck();
    if (p->tx && !none) {
        step(p, NULL);
        return true;
    }
    if (p->tx)
        end(p);
    else if (none || p->struck)
        return true;
    return world_fail(&p->world, p->here->line, "upkeep", p->here->rest, STR("the contrary"));
}

/* ---- needs ---- */

static bool is_need(const block *b)
{
    return is_word(b, "fetch") || is_word(b, "store") || is_word(b, "body");
}

/* To the end of a request in which something went wrong: the transcript's answers as far as they fit, else the store's own and failures. */
static void run_out(play *p)
{
    for (int i = 0; i < NEEDS_MAX && p->need->kind != GATE_DONE; i++) {
        char problem[sizeof p->world.problem];
        gate_reply reply;
        memcpy(problem, p->world.problem, sizeof problem);
        if (p->here && is_need(p->here) && play_check_need(p)) {
            reply = play_reply(p);
            p->here = p->here->next;
        } else {
            memcpy(p->world.problem, problem, sizeof problem);
            reply = play_own_reply(p, GATE_FAILED);
        }
        step(p, &reply);
    }
}

static bool answer_failed(play *p)
{
    static const gate_reply failed = {.outcome = GATE_FAILED, .why = "made to fail"};
    const block *here = p->here, *last = end_of_request(p);
    bool good;

    step(p, &failed);
    p->here = p->here->next;
    run_out(p);
    good = play_check_failed(p, here, last);
    end(p);
    p->over = true;
    return good;
}

static bool go_on_short(play *p)
{
    const block *last = end_of_request(p);
    bool good;

    run_out(p);
    good = play_check_short(p, last);
    end(p);
    p->over = true;
    return good;
}

static bool meet_need(play *p)
{
    gate_reply reply;

    if (!p->need)
        return world_fail(&p->world, p->here->line, "no request is running", p->here->word, STR_NONE);
    if (p->struck)
        return go_on_short(p);
    if (!play_check_need(p))
        return false;
    p->steps++;
    if (p->mode == PLAY_STOP && p->steps == p->at) {
        end(p);
        return p->over = true;
    }
    if (p->mode == PLAY_FAIL && p->steps == p->at)
        return answer_failed(p);
    reply = play_reply(p);
    step(p, &reply);
    return true;
}

static bool meet_verdict(play *p)
{
    bool good;

    if (!p->need)
        return is_word(p->here, "begins-not") ||
               world_fail(&p->world, p->here->line, "no request is running", p->here->word, STR_NONE);
    if (p->struck)
        return go_on_short(p);
    good = play_check_verdict(p);
    if (p->need->kind == GATE_DONE)
        play_remember(p);
    end(p);
    return good;
}

/* ---- the world ---- */

static bool move_clock(play *p, gate_str how)
{
    bool on = str_has_prefix(how, STR("+"));
    int64_t n;

    if (!str_number(on ? str_from(how, 1) : how, INT32_MAX, &n))
        return world_fail(&p->world, p->here->line, "no time", how, STR_NONE);
    p->world.now = on ? p->world.now + n : n;
    return true;
}

static bool change_world(play *p, gate_str rest)
{
    gate_str name;

    if (is_word(p->here, "now"))
        return move_clock(p, rest);
    if (is_word(p->here, "restart")) {
        play_close_engine(p);
        return true;
    }
    name = arena_copy(&p->world.memory, script_word(&rest));
    if (is_word(p->here, "set"))
        world_name(&p->world, name.ptr, rest);
    else if (is_word(p->here, "unset"))
        keeper_remove(&p->world.names, name);
    else if (is_word(p->here, "cookie"))
        keeper_set(&p->world.jar, name, rest, INT64_MAX);
    else if (is_word(p->here, "forget") && str_equal(name, STR("store")))
        p->world.store.first = NULL;
    else if (is_word(p->here, "forget") && str_equal(name, STR("cookies")))
        p->world.jar.first = NULL;
    else if (is_word(p->here, "forget"))
        keeper_remove(&p->world.jar, name);
    else
        return world_fail(&p->world, p->here->line, "no such line", STR_NONE, p->here->word);
    return true;
}

static bool play_block(play *p)
{
    const block *b = p->here;

    if (is_word(b, "engine") || is_word(b, "provider") || is_word(b, "site") || is_word(b, "rule"))
        return play_configure(p);
    if (is_need(b))
        return meet_need(p);
    if (is_end(b))
        return meet_verdict(p);
    if (p->need)
        return world_fail(&p->world, b->line, "a request is still running", STR_NONE, b->word);
    if (is_word(b, "request"))
        return play_open_engine(p) && (p->over || begin_request(p));
    if (is_word(b, "upkeep"))
        return begin_upkeep(p);
    return change_world(p, world_expand(&p->world, b->line, b->rest));
}

bool play_run(play *p, block *script, play_mode mode, long at)
{
    *p = (play){.mode = mode, .at = at, .random = 42, .here = script};
    world_begin(&p->world);
    p->log = text_begin(&p->world.memory, LOG_MAX);
    shortage_set(mode == PLAY_SHORT ? at : 0);
    while (p->here && !p->over && play_block(p) && !p->world.problem[0] && p->here)
        p->here = p->here->next;
    shortage_set(0);
    if (!p->over && !p->world.problem[0] && p->need)
        world_fail(&p->world, 0, "the transcript ends within a request", STR_NONE, STR_NONE);
    end(p);
    play_close_engine(p);
    return !p->world.problem[0];
}
