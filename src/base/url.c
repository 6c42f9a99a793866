/* SPDX-License-Identifier: Apache-2.0 */
#include "url.h"

#include "form.h"

static bool is_url_char(char c)
{
    return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' && c != '^' && c != '`' && c != '{' &&
           c != '|' && c != '}';
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
}

static bool port_is_good(gate_str port)
{
    int64_t n;

    return str_number(port, 65535, &n) && n > 0;
}

/* "[" address "]" and what follows. The address itself is only checked for its characters. */
static bool split_bracketed(gate_str authority, gate_str *host, gate_str *rest)
{
    size_t close;

    if (!str_find(authority, ']', &close) || close < 3)
        return false;
    for (size_t i = 1; i < close; i++)
        if (char_hex(authority.ptr[i]) < 0 && authority.ptr[i] != ':' && authority.ptr[i] != '.')
            return false;
    *host = str_part(authority, 0, close + 1);
    *rest = str_from(authority, close + 1);
    return true;
}

static bool split_authority(gate_str authority, gate_str *host)
{
    gate_str rest = STR_NONE;
    size_t colon;

    if (authority.len && authority.ptr[0] == '[') {
        if (!split_bracketed(authority, host, &rest))
            return false;
    } else {
        *host = authority;
        if (str_find(authority, ':', &colon)) {
            *host = str_part(authority, 0, colon);
            rest = str_from(authority, colon);
        }
        for (size_t i = 0; i < host->len; i++)
            if (!is_host_char(host->ptr[i]))
                return false;
    }
    return host->len > 0 && (rest.len == 0 || (rest.ptr[0] == ':' && port_is_good(str_from(rest, 1))));
}

bool url_authority_is_good(gate_str authority)
{
    gate_str host;

    return authority.len <= 255 && split_authority(authority, &host);
}

static bool split_scheme(gate_str s, url *u, gate_str *rest)
{
    static const gate_str https = STR_INIT("https://"), http = STR_INIT("http://");
    gate_str prefix = str_has_prefix(s, https) ? https : str_has_prefix(s, http) ? http : STR_NONE;

    if (!prefix.len)
        return false;
    u->scheme = str_part(s, 0, prefix.len - 3);
    *rest = str_from(s, prefix.len);
    return true;
}

bool url_read(gate_str s, url *u)
{
    gate_str rest;
    size_t end = 0, at;

    *u = (url){.whole = s};
    for (size_t i = 0; i < s.len; i++)
        if (!is_url_char(s.ptr[i]))
            return false;
    if (!split_scheme(s, u, &rest))
        return false;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' && rest.ptr[end] != '#')
        end++;
    u->authority = str_part(rest, 0, end);
    u->origin = str_part(s, 0, s.len - rest.len + end);
    rest = str_from(rest, end);
    if (str_find(rest, '#', &at)) {
        u->has_fragment = true;
        rest = str_part(rest, 0, at);
    }
    u->path = rest;
    if (str_find(rest, '?', &at)) {
        u->has_query = true;
        u->path = str_part(rest, 0, at);
        u->query = str_from(rest, at + 1);
    }
    return url_authority_is_good(u->authority) && split_authority(u->authority, &u->host);
}

bool url_is_https(const url *u)
{
    return str_equal(u->scheme, STR("https"));
}

/* 127.0.0.0/8 as four numbers: "127.evil.example" is a name, not an address, and "0127.0.0.1" is octal for some resolvers. */
static bool is_ipv4_loopback(gate_str host)
{
    gate_str rest = host, part;
    int64_t n, parts = 0;

    while (str_cut(&rest, '.', &part)) {
        if (!str_number(part, 255, &n) || (parts == 0 && n != 127) || (part.len > 1 && part.ptr[0] == '0'))
            return false;
        parts++;
    }
    return parts == 4;
}

bool url_is_loopback(const url *u)
{
    return str_equal_nocase(u->host, STR("localhost")) || str_equal(u->host, STR("[::1]")) || is_ipv4_loopback(u->host);
}

bool url_is_local(gate_str target)
{
    if (!target.len || target.ptr[0] != '/')
        return false;
    if (target.len > 1 && (target.ptr[1] == '/' || target.ptr[1] == '\\'))
        return false;
    for (size_t i = 0; i < target.len; i++)
        if ((unsigned char)target.ptr[i] <= 0x20 || target.ptr[i] == 0x7f)
            return false;
    return true;
}

void url_add_parameter(text *t, gate_str name, gate_str value)
{
    size_t at;

    text_add_char(t, str_find((gate_str){t->bytes, t->len}, '?', &at) ? '&' : '?');
    form_write(t, name);
    text_add_char(t, '=');
    form_write(t, value);
}
