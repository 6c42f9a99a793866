/* SPDX-License-Identifier: Apache-2.0 */
/* Strings are (pointer, length). Nothing here allocates. */
#ifndef GATE_STR_H
#define GATE_STR_H

#include "../../include/gate.h"

#include <string.h>

/* A string literal as a gate_str; in a static initialiser: STR_INIT. */
/* clang-format off */
#define STR_INIT(literal) {(literal), sizeof(literal) - 1}
/* clang-format on */
#define STR(literal) ((gate_str)STR_INIT(literal))
#define STR_NONE ((gate_str){NULL, 0})

gate_str str_of(const char *text); /* our own NUL-terminated constants only, never text from outside */
/* In the header, since names are compared a hundred times for each token; most differ in the first byte. */
static inline bool str_equal(gate_str a, gate_str b)
{
    return a.len == b.len && (a.len == 0 || (a.ptr[0] == b.ptr[0] && memcmp(a.ptr, b.ptr, a.len) == 0));
}

bool str_equal_nocase(gate_str a, gate_str b); /* ASCII */
bool str_has_prefix(gate_str s, gate_str prefix);
bool str_has_suffix(gate_str s, gate_str suffix);
bool str_find(gate_str s, char c, size_t *at);
bool str_contains(gate_str s, gate_str part);
gate_str str_from(gate_str s, size_t at);           /* s without its first `at` bytes; at <= s.len */
gate_str str_part(gate_str s, size_t at, size_t n); /* at + n <= s.len */
gate_str str_trim(gate_str s);                      /* without spaces and tabs around */

/* Takes the text up to `c` off the front of *rest. False when *rest is used up; the last piece has no `c` behind it.
 * Start with *rest.ptr not NULL; when done rest->ptr is NULL. */
bool str_cut(gate_str *rest, char c, gate_str *piece);

/* The next word of a list separated by spaces; false when there is none. */
bool str_word(gate_str *rest, gate_str *word);
bool str_has_word(gate_str list, gate_str word);

/* Decimal digits only, at least one; false on overflow past `max`. */
bool str_number(gate_str s, int64_t max, int64_t *number);

bool str_is_visible_ascii(gate_str s); /* only 0x21..0x7e */

char char_lower(char c);
int char_hex(char c); /* 0..15, or -1 */

#endif
