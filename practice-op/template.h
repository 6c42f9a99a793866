/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_TEMPLATE_H
#define PRACTICE_TEMPLATE_H

#include "members.h"
#include <time.h>

/*
 * Text with $words, the language of faults.def:
 *   $name              the value of that name in `known`
 *   $now $now+300      seconds since 1970
 *   $fill(300,a)       a character, many times
 *   $members(10000)    JSON members "m0":0,"m1":0,...
 *   $keys(10000)       JSON objects: RSA keys that verify nothing
 *   $nul $bom $.       a NUL byte, a byte order mark, nothing (ends a name)
 * An unknown word ends the process: a slip in the table must not pass for a fault.
 */
void template_write(text *out, const char *pattern, const members *known, time_t now);

#endif
