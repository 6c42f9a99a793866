/* SPDX-License-Identifier: Apache-2.0 */
#include "store_lmdb.h"

#include "store_lmdb_file.h"

#include <string.h>

/*
 * Three databases in the file:
 *   values   key                          -> expires (8 bytes, big-endian), value
 *   expiry   expires (8 bytes), key       -> nothing; in order of time, for the sweeper
 *   about    "version"                    -> version of this layout
 */

/* ---- records ---- */

static void write_time(unsigned char *bytes, int64_t time)
{
    uint64_t value = time < 0 ? 0 : (uint64_t)time;
    for (int i = 7; i >= 0; i--) {
        bytes[i] = (unsigned char)(value & 0xff);
        value >>= 8;
    }
}

static int64_t read_time(const unsigned char *bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | bytes[i];
    }
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static MDB_val val(const void *ptr, size_t len)
{
    return (MDB_val){.mv_size = len, .mv_data = (void *)(uintptr_t)ptr};
}

static MDB_val index_key(unsigned char bytes[8 + STORE_LMDB_KEY_MAX], int64_t expires, MDB_val key)
{
    write_time(bytes, expires);
    memcpy(bytes + 8, key.mv_data, key.mv_size);
    return val(bytes, 8 + key.mv_size);
}

/* Expired or not. 0, MDB_NOTFOUND or an error; *value without its time. */
static int find_any(store_lmdb *store, MDB_txn *txn, MDB_val key, int64_t *expires, MDB_val *value)
{
    MDB_val record;
    int rc = mdb_get(txn, store->values, &key, &record);
    if (rc != 0) {
        return rc;
    }
    if (record.mv_size < 8 || record.mv_size > 8 + STORE_LMDB_VALUE_MAX) {
        return MDB_CORRUPTED;
    }
    *expires = read_time(record.mv_data);
    *value = val((const char *)record.mv_data + 8, record.mv_size - 8);
    return 0;
}

static int find(store_lmdb *store, MDB_txn *txn, MDB_val key, int64_t now, MDB_val *value)
{
    int64_t expires;
    int rc = find_any(store, txn, key, &expires, value);
    return rc == 0 && expires <= now ? MDB_NOTFOUND : rc;
}

/* 0 also when it was not there. */
static int drop(store_lmdb *store, MDB_txn *txn, MDB_val key)
{
    unsigned char bytes[8 + STORE_LMDB_KEY_MAX];
    MDB_val value;
    int64_t expires;
    int rc = find_any(store, txn, key, &expires, &value);
    if (rc != 0) {
        return rc == MDB_NOTFOUND ? 0 : rc;
    }
    MDB_val entry = index_key(bytes, expires, key);
    rc = mdb_del(txn, store->expiry, &entry, NULL);
    if (rc != 0 && rc != MDB_NOTFOUND) {
        return rc;
    }
    return mdb_del(txn, store->values, &key, NULL);
}

static int put(store_lmdb *store, MDB_txn *txn, MDB_val key, gate_str value, int64_t expires)
{
    unsigned char bytes[8 + STORE_LMDB_KEY_MAX];
    int rc = drop(store, txn, key);
    if (rc != 0) {
        return rc;
    }
    MDB_val record = val(NULL, 8 + value.len);
    rc = mdb_put(txn, store->values, &key, &record, MDB_RESERVE);
    if (rc != 0) {
        return rc;
    }
    write_time(record.mv_data, expires);
    if (value.len > 0) {
        memcpy((char *)record.mv_data + 8, value.ptr, value.len);
    }
    MDB_val entry = index_key(bytes, expires, key);
    MDB_val nothing = val("", 0);
    return mdb_put(txn, store->expiry, &entry, &nothing, 0);
}

/* ---- one need ---- */

typedef struct job {
    const gate_store_need *need;
    int64_t now;
    gate_reply *reply;
    char *scratch;
    size_t room;
    size_t used;
} job;

static MDB_val key_at(const job *j, size_t i)
{
    return val(j->need->keys[i].ptr, j->need->keys[i].len);
}

/* A value must not be pointed at in the map once the transaction is over. */
static int copy_value(job *j, size_t i, MDB_val value)
{
    if (value.mv_size > j->room - j->used) {
        return MDB_BAD_VALSIZE;
    }
    char *to = j->scratch + j->used;
    memcpy(to, value.mv_data, value.mv_size);
    j->reply->values[i] = (gate_str){to, value.mv_size};
    j->used += value.mv_size;
    return 0;
}

static int read_keys(store_lmdb *store, MDB_txn *txn, job *j)
{
    for (size_t i = 0; i < j->need->key_count; i++) {
        MDB_val value;
        int rc = find(store, txn, key_at(j, i), j->now, &value);
        if (rc == 0) {
            rc = copy_value(j, i, value);
        }
        if (rc != 0 && rc != MDB_NOTFOUND) {
            return rc;
        }
    }
    return 0;
}

static int drop_keys(store_lmdb *store, MDB_txn *txn, const job *j)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < j->need->key_count; i++) {
        rc = drop(store, txn, key_at(j, i));
    }
    return rc;
}

/* LMDB needs free pages even to delete: in a file that is full to the brim the sweeper could do nothing. So what is alive may
 * fill three quarters. */
static bool is_full(store_lmdb *store, MDB_txn *txn)
{
    MDB_envinfo info;
    MDB_stat values;
    MDB_stat expiry;
    if (mdb_env_info(store->env, &info) != 0 || mdb_stat(txn, store->values, &values) != 0 ||
        mdb_stat(txn, store->expiry, &expiry) != 0) {
        return true;
    }
    size_t pages = values.ms_branch_pages + values.ms_leaf_pages + values.ms_overflow_pages + expiry.ms_branch_pages +
                   expiry.ms_leaf_pages;
    return pages >= info.me_mapsize / values.ms_psize / 4 * 3;
}

