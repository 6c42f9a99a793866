/* SPDX-License-Identifier: Apache-2.0 */
/* Showing a report: JSON for scripts, indented and coloured for people. */
#ifndef TOOL_REPORT_H
#define TOOL_REPORT_H

#include "tool.h"

/* JSON with --json, or when standard output is no terminal. Where t->token is set it is printed as it is unless --json is given. False
 * when it cannot be written. */
bool report_print(tool *t);

#endif
