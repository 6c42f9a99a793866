/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text being written, of bounded length, in an arena. An overflow or a lack of memory is remembered and reported once, by text_end:
 * writers need no check in between.
 */
#ifndef GATE_TEXT_H
#define GATE_TEXT_H

#include "arena.h"

typedef struct text {
    char *bytes;
    size_t len;
    size_t size;
    size_t max;
    bool failed;
    arena *arena; /* NULL: bytes is the caller's */
} text;

text text_begin(arena *a, size_t max);        /* grows up to max bytes */
text text_begin_at(char *bytes, size_t size); /* into the caller's memory */
void text_add(text *t, gate_str s);
void text_add_char(text *t, char c);
void text_add_number(text *t, int64_t n);
void text_add_hex(text *t, gate_str bytes);
void text_add_html(text *t, gate_str s); /* escaped for HTML text and quoted attributes */
void text_add_log(text *t, gate_str s);  /* printable ASCII; everything else as \xHH; at most 200 bytes of it */
void text_add_url(text *t, gate_str s);  /* percent-encoded but for RFC 3986 unreserved characters */

/* False when something did not fit. */
bool text_end(const text *t, gate_str *s);

#endif
