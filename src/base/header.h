/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP header fields: finding them, and the few values that the engine reads. */
#ifndef GATE_HEADER_H
#define GATE_HEADER_H

#include "text.h"

enum { HEADERS_MAX = 24 };

/* Headers being collected; too many of them is remembered in `failed`. */
typedef struct header_list {
    size_t count;
    bool failed;
    gate_header items[HEADERS_MAX];
} header_list;

void header_add(header_list *list, gate_str name, gate_str value);

/* The first header of this name (ASCII case ignored); false when there is none. */
bool header_find(const gate_header *headers, size_t count, gate_str name, gate_str *value);

/* The media type of a Content-Type value is `type`; parameters and case are ignored. */
bool header_is_type(gate_str value, gate_str type);

/* How long an answer may be kept, from Cache-Control and Age (RFC 9111): no-store and no-cache make 0; `fallback` where nothing is said. */
int64_t header_fresh_for(const gate_header *headers, size_t count, int64_t fallback);

/* A comma-separated list contains this word (ASCII case ignored; parameters behind ';' ignored). */
bool header_has_word(gate_str value, gate_str word);

bool header_is_safe(gate_str value); /* may stand in a header: no control character but tab */

#endif
