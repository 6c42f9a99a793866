/* SPDX-License-Identifier: Apache-2.0 */
#include "cookie.h"

bool cookie_next(gate_str *rest, gate_str *name, gate_str *value)
{
    gate_str pair;
    size_t at;

    while (str_cut(rest, ';', &pair)) {
        pair = str_trim(pair);
        if (!str_find(pair, '=', &at) || at == 0)
            continue;
        *name = str_trim(str_part(pair, 0, at));
        *value = str_trim(str_from(pair, at + 1));
        if (value->len >= 2 && value->ptr[0] == '"' && value->ptr[value->len - 1] == '"')
            *value = str_part(*value, 1, value->len - 2);
        return true;
    }
    return false;
}

bool cookie_find(gate_str header, gate_str name, gate_str *value)
{
    gate_str each;

    while (cookie_next(&header, &each, value))
        if (str_equal(each, name))
            return true;
    return false;
}

void cookie_write(text *t, const cookie *c)
{
    text_add(t, c->name);
    text_add_char(t, '=');
    text_add(t, c->value);
    text_add(t, STR("; Path=/; HttpOnly"));
    if (c->max_age >= 0) {
        text_add(t, STR("; Max-Age="));
        text_add_number(t, c->max_age);
    }
    if (c->secure)
        text_add(t, STR("; Secure"));
    if (!c->cross_site)
        text_add(t, STR("; SameSite=Lax"));
    else if (c->secure)
        text_add(t, STR("; SameSite=None"));
}
