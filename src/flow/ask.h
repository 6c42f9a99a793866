/* SPDX-License-Identifier: Apache-2.0 */
/* An application that keeps its own sessions asks for a sign-in, a callback or a sign-out. */
#ifndef GATE_FLOW_ASK_H
#define GATE_FLOW_ASK_H

#include "tx.h"

/* Copies what is asked into the transaction. False when memory is short. */
bool ask_copy(gate_tx *tx, const gate_ask *ask);

const gate_need *ask_begin(gate_tx *tx, const gate_reply *reply);

#endif
