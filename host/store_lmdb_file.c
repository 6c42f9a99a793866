/* SPDX-License-Identifier: Apache-2.0 */
#include "store_lmdb_file.h"

#include "store_guard.h"
#include "store_lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_READERS \
    1024 /* the first to open decides for all; LMDB's own default is less than one prefork server needs */
#define VERSION "1"

static bool is_damage(int rc)
{
    return rc == MDB_INVALID || rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_VERSION_MISMATCH ||
           rc == MDB_PANIC || rc == MDB_INCOMPATIBLE;
}

const char *store_lmdb_why(int rc)
{
    if (rc == MDB_MAP_FULL) {
        return "the session store is full";
    }
    return is_damage(rc) ? "the session store is damaged" : mdb_strerror(rc);
}

void store_lmdb_notice(struct store_lmdb *store, int rc)
{
    if (!is_damage(rc) || atomic_exchange(&store->suspected, true)) {
        return;
    }
    int guard = store_guard_begin(store->path, store->mode);
    if (guard >= 0) {
        store_guard_write(guard, STORE_GUARD_SUSPECT);
        store_guard_end(guard);
    }
}

/* ---- open ---- */

/* LMDB ends the process after this. */
static void note_assertion(MDB_env *env, const char *what)
{
    (void)what;
    store_lmdb_notice(mdb_env_get_userctx(env), MDB_CORRUPTED);
}

static int open_env(store_lmdb *store, size_t map_size)
{
    unsigned flags = MDB_NOSUBDIR | MDB_NOSYNC | MDB_NOTLS | MDB_NORDAHEAD;
    int rc = mdb_env_create(&store->env);
    if (rc != 0) {
        return rc;
    }
    mdb_env_set_userctx(store->env, store);
    rc = mdb_env_set_assert(store->env, note_assertion);
    rc = rc == 0 ? mdb_env_set_maxreaders(store->env, MAX_READERS) : rc;
    rc = rc == 0 ? mdb_env_set_maxdbs(store->env, 3) : rc;
    rc = rc == 0 ? mdb_env_set_mapsize(store->env, map_size) : rc;
    return rc == 0 ? mdb_env_open(store->env, store->path, flags, store->mode) : rc;
}

/* A file may be shorter than its newest meta page says: pages that were freed before they were written, or that a crash lost.
 * Their first touch would end the process (SIGBUS); as zeros they are found out. posix_fallocate never shortens. */
static int fill_up(store_lmdb *store)
{
    MDB_envinfo info;
    MDB_stat about;
    struct stat file;
    int fd;
    if (mdb_env_info(store->env, &info) != 0 || mdb_env_stat(store->env, &about) != 0 ||
        mdb_env_get_fd(store->env, &fd) != 0 || fstat(fd, &file) != 0) {
        return MDB_INVALID;
    }
    if (info.me_last_pgno >= info.me_mapsize / about.ms_psize) {
        return MDB_CORRUPTED;
    }
    off_t whole = (off_t)((info.me_last_pgno + 1) * about.ms_psize);
    return file.st_size >= whole ? 0 : posix_fallocate(fd, file.st_size, whole - file.st_size);
}

static int check_version(MDB_txn *txn)
{
    MDB_dbi about;
    MDB_val key = {.mv_size = 7, .mv_data = "version"};
    MDB_val version = {.mv_size = sizeof VERSION - 1, .mv_data = VERSION};
    int rc = mdb_dbi_open(txn, "about", MDB_CREATE, &about);
    if (rc != 0) {
        return rc;
    }
    MDB_val found;
    rc = mdb_get(txn, about, &key, &found);
    if (rc == MDB_NOTFOUND) {
        return mdb_put(txn, about, &key, &version, 0);
    }
    if (rc == 0 && (found.mv_size != version.mv_size || memcmp(found.mv_data, VERSION, found.mv_size) != 0)) {
        return ENOTSUP;
    }
    return rc;
}

static int open_databases(store_lmdb *store)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = check_version(txn);
    rc = rc == 0 ? mdb_dbi_open(txn, "values", MDB_CREATE, &store->values) : rc;
    rc = rc == 0 ? mdb_dbi_open(txn, "expiry", MDB_CREATE, &store->expiry) : rc;
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = mdb_txn_commit(txn);
    rc = rc == 0 ? mdb_txn_begin(store->env, NULL, MDB_RDONLY, &store->reader) : rc;
    if (rc == MDB_READERS_FULL) {
        int dead;
        mdb_reader_check(store->env, &dead);
        rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &store->reader);
    }
    if (rc == 0) {
        mdb_txn_reset(store->reader);
    }
    return rc;
}

/* Touches every byte of one database; *count entries. */
static int walk(MDB_txn *txn, MDB_dbi dbi, size_t least, size_t *count)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    volatile unsigned char sum = 0;
    int rc = mdb_cursor_open(txn, dbi, &cursor);
    if (rc != 0) {
        return rc;
    }
    *count = 0;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        const unsigned char *bytes = value.mv_data;
        for (size_t i = 0; i < value.mv_size; i++) {
            sum = (unsigned char)(sum ^ bytes[i]);
        }
        if (key.mv_size == 0 || key.mv_size > 8 + STORE_LMDB_KEY_MAX || value.mv_size < least) {
            rc = MDB_CORRUPTED;
            break;
        }
        (*count)++;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* LMDB keeps its list of free pages in database 0: page counts followed by that many page numbers. */
