/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: begun with the first step, stepped, dropped. */
#include "functions.h"

#include <string.h>

enum { FIXED = 10, HEADERS_MAX = 64, REPLY_HEADERS_MAX = 256, SITES_MAX = 65536, ASK_PARTS = 6 };

static engine_box *open_box(args *a)
{
    engine_box *box = box_open(a->env, BOX_ENGINE, a->values[0]);

    if (box && box->closed) {
        napi_throw_error(a->env, "GATE_CLOSED", "the engine is closed");
        return NULL;
    }
    return box;
}

/* Of two, a place that takes its tokens from elsewhere looks at neither: which one a token would stand in is not to be guessed. */
static gate_str only_authorization(const gate_request *request)
{
    static const char name[] = "authorization";
    gate_str found = {0};
    size_t count = 0;

    for (size_t i = 0; i < request->header_count; i++) {
        const gate_header *h = &request->headers[i];
        if (h->name.len != sizeof name - 1 || memcmp(h->name.ptr, name, sizeof name - 1))
            continue;
        found = h->value;
        count++;
    }
    return count == 1 ? found : (gate_str){0};
}

static bool read_headers(args *a, gate_header *headers, gate_request *request)
{
    size_t rest = a->count > FIXED ? a->count - FIXED : 0;

    if (rest % 2 || rest / 2 > HEADERS_MAX) {
        napi_throw_type_error(a->env, NULL, "headers come as name, value, ... and are at most 64");
        return false;
    }
    request->headers = headers;
    for (; request->header_count < rest / 2; request->header_count++) {
        gate_header *h = &headers[request->header_count];
        size_t at = FIXED + 2 * request->header_count;
        if (!value_string(a, a->values[at], SCRATCH_BYTES, &h->name) ||
            !value_string(a, a->values[at + 1], SCRATCH_BYTES, &h->value))
            return false;
    }
    a->authorization = only_authorization(request);
    return true;
}

static bool read_request(args *a, gate_header *headers, gate_request *request)
{
    int64_t site, rule;

    if (!args_number(a, 1, 0, SITES_MAX, &site) || !args_number(a, 2, GATE_NO_RULE, SITES_MAX, &rule))
        return false;
    request->site = (int)site;
    request->rule = (int)rule;
    return value_string(a, a->values[5], SCRATCH_BYTES, &request->method) &&
           value_string(a, a->values[6], SCRATCH_BYTES, &request->scheme) &&
           value_string(a, a->values[7], SCRATCH_BYTES, &request->authority) &&
           value_string(a, a->values[8], SCRATCH_BYTES, &request->target) &&
           value_string(a, a->values[9], SCRATCH_TEXT, &request->path) && read_headers(a, headers, request);
}

static bool read_ask(args *a, const elements *given, gate_ask *ask)
{
    gate_str *texts[] = {&ask->return_to, &ask->parameters, &ask->note, &ask->id_token};
    int64_t kind, provider;

    if (given->count != ASK_PARTS) {
        napi_throw_type_error(a->env, NULL, "an ask is kind, provider, returnTo, parameters, note, idToken");
        return false;
    }
    if (!value_number(a->env, given->values[0], GATE_SIGN_IN, GATE_SIGN_OUT, &kind) ||
        !value_number(a->env, given->values[1], 0, SITES_MAX, &provider))
        return false;
    ask->kind = (gate_ask_kind)kind;
    ask->provider = (int)provider;
    for (uint32_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!value_is_nothing(a->env, given->values[i + 2]) &&
            !value_string(a, given->values[i + 2], SCRATCH_TEXT, texts[i]))
            return false;
    return true;
}

static napi_value first_step(args *a, engine_box *box, gate_tx *tx, int64_t now, bool asked)
{
    if (!tx) {
        napi_throw_error(a->env, "GATE_MEMORY", "memory is short");
        return NULL;
    }
    box->waiting++;
    box->references++;
    box->state->transactions++;
    return need_value(a, box, tx, gate_step(tx, NULL, now), asked);
}

napi_value addon_begin(napi_env env, napi_callback_info info)
{
    args a;
    engine_box *box;
    gate_header headers[HEADERS_MAX];
    gate_request request = {0};
    gate_ask ask = {0};
    elements given;
    bool asked;
    int64_t now;

    if (!args_begin(&a, env, info) || !value_elements(env, a.values[3], ASK_PARTS, &given) || !(box = open_box(&a)) ||
        !args_time(&a, 4, &now) || !read_request(&a, headers, &request))
        return NULL;
    asked = !value_is_nothing(env, a.values[3]);
    if (asked && !read_ask(&a, &given, &ask))
        return NULL;
    return first_step(&a, box, asked ? gate_begin_ask(box->engine, &request, &ask) : gate_begin(box->engine, &request),
                      now, asked);
}

napi_value addon_upkeep(napi_env env, napi_callback_info info)
{
    args a;
    engine_box *box;
    gate_tx *tx;
    int64_t now;
    napi_value nothing = NULL;

    if (!args_begin(&a, env, info) || !(box = open_box(&a)) || !args_time(&a, 1, &now))
        return NULL;
    tx = gate_upkeep(box->engine, now);
    if (tx)
        return first_step(&a, box, tx, now, false);
    napi_get_null(env, &nothing);
    return nothing;
}

static bool read_reply(args *a, gate_reply *reply)
{
    elements headers, values;
    int64_t outcome, status = 0;
    gate_str why;

    if (!value_elements(a->env, a->values[5], 2 * REPLY_HEADERS_MAX, &headers) ||
        !value_elements(a->env, a->values[6], GATE_KEYS_MAX, &values) ||
        !args_number(a, 2, GATE_OK, GATE_FAILED, &outcome) || !value_bytes(a, a->values[3], &reply->body) ||
        (!value_is_nothing(a->env, a->values[4]) && !args_number(a, 4, 0, 999, &status)) ||
        !value_headers(a, &headers, &reply->headers, &reply->header_count) || !args_string(a, 7, SCRATCH_TEXT, &why))
        return false;
    for (uint32_t i = 0; i < values.count; i++)
        if (!value_bytes(a, values.values[i], &reply->values[i]))
            return false;
    reply->outcome = (gate_outcome)outcome;
    reply->status = (unsigned)status;
    reply->why = why.len ? why.ptr : NULL; /* strings are read with a NUL behind them */
    return true;
}

napi_value addon_step(napi_env env, napi_callback_info info)
{
    args a;
    tx_box *box;
    gate_reply reply = {0};
    int64_t now;

    if (!args_begin(&a, env, info) || !(box = box_open(env, BOX_TX, a.values[0])) || !args_time(&a, 1, &now) ||
        !read_reply(&a, &reply))
        return NULL;
    if (!box->tx) {
        napi_throw_error(env, "GATE_ENDED", "the transaction has ended");
        return NULL;
    }
    return need_again(&a, box, a.values[0], gate_step(box->tx, &reply, now));
}

napi_value addon_drop(napi_env env, napi_callback_info info)
{
    args a;
    tx_box *box;

    if (args_begin(&a, env, info) && (box = box_open(env, BOX_TX, a.values[0])) && box->tx) {
        gate_end(box->tx);
        box->tx = NULL;
        box_tx_ended(box->owner);
        box->owner = NULL;
    }
    return NULL;
}
