/* SPDX-License-Identifier: Apache-2.0 */
#include "visitor.h"

#include "../base/base64url.h"
#include "refusal_page.h"

enum { HANDLE_TEXT = 43, BODY_MAX = 60 * 1024 };

static const gate_need *record_found(gate_tx *tx, const gate_reply *reply);
static const gate_need *touch_written(gate_tx *tx, const gate_reply *reply);
static const gate_need *record_added(gate_tx *tx, const gate_reply *reply);
static const gate_need *old_dropped(gate_tx *tx, const gate_reply *reply);
static const gate_need *record_dropped(gate_tx *tx, const gate_reply *reply);

static bool is_ours(const gate_tx *tx, const session_head *head)
{
    return memcmp(head->provider, tx->provider->tag, SESSION_TAG_SIZE) == 0 &&
           session_is_alive(head, tx->now, tx->provider->session_timeout);
}

static gate_str store_key(gate_tx *tx, gate_str handle)
{
    char *key = arena_alloc(&tx->arena, SESSION_KEY_SIZE);

    if (!key || !session_store_key(handle, key))
        return STR_NONE;
    return (gate_str){key, SESSION_KEY_SIZE};
}

static cookie session_cookie(gate_tx *tx, gate_str value, int64_t max_age)
{
    return (cookie){
        .name = tx_cookie_name(tx, tx->provider),
        .value = value,
        .max_age = max_age,
        .secure = tx_is_https(tx, tx->provider),
    };
}

/* ---- find ---- */

static bool seal_head(gate_tx *tx, const session_head *head, gate_str body, gate_str *sealed)
{
    unsigned char iv[SEAL_IV_SIZE];
    text t = text_begin(&tx->arena, 2 * BODY_MAX);

    return tx_random(tx, iv, sizeof iv) &&
           session_cookie_write(&tx->arena, &tx->crypto, &tx->settings->session_ring, iv, head, body, &t) &&
           text_end(&t, sealed);
}

static bool write_session_cookie(gate_tx *tx, gate_str value)
{
    cookie c = session_cookie(tx, value, value.len ? -1 : 0);

    return seal_cookie_write(&tx->arena, tx->request.cookies, &c, &tx->headers);
}

static void touch_cookie(gate_tx *tx)
{
    visitor *v = &tx->visitor;
    gate_str sealed;

    v->head.touched = tx->now;
    if (!seal_head(tx, &v->head, v->body, &sealed) || !write_session_cookie(tx, sealed))
        tx_log(tx, GATE_LOG_WARN, STR("the session's use cannot be written down"), STR_NONE);
    header_add(&tx->headers, STR("Cache-Control"), STR("private")); /* the cookie is for this browser alone */
}

/* What looks like nobody may be somebody for whom memory was short. */
static const gate_need *nobody_then(gate_tx *tx, tx_next next)
{
    tx->visitor = (visitor){0};
    if (tx->arena.failed)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    return next(tx, NULL);
}

static const gate_need *find_in_cookie(gate_tx *tx, gate_str name, tx_next next)
{
    visitor *v = &tx->visitor;
    gate_str sealed;

    if (!seal_cookie_read(&tx->arena, tx->request.cookies, name, &sealed) ||
        !session_cookie_read(&tx->arena, &tx->crypto, &tx->settings->session_ring, sealed, &v->head, &v->body) ||
        !is_ours(tx, &v->head))
        return nobody_then(tx, next);
    v->signed_in = true;
    if (!tx->leaving && session_wants_touch(&v->head, tx->now, tx->provider->session_timeout))
        touch_cookie(tx);
    return next(tx, NULL);
}

