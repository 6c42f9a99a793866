/* SPDX-License-Identifier: Apache-2.0 */
/* Replaces {{...}}: a value's name, or one of the words below with its arguments. The innermost comes first. */
#include "keys.h"
#include "world.h"

enum { EXPANDED_MAX = 256 * 1024 };

static bool write_jwks(world *w, text *t, gate_str names)
{
    gate_str name;
    const char *comma = "";

    (void)w;
    text_add(t, STR("{\"keys\":["));
    while (str_word(&names, &name)) {
        text_add(t, str_of(comma));
        if (!keys_write_jwk(t, name))
            return false;
        comma = ",";
    }
    text_add(t, STR("]}"));
    return true;
}

static bool write_pem(world *w, text *t, gate_str name)
{
    (void)w;
    return keys_write_pem(t, name);
}

static bool write_cookie(world *w, text *t, gate_str name)
{
    item *found = keeper_find(&w->jar, name, w->now);

    if (found)
        text_add(t, found->value);
    return found != NULL;
}

/* {{repeat 3 ab}} */
static bool write_repeated(world *w, text *t, gate_str arguments)
{
    int64_t n;

    (void)w;
    if (!str_number(script_word(&arguments), EXPANDED_MAX, &n))
        return false;
    while (n-- > 0)
        text_add(t, arguments);
    return true;
}

/* {{part 0 20 text}}: from, how many, of what. */
static bool write_part(world *w, text *t, gate_str arguments)
{
    int64_t from, n;

    (void)w;
    if (!str_number(script_word(&arguments), EXPANDED_MAX, &from) ||
        !str_number(script_word(&arguments), EXPANDED_MAX, &n) || (size_t)(from + n) > arguments.len)
        return false;
    text_add(t, str_part(arguments, (size_t)from, (size_t)n));
    return true;
}

/* {{bytes e9ff}}: raw bytes. */
static bool write_bytes(world *w, text *t, gate_str hex)
{
    (void)w;
    for (size_t i = 0; i + 1 < hex.len; i += 2)
        text_add_char(t, (char)(char_hex(hex.ptr[i]) << 4 | char_hex(hex.ptr[i + 1])));
    return true;
}

static bool write_one(world *w, text *t, gate_str inner)
{
    static const struct {
        gate_str word;
        bool (*write)(world *, text *, gate_str);
    } words[] = {
        {STR_INIT("id_token"), world_write_token},
        {STR_INIT("jwks"), write_jwks},
        {STR_INIT("pem"), write_pem},
        {STR_INIT("cookie"), write_cookie},
        {STR_INIT("repeat"), write_repeated},
        {STR_INIT("part"), write_part},
        {STR_INIT("bytes"), write_bytes},
        {STR_INIT("jwe"), world_write_encrypted},
    };
    gate_str rest = inner, word = script_word(&rest), value;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_equal(word, words[i].word))
            return words[i].write(w, t, rest);
    value = world_named(w, inner);
    if (value.ptr)
        text_add(t, value);
    return value.ptr != NULL;
}

/* The last "{{" that stands before the first "}}" behind it. */
static bool find_innermost(gate_str s, size_t *from, size_t *to)
{
    bool opened = false;

    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.ptr[i] == '{' && s.ptr[i + 1] == '{') {
            opened = true;
            *from = i++;
        } else if (opened && s.ptr[i] == '}' && s.ptr[i + 1] == '}') {
            *to = i;
            return true;
        }
    }
    return false;
}

gate_str world_expand(world *w, size_t line, gate_str s)
{
    size_t from, to;

    for (int rounds = 0; rounds < 100 && find_innermost(s, &from, &to); rounds++) {
        text t = text_begin(&w->memory, EXPANDED_MAX);
        gate_str inner = str_part(s, from + 2, to - from - 2);
        text_add(&t, str_part(s, 0, from));
        if (!write_one(w, &t, inner)) {
            world_fail(w, line, "nothing is known under this name", inner, STR_NONE);
            return STR("");
        }
        text_add(&t, str_from(s, to + 2));
        text_end(&t, &s);
    }
    return s;
}
