/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_lmdb_file: the inside of a store_lmdb: opening, checking and leaving its file. For store_lmdb*.c alone.
 */
#ifndef STORE_LMDB_FILE_H
#define STORE_LMDB_FILE_H

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define STORE_LMDB_KEY_MAX 64 /* gate.h: STORE */
#define STORE_LMDB_BATCH 64   /* expired keys that go in one transaction: others want to write, too */

struct store_lmdb {
    MDB_env *env;
    MDB_dbi values;
    MDB_dbi expiry;
    MDB_txn *reader; /* reset between uses, so that a GET allocates nothing */
    pthread_mutex_t reader_lock;
    atomic_bool dirty;     /* something was written since the last sync */
    atomic_bool suspected; /* damage was met, and the guard says so */
    pthread_t keeper;
    pthread_mutex_t keeper_lock;
    pthread_cond_t wake;
    bool kept;
    bool stop; /* under keeper_lock */
    mode_t mode;
    char path[]; /* NUL-terminated */
};

/* Looks at an error: damage is noted in the guard, so that the next to open the file walks through it. */
void store_lmdb_notice(struct store_lmdb *store, int rc);

/* A constant text for the log. */
const char *store_lmdb_why(int rc);

/* Closes and frees. */
void store_lmdb_drop_file(struct store_lmdb *store);

#endif