const gate_need *visitor_find_then(gate_tx *tx, tx_next next)
{
    gate_str name = tx_cookie_name(tx, tx->provider), value, key;
    visitor *v = &tx->visitor;

    *v = (visitor){0};
    if (!name.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (tx->provider->in_cookie)
        return find_in_cookie(tx, name, next);
    if (!cookie_find(tx->request.cookies, name, &value) || value.len != HANDLE_TEXT ||
        !base64url_read(&tx->arena, value, &v->handle))
        return nobody_then(tx, next);
    key = store_key(tx, v->handle);
    if (!key.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    tx->after = next;
    return tx_store(tx, GATE_GET, key, STR_NONE, 0, record_found);
}

static const gate_need *touch_record(gate_tx *tx)
{
    visitor *v = &tx->visitor;
    gate_str key = store_key(tx, v->handle), touched;

    if (!key.ptr || !session_record_touch(&tx->arena, v->record, tx->now, &touched))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    v->head.touched = tx->now;
    return tx_store(tx, GATE_PUT, key, touched, session_ends(&v->head, tx->provider->session_timeout), touch_written);
}

static const gate_need *record_found(gate_tx *tx, const gate_reply *reply)
{
    visitor *v = &tx->visitor;

    if (reply->outcome == GATE_FAILED)
        return tx_refuse(tx, REFUSAL_store_down, reply->why ? str_of(reply->why) : STR_NONE);
    if (reply->outcome != GATE_OK || !reply->values[0].ptr || !session_record_read(reply->values[0], &v->head) ||
        !is_ours(tx, &v->head))
        return nobody_then(tx, tx->after);
    v->record = arena_copy(&tx->arena, reply->values[0]);
    if (!v->record.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    v->signed_in = true;
    if (!tx->leaving && session_wants_touch(&v->head, tx->now, tx->provider->session_timeout))
        return touch_record(tx);
    return tx->after(tx, NULL);
}

/* The session may have been ended since it was read: PUT answers ABSENT then, and nobody is signed in. */
static const gate_need *touch_written(gate_tx *tx, const gate_reply *reply)
{
    if (reply->outcome == GATE_ABSENT)
        tx->visitor = (visitor){0};
    else if (reply->outcome != GATE_OK)
        tx_log(tx, GATE_LOG_WARN, STR("the session's use cannot be written down"),
               reply->why ? str_of(reply->why) : STR_NONE);
    return tx->after(tx, NULL);
}

/* ---- begin ---- */

static bool write_content(gate_tx *tx, const session_content *content, gate_str *body)
{
    text t = text_begin(&tx->arena, BODY_MAX);

    return session_content_write(&t, content) && text_end(&t, body);
}

static session_head new_head(const gate_tx *tx)
{
    session_head head = {
        .created = tx->now,
        .touched = tx->now,
        .expires = tx->now + tx->provider->session_lifetime,
    };

    memcpy(head.provider, tx->provider->tag, SESSION_TAG_SIZE);
    return head;
}

static const gate_need *begin_in_cookie(gate_tx *tx, gate_str body, tx_next next)
{
    session_head head = new_head(tx);
    gate_str sealed;

    if (!seal_head(tx, &head, body, &sealed) || !write_session_cookie(tx, sealed))
        return tx_refuse(tx, REFUSAL_session_too_large, STR_NONE);
    return next(tx, NULL);
}

/* Remembers what the browser brought, which ends once the new session is there. */
typedef struct beginning {
    gate_str old_key;
    gate_str handle_text;
} beginning;

static bool old_session_key(gate_tx *tx, beginning *b)
{
    gate_str name = tx_cookie_name(tx, tx->provider), value, handle;

    if (!name.ptr)
        return false;
    if (!cookie_find(tx->request.cookies, name, &value) || value.len != HANDLE_TEXT ||
        !base64url_read(&tx->arena, value, &handle))
        return true;
    b->old_key = store_key(tx, handle);
    return b->old_key.ptr != NULL;
}

static const gate_need *add_record(gate_tx *tx, gate_str body)
{
    session_head head = new_head(tx);
    unsigned char iv[SEAL_IV_SIZE];
    beginning *b = tx->beginning;
    gate_str handle, record, key;

    if (!base64url_read(&tx->arena, b->handle_text, &handle) || !tx_random(tx, iv, sizeof iv) ||
        !session_record_write(&tx->arena, &tx->crypto, handle, iv, &head, body, &record))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    key = store_key(tx, handle);
    if (!key.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    return tx_store(tx, GATE_ADD, key, record, session_ends(&head, tx->provider->session_timeout), record_added);
}

const gate_need *visitor_begin_then(gate_tx *tx, const session_content *content, tx_next next)
{
    gate_str body;

    if (!write_content(tx, content, &body))
        return tx_refuse(tx, REFUSAL_session_too_large, STR_NONE);
    if (tx->provider->in_cookie)
        return begin_in_cookie(tx, body, next);
    tx->beginning = ARENA_NEW(&tx->arena, beginning);
    if (!tx->beginning || !tx_random_text(tx, SESSION_HANDLE_SIZE, &tx->beginning->handle_text) ||
        !old_session_key(tx, tx->beginning))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    tx->after = next;
    return add_record(tx, body);
}

static const gate_need *record_added(gate_tx *tx, const gate_reply *reply)
{
    beginning *b = tx->beginning;

    if (reply->outcome != GATE_OK)
        return tx_refuse(tx, REFUSAL_store_down, reply->why ? str_of(reply->why) : STR("a handle was there already"));
    if (!write_session_cookie(tx, b->handle_text))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    if (b->old_key.ptr)
        return tx_store(tx, GATE_DROP, b->old_key, STR_NONE, 0, old_dropped);
    return tx->after(tx, NULL);
}

/* The old session is unreachable for this browser either way; failing to drop it is no reason to fail the sign-in. */
static const gate_need *old_dropped(gate_tx *tx, const gate_reply *reply)
{
    if (reply->outcome == GATE_FAILED)
        tx_log(tx, GATE_LOG_WARN, STR("the session before this sign-in cannot be dropped; it ends by itself"),
               STR_NONE);
    return tx->after(tx, NULL);
}

/* ---- end ---- */

const gate_need *visitor_end_then(gate_tx *tx, tx_next next)
{
    gate_str key;

    tx->after = next;
    if (!tx->visitor.handle.ptr) {
        if (!write_session_cookie(tx, STR_NONE))
            return tx_refuse(tx, REFUSAL_internal, STR("memory"));
        return next(tx, NULL);
    }
    key = store_key(tx, tx->visitor.handle);
    if (!key.ptr)
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    return tx_store(tx, GATE_DROP, key, STR_NONE, 0, record_dropped);
}

static const gate_need *record_dropped(gate_tx *tx, const gate_reply *reply)
{
    if (reply->outcome == GATE_FAILED)
        return tx_refuse(tx, REFUSAL_store_down, reply->why ? str_of(reply->why) : STR_NONE);
    if (!write_session_cookie(tx, STR_NONE))
        return tx_refuse(tx, REFUSAL_internal, STR("memory"));
    return tx->after(tx, NULL);
}

/* ---- facts ---- */

static bool read_facts(gate_tx *tx, session_facts *facts)
{
    visitor *v = &tx->visitor;
    gate_str body = v->body;

    if (v->claims_text.ptr) {
        *facts = (session_facts){.content = {.access_token = v->token, .expires_at = -1}};
        facts->id_token = json_read_object(&tx->arena, v->claims_text);
        return facts->id_token != NULL;
    }
    return (body.ptr || session_record_open(&tx->arena, &tx->crypto, v->handle, v->record, &body)) &&
           session_content_read(&tx->arena, body, facts);
}

const session_facts *visitor_facts(gate_tx *tx)
{
    visitor *v = &tx->visitor;
    session_facts *facts;

    if (!v->signed_in || v->facts_read)
        return v->facts;
    v->facts_read = true;
    facts = ARENA_NEW(&tx->arena, session_facts);
    if (facts && read_facts(tx, facts))
        v->facts = facts;
    else
        tx_log(tx, GATE_LOG_ERROR, STR("a session cannot be opened: it was damaged, or memory is short"), STR_NONE);
    return v->facts;
}
