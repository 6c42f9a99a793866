/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_RANDOM_H
#define PRACTICE_RANDOM_H

#include <stddef.h>

/* 32 bytes, or 16, as base64url with a NUL behind. */
enum { RANDOM_LONG = 44, RANDOM_SHORT = 23 };

/* Fills out[size]; size is one of the two above. */
void random_write(char *out, size_t size);

#endif
