/* SPDX-License-Identifier: Apache-2.0 */
#include "args.h"

#include <stdio.h>

static bool say(args *a, const char *what, const char *which)
{
    snprintf(a->wrong, sizeof a->wrong, "%s: %.100s", what, which);
    return false;
}

/* The entry of `known` that has this name: with or without '='. */
static bool find_known(const char *known, gate_str name, bool *has_value)
{
    gate_str rest = str_of(known), word;

    while (str_word(&rest, &word)) {
        *has_value = str_has_suffix(word, STR("="));
        if (str_equal(str_part(word, 0, word.len - *has_value), name))
            return true;
    }
    return false;
}

static const args_flag *find_flag(const args *a, gate_str name)
{
    for (size_t i = 0; i < a->flag_count; i++)
        if (str_equal(a->flags[i].name, name))
            return &a->flags[i];
    return NULL;
}

/* Takes one flag off the list at *at, and its value where the next word is it. */
static bool read_flag(args *a, int count, char **list, int *at, const char *known)
{
    const char *given = list[*at], *equals = strchr(given, '=');
    gate_str name = {given + 2, (equals ? (size_t)(equals - given) : strlen(given)) - 2};
    args_flag flag = {.name = name};
    bool has_value;

    if (!find_known(known, name, &has_value))
        return say(a, "no such flag", given);
    if (find_flag(a, name) || a->flag_count == ARGS_FLAGS_MAX)
        return say(a, "given twice", given);
    if (!has_value && equals)
        return say(a, "takes no value", given);
    if (has_value) {
        flag.value = equals ? equals + 1 : *at + 1 < count ? list[++*at] : NULL;
        if (!flag.value || !flag.value[0])
            return say(a, "needs a value", given);
    }
    a->flags[a->flag_count++] = flag;
    return true;
}

bool args_read(args *a, int count, char **list, const char *known, size_t words)
{
    bool only_words = false;

    *a = (args){0};
    for (int i = 0; i < count; i++) {
        if (!only_words && strcmp(list[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && strncmp(list[i], "--", 2) == 0) {
            if (!read_flag(a, count, list, &i, known))
                return false;
        } else if (a->word_count == words) {
            return say(a, "one word too many", list[i]);
        } else {
            a->words[a->word_count++] = list[i];
        }
    }
    return true;
}

bool args_has(const args *a, const char *name)
{
    return find_flag(a, str_of(name)) != NULL;
}

const char *args_value(const args *a, const char *name)
{
    const args_flag *flag = find_flag(a, str_of(name));

    return flag ? flag->value : NULL;
}

gate_str args_text(const args *a, const char *name)
{
    const char *value = args_value(a, name);

    return value ? (gate_str){value, strlen(value)} : STR_NONE;
}
