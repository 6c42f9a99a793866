/* SPDX-License-Identifier: Apache-2.0 */
/* What jansson makes of a text. To be included before base/json.h, which has the same names for other things: they are set apart here. */
#ifndef GATE_TEST_JANSSON_VIEW_H
#define GATE_TEST_JANSSON_VIEW_H

#include <jansson.h>

#include <stdbool.h>
#include <stdlib.h>

typedef struct jansson_view {
    bool good;     /* it is JSON */
    bool object;   /* and an object */
    bool overflow; /* it is none because a number is too large for jansson's types */
    int depth;     /* of arrays and objects in each other */
    char *text;    /* written again, compact, to be freed */
} jansson_view;

static inline int jansson_depth(json_t *value)
{
    int deepest = 0, depth;
    const char *key;
    json_t *each;
    size_t i;

    if (!json_is_array(value) && !json_is_object(value))
        return 0;
    json_array_foreach(value, i, each)
    {
        depth = jansson_depth(each);
        deepest = depth > deepest ? depth : deepest;
    }
    json_object_foreach(value, key, each)
    {
        depth = jansson_depth(each);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

static inline jansson_view jansson_read(const char *bytes, size_t n)
{
    json_error_t error;
    json_t *value = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    jansson_view view = {.good = value != NULL,
                         .object = json_is_object(value),
                         .overflow = value == NULL && json_error_code(&error) == json_error_numeric_overflow};

    if (value != NULL) {
        view.depth = jansson_depth(value);
        view.text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17));
    }
    json_decref(value);
    return view;
}

#undef json_is_string
#define json_type gate_json_type
#define JSON_NULL GATE_JSON_NULL
#define JSON_FALSE GATE_JSON_FALSE
#define JSON_TRUE GATE_JSON_TRUE
#define JSON_STRING GATE_JSON_STRING
#define JSON_ARRAY GATE_JSON_ARRAY
#define JSON_OBJECT GATE_JSON_OBJECT

#include "base/json.h"

/* What jansson takes and we do not: another value than an object, deep nesting, a NUL behind a number (it loses it), and what breaks
 * our limits, which only a large text can. What we take and jansson does not: numbers that its types cannot hold; we keep their text. */
static inline bool jansson_differs_on_purpose(const jansson_view *theirs, const json *ours, gate_str input)
{
    size_t at;

    if (theirs->good)
        return ours == NULL && (!theirs->object || theirs->depth > JSON_DEPTH_MAX || str_find(input, '\0', &at) ||
                                input.len > JSON_MEMBERS_MAX * 2);
    return ours != NULL && theirs->overflow;
}

static inline bool jansson_same_number(gate_str a, gate_str b)
{
    char one[512] = {0}, two[512] = {0};
    double x, y;

    if (a.len >= sizeof one || b.len >= sizeof two)
        return true; /* too long to judge here */
    memcpy(one, a.ptr, a.len);
    memcpy(two, b.ptr, b.len);
    x = strtod(one, NULL);
    y = strtod(two, NULL);
    return !(x < y) && !(x > y);
}

/* Two trees of ours say the same. */
static inline bool jansson_same(const json *a, const json *b)
{
    const json *x, *y;

    if (a->type != b->type || a->count != b->count || !str_equal(a->key, b->key))
        return false;
    if (a->type == JSON_NUMBER)
        return jansson_same_number(a->text, b->text);
    if (a->type == JSON_STRING)
        return str_equal(a->text, b->text);
    for (x = a->child, y = b->child; x != NULL && y != NULL; x = x->next, y = y->next)
        if (!jansson_same(x, y))
            return false;
    return x == NULL && y == NULL;
}

#endif
