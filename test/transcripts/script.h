/* SPDX-License-Identifier: Apache-2.0 */
/* A transcript's text as blocks: a line at the margin, and the indented lines that belong to it. */
#ifndef GATE_TEST_SCRIPT_H
#define GATE_TEST_SCRIPT_H

#include "base/text.h"

typedef struct detail {
    gate_str text;
    size_t line;
    struct detail *next;
} detail;

typedef struct block {
    gate_str word; /* the first word of its line */
    gate_str rest; /* what stands behind it */
    size_t line;
    detail *details;
    struct block *next;
} block;

/* Reads FOLDER/NAME; `include NAME` puts another file's blocks in its place. NULL when a file cannot be read. */
block *script_read(arena *a, const char *folder, const char *name);

/* The first word of a line; the line becomes what stands behind it, trimmed. */
gate_str script_word(gate_str *line);

#endif
