/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_lmdb: the STORE needs over LMDB: one file that all processes of a host share, with nothing to run.
 *
 * Writes are not synced one by one (a durable write costs half a millisecond and now and then fifty); store_lmdb_keep syncs
 * and sweeps in a thread of its own. The file survives reload, restart and kill -9. A crash of the machine may damage it: the
 * first to open it after a boot walks through it, and sets a damaged file aside.
 *
 * Open it after fork(), once in a process. Threads may share a store.
 */
#ifndef STORE_LMDB_H
#define STORE_LMDB_H

#include "gate.h"

#include <sys/types.h>

typedef struct store_lmdb store_lmdb;

#define STORE_LMDB_MAP ((size_t)1 << 30)                          /* room of a store, bytes; the file grows as needed */
#define STORE_LMDB_VALUE_MAX ((size_t)64 * 1024)                  /* gate.h: STORE */
#define STORE_LMDB_SCRATCH (GATE_KEYS_MAX * STORE_LMDB_VALUE_MAX) /* enough for every reply */

/* One line for the operator, always NUL-terminated. After a success it may hold a warning; else text[0] is '\0'. */
typedef struct store_lmdb_note {
    char text[320];
} store_lmdb_note;

/* Opens or makes the file at `path` (NUL-terminated; "-lock" and "-guard" files stand beside it) with `mode`. NULL with *note when
 * it cannot be used. `map_size` in bytes, the same for all who share the file; three quarters of it are for keys and values. */
store_lmdb *store_lmdb_open(const char *path, mode_t mode, size_t map_size, int64_t now, store_lmdb_note *note);

/* Closes after a last sync. NULL is allowed. */
void store_lmdb_close(store_lmdb *store);

/* Meets one STORE need. Values of the reply are copies in `scratch` (STORE_LMDB_SCRATCH bytes are always enough), for the caller
 * to wipe; *used says how many bytes. A GET allocates nothing. reply->why is a constant text. */
void store_lmdb_do(store_lmdb *store, const gate_store_need *need, int64_t now, gate_reply *reply, char *scratch,
                   size_t scratch_size, size_t *used);

/* Starts the thread that syncs written data about once a second, sweeps expired keys and clears the slots of dead readers. It
 * reads the system's clock and blocks all signals. store_lmdb_close ends it. */
bool store_lmdb_keep(store_lmdb *store);

/* What the thread does, for hosts that have their own: write to the disk what was written (may take long) ... */
bool store_lmdb_sync(store_lmdb *store);
/* ... and remove at most `most` expired keys in one short transaction. The number of those removed, or -1. */
int store_lmdb_sweep(store_lmdb *store, int64_t now, unsigned most);

#endif
