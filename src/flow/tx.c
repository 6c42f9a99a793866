/* SPDX-License-Identifier: Apache-2.0 */
#include "tx.h"

#include "../base/base64url.h"
#include "../base/secret.h"
#include "../base/url.h"

#include <openssl/err.h>
#include <openssl/rand.h>

enum { TX_MEMORY = 16 * 1024 * 1024, COOKIES_MAX = 64 * 1024, TARGET_MAX = 64 * 1024 };

bool tx_open(gate_tx *tx)
{
    *tx = (gate_tx){0};
    arena_open(&tx->arena, TX_MEMORY);
    return crypto_open(&tx->crypto);
}

void tx_close(gate_tx *tx)
{
    tx_end(tx);
    crypto_close(&tx->crypto);
    arena_close(&tx->arena);
}

void tx_end(gate_tx *tx)
{
    metadata_release(tx->metadata);
    keyset_release(tx->keys);
    arena_reset(&tx->arena);
    tx->settings = NULL;
    tx->provider = NULL;
    tx->metadata = NULL;
    tx->keys = NULL;
    tx->next = tx->after = NULL;
    tx->flow = NULL;
    tx->hunt = NULL;
    tx->beginning = NULL;
    tx->bearer = NULL;
    tx->retry = STR_NONE;
    tx->asked = NULL;
    tx->said = (tx_said){0};
    tx->leaving = false;
    tx->site = NULL;
    tx->place = NULL;
    tx->headers.count = tx->identity.count = 0;
    tx->headers.failed = tx->identity.failed = false;
    tx->need = (gate_need){0};
    tx->visitor = (visitor){0};
    tx->request = (tx_request){0};
}

static bool copy(gate_tx *tx, gate_str from, gate_str *to)
{
    *to = arena_copy(&tx->arena, from);
    return to->ptr != NULL;
}

/* HTTP/2 may send the cookies in several fields. */
static bool add_cookies(gate_tx *tx, gate_str value)
{
    text t;

    if (value.len + tx->request.cookies.len + 2 > COOKIES_MAX) {
        tx->request.too_large = true;
        return true;
    }
    if (!tx->request.cookies.len)
        return copy(tx, value, &tx->request.cookies);
    t = text_begin(&tx->arena, COOKIES_MAX);
    text_add(&t, tx->request.cookies);
    text_add(&t, STR("; "));
    text_add(&t, value);
    return text_end(&t, &tx->request.cookies);
}

/* Of all headers only these matter here; the first of a name counts. */
static gate_str *slot_for(tx_request *r, gate_str name)
{
    static const struct {
        gate_str name;
        size_t offset;
    } wanted[] = {
        {STR_INIT("authorization"), offsetof(tx_request, authorization)},
        {STR_INIT("accept"), offsetof(tx_request, accept)},
        {STR_INIT("content-type"), offsetof(tx_request, content_type)},
        {STR_INIT("origin"), offsetof(tx_request, origin)},
        {STR_INIT("upgrade"), offsetof(tx_request, upgrade)},
        {STR_INIT("x-requested-with"), offsetof(tx_request, requested_with)},
        {STR_INIT("sec-fetch-mode"), offsetof(tx_request, fetch_mode)},
        {STR_INIT("sec-fetch-site"), offsetof(tx_request, fetch_site)},
        {STR_INIT("sec-purpose"), offsetof(tx_request, purpose)},
    };

    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (str_equal_nocase(name, wanted[i].name))
            return (gate_str *)((char *)r + wanted[i].offset);
    return NULL;
}

static bool copy_headers(gate_tx *tx, const gate_request *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const gate_header *h = &request->headers[i];
        gate_str *slot;
        if (str_equal_nocase(h->name, STR("cookie"))) {
            if (!add_cookies(tx, h->value))
                return false;
            continue;
        }
        slot = slot_for(&tx->request, h->name);
        if (slot == &tx->request.authorization && slot->ptr)
            tx->request.authorization_twice = true;
        if (slot && !slot->ptr && !copy(tx, h->value, slot))
            return false;
    }
    return true;
}

