/* SPDX-License-Identifier: Apache-2.0 */
#include "store_lmdb.h"

#include "store_lmdb_file.h"

#include <signal.h>
#include <time.h>

#define SWEEP_ROUNDS 32
#define SWEEP_SECONDS 5
#define CHECK_SECONDS 60

bool store_lmdb_sync(store_lmdb *store)
{
    if (!atomic_exchange(&store->dirty, false)) {
        return true;
    }
    if (mdb_env_sync(store->env, 1) == 0) {
        return true;
    }
    atomic_store(&store->dirty, true);
    return false;
}

static void keep_once(store_lmdb *store, unsigned second)
{
    store_lmdb_sync(store);
    if (second % SWEEP_SECONDS == 0) {
        int64_t now = (int64_t)time(NULL);
        for (int i = 0; i < SWEEP_ROUNDS && store_lmdb_sweep(store, now, STORE_LMDB_BATCH) == STORE_LMDB_BATCH; i++) {
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); /* lets other writers in */
        }
    }
    if (second % CHECK_SECONDS == 0) {
        int dead;
        mdb_reader_check(store->env, &dead);
    }
}

static void *keep(void *data)
{
    store_lmdb *store = data;
    pthread_mutex_lock(&store->keeper_lock);
    for (unsigned second = 1; !store->stop; second++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&store->wake, &store->keeper_lock, &until);
        if (!store->stop) {
            pthread_mutex_unlock(&store->keeper_lock);
            keep_once(store, second);
            pthread_mutex_lock(&store->keeper_lock);
        }
    }
    pthread_mutex_unlock(&store->keeper_lock);
    return NULL;
}

bool store_lmdb_keep(store_lmdb *store)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    if (store->kept || pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return store->kept;
    }
    store->kept = pthread_create(&store->keeper, NULL, keep, store) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return store->kept;
}

static void stop_keeper(store_lmdb *store)
{
    if (!store->kept) {
        return;
    }
    pthread_mutex_lock(&store->keeper_lock);
    store->stop = true;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->keeper_lock);
    pthread_join(store->keeper, NULL);
    store->kept = false;
}

void store_lmdb_close(store_lmdb *store)
{
    if (store == NULL) {
        return;
    }
    stop_keeper(store);
    store_lmdb_sync(store);
    store_lmdb_drop_file(store);
}
