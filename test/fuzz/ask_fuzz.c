/* SPDX-License-Identifier: Apache-2.0
 * What an application asks for. The bytes choose the configuration, the asks with their parameters, notes, tokens and addresses, the
 * requests, and what is answered to each need. Nobody has signed in but by a CALLBACK in which the provider's own key signed the ID Token
 * that was due; nothing that was asked for adds to, or stands in place of, what only the engine says; no redirect leads elsewhere.
 */
#include "base/form.h"
#include "base/url.h"
#include "fuzz_world.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 24, ASKS_MAX = 8 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static gate_str one_of(world *w, const gate_str *known, size_t count)
{
    size_t which = world_byte(w) % (count + 1);

    return which < count ? known[which] : world_text(w);
}

#define ONE_OF(w, known) one_of((w), (known), sizeof(known) / sizeof((known)[0]))

static void choose_ask(world *w, gate_ask *ask)
{
    static const gate_str addresses[] = {STR_INIT(""),
                                         STR_INIT("/page?x=1"),
                                         STR_INIT("https://app.example/bye"),
                                         STR_INIT("https://app.example@evil.example/"),
                                         STR_INIT("//evil.example"),
                                         STR_INIT("/\\evil.example"),
                                         STR_INIT("https://evil.example/")};
    static const gate_str parameters[] = {STR_INIT(""), STR_INIT("prompt=login&max_age=60"),
                                          STR_INIT("scope=openid+email&acr_values=1"),
                                          STR_INIT("display=popup&state=x"), STR_INIT("ui_locales=fr&%73tate=x")};
    static const gate_str notes[] = {STR_INIT(""), STR_INIT("{\"returnTo\":\"/x\"}")};
    unsigned how = world_byte(w);

    *ask = (gate_ask){.kind = (gate_ask_kind)(how % 3), .provider = how >= 248 ? (int)how - 250 : 0};
    ask->return_to = ONE_OF(w, addresses);
    ask->parameters = ONE_OF(w, parameters);
    ask->note = ONE_OF(w, notes);
    if (ask->kind == GATE_SIGN_OUT)
        ask->id_token = world_text(w);
}

/* Of each of these one, or none where it need not be there. */
static bool stands_once(const form *fields, gate_str name, bool needed)
{
    gate_str value;
    form_got found = form_get(fields, name, &value);

    return found == FORM_ONCE || (found == FORM_ABSENT && !needed);
}

static void check_sign_in(const form *fields)
{
    static const gate_str needed[] = {STR_INIT("response_type"), STR_INIT("client_id"), STR_INIT("redirect_uri"),
                                      STR_INIT("scope"), STR_INIT("state")};
    static const gate_str others[] = {STR_INIT("nonce"),     STR_INIT("code_challenge"), STR_INIT("response_mode"),
                                      STR_INIT("max_age"),   STR_INIT("acr_values"),     STR_INIT("display"),
                                      STR_INIT("ui_locales")};
    gate_str value;

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        demand(stands_once(fields, needed[i], true));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        demand(stands_once(fields, others[i], false));
    form_get(fields, STR("redirect_uri"), &value);
    demand(str_has_suffix(value, STR("/oidc_callback")));
    form_get(fields, STR("scope"), &value);
    demand(str_has_word(value, STR("openid")));
    demand(form_get(fields, STR("request"), &value) == FORM_ABSENT);
    demand(form_get(fields, STR("request_uri"), &value) == FORM_ABSENT);
}

static void check_sign_out(const form *fields)
{
    demand(stands_once(fields, STR("client_id"), true));
    demand(stands_once(fields, STR("id_token_hint"), false));
    demand(stands_once(fields, STR("post_logout_redirect_uri"), false));
}

static bool read_query(world *w, gate_str location, form *fields)
{
    size_t at;

    return str_find(location, '?', &at) &&
           form_read(&w->memory, arena_copy(&w->memory, str_from(location, at + 1)), fields);
}

static void check_location(world *w, const gate_ask *ask, gate_str location)
{
    form *fields = ARENA_NEW(&w->memory, form);

    if (!fields)
        return;
    if (ask->kind == GATE_SIGN_IN) {
        demand(str_has_prefix(location, STR("https://op.example/a?")) && read_query(w, location, fields));
        check_sign_in(fields);
    } else if (str_has_prefix(location, STR("https://op.example/end?"))) {
        if (read_query(w, location, fields)) /* more fields than are read: nothing to say */
            check_sign_out(fields);
    } else {
        demand(ask->kind == GATE_SIGN_OUT);
        demand(url_is_local(location) || str_equal(location, ask->return_to));
    }
}

static void check_answer(world *w, const gate_ask *ask, const gate_done *done)
{
    gate_str location;

    demand(done->status >= 200 && done->status < 600);
    demand(!done->refusal.len || done->status >= 400);
    if (header_find(done->headers, done->header_count, STR("Location"), &location))
        check_location(w, ask, location);
}

static void check_said(gate_tx *tx)
{
    gate_str value;

    demand(gate_said(tx, GATE_RETURN_TO, &value) && url_is_local(value));
    demand(!gate_said(tx, GATE_NOTE, &value) || value.len <= GATE_NOTE_MAX);
    demand(gate_token(tx, GATE_ID_TOKEN, &value) && value.len);
    demand(gate_claim(tx, STR("sub"), &value));
}

static void check_done(world *w, gate_tx *tx, const gate_ask *ask, const gate_done *done)
{
    for (size_t i = 0; i < done->header_count; i++)
        demand(header_is_safe(done->headers[i].value));
    demand(!done->identity_count);
    demand(done->signed_in == (done->verdict == GATE_PASS));
    if (done->verdict != GATE_PASS) {
        check_answer(w, ask, done);
        return;
    }
    demand(ask->kind == GATE_CALLBACK && ask->provider == 0 && w->legitimate && !done->refusal.len);
    check_said(tx);
}

static void run(world *w, gate_tx *tx, const gate_ask *ask)
{
    const gate_need *need = gate_step(tx, NULL, w->now);
    int steps = 0;

    while (need->kind != GATE_DONE) {
        gate_reply reply;
        demand(++steps <= STEPS_MAX && need->kind != GATE_STORE); /* the application keeps the session */
        if (world_byte(w) == 0xee) {
            gate_end(tx);
            return;
        }
        reply = world_reply(w, need);
        need = gate_step(tx, &reply, w->now);
    }
    check_done(w, tx, ask, &need->done);
    world_remember(w, &need->done);
    gate_end(tx);
}

static void ask_something(world *w)
{
    gate_request request;
    gate_ask ask;
    gate_tx *tx;

    choose_ask(w, &ask);
    world_request(w, &request);
    w->legitimate = false; /* there is no session: whoever has signed in has done so now */
    tx = gate_begin_ask(w->engine, &request, &ask);
    if (tx)
        run(w, tx, &ask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world w;

    if (!world_begin(&w, data, size, WORLD_ASKS))
        return 0;
    for (int i = 0; i < ASKS_MAX && w.at < w.size; i++) {
        ask_something(&w);
        w.now += world_byte(&w) % 8 == 7 ? 100 * world_byte(&w) : 1;
    }
    world_end(&w);
    return 0;
}
