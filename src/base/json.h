/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one reader of JSON from outside, strict (RFC 8259, RFC 7493): no duplicate members (compared after decoding), valid UTF-8, no lone
 * surrogates, no U+0000, nothing behind the value, bounded depth, members and nodes. The tree lies in the arena; strings without escapes
 * point into the text that was read, which must live as long.
 */
#ifndef GATE_JSON_H
#define GATE_JSON_H

#include "arena.h"
#include "text.h"

enum { JSON_DEPTH_MAX = 16, JSON_MEMBERS_MAX = 256, JSON_NODES_MAX = 16384 };

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_type;

typedef struct json {
    json_type type;
    gate_str key;             /* in an object: the member's name, decoded */
    gate_str text;            /* STRING: decoded; anything else: as it stands in the text */
    const struct json *child; /* ARRAY, OBJECT: the first of them */
    const struct json *next;
    size_t count;
    uint64_t names; /* OBJECT: the bits of its members' names */
} json;

/* One of 64: most names that are looked for and absent are seen to be so without a look at the members. */
static inline uint64_t json_name_bit(gate_str name)
{
    size_t n = name.len;

    return n ? UINT64_C(1) << ((n * 11 + (unsigned char)name.ptr[0] + (unsigned char)name.ptr[n - 1] * 7U) % 64) : 1;
}

/* The whole text is one object; NULL otherwise, also when memory is short. */
const json *json_read_object(arena *a, gate_str document);

const json *json_find(const json *object, gate_str name); /* NULL: absent, or `object` is NULL or no object */

/* A member that may be absent but must then be right: WRONG is never treated as ABSENT. */
typedef enum { JSON_ABSENT, JSON_GOOD, JSON_WRONG } json_got;
json_got json_get_string(const json *object, gate_str name, gate_str *value);
json_got json_get_flag(const json *object, gate_str name, bool *value);
json_got json_get_time(const json *object, gate_str name, int64_t *value); /* NumericDate, RFC 7519 section 2 */

/* Number to whole seconds, rounded down; false for negative ones and those past 2^53. */
bool json_number_floor(const json *node, int64_t *value);

bool json_is_string(const json *node, gate_str value);

/* True when `node` is the string `value`, or an array of strings that contains it; false for anything else. */
bool json_has_string(const json *node, gate_str value);
bool json_is_strings(const json *node); /* an array, not empty, of strings only */

/* Writing: commas are the writer's own business: json_begin, members, json_end. */
void json_begin(text *t);
void json_add_string(text *t, gate_str name, gate_str value);
void json_add_bytes(text *t, gate_str name, gate_str bytes); /* as base64url */
void json_add_number(text *t, gate_str name, int64_t value);
void json_add_flag(text *t, gate_str name, bool value);
void json_add_raw(text *t, gate_str name, gate_str json_text); /* the text of a value that was read before */
void json_end(text *t);
void json_write_string(text *t, gate_str value); /* with its quotes */

#endif
