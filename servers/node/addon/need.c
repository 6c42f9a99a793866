/* SPDX-License-Identifier: Apache-2.0 */
/* A need, as JavaScript gets it; and how long a transaction lives: until it is done, dropped, or its handle is collected. */
#include "functions.h"

#include <stdlib.h>

void box_tx_ended(engine_box *owner)
{
    owner->state->transactions--;
    owner->waiting--;
    if (owner->closed)
        engine_close(owner);
    engine_leave(owner);
}

static void finalize_tx(napi_env env, void *data, void *hint)
{
    tx_box *box = data;

    (void)env;
    (void)hint;
    if (box->tx) {
        gate_end(box->tx);
        box_tx_ended(box->owner);
    }
    free(box);
}

static void list_store(list *l, const gate_store_need *need)
{
    list keys = list_begin(l->env, (uint32_t)need->key_count);

    for (size_t i = 0; i < need->key_count; i++)
        list_bytes(&keys, (uint32_t)i, need->keys[i]);
    list_number(l, 3, need->op);
    l->failed = l->failed || keys.failed;
    if (!l->failed)
        list_value(l, 4, keys.array);
    if (need->op == GATE_ADD || need->op == GATE_PUT) {
        list_bytes(l, 5, need->value);
        list_number(l, 6, need->expires);
    }
}

static void list_fetch(list *l, const gate_fetch_need *need)
{
    list_latin(l, 3, need->method);
    list_latin(l, 4, need->url);
    list_headers(l, 5, need->headers, need->header_count);
    if (need->body.len)
        list_bytes(l, 6, need->body);
    list_number(l, 7, (int64_t)need->max_bytes);
    list_number(l, 8, need->timeout_ms);
    list_flag(l, 9, need->share);
    list_latin(l, 10, need->share_as);
    list_text(l, 11, need->ca_file);
    list_text(l, 12, need->crl_file);
}

static napi_value waiting_value(napi_env env, log_lines *log, napi_value handle, const gate_need *need)
{
    list l = list_begin(env, 13);

    list_number(&l, 0, need->kind);
    list_log(&l, 1, log);
    list_value(&l, 2, handle);
    if (need->kind == GATE_BODY)
        list_number(&l, 3, (int64_t)need->body.max_bytes);
    else if (need->kind == GATE_STORE)
        list_store(&l, &need->store);
    else
        list_fetch(&l, &need->fetch);
    return list_end(&l);
}

static tx_box *tx_keep(args *a, engine_box *owner, gate_tx *tx, bool asked, napi_value *handle)
{
    tx_box *box = malloc(sizeof *box);

    if (!box) {
        napi_throw_error(a->env, "GATE_MEMORY", "memory is short");
        return NULL;
    }
    *box = (tx_box){.owner = owner, .tx = tx, .asked = asked};
    *handle = NULL;
    if (box_wrap(a->env, BOX_TX, box, finalize_tx, handle))
        return box;
    if (!*handle)
        free(box);
    else
        box->tx = NULL; /* its finalizer comes */
    return NULL;
}

napi_value need_value(args *a, engine_box *owner, gate_tx *tx, const gate_need *need, bool asked)
{
    napi_value handle, value = NULL;

    if (need->kind == GATE_DONE)
        value = done_value(a, owner, tx, &need->done, asked);
    else if (tx_keep(a, owner, tx, asked, &handle))
        return waiting_value(a->env, &owner->log, handle, need);
    gate_end(tx);
    box_tx_ended(owner);
    return value;
}

napi_value need_again(args *a, tx_box *box, napi_value handle, const gate_need *need)
{
    napi_value value;

    if (need->kind != GATE_DONE)
        return waiting_value(a->env, &box->owner->log, handle, need);
    value = done_value(a, box->owner, box->tx, &need->done, box->asked);
    gate_end(box->tx);
    box->tx = NULL;
    box_tx_ended(box->owner);
    box->owner = NULL;
    return value;
}
