/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

text text_open(arena *home)
{
    return (text){.home = home};
}

static void reserve(text *t, size_t more)
{
    if (t->room - t->length > more)
        return;
    if (more > TEXT_MAX || t->length > TEXT_MAX - more) {
        fputs("practice-op: a text grew beyond its maximum\n", stderr);
        exit(1);
    }
    size_t room = (t->length + more + 1) * 2;
    char *data = arena_add(t->home, room);
    if (t->length > 0)
        memcpy(data, t->data, t->length);
    t->data = data;
    t->room = room;
}

void text_add(text *t, const void *data, size_t n)
{
    reserve(t, n);
    if (n > 0)
        memcpy(t->data + t->length, data, n);
    t->length += n;
}

void text_put(text *t, const char *string)
{
    text_add(t, string, strlen(string));
}

void text_fill(text *t, char c, size_t times)
{
    reserve(t, times);
    memset(t->data + t->length, c, times);
    t->length += times;
}

static void print_list(text *t, const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0)
        return;
    reserve(t, (size_t)n + 1);
    vsnprintf(t->data + t->length, (size_t)n + 1, format, list);
    t->length += (size_t)n;
}

void text_print(text *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    print_list(t, format, list);
    va_end(list);
}

const char *text_of(arena *home, const char *format, ...)
{
    text t = text_open(home);
    va_list list;
    va_start(list, format);
    print_list(&t, format, list);
    va_end(list);
    return text_end(&t);
}

const char *text_end(text *t)
{
    reserve(t, 1);
    t->data[t->length] = '\0';
    return t->data;
}

void text_set(text *t, const char *data, size_t n)
{
    t->length = 0;
    text_add(t, data, n);
}

void text_put_json(text *t, const char *s)
{
    text_put(t, "\"");
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            text_print(t, "\\%c", c);
        else if (c < 0x20)
            text_print(t, "\\u%04x", c);
        else
            text_add(t, s, 1);
    }
    text_put(t, "\"");
}

void text_put_html(text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        switch (*s) {
        case '&':
            text_put(t, "&amp;");
            break;
        case '<':
            text_put(t, "&lt;");
            break;
        case '>':
            text_put(t, "&gt;");
            break;
        case '"':
            text_put(t, "&quot;");
            break;
        case '\'':
            text_put(t, "&#39;");
            break;
        default:
            text_add(t, s, 1);
            break;
        }
    }
}

static const char URL_ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_base64(text *t, const char *alphabet, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned v = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
        char quad[4] = {alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63], alphabet[v & 63]};
        text_add(t, quad, left > 2 ? 4 : left + 1);
    }
}

void text_put_base64url(text *t, const void *data, size_t n)
{
    put_base64(t, URL_ALPHABET, data, n);
}

void text_put_base64(text *t, const void *data, size_t n)
{
    put_base64(t, ALPHABET, data, n);
    text_fill(t, '=', (3 - n % 3) % 3);
}

unsigned char *text_read_base64url(arena *home, const char *s, size_t n, size_t *length)
{
    unsigned char *out = arena_add(home, n + 1);
    unsigned bits = 0, have = 0;
    *length = 0;
    for (size_t i = 0; i < n; i++) {
        const char *at = s[i] != '\0' ? strchr(URL_ALPHABET, s[i]) : NULL;
        if (at == NULL)
            return NULL;
        bits = (bits << 6 | (unsigned)(at - URL_ALPHABET)) & 0xffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[(*length)++] = (unsigned char)(bits >> have & 0xff);
        }
    }
    return n % 4 == 1 || (bits & ((1u << have) - 1)) != 0 ? NULL : out;
}

void text_to_utf16(text *t)
{
    text wide = text_open(t->home);
    text_add(&wide, "\xff\xfe", 2);
    for (size_t i = 0; i < t->length; i++) {
        char pair[2] = {t->data[i], 0};
        text_add(&wide, pair, 2);
    }
    *t = wide;
}
