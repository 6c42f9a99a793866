/* SPDX-License-Identifier: Apache-2.0 */
/* What the application gets as Authorization, so that it can check rather than believe. */
#ifndef GATE_UPSTREAM_H
#define GATE_UPSTREAM_H

#include "tx.h"

/* Adds to tx->identity; an empty Authorization removes what the client sent. False with *why: phantom_missing, internal. */
bool upstream_add(gate_tx *tx, const session_facts *facts, refusal *why);

/* For who passes unknown: what the client sent is taken off all the same, unless the place keeps it. */
void upstream_remove(gate_tx *tx);

/* The public keys of the tokens that we sign. */
const gate_need *upstream_keys_begin(gate_tx *tx);

#endif
