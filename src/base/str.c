/* SPDX-License-Identifier: Apache-2.0 */
#include "str.h"

#include "word.h"

gate_str str_of(const char *text)
{
    return text ? (gate_str){text, strlen(text)} : STR_NONE;
}

char char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int char_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool str_equal_nocase(gate_str a, gate_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (char_lower(a.ptr[i]) != char_lower(b.ptr[i]))
            return false;
    return true;
}

bool str_has_prefix(gate_str s, gate_str prefix)
{
    return s.len >= prefix.len && str_equal(str_part(s, 0, prefix.len), prefix);
}

bool str_has_suffix(gate_str s, gate_str suffix)
{
    return s.len >= suffix.len && str_equal(str_from(s, s.len - suffix.len), suffix);
}

bool str_find(gate_str s, char c, size_t *at)
{
    const char *found = s.len ? memchr(s.ptr, c, s.len) : NULL;

    if (!found)
        return false;
    *at = (size_t)(found - s.ptr);
    return true;
}

bool str_contains(gate_str s, gate_str part)
{
    for (size_t i = 0; i + part.len <= s.len; i++)
        if (str_equal(str_part(s, i, part.len), part))
            return true;
    return false;
}

gate_str str_from(gate_str s, size_t at)
{
    return (gate_str){s.ptr ? s.ptr + at : NULL, s.len - at};
}

gate_str str_part(gate_str s, size_t at, size_t n)
{
    return (gate_str){s.ptr ? s.ptr + at : NULL, n};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

gate_str str_trim(gate_str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = str_from(s, 1);
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool str_cut(gate_str *rest, char c, gate_str *piece)
{
    size_t at;

    if (!rest->ptr)
        return false;
    if (str_find(*rest, c, &at)) {
        *piece = str_part(*rest, 0, at);
        *rest = str_from(*rest, at + 1);
    } else {
        *piece = *rest;
        *rest = STR_NONE;
    }
    return true;
}

bool str_word(gate_str *rest, gate_str *word)
{
    size_t end = 0;

    while (rest->len && rest->ptr[0] == ' ')
        *rest = str_from(*rest, 1);
    if (!rest->len)
        return false;
    while (end < rest->len && rest->ptr[end] != ' ')
        end++;
    *word = str_part(*rest, 0, end);
    *rest = str_from(*rest, end);
    return true;
}

bool str_has_word(gate_str list, gate_str word)
{
    gate_str each;

    while (str_word(&list, &each))
        if (str_equal(each, word))
            return true;
    return false;
}

bool str_number(gate_str s, int64_t max, int64_t *number)
{
    int64_t n = 0;

    if (!s.len)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9 || digit > max || n > (max - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *number = n;
    return true;
}

bool str_is_visible_ascii(gate_str s)
{
    size_t i = 0;

    for (; i + WORD_SIZE <= s.len; i += WORD_SIZE)
        if (word_has_below(word_at(s.ptr + i), 0x21) || word_has_beyond(word_at(s.ptr + i)))
            return false;
    for (; i < s.len; i++)
        if (s.ptr[i] < 0x21 || s.ptr[i] > 0x7e)
            return false;
    return true;
}