bool tx_begin(gate_tx *tx, const settings *s, const gate_request *request)
{
    tx_request *r = &tx->request;

    tx->settings = s;
    if (!request)
        return true;
    tx->site = settings_site(s, request->site);
    tx->place = settings_place(s, request->rule);
    r->host = request->host;
    if (request->target.len > TARGET_MAX || request->path.len > TARGET_MAX) {
        r->too_large = true;
        return true;
    }
    return copy(tx, request->method, &r->method) && copy(tx, request->scheme, &r->scheme) &&
           copy(tx, request->authority, &r->authority) && copy(tx, request->target, &r->target) &&
           copy(tx, request->path, &r->path) && copy_headers(tx, request);
}

bool tx_random(gate_tx *tx, void *bytes, size_t n)
{
    const gate_hooks *hooks = &tx->settings->hooks;
    bool good;

    if (hooks->random)
        return hooks->random(hooks->context, bytes, n);
    ERR_set_mark();
    good = n <= INT32_MAX && RAND_bytes(bytes, (int)n) == 1;
    ERR_pop_to_mark();
    return good;
}

bool tx_random_text(gate_tx *tx, size_t n, gate_str *base64url)
{
    unsigned char bytes[64];
    text t = text_begin(&tx->arena, BASE64URL_SIZE(sizeof bytes));

    if (n > sizeof bytes || !tx_random(tx, bytes, n))
        return false;
    base64url_write(&t, (gate_str){(char *)bytes, n});
    secret_wipe(bytes, sizeof bytes);
    return text_end(&t, base64url);
}

void tx_log(gate_tx *tx, gate_log_level level, gate_str message, gate_str detail)
{
    const gate_hooks *hooks = &tx->settings->hooks;
    char line[1024];
    text t = text_begin_at(line, sizeof line);

    if (!hooks->log)
        return;
    text_add(&t, message);
    if (tx->provider) {
        text_add(&t, STR(", provider: "));
        text_add(&t, tx->provider->name);
    }
    if (detail.len) {
        text_add(&t, STR(", detail: "));
        text_add_log(&t, detail);
    }
    hooks->log(hooks->context, tx->request.host, level, (gate_str){line, t.len});
}

gate_str tx_status(gate_tx *tx, unsigned status)
{
    text t = text_begin(&tx->arena, 32);
    gate_str detail;

    text_add(&t, STR("status "));
    text_add_number(&t, status);
    return text_end(&t, &detail) ? detail : STR_NONE;
}

bool tx_is_https(const gate_tx *tx, const provider *p)
{
    return p->origin.len ? p->origin_is_https : str_equal(tx->request.scheme, STR("https"));
}

bool tx_origin(gate_tx *tx, const provider *p, gate_str *origin)
{
    text t = text_begin(&tx->arena, 512);

    if (p->origin.len) {
        *origin = p->origin;
        return true;
    }
    if (!url_authority_is_good(tx->request.authority))
        return false;
    text_add(&t, tx_is_https(tx, p) ? STR("https://") : STR("http://"));
    text_add(&t, tx->request.authority);
    return text_end(&t, origin);
}

gate_str tx_cookie_name(gate_tx *tx, const provider *p)
{
    text t = text_begin(&tx->arena, 128);
    gate_str name;

    if (!tx_is_https(tx, p))
        return p->cookie_name;
    text_add(&t, STR("__Host-"));
    text_add(&t, p->cookie_name);
    return text_end(&t, &name) ? name : STR_NONE;
}

bool tx_is_get(const gate_tx *tx)
{
    return str_equal(tx->request.method, STR("GET")) || str_equal(tx->request.method, STR("HEAD"));
}

bool tx_is_post(const gate_tx *tx)
{
    return str_equal(tx->request.method, STR("POST"));
}

/* This decides only in which form a refusal comes, never whether there is one. */
bool tx_is_navigation(const gate_tx *tx)
{
    const tx_request *r = &tx->request;

    if (r->upgrade.len || r->requested_with.len || header_has_word(r->purpose, STR("prefetch")))
        return false;
    if (r->fetch_mode.len)
        return str_equal(r->fetch_mode, STR("navigate")) || str_equal(r->fetch_mode, STR("nested-navigate"));
    return header_has_word(r->accept, STR("text/html"));
}
