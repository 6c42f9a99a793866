/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include "secret.h"

text text_begin(arena *a, size_t max)
{
    return (text){.arena = a, .max = max};
}

text text_begin_at(char *bytes, size_t size)
{
    return (text){.bytes = bytes, .size = size, .max = size};
}

static bool text_grow(text *t, size_t more)
{
    size_t size = t->size ? t->size : 256;
    char *bytes;

    if (t->failed || more > t->max - t->len)
        return false;
    if (t->len + more <= t->size)
        return true;
    while (size < t->len + more)
        size *= 2;
    if (size > t->max)
        size = t->max;
    bytes = t->arena ? arena_alloc(t->arena, size) : NULL;
    if (!bytes)
        return false;
    if (t->len)
        memcpy(bytes, t->bytes, t->len);
    secret_wipe(t->bytes, t->len);
    t->bytes = bytes;
    t->size = size;
    return true;
}

void text_add(text *t, gate_str s)
{
    if (!text_grow(t, s.len)) {
        t->failed = true;
        return;
    }
    if (s.len)
        memcpy(t->bytes + t->len, s.ptr, s.len);
    t->len += s.len;
}

void text_add_char(text *t, char c)
{
    text_add(t, (gate_str){&c, 1});
}

void text_add_number(text *t, int64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;

    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (n < 0)
        text_add_char(t, '-');
    text_add(t, (gate_str){digits + at, sizeof digits - at});
}

static void add_hex_byte(text *t, unsigned char byte, const char *digits)
{
    text_add_char(t, digits[byte >> 4]);
    text_add_char(t, digits[byte & 15]);
}

void text_add_hex(text *t, gate_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        add_hex_byte(t, (unsigned char)bytes.ptr[i], "0123456789abcdef");
}

static gate_str html_entity(char c)
{
    switch (c) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    case '\'':
        return STR("&#39;");
    default:
        return STR_NONE;
    }
}

void text_add_html(text *t, gate_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        gate_str entity = html_entity(s.ptr[i]);
        text_add(t, entity.len ? entity : str_part(s, i, 1));
    }
}

void text_add_log(text *t, gate_str s)
{
    enum { MOST = 200 };

    for (size_t i = 0; i < s.len && i < MOST; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c < 0x7f && c != '\\') {
            text_add_char(t, (char)c);
        } else {
            text_add(t, STR("\\x"));
            add_hex_byte(t, c, "0123456789abcdef");
        }
    }
    if (s.len > MOST)
        text_add(t, STR("..."));
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void text_add_url(text *t, gate_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (is_unreserved(s.ptr[i])) {
            text_add_char(t, s.ptr[i]);
        } else {
            text_add_char(t, '%');
            add_hex_byte(t, (unsigned char)s.ptr[i], "0123456789ABCDEF");
        }
    }
}

bool text_end(const text *t, gate_str *s)
{
    *s = t->failed ? STR_NONE : (gate_str){t->bytes ? t->bytes : "", t->len};
    return !t->failed;
}
