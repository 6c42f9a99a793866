/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>

enum { WORLD_MEMORY = 64 * 1024 * 1024, BEGINNING = 1700000000 };

void world_begin(world *w)
{
    *w = (world){.now = BEGINNING};
    arena_open(&w->memory, WORLD_MEMORY);
    w->names.arena = w->jar.arena = w->store.arena = &w->memory;
    world_name(w, "issuer", STR(WORLD_ISSUER));
    world_name(w, "code", STR(WORLD_CODE));
}

void world_end(world *w)
{
    arena_close(&w->memory);
}

bool world_fail(world *w, size_t line, const char *what, gate_str wanted, gate_str got)
{
    if (!w->problem[0]) {
        w->problem_line = line;
        snprintf(w->problem, sizeof w->problem, "%s: wanted \"%.*s\", got \"%.*s\"", what,
                 (int)(wanted.len > 300 ? 300 : wanted.len), wanted.ptr ? wanted.ptr : "",
                 (int)(got.len > 300 ? 300 : got.len), got.ptr ? got.ptr : "");
    }
    return false;
}

void world_name(world *w, const char *name, gate_str value)
{
    keeper_set(&w->names, str_of(name), value, INT64_MAX);
}

gate_str world_named(world *w, gate_str name)
{
    item *found = keeper_find(&w->names, name, 0);

    return found ? found->value : STR_NONE;
}
