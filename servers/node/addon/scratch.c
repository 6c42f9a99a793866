/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

bool scratch_open(scratch *s)
{
    *s = (scratch){.kept = malloc(sizeof(scratch_block) + SCRATCH_KEPT)};
    return s->kept != NULL;
}

void scratch_reset(scratch *s)
{
    scratch_block *next;

    for (; s->more; s->more = next) {
        next = s->more->next;
        free(s->more);
    }
    s->used = s->total = 0;
}

void scratch_wipe(scratch *s)
{
    OPENSSL_cleanse(s->kept->bytes, SCRATCH_KEPT);
    scratch_reset(s);
}

void scratch_close(scratch *s)
{
    scratch_reset(s);
    free(s->kept);
    s->kept = NULL;
}

static bool too_large(napi_env env)
{
    napi_throw_range_error(env, NULL, "what was given is too large");
    return false;
}

static char *more_room(scratch *s, napi_env env, size_t n)
{
    scratch_block *block;

    if (n > SCRATCH_MAX - s->total) {
        too_large(env);
        return NULL;
    }
    block = malloc(sizeof *block + n);
    if (!block) {
        napi_throw_error(env, NULL, "memory is short");
        return NULL;
    }
    s->total += n;
    block->next = s->more;
    s->more = block;
    return block->bytes;
}

void *scratch_room(scratch *s, napi_env env, size_t n)
{
    size_t aligned = (s->used + 15) & ~(size_t)15;

    if (aligned <= SCRATCH_KEPT && n <= SCRATCH_KEPT - aligned) {
        s->used = aligned + n;
        return s->kept->bytes + aligned;
    }
    return more_room(s, env, n);
}

/* Eight bytes at a time: cookies and claims are thousands. */
bool scratch_is_ascii(gate_str s)
{
    uint64_t all = 0, word;
    size_t i = 0;

    for (; i + sizeof word <= s.len; i += sizeof word) {
        memcpy(&word, s.ptr + i, sizeof word);
        all |= word;
    }
    for (; i < s.len; i++)
        all |= (unsigned char)s.ptr[i];
    return !(all & UINT64_C(0x8080808080808080));
}

/* U+0080 to U+00FF are two bytes of UTF-8: C2 or C3, and what follows. Anything above is no byte. */
static bool to_bytes(napi_env env, char *ptr, size_t *len)
{
    size_t to = 0;

    for (size_t i = 0; i < *len; i++) {
        unsigned char c = (unsigned char)ptr[i];
        if (c >= 0x80) {
            if (c > 0xc3 || i + 1 == *len) {
                napi_throw_type_error(env, NULL, "a string holds a character that is no byte");
                return false;
            }
            c = (unsigned char)((unsigned)(c & 3) << 6 | ((unsigned char)ptr[++i] & 0x3f));
        }
        ptr[to++] = (char)c;
    }
    *len = to;
    return true;
}

/* The whole string in a block of its own. */
static char *read_apart(scratch *s, napi_env env, napi_value value, size_t *len)
{
    char *at;

    if (napi_get_value_string_utf8(env, value, NULL, 0, len) != napi_ok)
        return NULL;
    if (*len > SCRATCH_MAX) {
        too_large(env);
        return NULL;
    }
    at = more_room(s, env, *len + 1);
    if (at && napi_get_value_string_utf8(env, value, at, *len + 1, len) != napi_ok)
        return NULL;
    return at;
}

/*
 * Always as UTF-8, and then to bytes where it is not ASCII: read as Latin-1, a character above U+00FF would silently become another
 * (U+010A a line feed).
 */
bool scratch_read(scratch *s, napi_env env, napi_value value, scratch_kind kind, gate_str *out)
{
    char *at = s->kept->bytes + s->used;
    size_t room = SCRATCH_KEPT - s->used, len = 0;

    if (room < 8 || napi_get_value_string_utf8(env, value, at, room, &len) != napi_ok || len + 4 >= room) {
        napi_valuetype type = napi_undefined;
        if (napi_typeof(env, value, &type) != napi_ok || type != napi_string) {
            napi_throw_type_error(env, NULL, "a string was expected");
            return false;
        }
        at = read_apart(s, env, value, &len);
        if (!at)
            return false;
    } else {
        s->used += len + 1;
    }
    if (kind == SCRATCH_BYTES && !scratch_is_ascii((gate_str){at, len}) && !to_bytes(env, at, &len))
        return false;
    *out = (gate_str){at, len};
    return true;
}
