/* SPDX-License-Identifier: Apache-2.0 */
/* JavaScript values, read and written. What reads answers false with an exception pending. */
#ifndef NODE_VALUE_H
#define NODE_VALUE_H

#include "box.h"

enum { ARGS_MAX = 160 };

/* What a function was called with; what is missing is undefined. */
typedef struct args {
    napi_env env;
    state *state;
    size_t count;
    napi_value values[ARGS_MAX];
    gate_str authorization; /* of the request, for begin; nothing where there are two */
} args;

bool args_begin(args *a, napi_env env, napi_callback_info info);
bool args_string(args *a, size_t i, scratch_kind kind, gate_str *out); /* undefined and null: empty */
bool args_number(args *a, size_t i, int64_t min, int64_t max, int64_t *out);
bool args_time(args *a, size_t i, int64_t *seconds);

bool value_is_nothing(napi_env env, napi_value value); /* undefined or null */
bool value_number(napi_env env, napi_value value, int64_t min, int64_t max, int64_t *out);
bool value_string(args *a, napi_value value, scratch_kind kind, gate_str *out);
bool value_length(napi_env env, napi_value array, uint32_t max, uint32_t *length);

/*
 * The elements of an array, or none of nothing. To read an element can call JavaScript (a getter), which can call us: so all arrays come
 * before anything is read into the scratch, and before it is asked what a handle holds.
 */
enum { ELEMENTS_MAX = 512 };

typedef struct elements {
    uint32_t count;
    napi_value values[ELEMENTS_MAX];
} elements;

bool value_elements(napi_env env, napi_value array, uint32_t max, elements *e); /* at most ELEMENTS_MAX */

/* A Buffer or another Uint8Array, or a string as UTF-8. Nothing: ptr NULL. */
bool value_bytes(args *a, napi_value value, gate_str *out);

/* Of name, value, ... */
bool value_headers(args *a, const elements *flat, const gate_header **headers, size_t *count);

/* An array whose places have fixed meanings; a place that is not set is undefined. */
typedef struct list {
    napi_env env;
    napi_value array;
    bool failed;
} list;

list list_begin(napi_env env, uint32_t length);
napi_value list_end(const list *l); /* NULL when anything failed */
void list_value(list *l, uint32_t at, napi_value value);
void list_number(list *l, uint32_t at, int64_t number);
void list_flag(list *l, uint32_t at, bool flag);
void list_text(list *l, uint32_t at, gate_str text);   /* UTF-8 */
void list_latin(list *l, uint32_t at, gate_str text);  /* each byte a character */
void list_bytes(list *l, uint32_t at, gate_str bytes); /* a Buffer */
void list_headers(list *l, uint32_t at, const gate_header *headers, size_t count);

#endif
