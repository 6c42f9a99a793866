/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets have a type of their own, so that they cannot slip into a log or a comparison that takes strings. */
#ifndef GATE_SECRET_H
#define GATE_SECRET_H

#include "str.h"

typedef struct secret {
    gate_str bytes;
} secret;

bool secret_equal(gate_str a, gate_str b); /* time depends on the lengths only */
void secret_wipe(void *bytes, size_t n);

#endif
