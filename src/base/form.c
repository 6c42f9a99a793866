/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"

static bool decode(arena *a, gate_str s, gate_str *value)
{
    char *out = arena_alloc(a, s.len + 1);
    size_t n = 0;

    if (!out)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            int high = s.len - i > 2 ? char_hex(s.ptr[i + 1]) : -1;
            int low = s.len - i > 2 ? char_hex(s.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c == '\0')
            return false;
        out[n++] = c;
    }
    *value = (gate_str){out, n};
    return true;
}

bool form_read(arena *a, gate_str s, form *f)
{
    gate_str rest = s.len ? s : STR_NONE, field;

    f->count = 0;
    while (str_cut(&rest, '&', &field)) {
        gate_str name = field, value = STR_NONE;
        size_t at;
        if (!field.len)
            continue;
        if (str_find(field, '=', &at)) {
            name = str_part(field, 0, at);
            value = str_from(field, at + 1);
        }
        if (f->count >= FORM_FIELDS_MAX || !decode(a, name, &f->fields[f->count].name) ||
            !decode(a, value, &f->fields[f->count].value))
            return false;
        f->count++;
    }
    return true;
}

form_got form_get(const form *f, gate_str name, gate_str *value)
{
    form_got got = FORM_ABSENT;

    for (size_t i = 0; i < f->count; i++) {
        if (!str_equal(f->fields[i].name, name))
            continue;
        if (got == FORM_ONCE)
            return FORM_TWICE;
        got = FORM_ONCE;
        *value = f->fields[i].value;
    }
    return got;
}

void form_write(text *t, gate_str value)
{
    while (value.len) {
        size_t n = 0;
        while (n < value.len && value.ptr[n] != ' ')
            n++;
        text_add_url(t, str_part(value, 0, n));
        if (n < value.len) {
            text_add_char(t, '+');
            n++;
        }
        value = str_from(value, n);
    }
}

void form_add(text *t, gate_str name, gate_str value)
{
    if (t->len)
        text_add_char(t, '&');
    form_write(t, name);
    text_add_char(t, '=');
    form_write(t, value);
}
