/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "store_lmdb.h"
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOW = 1000000, MAP = 4 * 1024 * 1024 };

static char folder[64];
static char path[96];
static char scratch[STORE_LMDB_SCRATCH];
static store_lmdb_note note;

/* ---- what each test has ---- */

static void remove_all(void)
{
    DIR *open_folder = opendir(folder);
    struct dirent *entry;

    assert_non_null(open_folder);
    while ((entry = readdir(open_folder)) != NULL)
        unlinkat(dirfd(open_folder), entry->d_name, 0);
    closedir(open_folder);
    rmdir(folder);
}

static int begin(void **state)
{
    strcpy(folder, "/tmp/store_lmdb_test.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/sessions.mdb", folder);
    *state = store_lmdb_open(path, 0600, MAP, NOW, &note);
    assert_non_null(*state);
    assert_string_equal(note.text, "");
    return 0;
}

static int end(void **state)
{
    store_lmdb_close(*state);
    remove_all();
    return 0;
}

static void reopen(void **state)
{
    store_lmdb_close(*state);
    *state = store_lmdb_open(path, 0600, MAP, NOW, &note);
}

static unsigned files_named(const char *part)
{
    DIR *open_folder = opendir(folder);
    struct dirent *entry;
    unsigned count = 0;

    assert_non_null(open_folder);
    while ((entry = readdir(open_folder)) != NULL)
        count += strstr(entry->d_name, part) != NULL;
    closedir(open_folder);
    return count;
}

static gate_reply ask(void **state, gate_store_need need, int64_t now)
{
    gate_reply reply;
    size_t used;

    store_lmdb_do(*state, &need, now, &reply, scratch, sizeof scratch, &used);
    return reply;
}

static gate_outcome put(void **state, gate_store_op op, gate_str key, gate_str value, int64_t now, int64_t expires)
{
    return ask(state, (gate_store_need){.op = op, .key_count = 1, .keys = {key}, .value = value, .expires = expires},
               now)
        .outcome;
}

static gate_reply one(void **state, gate_store_op op, gate_str key, int64_t now)
{
    return ask(state, (gate_store_need){.op = op, .key_count = 1, .keys = {key}}, now);
}

static void assert_value(void **state, gate_str key, int64_t now, gate_str want)
{
    gate_reply reply = one(state, GATE_GET, key, now);

    assert_int_equal(reply.outcome, GATE_OK);
    assert_non_null(reply.values[0].ptr);
    assert_str(reply.values[0], want);
}

static void assert_nothing(void **state, gate_str key, int64_t now)
{
    gate_reply reply = one(state, GATE_GET, key, now);

    assert_int_equal(reply.outcome, GATE_OK);
    assert_null(reply.values[0].ptr);
}

/* ---- one operation ---- */

static void add_only_where_nothing_is(void **state)
{
    assert_nothing(state, STR("k"), NOW);
    assert_int_equal(put(state, GATE_ADD, STR("k"), STR("one"), NOW, NOW + 10), GATE_OK);
    assert_int_equal(put(state, GATE_ADD, STR("k"), STR("two"), NOW, NOW + 10), GATE_EXISTS);
    assert_value(state, STR("k"), NOW + 9, STR("one"));
    assert_nothing(state, STR("k"), NOW + 10);
    assert_int_equal(put(state, GATE_ADD, STR("k"), STR("three"), NOW + 10, NOW + 20), GATE_OK);
    assert_value(state, STR("k"), NOW + 10, STR("three"));
}

static void put_never_brings_a_key_back(void **state)
{
    assert_int_equal(put(state, GATE_PUT, STR("k"), STR("v"), NOW, NOW + 10), GATE_ABSENT);
    assert_nothing(state, STR("k"), NOW);
    assert_int_equal(put(state, GATE_ADD, STR("k"), STR("v"), NOW, NOW + 10), GATE_OK);
    assert_int_equal(put(state, GATE_PUT, STR("k"), STR("w"), NOW, NOW + 20), GATE_OK);
    assert_value(state, STR("k"), NOW + 19, STR("w"));
    assert_int_equal(one(state, GATE_DROP, STR("k"), NOW).outcome, GATE_OK);
    assert_int_equal(put(state, GATE_PUT, STR("k"), STR("x"), NOW, NOW + 20), GATE_ABSENT);
    assert_int_equal(put(state, GATE_ADD, STR("k"), STR("v"), NOW, NOW + 10), GATE_OK);
    assert_int_equal(put(state, GATE_PUT, STR("k"), STR("x"), NOW + 10, NOW + 20), GATE_ABSENT);
}

