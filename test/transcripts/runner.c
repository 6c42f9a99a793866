/* SPDX-License-Identifier: Apache-2.0 */
/* transcripts FOLDER [NAME ...]: plays each transcript, as it is written and in every way that play.h names. */
#include "keys.h"
#include "play.h"
#include "shortage.h"

#include <dirent.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>

enum { TRANSCRIPTS_MAX = 512, NAME_ROOM = 128, SCRIPT_MEMORY = 16 * 1024 * 1024, TRIES_MAX = 10000 };

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static size_t list(const char *folder, char names[TRANSCRIPTS_MAX][NAME_ROOM])
{
    size_t count = 0;
    DIR *dir = opendir(folder);

    for (struct dirent *e = dir ? readdir(dir) : NULL; e && count < TRANSCRIPTS_MAX; e = readdir(dir)) {
        size_t n = strlen(e->d_name);
        if (n > 4 && n < NAME_ROOM && strcmp(e->d_name + n - 4, ".txt") == 0 &&
            strcmp(e->d_name, "CMakeLists.txt") != 0)
            memcpy(names[count++], e->d_name, n + 1);
    }
    if (dir)
        closedir(dir);
    qsort(names, count, NAME_ROOM, by_name);
    return count;
}

static bool report(const char *name, const char *how, long at, play *p)
{
    if (!p->world.problem[0])
        return true;
    printf("not ok %s", name);
    if (at)
        printf(" (%s %ld)", how, at);
    printf(" line %zu: ", p->world.problem_line);
    for (const char *c = p->world.problem; *c; c++)
        putchar(*c == '\n' ? ' ' : *c);
    putchar('\n');
    return false;
}

static bool play_once(const char *name, block *script, play_mode mode, const char *how, long at, play *p)
{
    bool good;

    play_run(p, script, mode, at);
    good = report(name, how, at, p);
    world_end(&p->world);
    return good;
}

/* Each of the first allocations, then ever fewer: long transcripts repeat themselves. */
static bool play_short(const char *name, block *script, long *shortages)
{
    bool good = true;
    play p;

    for (long n = 1; n < TRIES_MAX; n += 1 + n / 250) {
        good = play_once(name, script, PLAY_SHORT, "short of memory at allocation", n, &p) && good;
        if (!p.struck)
            break;
        ++*shortages;
    }
    return good;
}

static bool play_derived(const char *name, block *script, long steps, long *shortages)
{
    bool good = true;
    play p;

    for (long k = 1; k <= steps; k++) {
        good = play_once(name, script, PLAY_STOP, "stopped at need", k, &p) && good;
        good = play_once(name, script, PLAY_FAIL, "failed at need", k, &p) && good;
    }
    return play_short(name, script, shortages) && good;
}

static bool play_all(const char *folder, const char *name, long totals[2])
{
    long shortages = 0, steps;
    arena memory;
    block *script;
    bool good;
    play p;

    arena_open(&memory, SCRIPT_MEMORY);
    script = script_read(&memory, folder, name);
    if (!script) {
        printf("not ok %s cannot be read\n", name);
        arena_close(&memory);
        return false;
    }
    good = play_once(name, script, PLAY_WHOLE, "", 0, &p);
    steps = p.steps;
    good = good && play_derived(name, script, steps, &shortages);
    arena_close(&memory);
    keys_forget();
    if (good && __lsan_do_recoverable_leak_check()) {
        printf("not ok %s leaks\n", name);
        good = false;
    }
    if (good)
        printf("ok %s (%ld needs, %ld shortages)\n", name, steps, shortages);
    totals[0] += steps;
    totals[1] += shortages;
    return good;
}

int main(int argc, char **argv)
{
    static char names[TRANSCRIPTS_MAX][NAME_ROOM];
    long totals[2] = {0, 0};
    size_t count, bad = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 2 || !keys_open()) {
        fprintf(stderr, "usage: transcripts FOLDER [NAME ...]\n");
        return 2;
    }
    count = argc == 2 ? list(argv[1], names) : (size_t)argc - 2;
    for (size_t i = 0; i < count; i++)
        bad += !play_all(argv[1], argc == 2 ? names[i] : argv[i + 2], totals);
    keys_close();
    printf("# %zu transcripts, %zu bad; stopped and failed at %ld needs, short of memory %ld times\n", count, bad,
           totals[0], totals[1]);
    return count == 0 || bad > 0;
}
