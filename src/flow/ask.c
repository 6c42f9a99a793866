/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   SIGN_IN    parameters_read -> login_begin_on
 *   CALLBACK   callback_begin, which ends in PASS
 *   SIGN_OUT   logout_begin_asked
 */
#include "ask.h"

#include "../base/url.h"
#include "../oidc/authorization.h"
#include "callback.h"
#include "guard.h"
#include "login.h"
#include "logout.h"
#include "refusal_page.h"

enum { PARAMETERS_MAX = 8 * 1024 };

static bool copy(gate_tx *tx, gate_str from, gate_str *to)
{
    *to = arena_copy(&tx->arena, from);
    return to->ptr != NULL;
}

bool ask_copy(gate_tx *tx, const gate_ask *ask)
{
    const settings *s = tx->settings;
    gate_ask *own = ARENA_NEW(&tx->arena, gate_ask);

    if (!own)
        return false;
    own->kind = ask->kind;
    own->provider = ask->provider;
    if (ask->provider >= 0 && (size_t)ask->provider < s->provider_count)
        tx->provider = &s->providers[ask->provider];
    tx->asked = own;
    return copy(tx, ask->return_to, &own->return_to) && copy(tx, ask->parameters, &own->parameters) &&
           copy(tx, ask->note, &own->note) && copy(tx, ask->id_token, &own->id_token);
}

/* RFC 6749 3.1: a parameter stands once. What an application asks for stands in place of what is configured. */
static bool add_configured(gate_tx *tx, const form *asked, text *extra)
{
    form *configured = ARENA_NEW(&tx->arena, form);
    gate_str value;

    if (!configured || !form_read(&tx->arena, tx->provider->extra, configured))
        return false;
    for (size_t i = 0; i < configured->count; i++)
        if (form_get(asked, configured->fields[i].name, &value) == FORM_ABSENT)
            form_add(extra, configured->fields[i].name, configured->fields[i].value);
    return true;
}

/* The parameters that an application may set although the request has them itself. */
static bool take_own(login_terms *terms, const gate_header *field)
{
    enum { YEAR = 31536000 };

    if (str_equal(field->name, STR("scope"))) {
        terms->scope = field->value;
        return str_has_word(field->value, STR("openid"));
    }
    if (str_equal(field->name, STR("acr_values"))) {
        terms->acr_values = field->value;
        return field->value.len > 0;
    }
    return str_equal(field->name, STR("max_age")) && str_number(field->value, YEAR, &terms->max_age);
}

/* Of what is refused only the name is told: the value may be a token (id_token_hint), or somebody's name (login_hint). */
static bool parameters_read(gate_tx *tx, login_terms *terms, gate_str *refused)
{
    form *fields = ARENA_NEW(&tx->arena, form);
    text extra = text_begin(&tx->arena, PARAMETERS_MAX);
    gate_str value;

    *refused = tx->asked->note.len > GATE_NOTE_MAX ? STR("the note is too long") : STR("they are no form");
    if (!fields || tx->asked->note.len > GATE_NOTE_MAX || !form_read(&tx->arena, tx->asked->parameters, fields))
        return false;
    for (size_t i = 0; i < fields->count; i++) {
        const gate_header *field = &fields->fields[i];
        *refused = field->name;
        if (form_get(fields, field->name, &value) != FORM_ONCE)
            return false;
        if (!authorization_is_own(field->name))
            form_add(&extra, field->name, field->value);
        else if (!take_own(terms, field))
            return false;
    }
    *refused = STR("they are too long");
    return add_configured(tx, fields, &extra) && text_end(&extra, &terms->extra);
}

static const gate_need *sign_in(gate_tx *tx)
{
    login_terms terms = {.scope = tx->provider->scope, .acr_values = STR(""), .max_age = -1, .note = tx->asked->note};
    gate_str target = tx->asked->return_to, refused;

    if (!parameters_read(tx, &terms, &refused))
        return tx_refuse(tx, REFUSAL_parameter_refused, refused);
    if (target.len && !url_is_local(target))
        tx_log(tx, GATE_LOG_WARN, STR("an address to return to that is not of this site was left out"), target);
    return login_begin_on(tx, url_is_local(target) ? target : STR("/"), &terms);
}

const gate_need *ask_begin(gate_tx *tx, const gate_reply *reply)
{
    (void)reply;
    if (tx->request.too_large)
        return tx_refuse(tx, REFUSAL_request_too_large, STR_NONE);
    if (!tx->provider || !tx->provider->in_application)
        return tx_refuse(tx, REFUSAL_internal, STR("no such provider, or its session_store is not application"));
    if (!guard_request_is_good(tx))
        return tx_refuse(tx, REFUSAL_request_malformed, tx->request.path); /* a query may hold the code */
    switch (tx->asked->kind) {
    case GATE_SIGN_IN:
        return sign_in(tx);
    case GATE_CALLBACK:
        return callback_begin(tx);
    case GATE_SIGN_OUT:
        return logout_begin_asked(tx);
    }
    return tx_refuse(tx, REFUSAL_internal, STR("an unknown kind of ask"));
}
