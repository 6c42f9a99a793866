/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict, copied out whole, so that the transaction can end. */
#include "functions.h"

#include <string.h>

enum { PARTS = 23 };

/* One that ends the Authorization of this very request is there already: only where it begins is said. */
static void list_access_token(list *l, gate_str token, gate_str authorization)
{
    size_t at = authorization.len - token.len;

    if (token.len <= authorization.len && !memcmp(authorization.ptr + at, token.ptr, token.len))
        list_number(l, 12, (int64_t)at);
    else
        list_text(l, 12, token);
}

/* Of who is there. Claims go out as one JSON text: to parse it when it is asked for is cheaper than to build objects here. */
static void list_visitor(list *l, gate_tx *tx, gate_str authorization)
{
    gate_str text;
    int64_t at;

    if (gate_claims(tx, GATE_TOKEN_CLAIMS, &text))
        list_text(l, 9, text);
    if (gate_claims(tx, GATE_USERINFO_CLAIMS, &text))
        list_text(l, 10, text);
    if (gate_token(tx, GATE_ID_TOKEN, &text))
        list_text(l, 11, text);
    if (gate_token(tx, GATE_ACCESS_TOKEN, &text))
        list_access_token(l, text, authorization);
    if (gate_token(tx, GATE_REFRESH_TOKEN, &text))
        list_text(l, 13, text);
    if (gate_token(tx, GATE_TOKEN_RESPONSE, &text))
        list_text(l, 14, text);
    if (gate_expires(tx, &at))
        list_number(l, 15, at);
}

/* From when to when the verdict is the same for every request with this Authorization. What was logged is this request's own. */
static void list_stands(list *l, const gate_tx *tx, const engine_box *owner)
{
    int64_t since, until;

    if (owner->log.count || owner->log.lost || !gate_stands(tx, &since, &until))
        return;
    list_number(l, 21, since);
    list_number(l, 22, until);
}

static void list_said(list *l, gate_tx *tx)
{
    static const gate_said_kind kinds[] = {GATE_RETURN_TO, GATE_NOTE, GATE_ERROR, GATE_ERROR_DESCRIPTION,
                                           GATE_ERROR_URI};
    gate_str text;

    for (uint32_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (gate_said(tx, kinds[i], &text))
            list_text(l, 16 + i, text);
}

napi_value done_value(args *a, engine_box *owner, gate_tx *tx, const gate_done *done, bool asked)
{
    list l = list_begin(a->env, PARTS);

    list_number(&l, 0, GATE_DONE);
    list_flag(&l, 2, done->verdict == GATE_PASS);
    list_flag(&l, 3, done->signed_in);
    list_headers(&l, 5, done->headers, done->header_count);
    if (done->verdict == GATE_ANSWER) {
        list_number(&l, 4, done->status);
        list_text(&l, 6, done->body);
    } else {
        list_headers(&l, 7, done->identity, done->identity_count);
    }
    if (done->refusal.len)
        list_latin(&l, 8, done->refusal);
    if (done->verdict == GATE_PASS && done->signed_in)
        list_visitor(&l, tx, a->authorization);
    if (asked || done->refusal.len)
        list_said(&l, tx);
    list_stands(&l, tx, owner);
    list_log(&l, 1, &owner->log); /* last: reading the claims may log */
    return list_end(&l);
}
