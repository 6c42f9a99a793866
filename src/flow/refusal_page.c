/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal_page.h"

enum { REFERENCE_BYTES = 6, LINK_MAX = 2000 };

/* Something to show even when memory is short. */
static const gate_str PLAIN = STR_INIT("This site cannot answer at the moment. Please try again shortly.\n");

const gate_need *tx_show(gate_tx *tx, unsigned status, const page *p)
{
    text t = text_begin(&tx->arena, PAGE_MAX);
    gate_str body;

    page_write(&t, p);
    if (!text_end(&t, &body))
        return tx_answer(tx, 503, STR("text/plain; charset=utf-8"), PLAIN);
    header_add(&tx->headers, STR("Content-Security-Policy"), page_policy);
    header_add(&tx->headers, STR("X-Frame-Options"), STR("DENY"));
    return tx_answer(tx, status, STR("text/html; charset=utf-8"), body);
}

static gate_str title_for(refusal why)
{
    if (why == REFUSAL_no_session || why == REFUSAL_form_without_session || why == REFUSAL_bearer_missing)
        return STR("Sign-in needed");
    switch (refusal_find(why)->status) {
    case 403:
        return STR("Not open to you");
    case 405:
        return STR("Not possible");
    case 503:
        return STR("Not available right now");
    default:
        return STR("Sign-in did not work");
    }
}

/* What happens all day, and what the operator cannot mend. Everything else is an error, which servers log by default. */
static gate_log_level level_of(refusal why)
{
    switch (why) {
    case REFUSAL_no_session:
    case REFUSAL_form_without_session:
    case REFUSAL_bearer_missing:
    case REFUSAL_token_exp:
    case REFUSAL_token_inactive:
        return GATE_LOG_INFO;
    default:
        return GATE_LOG_ERROR;
    }
}

static void log_refusal(gate_tx *tx, refusal why, gate_str reference, gate_str detail)
{
    const refusal_entry *entry = refusal_find(why);
    text t = text_begin(&tx->arena, 1024);
    gate_log_level level = level_of(why);
    gate_str line;

    text_add(&t, entry->id);
    text_add(&t, STR(": "));
    text_add(&t, entry->log);
    text_add(&t, STR(" ["));
    text_add(&t, entry->clause);
    text_add(&t, STR("], reference: "));
    text_add(&t, reference);
    if (text_end(&t, &line))
        tx_log(tx, level, line, detail);
    else
        tx_log(tx, level, entry->id, detail);
}

static gate_str make_reference(gate_tx *tx)
{
    char bytes[REFERENCE_BYTES];
    text t = text_begin(&tx->arena, 2 * REFERENCE_BYTES);
    gate_str reference;

    if (!tx_random(tx, bytes, sizeof bytes))
        return STR_NONE;
    text_add_hex(&t, (gate_str){bytes, sizeof bytes});
    return text_end(&t, &reference) ? reference : STR_NONE;
}

static const gate_need *refuse_in_json(gate_tx *tx, const refusal_entry *entry, gate_str reference)
{
    text t = text_begin(&tx->arena, PAGE_MAX);
    gate_str body;

    page_write_json(&t, entry->oauth.len ? entry->oauth : entry->id, entry->say, reference);
    if (!text_end(&t, &body))
        return tx_answer(tx, 503, STR("text/plain; charset=utf-8"), PLAIN);
    return tx_answer(tx, entry->status, STR("application/json"), body);
}

/* RFC 9110 15.5.2: a 401 names the way to authenticate. */
static void add_challenge(gate_tx *tx)
{
    text t = text_begin(&tx->arena, 256);
    gate_str challenge;

    if (header_find(tx->headers.items, tx->headers.count, STR("WWW-Authenticate"), &challenge))
        return; /* a better one is there */
    text_add(&t, STR("OpenIDConnect realm=\""));
    text_add(&t, tx->provider ? tx->provider->name : STR("site"));
    text_add_char(&t, '"');
    if (text_end(&t, &challenge))
        header_add(&tx->headers, STR("WWW-Authenticate"), challenge);
}

const gate_need *tx_refuse_with_link(gate_tx *tx, refusal why, gate_str detail, gate_str link, gate_str link_text)
{
    const refusal_entry *entry = refusal_find(why);
    gate_str reference = make_reference(tx);
    page p = {
        .title = title_for(why),
        .message = entry->say,
        .reference = reference,
        .link = link.len <= LINK_MAX ? link : STR("/"), /* escaped, a longer one would not fit on the page */
        .link_text = link_text,
    };

    log_refusal(tx, why, reference, detail);
    if (entry->status == 401)
        add_challenge(tx);
    if (entry->status == 503)
        header_add(&tx->headers, STR("Retry-After"), STR("5"));
    if (tx_is_navigation(tx))
        tx_show(tx, entry->status, &p);
    else
        refuse_in_json(tx, entry, reference);
    tx->need.done.refusal = entry->id;
    return &tx->need;
}

const gate_need *tx_refuse(gate_tx *tx, refusal why, gate_str detail)
{
    return tx_refuse_with_link(tx, why, detail, tx->retry, STR("Try again"));
}
