/* SPDX-License-Identifier: Apache-2.0 */
/* What stands on the command line: words, and flags as --name VALUE, --name=VALUE or --name. */
#ifndef TOOL_ARGS_H
#define TOOL_ARGS_H

#include "base/str.h"

enum { ARGS_FLAGS_MAX = 24, ARGS_WORDS_MAX = 4 };

typedef struct args_flag {
    gate_str name;
    const char *value; /* NULL for a flag without one */
} args_flag;

typedef struct args {
    size_t flag_count, word_count;
    args_flag flags[ARGS_FLAGS_MAX];
    const char *words[ARGS_WORDS_MAX];
    char wrong[200]; /* what cannot be understood; for a person */
} args;

/* `known`: names separated by spaces, those with a value end in '='. False with wrong filled in: an unknown flag, a missing or an extra
 * value, a flag given twice, too many words (at most `words`). */
bool args_read(args *a, int count, char **list, const char *known, size_t words);

bool args_has(const args *a, const char *name);
const char *args_value(const args *a, const char *name); /* NULL: not given */
gate_str args_text(const args *a, const char *name);     /* ptr NULL: not given */

#endif
