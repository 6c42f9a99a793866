/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the command line: its memory, its arguments, and how it ends. */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include "args.h"
#include "base/json.h"
#include "option/refusal.h"

/* What a script sees. */
typedef enum { TOOL_GOOD = 0, TOOL_REFUSED = 1, TOOL_USAGE = 2, TOOL_IO = 3 } tool_exit;

typedef struct tool {
    arena memory; /* wiped at the end */
    args args;
    text report;    /* the JSON object that is shown */
    gate_str token; /* for commands whose product is one: shown as it is without --json */
} tool;

/* Each says on standard error what is wrong and answers how to exit. */
tool_exit tool_usage(const char *what);
tool_exit tool_fail(const char *what, const char *which); /* I/O; `which` may be NULL */

/* Adds "good":false and the refusal with its clause to the report; answers TOOL_REFUSED. `why` REFUSAL_none stands for internal. */
tool_exit tool_refuse(tool *t, refusal why);

/* The commands, one file each. */
tool_exit token_decode(tool *t);
tool_exit token_verify(tool *t);
tool_exit token_sign(tool *t);
tool_exit keys_make(tool *t);
tool_exit keys_show(tool *t);
tool_exit keys_public(tool *t);
tool_exit discover(tool *t);

#endif