static int walk_free_list(MDB_txn *txn)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val pages;
    int rc = mdb_cursor_open(txn, 0, &cursor);
    if (rc != 0) {
        return rc;
    }
    while ((rc = mdb_cursor_get(cursor, &key, &pages, MDB_NEXT)) == 0) {
        size_t count = 0;
        if (pages.mv_size >= sizeof count) {
            memcpy(&count, pages.mv_data, sizeof count);
        }
        if (pages.mv_size < sizeof count || count > pages.mv_size / sizeof count - 1) {
            rc = MDB_CORRUPTED;
            break;
        }
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int check_pages(store_lmdb *store)
{
    size_t values = 0;
    size_t entries = 0;
    int rc = mdb_txn_renew(store->reader);
    if (rc != 0) {
        return rc;
    }
    rc = walk(store->reader, store->values, 8, &values);
    rc = rc == 0 ? walk(store->reader, store->expiry, 0, &entries) : rc;
    rc = rc == 0 && values != entries ? MDB_CORRUPTED : rc;
    rc = rc == 0 ? walk_free_list(store->reader) : rc;
    mdb_txn_reset(store->reader);
    return rc;
}

static void leave_env(store_lmdb *store)
{
    if (store->reader != NULL) {
        mdb_txn_abort(store->reader);
        store->reader = NULL;
    }
    if (store->env != NULL) {
        mdb_env_close(store->env);
        store->env = NULL;
    }
}

static int open_once(store_lmdb *store, size_t map_size, bool checked)
{
    int rc = open_env(store, map_size);
    rc = rc == 0 && checked ? fill_up(store) : rc;
    rc = rc == 0 ? open_databases(store) : rc;
    rc = rc == 0 && checked ? check_pages(store) : rc;
    if (rc != 0) {
        leave_env(store);
    }
    return rc;
}

static int set_aside(store_lmdb *store, int64_t now, store_lmdb_note *note)
{
    if (!store_guard_set_aside(store->path, now)) {
        return errno;
    }
    snprintf(note->text, sizeof note->text,
             "\"%s\" was damaged (did the machine crash?) and is set aside; a new one is begun, people sign in again",
             store->path);
    return 0;
}

/* The guard's lock is ours: nobody else opens or walks now. */
static int open_guarded(store_lmdb *store, int guard, size_t map_size, int64_t now, store_lmdb_note *note)
{
    store_guard_state state = store_guard_read(guard);
    int rc = state == STORE_GUARD_CHECKING ? MDB_CORRUPTED : 0;
    if (state == STORE_GUARD_SUSPECT && !store_guard_write(guard, STORE_GUARD_CHECKING)) {
        return errno;
    }
    rc = rc == 0 ? open_once(store, map_size, state == STORE_GUARD_SUSPECT) : rc;
    if (is_damage(rc)) {
        rc = set_aside(store, now, note);
        rc = rc == 0 ? open_once(store, map_size, false) : rc;
    }
    store_guard_write(guard, rc == 0 ? STORE_GUARD_GOOD : STORE_GUARD_SUSPECT);
    return rc;
}

static store_lmdb *new_store(const char *path, mode_t mode)
{
    size_t length = strlen(path) + 1;
    store_lmdb *store = calloc(1, sizeof *store + length);
    if (store == NULL) {
        return NULL;
    }
    memcpy(store->path, path, length);
    store->mode = mode;
    pthread_mutex_init(&store->reader_lock, NULL);
    pthread_mutex_init(&store->keeper_lock, NULL);
    pthread_cond_init(&store->wake, NULL);
    return store;
}

void store_lmdb_drop_file(struct store_lmdb *store)
{
    leave_env(store);
    pthread_cond_destroy(&store->wake);
    pthread_mutex_destroy(&store->keeper_lock);
    pthread_mutex_destroy(&store->reader_lock);
    free(store);
}

store_lmdb *store_lmdb_open(const char *path, mode_t mode, size_t map_size, int64_t now, store_lmdb_note *note)
{
    note->text[0] = '\0';
    store_lmdb *store = new_store(path, mode);
    int guard = store == NULL ? -1 : store_guard_begin(path, mode);
    int rc = errno;
    if (guard >= 0) {
        rc = open_guarded(store, guard, map_size, now, note);
        store_guard_end(guard);
    }
    if (rc == 0 && guard >= 0) {
        return store;
    }
    const char *why = rc == ENOTSUP ? "it was written by another version; remedy: move it away" : store_lmdb_why(rc);
    snprintf(note->text, sizeof note->text, "cannot open the session store \"%s\": %s", path, why);
    if (store != NULL) {
        store_lmdb_drop_file(store);
    }
    return NULL;
}
