/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what is given as a file or on standard input. */
#ifndef TOOL_INPUT_H
#define TOOL_INPUT_H

#include "tool.h"

enum { INPUT_MAX = 1024 * 1024 };

/* The whole of `path` ("-" or NULL: standard input), at most INPUT_MAX bytes. False after having said why. */
bool input_read(tool *t, const char *path, gate_str *bytes);

/* The same without white space around: a token. */
bool input_read_token(tool *t, const char *path, gate_str *token);

#endif
