/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret_file: a secret that an operator keeps in a file, and the one that we make ourselves.
 */
#ifndef SECRET_FILE_H
#define SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_FILE_MAX 16384
#define SECRET_FILE_MADE 64 /* length of a made secret: 32 random bytes as lower-case hex */

/* One line for the operator; always NUL-terminated; never holds the secret. */
typedef struct secret_file_error {
    char text[320];
} secret_file_error;

/* Reads the whole file at `path` (NUL-terminated) into `bytes`, without the line end at its end, and sets *length.
 * False with *error when it cannot be read, is no regular file, is empty, or is larger than `max`. The caller wipes. */
bool secret_file_read(const char *path, char *bytes, size_t max, size_t *length, secret_file_error *error);

/* As secret_file_read, for a file that only its owner may read or write: refuses any other and says the remedy. */
bool secret_file_read_private(const char *path, char *bytes, size_t max, size_t *length, secret_file_error *error);

/* Makes `path` with a fresh random secret, mode 0600, so that no half-written file is ever seen under that name.
 * A file that is there already is left alone: that is success, and whoever came first has made it. */
bool secret_file_make(const char *path, secret_file_error *error);

#endif
