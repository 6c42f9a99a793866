/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "secret_file.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[96];
static char bytes[256];
static size_t length;
static secret_file_error error;

static int begin(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/secret_file_test.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/secret", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails when anything else was left behind */
}

static void write_file(const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void the_line_end_is_not_part_of_it(void **state)
{
    const char *texts[] = {"s3cret", "s3cret\n", "s3cret\r\n"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        write_file(texts[i], 0600);
        assert_true(secret_file_read(path, bytes, sizeof bytes, &length, &error));
        assert_str(((gate_str){bytes, length}), STR("s3cret"));
    }
}

static void what_is_no_secret(void **state)
{
    (void)state;
    assert_false(secret_file_read(path, bytes, sizeof bytes, &length, &error));
    assert_non_null(strstr(error.text, path));
    write_file("\n", 0600);
    assert_false(secret_file_read(path, bytes, sizeof bytes, &length, &error));
    assert_non_null(strstr(error.text, "empty"));
    write_file("too long", 0600);
    assert_false(secret_file_read(path, bytes, 7, &length, &error));
    assert_null(strstr(error.text, "too long"));
    assert_true(secret_file_read(path, bytes, 8, &length, &error));
    assert_false(secret_file_read(folder, bytes, sizeof bytes, &length, &error));
}

static void a_private_one_is_its_owners_alone(void **state)
{
    const mode_t modes[] = {0640, 0604, 0660, 0602};

    (void)state;
    for (size_t i = 0; i < COUNT(modes); i++) {
        write_file("s3cret", modes[i]);
        assert_false(secret_file_read_private(path, bytes, sizeof bytes, &length, &error));
        assert_non_null(strstr(error.text, "chmod 600"));
        assert_true(secret_file_read(path, bytes, sizeof bytes, &length, &error));
    }
    write_file("s3cret", 0600);
    assert_true(secret_file_read_private(path, bytes, sizeof bytes, &length, &error));
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 65534, 65534), 0);
        assert_false(secret_file_read_private(path, bytes, sizeof bytes, &length, &error));
        assert_non_null(strstr(error.text, "belongs to somebody else"));
    }
    unlink(path);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_false(secret_file_read_private(path, bytes, sizeof bytes, &length, &error));
}

static void one_is_made_once(void **state)
{
    char first[256];
    struct stat info;

    (void)state;
    assert_true(secret_file_make(path, &error));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_true(secret_file_read_private(path, first, sizeof first, &length, &error));
    assert_int_equal(length, SECRET_FILE_MADE);
    assert_int_equal(strspn(first, "0123456789abcdef"), SECRET_FILE_MADE);
    assert_true(secret_file_make(path, &error));
    assert_true(secret_file_read_private(path, bytes, sizeof bytes, &length, &error));
    assert_memory_equal(first, bytes, SECRET_FILE_MADE);
    unlink(path);
    assert_true(secret_file_make(path, &error));
    assert_true(secret_file_read_private(path, bytes, sizeof bytes, &length, &error));
    assert_memory_not_equal(first, bytes, SECRET_FILE_MADE);
}

static void none_is_made_where_there_is_no_folder(void **state)
{
    (void)state;
    assert_false(secret_file_make("/nonexistent/secret", &error));
    assert_non_null(strstr(error.text, "/nonexistent/secret"));
}

#define FILE_TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(the_line_end_is_not_part_of_it),        FILE_TEST(what_is_no_secret),
        FILE_TEST(a_private_one_is_its_owners_alone),     FILE_TEST(one_is_made_once),
        FILE_TEST(none_is_made_where_there_is_no_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
