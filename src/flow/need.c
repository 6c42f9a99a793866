/* SPDX-License-Identifier: Apache-2.0 */
/* The needs, put together. */
#include "tx.h"

const gate_need *tx_body(gate_tx *tx, size_t max, tx_next next)
{
    tx->next = next;
    tx->need = (gate_need){.kind = GATE_BODY, .body = {.max_bytes = max}};
    return &tx->need;
}

const gate_need *tx_store(gate_tx *tx, gate_store_op op, gate_str key, gate_str value, int64_t expires, tx_next next)
{
    tx->next = next;
    tx->need = (gate_need){
        .kind = GATE_STORE,
        .store = {.op = op, .key_count = 1, .keys = {key}, .value = value, .expires = expires},
    };
    return &tx->need;
}

const gate_need *tx_fetch(gate_tx *tx, const tx_fetch_request *f, tx_next next)
{
    size_t count = f->headers ? f->headers->count : 0;

    for (size_t i = 0; i < count; i++)
        tx->fetch_headers[i] = f->headers->items[i];
    tx->next = next;
    tx->need = (gate_need){
        .kind = GATE_FETCH,
        .fetch =
            {
                .method = f->method,
                .url = f->url,
                .headers = tx->fetch_headers,
                .header_count = count,
                .body = f->body,
                .max_bytes = f->max_bytes,
                .timeout_ms = tx->provider->timeout_ms,
                .share = f->share,
                .share_as = f->share_as,
                .ca_file = tx->provider->ca_file,
                .crl_file = tx->provider->crl_file,
            },
    };
    return &tx->need;
}

static const gate_need *done(gate_tx *tx, gate_done d)
{
    d.headers = tx->headers.items;
    d.header_count = tx->headers.count;
    tx->next = NULL;
    tx->need = (gate_need){.kind = GATE_DONE, .done = d};
    return &tx->need;
}

const gate_need *tx_pass(gate_tx *tx)
{
    return done(tx, (gate_done){
                        .verdict = GATE_PASS,
                        .signed_in = tx->visitor.signed_in,
                        .identity = tx->identity.items,
                        .identity_count = tx->identity.count,
                    });
}

const gate_need *tx_redirect(gate_tx *tx, unsigned status, gate_str location)
{
    header_add(&tx->headers, STR("Location"), location);
    header_add(&tx->headers, STR("Cache-Control"), STR("no-store"));
    header_add(&tx->headers, STR("Referrer-Policy"), STR("no-referrer"));
    return done(tx, (gate_done){.verdict = GATE_ANSWER, .status = status});
}

const gate_need *tx_answer(gate_tx *tx, unsigned status, gate_str type, gate_str body)
{
    gate_str found;

    header_add(&tx->headers, STR("Content-Type"), type);
    if (!header_find(tx->headers.items, tx->headers.count, STR("Cache-Control"), &found))
        header_add(&tx->headers, STR("Cache-Control"), STR("no-store"));
    header_add(&tx->headers, STR("X-Content-Type-Options"), STR("nosniff"));
    header_add(&tx->headers, STR("Referrer-Policy"), STR("no-referrer"));
    return done(tx, (gate_done){.verdict = GATE_ANSWER, .status = status, .body = body});
}