static void take_leaves_nothing(void **state)
{
    gate_reply reply;

    assert_int_equal(put(state, GATE_ADD, STR("k"), STR("v"), NOW, NOW + 10), GATE_OK);
    reply = one(state, GATE_TAKE, STR("k"), NOW);
    assert_int_equal(reply.outcome, GATE_OK);
    assert_str(reply.values[0], STR("v"));
    reply = one(state, GATE_TAKE, STR("k"), NOW);
    assert_int_equal(reply.outcome, GATE_OK);
    assert_null(reply.values[0].ptr);
    assert_int_equal(put(state, GATE_ADD, STR("k"), STR("v"), NOW, NOW + 10), GATE_OK);
    assert_null(one(state, GATE_TAKE, STR("k"), NOW + 10).values[0].ptr);
}

static void several_keys_at_once(void **state)
{
    gate_store_need need = {.op = GATE_GET, .key_count = 4, .keys = {STR("a"), STR("b"), STR("c"), STR("d")}};
    gate_reply reply;

    assert_int_equal(put(state, GATE_ADD, STR("a"), STR("1"), NOW, NOW + 10), GATE_OK);
    assert_int_equal(put(state, GATE_ADD, STR("c"), STR(""), NOW, NOW + 10), GATE_OK);
    assert_int_equal(put(state, GATE_ADD, STR("d"), STR("4"), NOW, NOW + 5), GATE_OK);
    reply = ask(state, need, NOW + 5);
    assert_int_equal(reply.outcome, GATE_OK);
    assert_str(reply.values[0], STR("1"));
    assert_null(reply.values[1].ptr);
    assert_non_null(reply.values[2].ptr);
    assert_int_equal(reply.values[2].len, 0);
    assert_null(reply.values[3].ptr);
    need.op = GATE_DROP;
    assert_int_equal(ask(state, need, NOW).outcome, GATE_OK);
    assert_nothing(state, STR("a"), NOW);
    assert_nothing(state, STR("c"), NOW);
}

static void sizes_have_bounds(void **state)
{
    char key[65], *value = malloc(STORE_LMDB_VALUE_MAX + 1);
    gate_reply reply;
    size_t used;

    assert_non_null(value);
    memset(key, '\0', sizeof key);
    memset(value, '\xff', STORE_LMDB_VALUE_MAX + 1);
    assert_int_equal(put(state, GATE_ADD, (gate_str){key, 64}, (gate_str){value, STORE_LMDB_VALUE_MAX}, NOW, NOW + 9),
                     GATE_OK);
    assert_value(state, (gate_str){key, 64}, NOW, (gate_str){value, STORE_LMDB_VALUE_MAX});
    assert_int_equal(put(state, GATE_ADD, (gate_str){key, 65}, STR("v"), NOW, NOW + 9), GATE_FAILED);
    assert_int_equal(put(state, GATE_ADD, STR(""), STR("v"), NOW, NOW + 9), GATE_FAILED);
    assert_int_equal(put(state, GATE_ADD, STR("k"), (gate_str){value, STORE_LMDB_VALUE_MAX + 1}, NOW, NOW + 9),
                     GATE_FAILED);
    assert_int_equal(ask(state, (gate_store_need){.op = GATE_GET, .key_count = 5}, NOW).outcome, GATE_FAILED);
    assert_int_equal(ask(state, (gate_store_need){.op = GATE_GET, .key_count = 0}, NOW).outcome, GATE_FAILED);
    gate_store_need need = {.op = GATE_GET, .key_count = 1, .keys = {{key, 64}}};
    store_lmdb_do(*state, &need, NOW, &reply, scratch, STORE_LMDB_VALUE_MAX - 1, &used);
    assert_int_equal(reply.outcome, GATE_FAILED);
    assert_non_null(reply.why);
    free(value);
}

/* ---- time ---- */

