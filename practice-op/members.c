/* SPDX-License-Identifier: Apache-2.0 */
#include "members.h"

#include <string.h>

members members_open(arena *home)
{
    return (members){.home = home};
}

static member *make(members *m, const char *name, const char *value, size_t length)
{
    member *new = arena_add(m->home, sizeof *new);
    new->name = arena_copy(m->home, name, strlen(name));
    new->value = arena_copy(m->home, value, length);
    new->length = length;
    return new;
}

void members_add(members *m, const char *name, const char *value, size_t length)
{
    member **end = &m->first;
    while (*end != NULL)
        end = &(*end)->next;
    *end = make(m, name, value, length);
}

void members_add_first(members *m, const char *name, const char *value, size_t length)
{
    member *new = make(m, name, value, length);
    new->next = m->first;
    m->first = new;
}

void members_put(members *m, const char *name, const char *value)
{
    members_add(m, name, value, strlen(value));
}

void members_put_string(members *m, const char *name, const char *value)
{
    text json = text_open(m->home);
    text_put_json(&json, value);
    members_add(m, name, json.data, json.length);
}

void members_put_number(members *m, const char *name, long long value)
{
    members_put(m, name, text_of(m->home, "%lld", value));
}

void members_set(members *m, const char *name, const char *value, size_t length)
{
    for (member *at = m->first; at != NULL; at = at->next) {
        if (strcmp(at->name, name) == 0) {
            at->value = arena_copy(m->home, value, length);
            at->length = length;
            return;
        }
    }
    members_add(m, name, value, length);
}

void members_drop(members *m, const char *name)
{
    for (member **at = &m->first; *at != NULL;) {
        if (strcmp((*at)->name, name) == 0)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

const member *members_find_member(const members *m, const char *name)
{
    const member *at = m->first;
    while (at != NULL && strcmp(at->name, name) != 0)
        at = at->next;
    return at;
}

const char *members_find(const members *m, const char *name)
{
    const member *found = members_find_member(m, name);
    return found != NULL ? found->value : NULL;
}

size_t members_count(const members *m, const char *name)
{
    size_t count = 0;
    for (const member *at = m->first; at != NULL; at = at->next)
        count += strcmp(at->name, name) == 0;
    return count;
}

const char *members_find_duplicate(const members *m)
{
    for (const member *at = m->first; at != NULL; at = at->next) {
        for (const member *later = at->next; later != NULL; later = later->next) {
            if (strcmp(at->name, later->name) == 0)
                return at->name;
        }
    }
    return NULL;
}

void members_write_json(const members *m, text *out)
{
    text_put(out, "{");
    for (const member *at = m->first; at != NULL; at = at->next) {
        text_print(out, "%s\"%s\":", at == m->first ? "" : ",", at->name);
        text_add(out, at->value, at->length);
    }
    text_put(out, "}");
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void members_put_url(text *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (is_plain(*value))
            text_add(out, value, 1);
        else
            text_print(out, "%%%02X", (unsigned)(unsigned char)*value);
    }
}

void members_write_form(const members *m, text *out)
{
    for (const member *at = m->first; at != NULL; at = at->next) {
        if (at != m->first)
            text_put(out, "&");
        members_put_url(out, at->name);
        text_put(out, "=");
        members_put_url(out, at->value);
    }
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

char *members_decode(arena *home, const char *s, size_t n)
{
    char *out = arena_add(home, n + 1), *at = out;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '%') {
            int high = n - i > 2 ? hex(s[i + 1]) : -1, low = n - i > 2 ? hex(s[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            *at++ = (char)(high * 16 + low);
            i += 2;
        } else {
            *at++ = s[i] == '+' ? ' ' : s[i];
        }
        if (at[-1] == '\0')
            return NULL;
    }
    return out;
}

bool members_read_form(members *m, const char *data, size_t n)
{
    const char *end = n > 0 ? data + n : data;
    while (data < end) {
        const char *stop = memchr(data, '&', (size_t)(end - data));
        stop = stop != NULL ? stop : end;
        const char *equals = memchr(data, '=', (size_t)(stop - data));
        const char *name_end = equals != NULL ? equals : stop, *value = equals != NULL ? equals + 1 : stop;
        char *name = members_decode(m->home, data, (size_t)(name_end - data));
        char *text_value = members_decode(m->home, value, (size_t)(stop - value));
        if (name == NULL || text_value == NULL)
            return false;
        if (stop > data)
            members_put(m, name, text_value);
        data = stop < end ? stop + 1 : end;
    }
    return true;
}
