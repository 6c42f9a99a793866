/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_TEXT_H
#define PRACTICE_TEXT_H

#include "arena.h"
#include <stdbool.h>

/* Bytes that grow, inside an arena. They may hold NUL; text_end adds one behind the last byte. */
typedef struct text {
    arena *home;
    char *data;
    size_t length, room;
} text;

enum { TEXT_MAX = 96 * 1024 * 1024 };

text text_open(arena *home);
void text_add(text *t, const void *data, size_t n);
void text_put(text *t, const char *string);
void text_fill(text *t, char c, size_t times);
void text_print(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_end(text *t);

/* Replaces all of it; data may not point into t. */
void text_set(text *t, const char *data, size_t n);

/* The string in a new place, printed. */
const char *text_of(arena *home, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "s" as a JSON string with its quotes; as HTML text or attribute. */
void text_put_json(text *t, const char *s);
void text_put_html(text *t, const char *s);

/* RFC 4648 section 5, without padding. The reader wants exact input and answers NULL otherwise. */
void text_put_base64url(text *t, const void *data, size_t n);
unsigned char *text_read_base64url(arena *home, const char *s, size_t n, size_t *length);

/* RFC 4648 section 4, with padding. */
void text_put_base64(text *t, const void *data, size_t n);

/* Each byte of UTF-8 that is ASCII becomes two of UTF-16 with a byte order mark. */
void text_to_utf16(text *t);

#endif
