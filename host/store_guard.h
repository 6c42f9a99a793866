/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_guard: the small file beside an LMDB file that says whether the data can be trusted.
 *
 * LMDB without a sync per write may be damaged by a crash of the machine, and walking through damaged pages may kill the process
 * that walks. So the walk is announced here before it starts: who finds an announcement and no walker (the lock was free) knows
 * that the walk has killed its walker, and sets the data aside unread.
 */
#ifndef STORE_GUARD_H
#define STORE_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum {
    STORE_GUARD_GOOD,    /* written or walked through since the machine started */
    STORE_GUARD_SUSPECT, /* not known: an earlier boot, or damage was met in use */
    STORE_GUARD_CHECKING /* a walk began; with the lock in our hand: and never ended */
} store_guard_state;

/* Opens the guard of the store at `path` and waits for its lock. A descriptor, or -1 with errno. */
int store_guard_begin(const char *path, mode_t mode);
void store_guard_end(int guard);

store_guard_state store_guard_read(int guard);
bool store_guard_write(int guard, store_guard_state state);

/* Renames the store's file with a suffix made of `now`, so that a new one can be begun. False with errno. */
bool store_guard_set_aside(const char *path, int64_t now);

#endif
