/* SPDX-License-Identifier: Apache-2.0 */
#include "seal.h"

bool seal_ring_add(seal_ring *ring, gate_str secret_bytes, gate_str purpose)
{
    if (ring->count >= SEAL_SECRETS_MAX || !crypto_hkdf(secret_bytes, purpose, ring->keys[ring->count].bytes))
        return false;
    ring->count++;
    return true;
}

static bool chunk_name(arena *a, gate_str name, size_t i, gate_str *chunk)
{
    text t = text_begin(a, name.len + 22);

    text_add(&t, name);
    text_add_char(&t, '.');
    text_add_number(&t, (int64_t)i);
    return text_end(&t, chunk);
}

bool seal_cookie_read(arena *a, gate_str cookies, gate_str name, gate_str *value)
{
    text t = text_begin(a, SEAL_CHUNKS_MAX * (size_t)COOKIE_SIZE_MAX);
    gate_str chunk, piece;

    if (cookie_find(cookies, name, value))
        return value->len > 0;
    for (size_t i = 0; i < SEAL_CHUNKS_MAX; i++) {
        if (!chunk_name(a, name, i, &chunk) || !cookie_find(cookies, chunk, &piece))
            break;
        text_add(&t, piece);
    }
    return text_end(&t, value) && value->len > 0;
}

bool cookie_set(arena *a, const cookie *c, header_list *headers)
{
    text t = text_begin(a, COOKIE_SIZE_MAX + 512);
    gate_str value;

    cookie_write(&t, c);
    if (!text_end(&t, &value))
        return false;
    header_add(headers, STR("Set-Cookie"), value);
    return !headers->failed;
}

static bool remove_one(arena *a, gate_str cookies, const cookie *like, gate_str name, header_list *headers)
{
    cookie gone = *like;
    gate_str sent;

    if (!cookie_find(cookies, name, &sent))
        return true;
    gone.name = name;
    gone.value = STR_NONE;
    gone.max_age = 0;
    return cookie_set(a, &gone, headers);
}

/* Chunks from number `from` on that the browser still has: left there, they would be read as part of a later value. */
static bool remove_chunks(arena *a, gate_str cookies, const cookie *like, size_t from, header_list *headers)
{
    gate_str chunk;

    for (size_t i = from; i < SEAL_CHUNKS_MAX; i++)
        if (!chunk_name(a, like->name, i, &chunk) || !remove_one(a, cookies, like, chunk, headers))
            return false;
    return true;
}

static bool write_chunks(arena *a, const cookie *c, size_t *count, header_list *headers)
{
    cookie part = *c;
    gate_str rest = c->value;

    for (*count = 0; rest.len; ++*count) {
        size_t n = rest.len < COOKIE_SIZE_MAX ? rest.len : COOKIE_SIZE_MAX;
        part.value = str_part(rest, 0, n);
        rest = str_from(rest, n);
        if (!chunk_name(a, c->name, *count, &part.name) || !cookie_set(a, &part, headers))
            return false;
    }
    return true;
}

bool seal_cookie_write(arena *a, gate_str cookies, const cookie *c, header_list *headers)
{
    size_t count = 0;

    if (c->value.len > SEAL_COOKIE_MAX)
        return false;
    if (c->value.len && c->value.len <= COOKIE_SIZE_MAX)
        return cookie_set(a, c, headers) && remove_chunks(a, cookies, c, 0, headers);
    return write_chunks(a, c, &count, headers) && remove_one(a, cookies, c, c->name, headers) &&
           remove_chunks(a, cookies, c, count, headers);
}
