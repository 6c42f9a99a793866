/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <stdio.h>

enum { FILE_SIZE_MAX = 256 * 1024, NESTED_MAX = 4 };

typedef struct reader {
    arena *arena;
    const char *folder;
    block *first, *last;
    detail **next_detail;
    int depth;
} reader;

static bool read_file(reader *r, const char *name);

static bool load(arena *a, const char *path, gate_str *text_out)
{
    char *bytes = arena_alloc(a, FILE_SIZE_MAX);
    FILE *file = fopen(path, "rb");

    if (!file || !bytes) {
        perror(path);
        if (file)
            fclose(file);
        return false;
    }
    *text_out = (gate_str){bytes, fread(bytes, 1, FILE_SIZE_MAX, file)};
    fclose(file);
    return text_out->len < FILE_SIZE_MAX;
}

gate_str script_word(gate_str *line)
{
    gate_str word = STR_NONE;

    str_word(line, &word);
    *line = str_trim(*line);
    return word;
}

static bool add_detail(reader *r, gate_str line, size_t number)
{
    detail *d = ARENA_NEW(r->arena, detail);

    if (!d || !r->next_detail)
        return false;
    d->text = str_trim(line);
    d->line = number;
    *r->next_detail = d;
    r->next_detail = &d->next;
    return true;
}

static bool add_block(reader *r, gate_str line, size_t number)
{
    block *b;
    gate_str word = script_word(&line);

    if (str_equal(word, STR("include")))
        return read_file(r, arena_copy(r->arena, line).ptr);
    b = ARENA_NEW(r->arena, block);
    if (!b)
        return false;
    b->word = word;
    b->rest = line;
    b->line = number;
    if (r->last)
        r->last->next = b;
    else
        r->first = b;
    r->last = b;
    r->next_detail = &b->details;
    return true;
}

static bool read_file(reader *r, const char *name)
{
    char path[1024];
    gate_str rest, line;
    size_t number = 0;

    if (r->depth == NESTED_MAX || snprintf(path, sizeof path, "%s/%s", r->folder, name) >= (int)sizeof path ||
        !load(r->arena, path, &rest))
        return false;
    r->depth++;
    while (str_cut(&rest, '\n', &line)) {
        number++;
        if (!str_trim(line).len || line.ptr[0] == '#')
            continue;
        if (line.ptr[0] == ' ' ? !add_detail(r, line, number) : !add_block(r, line, number))
            return false;
    }
    r->depth--;
    return true;
}

block *script_read(arena *a, const char *folder, const char *name)
{
    reader r = {.arena = a, .folder = folder};

    return read_file(&r, name) ? r.first : NULL;
}
