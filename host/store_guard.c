/* SPDX-License-Identifier: Apache-2.0 */
#include "store_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 80
#define NAME_MAX_BYTES 4096

static const char boot_id_file[] = "/proc/sys/kernel/random/boot_id";

static void read_text(int fd, char text[LINE_MAX_BYTES])
{
    ssize_t got = fd < 0 ? -1 : pread(fd, text, LINE_MAX_BYTES - 1, 0);
    text[got > 0 ? got : 0] = '\0';
}

/* Names the boot of the machine. Where the system has no such name, all boots are one: then only what LMDB itself notices counts. */
static void write_good_line(char line[LINE_MAX_BYTES])
{
    char boot[LINE_MAX_BYTES];
    int fd = open(boot_id_file, O_RDONLY | O_CLOEXEC);
    read_text(fd, boot);
    if (fd >= 0) {
        close(fd);
    }
    boot[strcspn(boot, "\n")] = '\0';
    snprintf(line, LINE_MAX_BYTES, "good %.40s\n", boot);
}

int store_guard_begin(const char *path, mode_t mode)
{
    char name[NAME_MAX_BYTES];
    int length = snprintf(name, sizeof name, "%s-guard", path);
    if (length < 0 || (size_t)length >= sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int guard = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    while (guard >= 0 && fcntl(guard, F_SETLKW, &whole) != 0) {
        if (errno != EINTR) {
            close(guard);
            return -1;
        }
    }
    return guard;
}

void store_guard_end(int guard)
{
    close(guard);
}

store_guard_state store_guard_read(int guard)
{
    char line[LINE_MAX_BYTES];
    char good[LINE_MAX_BYTES];
    read_text(guard, line);
    write_good_line(good);
    if (strcmp(line, good) == 0) {
        return STORE_GUARD_GOOD;
    }
    return strcmp(line, "checking\n") == 0 ? STORE_GUARD_CHECKING : STORE_GUARD_SUSPECT;
}

bool store_guard_write(int guard, store_guard_state state)
{
    char line[LINE_MAX_BYTES] = "suspect\n";
    if (state == STORE_GUARD_GOOD) {
        write_good_line(line);
    } else if (state == STORE_GUARD_CHECKING) {
        snprintf(line, sizeof line, "checking\n");
    }
    size_t length = strlen(line);
    return ftruncate(guard, 0) == 0 && pwrite(guard, line, length, 0) == (ssize_t)length;
}

bool store_guard_set_aside(const char *path, int64_t now)
{
    char aside[NAME_MAX_BYTES];
    char lock[NAME_MAX_BYTES];
    int a = snprintf(aside, sizeof aside, "%s.damaged-%" PRId64, path, now);
    int b = snprintf(lock, sizeof lock, "%s-lock", path);
    if (a < 0 || b < 0 || (size_t)a >= sizeof aside || (size_t)b >= sizeof lock) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (rename(path, aside) != 0 && errno != ENOENT) {
        return false;
    }
    return unlink(lock) == 0 || errno == ENOENT;
}