static void the_sweeper_removes_what_has_ended(void **state)
{
    char key[16];

    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(put(state, GATE_ADD, (gate_str){key, strlen(key)}, STR("v"), NOW, NOW + 1 + i), GATE_OK);
    }
    assert_int_equal(put(state, GATE_PUT, STR("k0"), STR("w"), NOW, NOW + 1000), GATE_OK);
    assert_int_equal(store_lmdb_sweep(*state, NOW, 64), 0);
    assert_int_equal(store_lmdb_sweep(*state, NOW + 10, 64), 9);
    assert_int_equal(store_lmdb_sweep(*state, NOW + 100, 64), 64);
    assert_int_equal(store_lmdb_sweep(*state, NOW + 100, 64), 26);
    assert_int_equal(store_lmdb_sweep(*state, NOW + 100, 64), 0);
    assert_value(state, STR("k0"), NOW + 100, STR("w"));
    assert_int_equal(store_lmdb_sweep(*state, NOW + 1000, 64), 1);
}

static void a_full_store_reads_on_and_gets_room_again(void **state)
{
    char key[16];
    char value[4000];
    gate_outcome outcome = GATE_OK;
    int count = 0;

    memset(value, 'v', sizeof value);
    while (outcome == GATE_OK && count < 10000) {
        snprintf(key, sizeof key, "k%d", count++);
        outcome = put(state, GATE_ADD, (gate_str){key, strlen(key)}, (gate_str){value, sizeof value}, NOW, NOW + 10);
    }
    assert_int_equal(outcome, GATE_FAILED);
    assert_in_range(count, 100, 9999);
    assert_value(state, STR("k0"), NOW, (gate_str){value, sizeof value});
    assert_int_equal(put(state, GATE_ADD, STR("more"), (gate_str){value, sizeof value}, NOW + 10, NOW + 20), GATE_OK);
    assert_value(state, STR("more"), NOW + 10, (gate_str){value, sizeof value});
}

/* ---- processes ---- */

/* In how many of `children` processes does `op` win? */
static int winners(gate_store_op op, int children)
{
    int won = 0, status;

    for (int i = 0; i < children; i++) {
        if (fork() == 0) {
            void *store = store_lmdb_open(path, 0600, MAP, NOW, &note);
            gate_reply reply = one(&store, op, STR("k"), NOW);

            if (op == GATE_ADD)
                reply.outcome = put(&store, op, STR("k"), STR("v"), NOW, NOW + 10);
            store_lmdb_close(store);
            _exit(reply.outcome == GATE_OK && (op == GATE_ADD || reply.values[0].ptr != NULL));
        }
    }
    while (wait(&status) > 0) {
        assert_true(WIFEXITED(status));
        won += WEXITSTATUS(status);
    }
    return won;
}

static void one_process_wins(void **state)
{
    store_lmdb_close(*state);
    *state = NULL;
    assert_int_equal(winners(GATE_ADD, 8), 1);
    assert_int_equal(winners(GATE_TAKE, 8), 1);
    assert_int_equal(winners(GATE_TAKE, 8), 0);
}

static void write_for_ever(void)
{
    void *store = store_lmdb_open(path, 0600, MAP, NOW, &note);

    for (unsigned i = 0;; i++) {
        gate_str key = {(const char *)&i, sizeof i};

        put(&store, GATE_ADD, key, STR("value"), NOW, NOW + 10);
        if (i == 100)
            put(&store, GATE_ADD, STR("running"), STR("v"), NOW, NOW + 10);
        one(&store, GATE_DROP, key, NOW);
    }
}

static void a_killed_writer_leaves_a_good_store(void **state)
{
    pid_t child;
    int status;

    store_lmdb_close(*state);
    child = fork();
    if (child == 0)
        write_for_ever();
    *state = store_lmdb_open(path, 0600, MAP, NOW, &note);
    assert_non_null(*state);
    while (one(state, GATE_GET, STR("running"), NOW).values[0].ptr == NULL)
        sched_yield();
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(put(state, GATE_ADD, STR("after"), STR("v"), NOW, NOW + 10), GATE_OK);
    assert_value(state, STR("running"), NOW, STR("v"));
    reopen(state);
    assert_non_null(*state);
    assert_string_equal(note.text, "");
    assert_value(state, STR("after"), NOW, STR("v"));
}

/* ---- the file ---- */

static void write_guard(const char *text)
{
    char name[128];
    FILE *file;

    snprintf(name, sizeof name, "%s-guard", path);
    file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void fill(void **state)
{
    char key[16], value[1000];

    memset(value, 'v', sizeof value);
    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(
            put(state, GATE_ADD, (gate_str){key, strlen(key)}, (gate_str){value, sizeof value}, NOW, NOW + 10),
            GATE_OK);
    }
}

