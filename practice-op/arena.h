/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_ARENA_H
#define PRACTICE_ARENA_H

#include <stddef.h>

/* Memory of one request: everything handed out lives until arena_close. Running out of memory ends the process. */
typedef struct arena arena;

arena *arena_open(void);
void arena_close(arena *a);

/* Zeroed bytes, aligned for any type. */
void *arena_add(arena *a, size_t size);

/* A NUL-terminated copy of n bytes. */
char *arena_copy(arena *a, const char *data, size_t n);

/* As malloc, calloc and strdup, for what outlives a request; never NULL. */
void *arena_forever(size_t size);
char *arena_keep(const char *string);

#endif
