/* SPDX-License-Identifier: Apache-2.0 */
#include "value.h"

#include <math.h>
#include <string.h>

bool args_begin(args *a, napi_env env, napi_callback_info info)
{
    a->env = env;
    a->count = ARGS_MAX;
    a->authorization = (gate_str){0};
    a->state = state_of(env);
    if (!a->state || napi_get_cb_info(env, info, &a->count, a->values, NULL, NULL) != napi_ok)
        return false;
    if (a->count > ARGS_MAX) {
        napi_throw_range_error(env, NULL, "too many arguments");
        return false;
    }
    scratch_reset(&a->state->scratch);
    return true;
}

bool value_is_nothing(napi_env env, napi_value value)
{
    napi_valuetype type = napi_undefined;

    return napi_typeof(env, value, &type) != napi_ok || type == napi_undefined || type == napi_null;
}

bool value_string(args *a, napi_value value, scratch_kind kind, gate_str *out)
{
    return scratch_read(&a->state->scratch, a->env, value, kind, out);
}

bool args_string(args *a, size_t i, scratch_kind kind, gate_str *out)
{
    if (value_is_nothing(a->env, a->values[i])) {
        *out = (gate_str){0};
        return true;
    }
    return value_string(a, a->values[i], kind, out);
}

/* NaN, infinity and fractions are no numbers here: NaN as a time would make every token fresh. */
bool value_number(napi_env env, napi_value value, int64_t min, int64_t max, int64_t *out)
{
    double number;

    if (napi_get_value_double(env, value, &number) != napi_ok || !isfinite(number) || number != floor(number)) {
        napi_throw_type_error(env, NULL, "a whole number was expected");
        return false;
    }
    if (number < (double)min || number > (double)max) {
        napi_throw_range_error(env, NULL, "a number is out of range");
        return false;
    }
    *out = (int64_t)number;
    return true;
}

bool args_number(args *a, size_t i, int64_t min, int64_t max, int64_t *out)
{
    return value_number(a->env, a->values[i], min, max, out);
}

bool args_time(args *a, size_t i, int64_t *seconds)
{
    return args_number(a, i, 0, (int64_t)1 << 40, seconds);
}

bool value_length(napi_env env, napi_value array, uint32_t max, uint32_t *length)
{
    bool is_array = false;

    if (napi_is_array(env, array, &is_array) != napi_ok || !is_array ||
        napi_get_array_length(env, array, length) != napi_ok) {
        napi_throw_type_error(env, NULL, "an array was expected");
        return false;
    }
    if (*length > max) {
        napi_throw_range_error(env, NULL, "an array is too long");
        return false;
    }
    return true;
}

bool value_elements(napi_env env, napi_value array, uint32_t max, elements *e)
{
    uint32_t length;

    e->count = 0;
    if (value_is_nothing(env, array))
        return true;
    if (!value_length(env, array, max < ELEMENTS_MAX ? max : ELEMENTS_MAX, &length))
        return false;
    for (; e->count < length; e->count++)
        if (napi_get_element(env, array, e->count, &e->values[e->count]) != napi_ok)
            return false;
    return true;
}

/* A copy: memory that is shared with another thread could change while the engine reads. */
static bool copy_bytes(args *a, const void *data, size_t length, gate_str *out)
{
    char *copy = scratch_room(&a->state->scratch, a->env, length + 1);

    if (!copy)
        return false;
    if (length)
        memcpy(copy, data, length);
    *out = (gate_str){copy, length};
    return true;
}

bool value_bytes(args *a, napi_value value, gate_str *out)
{
    napi_valuetype type = napi_undefined;
    bool is_array = false;
    napi_typedarray_type kind;
    void *data = NULL;
    size_t length = 0;

    *out = (gate_str){0};
    if (value_is_nothing(a->env, value))
        return true;
    if (napi_typeof(a->env, value, &type) == napi_ok && type == napi_string)
        return value_string(a, value, SCRATCH_TEXT, out);
    if (napi_is_typedarray(a->env, value, &is_array) != napi_ok || !is_array ||
        napi_get_typedarray_info(a->env, value, &kind, &length, &data, NULL, NULL) != napi_ok ||
        kind != napi_uint8_array) {
        napi_throw_type_error(a->env, NULL, "bytes were expected");
        return false;
    }
    return copy_bytes(a, data, length, out);
}

bool value_headers(args *a, const elements *flat, const gate_header **headers, size_t *count)
{
    gate_header *pairs;

    *headers = NULL;
    *count = 0;
    if (flat->count % 2) {
        napi_throw_type_error(a->env, NULL, "names and values were expected");
        return false;
    }
    pairs = scratch_room(&a->state->scratch, a->env, flat->count / 2 * sizeof *pairs);
    if (!pairs)
        return false;
    for (uint32_t i = 0; i < flat->count; i += 2)
        if (!value_string(a, flat->values[i], SCRATCH_BYTES, &pairs[i / 2].name) ||
            !value_string(a, flat->values[i + 1], SCRATCH_BYTES, &pairs[i / 2].value))
            return false;
    *headers = pairs;
    *count = flat->count / 2;
    return true;
}

/* ---- written ---- */

list list_begin(napi_env env, uint32_t length)
{
    list l = {.env = env};

    l.failed = napi_create_array_with_length(env, length, &l.array) != napi_ok;
    return l;
}

napi_value list_end(const list *l)
{
    return l->failed ? NULL : l->array;
}

void list_value(list *l, uint32_t at, napi_value value)
{
    l->failed = l->failed || napi_set_element(l->env, l->array, at, value) != napi_ok;
}

void list_number(list *l, uint32_t at, int64_t number)
{
    napi_value value;

    if (l->failed || napi_create_int64(l->env, number, &value) != napi_ok)
        l->failed = true;
    else
        list_value(l, at, value);
}

void list_flag(list *l, uint32_t at, bool flag)
{
    napi_value value;

    if (l->failed || napi_get_boolean(l->env, flag, &value) != napi_ok)
        l->failed = true;
    else
        list_value(l, at, value);
}

void list_latin(list *l, uint32_t at, gate_str text)
{
    napi_value value;

    if (l->failed || napi_create_string_latin1(l->env, text.len ? text.ptr : "", text.len, &value) != napi_ok)
        l->failed = true;
    else
        list_value(l, at, value);
}

void list_text(list *l, uint32_t at, gate_str text)
{
    napi_value value;

    if (scratch_is_ascii(text)) /* several times as fast */
        list_latin(l, at, text);
    else if (l->failed || napi_create_string_utf8(l->env, text.ptr, text.len, &value) != napi_ok)
        l->failed = true;
    else
        list_value(l, at, value);
}

void list_bytes(list *l, uint32_t at, gate_str bytes)
{
    napi_value value;

    if (l->failed || napi_create_buffer_copy(l->env, bytes.len, bytes.len ? bytes.ptr : "", NULL, &value) != napi_ok)
        l->failed = true;
    else
        list_value(l, at, value);
}

void list_headers(list *l, uint32_t at, const gate_header *headers, size_t count)
{
    list pairs;

    if (l->failed || !count)
        return;
    pairs = list_begin(l->env, (uint32_t)(2 * count));
    for (size_t i = 0; i < count; i++) {
        list_latin(&pairs, (uint32_t)(2 * i), headers[i].name);
        list_latin(&pairs, (uint32_t)(2 * i + 1), headers[i].value);
    }
    if (pairs.failed)
        l->failed = true;
    else
        list_value(l, at, pairs.array);
}
