/* SPDX-License-Identifier: Apache-2.0 */
/* The public interface: open and close, begin, step and end, upkeep. */
#include "config.h"
#include "flow/ask.h"
#include "flow/discovery.h"
#include "flow/guard.h"
#include "flow/refusal_page.h"
#include "flow/visitor.h"

#include <pthread.h>
#include <stdlib.h>

enum { SPARE_MAX = 64, UPKEEP_IDLE = 60 };

/* A transaction's memory and contexts, kept for the next one. */
typedef struct shell {
    gate_tx tx; /* first: a pointer to it is one to the shell */
    gate_engine *engine;
    struct shell *next;
} shell;

struct gate_engine {
    settings settings;
    pthread_mutex_t lock; /* of the two below */
    shell *spare;
    size_t spare_count;
};

GATE_API const char *gate_version(void)
{
    return "0.1.0";
}

GATE_API gate_engine *gate_open(gate_config *config, const gate_hooks *hooks, gate_error *error)
{
    gate_engine *engine = calloc(1, sizeof *engine);
    bool good;

    if (!engine || pthread_mutex_init(&engine->lock, NULL) != 0) {
        option_fail(error, STR_NONE, STR("engine"), "does not fit into memory", NULL);
        free(engine);
        gate_config_drop(config);
        return NULL;
    }
    good = settings_open(config, hooks, &engine->settings, error);
    gate_config_drop(config);
    if (!good) {
        gate_close(engine);
        return NULL;
    }
    return engine;
}

GATE_API void gate_close(gate_engine *engine)
{
    shell *each, *next;

    if (!engine)
        return;
    for (each = engine->spare; each; each = next) {
        next = each->next;
        tx_close(&each->tx);
        free(each);
    }
    settings_close(&engine->settings);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}

static shell *shell_take(gate_engine *engine)
{
    shell *s;

    pthread_mutex_lock(&engine->lock);
    s = engine->spare;
    if (s) {
        engine->spare = s->next;
        engine->spare_count--;
    }
    pthread_mutex_unlock(&engine->lock);
    if (s)
        return s;
    s = calloc(1, sizeof *s);
    if (s && !tx_open(&s->tx)) {
        tx_close(&s->tx);
        free(s);
        s = NULL;
    }
    if (s)
        s->engine = engine;
    return s;
}

static void shell_give(shell *s)
{
    gate_engine *engine = s->engine;
    bool keep;

    pthread_mutex_lock(&engine->lock);
    keep = engine->spare_count < SPARE_MAX;
    if (keep) {
        s->next = engine->spare;
        engine->spare = s;
        engine->spare_count++;
    }
    pthread_mutex_unlock(&engine->lock);
    if (!keep) {
        tx_close(&s->tx);
        free(s);
    }
}

static gate_tx *begin(gate_engine *engine, const gate_request *request, tx_next first)
{
    shell *s = shell_take(engine);

    if (!s)
        return NULL;
    if (!tx_begin(&s->tx, &engine->settings, request)) {
        gate_end(&s->tx);
        return NULL;
    }
    s->tx.next = first;
    return &s->tx;
}

GATE_API gate_tx *gate_begin(gate_engine *engine, const gate_request *request)
{
    return begin(engine, request, guard_begin);
}

GATE_API gate_tx *gate_begin_ask(gate_engine *engine, const gate_request *request, const gate_ask *ask)
{
    gate_tx *tx = begin(engine, request, ask_begin);

    if (tx && !ask_copy(tx, ask)) {
        gate_end(tx);
        return NULL;
    }
    return tx;
}

GATE_API const gate_need *gate_step(gate_tx *tx, const gate_reply *reply, int64_t now)
{
    static const gate_reply no_reply = {.outcome = GATE_FAILED, .why = "no reply"};
    tx_next next = tx->next;

    if (!next) /* done already */
        return &tx->need;
    tx->now = now;
    return next(tx, reply ? reply : &no_reply);
}

GATE_API void gate_end(gate_tx *tx)
{
    if (!tx)
        return;
    tx_end(tx);
    shell_give((shell *)tx);
}

GATE_API bool gate_claim(gate_tx *tx, gate_str name, gate_str *value)
{
    const session_facts *facts = visitor_facts(tx);

    return facts && claim_as_text(tx, facts, name, value);
}

static gate_str token_of(const gate_tx *tx, const session_content *content, gate_token_kind kind)
{
    switch (kind) {
    case GATE_ID_TOKEN:
        return content->id_token;
    case GATE_ACCESS_TOKEN:
        return content->access_token;
    case GATE_REFRESH_TOKEN:
        return content->refresh_token;
    case GATE_TOKEN_RESPONSE:
        return tx->said.token_response;
    }
    return STR_NONE;
}

