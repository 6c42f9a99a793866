/* SPDX-License-Identifier: Apache-2.0 */
/* The first step of every request: our own addresses, then who is there and whether they may enter. */
#ifndef GATE_GUARD_H
#define GATE_GUARD_H

#include "tx.h"

const gate_need *guard_begin(gate_tx *tx, const gate_reply *reply);

/* Can the request be read, and its parts stand in a Location? */
bool guard_request_is_good(const gate_tx *tx);

/* Is `path` one of the site's own addresses? */
bool guard_answers(const settings *all, const site *s, gate_str path);

/* Does this verdict hang on nothing in the request but its Authorization? See gate_stands. */
bool guard_stands(const gate_tx *tx);

/* A claim as text for headers and variables: what gate_claim promises. */
bool claim_as_text(gate_tx *tx, const session_facts *facts, gate_str name, gate_str *value);

#endif