static void a_good_file_is_kept_after_a_boot(void **state)
{
    fill(state);
    for (int i = 0; i < 2; i++) {
        store_lmdb_close(*state);
        write_guard(i == 0 ? "good another-boot\n" : "");
        *state = store_lmdb_open(path, 0600, MAP, NOW, &note);
        assert_non_null(*state);
        assert_string_equal(note.text, "");
        assert_non_null(one(state, GATE_GET, STR("k199"), NOW).values[0].ptr);
    }
    assert_int_equal(files_named("damaged"), 0);
}

static void assert_set_aside(void **state)
{
    *state = store_lmdb_open(path, 0600, MAP, NOW, &note);
    assert_non_null(*state);
    assert_non_null(strstr(note.text, "damaged"));
    assert_int_equal(files_named("damaged-1000000"), 1);
    assert_nothing(state, STR("k0"), NOW);
    assert_int_equal(put(state, GATE_ADD, STR("k0"), STR("new"), NOW, NOW + 10), GATE_OK);
    reopen(state);
    assert_non_null(*state);
    assert_string_equal(note.text, "");
    assert_value(state, STR("k0"), NOW, STR("new"));
}

/* Zeros instead of all pages but the two that name the newest root: as if they had never reached the disk. */
static void a_damaged_file_is_set_aside(void **state)
{
    char zeros[4096] = {0};
    int fd;
    off_t size;

    fill(state);
    store_lmdb_close(*state);
    fd = open(path, O_RDWR);
    size = lseek(fd, 0, SEEK_END);
    for (off_t at = 8192; at < size; at += 4096)
        assert_int_equal(pwrite(fd, zeros, sizeof zeros, at), sizeof zeros);
    close(fd);
    write_guard("good another-boot\n");
    assert_set_aside(state);
}

static void a_cut_file_is_set_aside(void **state)
{
    fill(state);
    store_lmdb_close(*state);
    assert_int_equal(truncate(path, 3 * 4096), 0);
    write_guard("good another-boot\n");
    assert_set_aside(state);
}

static void a_file_of_something_else_is_set_aside(void **state)
{
    FILE *file;

    store_lmdb_close(*state);
    file = fopen(path, "w");
    for (int i = 0; i < 5000; i++)
        fputs("something else ", file);
    fclose(file);
    assert_set_aside(state);
}

static void a_file_that_killed_its_checker_is_set_aside(void **state)
{
    fill(state);
    store_lmdb_close(*state);
    write_guard("checking\n");
    assert_set_aside(state);
}

static void what_cannot_be_opened_is_said(void **state)
{
    store_lmdb *none;

    (void)state;
    none = store_lmdb_open("/nonexistent/sessions.mdb", 0600, MAP, NOW, &note);
    assert_null(none);
    assert_non_null(strstr(note.text, "/nonexistent/sessions.mdb"));
    assert_non_null(strstr(note.text, "No such file"));
}

static void only_the_owner_may_read(void **state)
{
    struct stat info;

    (void)state;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void the_keeper_comes_and_goes(void **state)
{
    assert_true(store_lmdb_keep(*state));
    assert_true(store_lmdb_keep(*state));
    assert_int_equal(put(state, GATE_ADD, STR("k"), STR("v"), NOW, NOW + 10), GATE_OK);
    reopen(state);
    assert_non_null(*state);
    assert_value(state, STR("k"), NOW, STR("v"));
}

#define STORE(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE(add_only_where_nothing_is),
        STORE(put_never_brings_a_key_back),
        STORE(take_leaves_nothing),
        STORE(several_keys_at_once),
        STORE(sizes_have_bounds),
        STORE(the_sweeper_removes_what_has_ended),
        STORE(a_full_store_reads_on_and_gets_room_again),
        STORE(one_process_wins),
        STORE(a_killed_writer_leaves_a_good_store),
        STORE(a_good_file_is_kept_after_a_boot),
        STORE(a_damaged_file_is_set_aside),
        STORE(a_cut_file_is_set_aside),
        STORE(a_file_of_something_else_is_set_aside),
        STORE(a_file_that_killed_its_checker_is_set_aside),
        STORE(what_cannot_be_opened_is_said),
        STORE(only_the_owner_may_read),
        STORE(the_keeper_comes_and_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
