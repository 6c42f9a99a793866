/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"

#include <errno.h>
#include <stdio.h>

/* Who types a token where a file's name belongs has shown it to everybody who may list processes. */
static bool is_token(const char *path)
{
    return strncmp(path, "eyJ", 3) == 0 && strchr(path, '.');
}

static bool read_all(tool *t, FILE *file, const char *name, gate_str *bytes)
{
    char *room = arena_alloc(&t->memory, INPUT_MAX + 1);
    size_t n = room ? fread(room, 1, INPUT_MAX + 1, file) : 0;

    if (!room || ferror(file) || n > INPUT_MAX) {
        tool_fail(n > INPUT_MAX ? "larger than 1 MiB" : "cannot be read", name);
        return false;
    }
    *bytes = (gate_str){room, n};
    return true;
}

bool input_read(tool *t, const char *path, gate_str *bytes)
{
    bool standard = !path || strcmp(path, "-") == 0, good;
    FILE *file;

    if (!standard && is_token(path)) {
        tool_fail("a token is never an argument, where everybody can list it: give it on standard input or in a file",
                  NULL);
        return false;
    }
    file = standard ? stdin : fopen(path, "rb");
    if (!file) {
        tool_fail(strerror(errno), path);
        return false;
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy of a secret is left in a buffer */
    good = read_all(t, file, standard ? "standard input" : path, bytes);
    if (!standard)
        fclose(file);
    return good;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool input_read_token(tool *t, const char *path, gate_str *token)
{
    if (!input_read(t, path, token))
        return false;
    while (token->len && is_space(token->ptr[token->len - 1]))
        token->len--;
    while (token->len && is_space(token->ptr[0]))
        *token = str_from(*token, 1);
    return true;
}
