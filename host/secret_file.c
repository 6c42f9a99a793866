/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool say(secret_file_error *error, const char *what, const char *path, const char *why)
{
    snprintf(error->text, sizeof error->text, "cannot %s \"%s\": %s", what, path, why);
    return false;
}

static bool read_all(int fd, char *bytes, size_t max, size_t *length)
{
    size_t have = 0;
    while (have < max) {
        ssize_t got = read(fd, bytes + have, max - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return false;
        }
        if (got == 0) {
            break;
        }
        have += (size_t)got;
    }
    *length = have;
    return true;
}

static bool check_file(int fd, const char *path, size_t max, bool is_private, secret_file_error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return say(error, "read", path, strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return say(error, "read", path, "not a regular file");
    }
    if (is_private && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return say(error, "use", path,
                   "others than its owner may read or change it; remedy: chmod 600, or delete it for a new one");
    }
    if (is_private && info.st_uid != geteuid()) {
        return say(error, "use", path, "it belongs to somebody else; remedy: delete it for a new one");
    }
    if (info.st_size > (off_t)max) {
        return say(error, "read", path, "too large for a secret");
    }
    return true;
}

static bool read_file(const char *path, int flags, char *bytes, size_t max, size_t *length, secret_file_error *error)
{
    bool is_private = (flags & O_NOFOLLOW) != 0;
    /* O_NONBLOCK: a FIFO under this name must not hang the start */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
    if (fd < 0) {
        return say(error, "read", path, strerror(errno));
    }
    bool good = check_file(fd, path, max, is_private, error);
    if (good && !read_all(fd, bytes, max, length)) {
        good = say(error, "read", path, strerror(errno));
    }
    close(fd);
    if (!good) {
        return false;
    }
    while (*length > 0 && (bytes[*length - 1] == '\n' || bytes[*length - 1] == '\r')) {
        (*length)--;
    }
    return *length > 0 || say(error, "use", path, "the file is empty");
}

bool secret_file_read(const char *path, char *bytes, size_t max, size_t *length, secret_file_error *error)
{
    return read_file(path, 0, bytes, max, length, error);
}

bool secret_file_read_private(const char *path, char *bytes, size_t max, size_t *length, secret_file_error *error)
{
    return read_file(path, O_NOFOLLOW, bytes, max, length, error);
}

static bool random_text(char *text)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[SECRET_FILE_MADE / 2];
    if (RAND_bytes(bytes, (int)sizeof bytes) != 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[SECRET_FILE_MADE] = '\n';
    OPENSSL_cleanse(bytes, sizeof bytes);
    return true;
}

static bool write_new(const char *path)
{
    char text[SECRET_FILE_MADE + 1];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return false;
    }
    errno = EIO;
    bool good = random_text(text) && write(fd, text, sizeof text) == (ssize_t)sizeof text && fsync(fd) == 0;
    OPENSSL_cleanse(text, sizeof text);
    return close(fd) == 0 && good;
}

/* The name, too, has to survive a crash of the machine: fsync(2) of the folder. */
static void sync_folder(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (length == 0 || length >= sizeof folder) {
        return;
    }
    memcpy(folder, path, length);
    folder[length] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

bool secret_file_make(const char *path, secret_file_error *error)
{
    char fresh[4096];
    int length = snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof fresh) {
        return say(error, "make", path, "the name is too long");
    }
    unlink(fresh); /* what a killed process of the same number left behind */
    if (!write_new(fresh)) {
        say(error, "make", path, strerror(errno));
        unlink(fresh);
        return false;
    }
    /* link(2), not rename(2): of two that start at once, the second must not replace the secret of the first */
    bool good = link(fresh, path) == 0 || errno == EEXIST || say(error, "make", path, strerror(errno));
    unlink(fresh);
    sync_folder(path);
    return good;
}
