/* SPDX-License-Identifier: Apache-2.0 */
#include "header.h"

#include "word.h"

void header_add(header_list *list, gate_str name, gate_str value)
{
    if (list->count < HEADERS_MAX && value.ptr && header_is_safe(value))
        list->items[list->count++] = (gate_header){name, value};
    else
        list->failed = true;
}

bool header_find(const gate_header *headers, size_t count, gate_str name, gate_str *value)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal_nocase(headers[i].name, name)) {
            *value = headers[i].value;
            return true;
        }
    }
    return false;
}

static gate_str before(gate_str s, char c)
{
    size_t at;

    return str_trim(str_find(s, c, &at) ? str_part(s, 0, at) : s);
}

bool header_is_type(gate_str value, gate_str type)
{
    return str_equal_nocase(before(value, ';'), type);
}

bool header_has_word(gate_str value, gate_str word)
{
    gate_str rest = value, item;

    while (str_cut(&rest, ',', &item))
        if (str_equal_nocase(before(item, ';'), word))
            return true;
    return false;
}

static bool directive_number(gate_str directive, gate_str name, int64_t *n)
{
    gate_str value;
    size_t at;

    if (!str_find(directive, '=', &at) || !str_equal_nocase(str_trim(str_part(directive, 0, at)), name))
        return false;
    value = str_trim(str_from(directive, at + 1));
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        value = str_part(value, 1, value.len - 2);
    return str_number(value, INT32_MAX, n);
}

/* One Cache-Control field; false when it forbids keeping. */
static bool read_control(gate_str control, int64_t *fresh)
{
    gate_str directive;

    while (str_cut(&control, ',', &directive)) {
        directive = str_trim(directive);
        if (str_equal_nocase(directive, STR("no-store")) || str_equal_nocase(directive, STR("no-cache")))
            return false;
        directive_number(directive, STR("max-age"), fresh);
    }
    return true;
}

int64_t header_fresh_for(const gate_header *headers, size_t count, int64_t fallback)
{
    int64_t fresh = -1, age = 0;
    gate_str age_text;

    for (size_t i = 0; i < count; i++)
        if (str_equal_nocase(headers[i].name, STR("cache-control")) && !read_control(headers[i].value, &fresh))
            return 0;
    if (fresh < 0)
        return fallback;
    if (header_find(headers, count, STR("age"), &age_text) && str_number(str_trim(age_text), INT32_MAX, &age))
        fresh -= age;
    return fresh > 0 ? fresh : 0;
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

bool header_is_safe(gate_str value)
{
    size_t i = 0;

    while (i < value.len) {
        if (i + WORD_SIZE <= value.len && !word_has_below(word_at(value.ptr + i), 0x20) &&
            !word_has(word_at(value.ptr + i), 0x7f))
            i += WORD_SIZE;
        else if (is_control(value.ptr[i++]))
            return false;
    }
    return true;
}