/* A bearer token that the cache knows: what is asked of it is there already, and nothing is read for it. */
static bool is_known_token(const gate_tx *tx)
{
    return tx->visitor.signed_in && tx->visitor.claims_text.ptr;
}

GATE_API bool gate_token(gate_tx *tx, gate_token_kind kind, gate_str *value)
{
    const session_facts *facts;

    if (is_known_token(tx)) {
        *value = kind == GATE_ACCESS_TOKEN ? tx->visitor.token : STR_NONE;
        return value->len > 0;
    }
    facts = visitor_facts(tx);
    if (!facts)
        return false;
    *value = token_of(tx, &facts->content, kind);
    return value->len > 0;
}

GATE_API bool gate_claims(gate_tx *tx, gate_claims_kind kind, gate_str *json_text)
{
    const session_facts *facts;
    const json *known;

    if (is_known_token(tx)) {
        *json_text = kind == GATE_TOKEN_CLAIMS ? tx->visitor.claims_text : STR_NONE;
        return json_text->len > 0;
    }
    facts = visitor_facts(tx);
    known = !facts ? NULL : kind == GATE_TOKEN_CLAIMS ? facts->id_token : facts->userinfo;
    if (known)
        *json_text = known->text;
    return known != NULL;
}

GATE_API bool gate_expires(gate_tx *tx, int64_t *at)
{
    const session_head *head = &tx->visitor.head;
    const session_facts *facts;

    if (!tx->visitor.signed_in || tx->asked)
        return false;
    if (is_known_token(tx)) {
        *at = tx->visitor.token_ends;
        return *at != NO_END;
    }
    if (head->expires) {
        *at = session_ends(head, tx->provider->session_timeout);
        return true;
    }
    facts = visitor_facts(tx);
    return facts && json_get_time(facts->id_token, STR("exp"), at) == JSON_GOOD;
}

GATE_API bool gate_stands(const gate_tx *tx, int64_t *since, int64_t *until)
{
    const gate_need *need = &tx->need;

    if (tx->next || tx->asked || need->kind != GATE_DONE || need->done.verdict != GATE_PASS || !guard_stands(tx))
        return false;
    *since = tx->visitor.token_span.since;
    *until = tx->visitor.token_span.expires;
    return true;
}

GATE_API bool gate_said(gate_tx *tx, gate_said_kind kind, gate_str *value)
{
    const tx_said *s = &tx->said;
    const gate_str words[] = {
        [GATE_RETURN_TO] = s->return_to, [GATE_NOTE] = s->note,
        [GATE_ERROR] = s->error,         [GATE_ERROR_DESCRIPTION] = s->error_description,
        [GATE_ERROR_URI] = s->error_uri,
    };

    if ((size_t)kind >= sizeof words / sizeof words[0])
        return false;
    *value = words[kind];
    return value->len > 0;
}

GATE_API bool gate_site_answers(const gate_engine *engine, int site_number, gate_str path)
{
    return guard_answers(&engine->settings, settings_site(&engine->settings, site_number), path);
}

GATE_API bool gate_header_is_ours(const gate_engine *engine, gate_str name)
{
    for (size_t i = 0; i < engine->settings.place_count; i++)
        for (const claim_header *h = engine->settings.places[i].headers; h; h = h->next)
            if (settings_is_same_header(h->name, name))
                return true;
    return false;
}

GATE_API bool gate_needs_store(const gate_engine *engine)
{
    for (size_t i = 0; i < engine->settings.site_count; i++)
        for (const site_provider *each = engine->settings.sites[i].providers; each; each = each->next)
            if (!each->provider->in_cookie)
                return true;
    return false;
}

static const gate_need *upkeep_done(gate_tx *tx, const gate_reply *reply)
{
    (void)reply;
    return tx_pass(tx);
}

static const gate_need *upkeep_begin(gate_tx *tx, const gate_reply *reply)
{
    (void)reply;
    return refresh_then(tx, upkeep_done);
}

GATE_API gate_tx *gate_upkeep(gate_engine *engine, int64_t now)
{
    for (size_t i = 0; i < engine->settings.provider_count; i++) {
        const provider *p = &engine->settings.providers[i];
        gate_tx *tx;
        if (provider_due(p) > now)
            continue;
        tx = begin(engine, NULL, upkeep_begin);
        if (tx)
            tx->provider = p;
        return tx;
    }
    return NULL;
}

GATE_API int64_t gate_upkeep_due(const gate_engine *engine, int64_t now)
{
    int64_t due = now + UPKEEP_IDLE;

    for (size_t i = 0; i < engine->settings.provider_count; i++) {
        int64_t at = provider_due(&engine->settings.providers[i]);
        due = at < due ? at : due;
    }
    return due > now ? due : now + 1;
}
