/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in a JSON tree, and JSON being written. */
#include "json.h"

#include "base64url.h"

const json *json_find(const json *object, gate_str name)
{
    if (!object || object->type != JSON_OBJECT || !(object->names & json_name_bit(name)))
        return NULL;
    for (const json *member = object->child; member; member = member->next)
        if (str_equal(member->key, name))
            return member;
    return NULL;
}

json_got json_get_string(const json *object, gate_str name, gate_str *value)
{
    const json *member = json_find(object, name);

    if (!member)
        return JSON_ABSENT;
    if (member->type != JSON_STRING)
        return JSON_WRONG;
    *value = member->text;
    return JSON_GOOD;
}

json_got json_get_flag(const json *object, gate_str name, bool *value)
{
    const json *member = json_find(object, name);

    if (!member)
        return JSON_ABSENT;
    if (member->type != JSON_TRUE && member->type != JSON_FALSE)
        return JSON_WRONG;
    *value = member->type == JSON_TRUE;
    return JSON_GOOD;
}

json_got json_get_time(const json *object, gate_str name, int64_t *value)
{
    const json *member = json_find(object, name);

    if (!member)
        return JSON_ABSENT;
    return json_number_floor(member, value) ? JSON_GOOD : JSON_WRONG;
}

/* The exponent behind 'e', bounded: past 100 any number is either zero or far too large. */
static bool read_exponent(gate_str s, int *exponent)
{
    bool negative = s.len && s.ptr[0] == '-';
    int64_t n;

    if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = str_from(s, 1);
    while (s.len > 1 && s.ptr[0] == '0')
        s = str_from(s, 1);
    if (!str_number(s, 100, &n))
        return false;
    *exponent = negative ? -(int)n : (int)n;
    return true;
}

/* Digits with the decimal point moved by `exponent`; what lies behind the point is dropped. */
static bool shift_digits(gate_str whole, gate_str fraction, int exponent, int64_t *value)
{
    const int64_t max = INT64_C(1) << 53;
    int64_t n = 0;
    int64_t places = (int64_t)whole.len + exponent;

    for (int64_t i = 0; i < places; i++) {
        size_t at = (size_t)i;
        int digit = at < whole.len                  ? whole.ptr[at] - '0'
                    : at - whole.len < fraction.len ? fraction.ptr[at - whole.len] - '0'
                                                    : 0;
        if (n > (max - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *value = n;
    return true;
}

bool json_number_floor(const json *node, int64_t *value)
{
    gate_str whole, fraction = STR_NONE;
    int exponent = 0;
    size_t at;

    if (!node || node->type != JSON_NUMBER || node->text.ptr[0] == '-')
        return false;
    whole = node->text;
    if (str_find(whole, 'e', &at) || str_find(whole, 'E', &at)) {
        if (!read_exponent(str_from(whole, at + 1), &exponent))
            return false;
        whole = str_part(whole, 0, at);
    }
    if (str_find(whole, '.', &at)) {
        fraction = str_from(whole, at + 1);
        whole = str_part(whole, 0, at);
    }
    return shift_digits(whole, fraction, exponent, value);
}

bool json_is_string(const json *node, gate_str value)
{
    return node && node->type == JSON_STRING && str_equal(node->text, value);
}

bool json_is_strings(const json *node)
{
    if (!node || node->type != JSON_ARRAY || !node->child)
        return false;
    for (const json *each = node->child; each; each = each->next)
        if (each->type != JSON_STRING)
            return false;
    return true;
}

bool json_has_string(const json *node, gate_str value)
{
    if (!json_is_strings(node))
        return json_is_string(node, value);
    for (const json *each = node->child; each; each = each->next)
        if (json_is_string(each, value))
            return true;
    return false;
}

void json_begin(text *t)
{
    text_add_char(t, '{');
}

void json_end(text *t)
{
    text_add_char(t, '}');
}

void json_write_string(text *t, gate_str value)
{
    text_add_char(t, '"');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c == '"' || c == '\\')
            text_add_char(t, '\\');
        if (c >= 0x20) {
            text_add_char(t, (char)c);
        } else {
            text_add(t, STR("\\u00"));
            text_add_hex(t, str_part(value, i, 1));
        }
    }
    text_add_char(t, '"');
}

static void add_name(text *t, gate_str name)
{
    if (t->len && t->bytes[t->len - 1] != '{')
        text_add_char(t, ',');
    json_write_string(t, name);
    text_add_char(t, ':');
}

void json_add_string(text *t, gate_str name, gate_str value)
{
    add_name(t, name);
    json_write_string(t, value);
}

void json_add_bytes(text *t, gate_str name, gate_str bytes)
{
    add_name(t, name);
    text_add_char(t, '"');
    base64url_write(t, bytes);
    text_add_char(t, '"');
}

void json_add_number(text *t, gate_str name, int64_t value)
{
    add_name(t, name);
    text_add_number(t, value);
}

void json_add_flag(text *t, gate_str name, bool value)
{
    add_name(t, name);
    text_add(t, value ? STR("true") : STR("false"));
}

void json_add_raw(text *t, gate_str name, gate_str json_text)
{
    add_name(t, name);
    text_add(t, json_text);
}
