/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine would do with a key of somebody's set, and why not, in words. */
#ifndef TOOL_KEY_JUDGE_H
#define TOOL_KEY_JUDGE_H

#include "tool.h"

/* Appends one JSON object: kid, kty, crv, alg, use, bits, thumbprint, algorithms, encryption, usable, and why where it is not. */
bool key_judge_write(tool *t, text *out, gate_str document, const json *node);

/* Appends an array of them for a key set; *usable: how many may verify signatures. */
bool key_judge_write_set(tool *t, text *out, const json *keys, size_t *usable);

#endif