/* ADD: only where nothing is. PUT: only where something is. Sets the outcome when that is not so. */
static int write_key(store_lmdb *store, MDB_txn *txn, job *j)
{
    bool add = j->need->op == GATE_ADD;
    MDB_val value;
    int rc = find(store, txn, key_at(j, 0), j->now, &value);
    if (rc != 0 && rc != MDB_NOTFOUND) {
        return rc;
    }
    if (add == (rc == 0)) {
        j->reply->outcome = add ? GATE_EXISTS : GATE_ABSENT;
        return 0;
    }
    if (add && is_full(store, txn)) {
        return MDB_MAP_FULL;
    }
    return put(store, txn, key_at(j, 0), j->need->value, j->need->expires);
}

static int write_need(store_lmdb *store, MDB_txn *txn, job *j)
{
    if (j->need->op == GATE_ADD || j->need->op == GATE_PUT) {
        return write_key(store, txn, j);
    }
    int rc = j->need->op == GATE_TAKE ? read_keys(store, txn, j) : 0;
    return rc == 0 ? drop_keys(store, txn, j) : rc;
}

static int do_write(store_lmdb *store, job *j)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = write_need(store, txn, j);
    if (rc != 0 || j->reply->outcome != GATE_OK) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = mdb_txn_commit(txn);
    if (rc == 0) {
        atomic_store(&store->dirty, true);
    }
    return rc;
}

static int do_read(store_lmdb *store, job *j)
{
    pthread_mutex_lock(&store->reader_lock);
    int rc = mdb_txn_renew(store->reader);
    if (rc == 0) {
        rc = read_keys(store, store->reader, j);
        mdb_txn_reset(store->reader);
    }
    pthread_mutex_unlock(&store->reader_lock);
    return rc;
}

static bool is_well_formed(const gate_store_need *need)
{
    bool one = need->op != GATE_GET && need->op != GATE_DROP;
    bool good = need->key_count > 0 && need->key_count <= (one ? 1 : GATE_KEYS_MAX);
    for (size_t i = 0; good && i < need->key_count; i++) {
        good = need->keys[i].len > 0 && need->keys[i].len <= STORE_LMDB_KEY_MAX;
    }
    return good && need->value.len <= STORE_LMDB_VALUE_MAX;
}

/* Room can come back at once: what has expired but was not swept yet. */
static int do_write_with_room(store_lmdb *store, job *j)
{
    int rc = do_write(store, j);
    if (rc == MDB_MAP_FULL && store_lmdb_sweep(store, j->now, STORE_LMDB_BATCH) > 0) {
        j->used = 0;
        rc = do_write(store, j);
    }
    return rc;
}

void store_lmdb_do(store_lmdb *store, const gate_store_need *need, int64_t now, gate_reply *reply, char *scratch,
                   size_t scratch_size, size_t *used)
{
    job j = {.need = need, .now = now, .reply = reply, .scratch = scratch, .room = scratch_size};
    *reply = (gate_reply){.outcome = GATE_OK};
    *used = 0;
    if (!is_well_formed(need)) {
        *reply = (gate_reply){.outcome = GATE_FAILED, .why = "a malformed store need"};
        return;
    }
    int rc = need->op == GATE_GET ? do_read(store, &j) : do_write_with_room(store, &j);
    *used = j.used;
    if (rc != 0) {
        store_lmdb_notice(store, rc);
        *reply = (gate_reply){.outcome = GATE_FAILED, .why = store_lmdb_why(rc)};
    }
}

/* ---- what has expired ---- */

static int sweep_one(store_lmdb *store, MDB_txn *txn, MDB_cursor *cursor, int64_t now)
{
    MDB_val entry;
    MDB_val nothing;
    int rc = mdb_cursor_get(cursor, &entry, &nothing, MDB_FIRST);
    if (rc != 0) {
        return rc;
    }
    if (entry.mv_size <= 8 || entry.mv_size > 8 + STORE_LMDB_KEY_MAX) {
        return MDB_CORRUPTED;
    }
    int64_t expires = read_time(entry.mv_data);
    if (expires > now) {
        return MDB_NOTFOUND;
    }
    unsigned char bytes[STORE_LMDB_KEY_MAX]; /* the entry itself moves when its page changes */
    MDB_val key = val(bytes, entry.mv_size - 8);
    memcpy(bytes, (const char *)entry.mv_data + 8, key.mv_size);
    rc = mdb_cursor_del(cursor, 0);
    if (rc != 0) {
        return rc;
    }
    MDB_val value;
    int64_t current;
    rc = find_any(store, txn, key, &current, &value);
    if (rc == 0 && current == expires) {
        return mdb_del(txn, store->values, &key, NULL);
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int store_lmdb_sweep(store_lmdb *store, int64_t now, unsigned most)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    int rc = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (rc != 0) {
        return -1;
    }
    int removed = 0;
    rc = mdb_cursor_open(txn, store->expiry, &cursor);
    while (rc == 0 && (unsigned)removed < most) {
        rc = sweep_one(store, txn, cursor, now);
        removed += rc == 0;
    }
    if (rc != 0 && rc != MDB_NOTFOUND) {
        store_lmdb_notice(store, rc);
        mdb_txn_abort(txn); /* ends the cursor's use as well */
        return -1;
    }
    mdb_cursor_close(cursor);
    if (removed == 0) {
        mdb_txn_abort(txn);
        return 0;
    }
    atomic_store(&store->dirty, true);
    return mdb_txn_commit(txn) == 0 ? removed : -1;
}
