/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-out, begun here (OpenID Connect RP-Initiated Logout 1.0). */
#ifndef GATE_FLOW_LOGOUT_H
#define GATE_FLOW_LOGOUT_H

#include "tx.h"

const gate_need *logout_begin(gate_tx *tx);

/* An application asked: it has ended its session, and only the way to the provider is wanted. */
const gate_need *logout_begin_asked(gate_tx *tx);

/* Our own page that the provider returns to. */
const gate_need *signed_out_begin(gate_tx *tx);

#endif
