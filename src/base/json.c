/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include "word.h"

typedef struct reader {
    arena *arena;
    const char *at;
    const char *end;
    size_t nodes;
} reader;

static bool read_value(reader *r, json *node, int depth);

static void skip_space(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool take(reader *r, char c)
{
    if (r->at >= r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static json *node_new(reader *r)
{
    return r->nodes++ < JSON_NODES_MAX ? ARENA_NEW(r->arena, json) : NULL;
}

/* The length of the UTF-8 sequence at p, or 0: overlong forms, surrogates and values past U+10FFFF are refused (RFC 3629). */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    unsigned c = p[0];
    size_t n = c < 0x80 ? 1 : c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;

    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) || (c == 0xf0 && p[1] < 0x90) ||
        (c == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static bool word_is_plain(uint64_t word)
{
    return !word_has_below(word, 0x20) && !word_has_beyond(word) && !word_has(word, '"') && !word_has(word, '\\');
}

static void skip_plain(reader *r)
{
    const char *at = r->at;

    while (r->end - at >= WORD_SIZE && word_is_plain(word_at(at)))
        at += WORD_SIZE;
    while (at < r->end && is_plain(*at))
        at++;
    r->at = at;
}

/* Past a backslash and what it escapes, or past one character beyond ASCII. */
static bool skip_special(reader *r, bool *escaped)
{
    size_t n = utf8_length((const unsigned char *)r->at, (size_t)(r->end - r->at));

    if (n == 0 || (unsigned char)*r->at < 0x20)
        return false;
    if (*r->at == '\\') {
        *escaped = true;
        if (++r->at >= r->end || (unsigned char)*r->at < 0x20 || (unsigned char)*r->at > 0x7e)
            return false;
    }
    r->at += n;
    return true;
}

/* Finds the end of a string whose opening quote was taken. */
static bool scan_string(reader *r, gate_str *raw, bool *escaped)
{
    const char *start = r->at;

    *escaped = false;
    for (skip_plain(r); r->at < r->end && *r->at != '"'; skip_plain(r))
        if (!skip_special(r, escaped))
            return false;
    *raw = (gate_str){start, (size_t)(r->at - start)};
    return take(r, '"');
}

static bool read_hex4(gate_str s, unsigned *code)
{
    *code = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = i < s.len ? char_hex(s.ptr[i]) : -1;
        if (digit < 0)
            return false;
        *code = *code << 4 | (unsigned)digit;
    }
    return true;
}

static size_t utf8_write(char *out, unsigned code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* What follows "\u"; answers the characters used, 0 when wrong. U+0000 is refused: it would cut a C string somewhere. */
static size_t decode_unicode(gate_str s, char *out, size_t *written)
{
    unsigned high, low;
    size_t used = 4;

    if (!read_hex4(s, &high) || high == 0 || (high >= 0xdc00 && high <= 0xdfff))
        return 0;
    if (high >= 0xd800 && high <= 0xdbff) {
        if (s.len < 10 || s.ptr[4] != '\\' || s.ptr[5] != 'u' || !read_hex4(str_from(s, 6), &low) || low < 0xdc00 ||
            low > 0xdfff)
            return 0;
        high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        used = 10;
    }
    *written = utf8_write(out, high);
    return used;
}

/* What follows a backslash; answers the characters used, 0 when wrong. */
static size_t decode_escape(gate_str s, char *out, size_t *written)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found = strchr(from, s.ptr[0]);
    size_t used;

    if (s.ptr[0] == 'u') {
        used = decode_unicode(str_from(s, 1), out, written);
        return used ? used + 1 : 0;
    }
    if (!found || !s.ptr[0])
        return 0;
    out[0] = to[found - from];
    *written = 1;
    return 1;
}

static bool decode_string(reader *r, gate_str raw, gate_str *value)
{
    char *out = arena_alloc(r->arena, raw.len + 1);
    size_t n = 0, used, written;

    if (!out)
        return false;
    *value = (gate_str){out, 0};
    while (raw.len) {
        if (raw.ptr[0] != '\\') {
            out[n++] = raw.ptr[0];
            raw = str_from(raw, 1);
            continue;
        }
        used = decode_escape(str_from(raw, 1), out + n, &written);
        if (!used)
            return false;
        n += written;
        raw = str_from(raw, 1 + used);
    }
    value->len = n;
    return true;
}

static bool read_string(reader *r, gate_str *value)
{
    bool escaped;

    if (!take(r, '"') || !scan_string(r, value, &escaped))
        return false;
    return escaped ? decode_string(r, *value, value) : true;
}

static bool skip_digits(reader *r)
{
    const char *start = r->at;

    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return r->at > start;
}

static bool read_number(reader *r, json *node)
{
    const char *start = r->at;

    node->type = JSON_NUMBER;
    take(r, '-');
    if (!take(r, '0') && !skip_digits(r))
        return false;
    if (take(r, '.') && !skip_digits(r))
        return false;
    if (take(r, 'e') || take(r, 'E')) {
        if (!take(r, '+'))
            take(r, '-');
        if (!skip_digits(r))
            return false;
    }
    node->text = (gate_str){start, (size_t)(r->at - start)};
    return true;
}

static bool read_word(reader *r, json *node, gate_str word, json_type type)
{
    gate_str left = {r->at, (size_t)(r->end - r->at)};

    node->type = type;
    if (!str_has_prefix(left, word))
        return false;
    node->text = str_part(left, 0, word.len);
    r->at += word.len;
    return true;
}

static bool is_duplicate(const json *object, const json *member)
{
    if (!(object->names & json_name_bit(member->key)))
        return false;
    for (const json *each = object->child; each; each = each->next)
        if (each != member && str_equal(each->key, member->key))
            return true;
    return false;
}

static bool read_member(reader *r, json *container, json *node, int depth)
{
    if (container->type == JSON_OBJECT) {
        if (container->count >= JSON_MEMBERS_MAX || !read_string(r, &node->key) || is_duplicate(container, node))
            return false;
        container->names |= json_name_bit(node->key);
        skip_space(r);
        if (!take(r, ':'))
            return false;
        skip_space(r);
    }
    return read_value(r, node, depth);
}

static bool read_container(reader *r, json *container, char close, int depth)
{
    const json **link = &container->child;

    if (depth > JSON_DEPTH_MAX)
        return false;
    skip_space(r);
    if (take(r, close))
        return true;
    do {
        json *node = node_new(r);
        skip_space(r);
        if (!node || !read_member(r, container, node, depth))
            return false;
        *link = node;
        link = &node->next;
        container->count++;
        skip_space(r);
    } while (take(r, ','));
    return take(r, close);
}

static bool read_value(reader *r, json *node, int depth)
{
    const char *start = r->at;
    bool good;

    if (r->at >= r->end)
        return false;
    switch (*r->at) {
    case '"':
        node->type = JSON_STRING;
        return read_string(r, &node->text);
    case 't':
        return read_word(r, node, STR("true"), JSON_TRUE);
    case 'f':
        return read_word(r, node, STR("false"), JSON_FALSE);
    case 'n':
        return read_word(r, node, STR("null"), JSON_NULL);
    case '{':
    case '[':
        node->type = *r->at++ == '{' ? JSON_OBJECT : JSON_ARRAY;
        good = read_container(r, node, node->type == JSON_OBJECT ? '}' : ']', depth + 1);
        node->text = (gate_str){start, (size_t)(r->at - start)};
        return good;
    default:
        return read_number(r, node);
    }
}

const json *json_read_object(arena *a, gate_str document)
{
    reader r = {.arena = a, .at = document.ptr, .end = document.ptr ? document.ptr + document.len : NULL};
    json *root = document.len ? node_new(&r) : NULL;

    if (!root)
        return NULL;
    skip_space(&r);
    if (!read_value(&r, root, 0) || root->type != JSON_OBJECT)
        return NULL;
    skip_space(&r);
    return r.at == r.end ? root : NULL;
}
