/* SPDX-License-Identifier: Apache-2.0 */
/* The browser comes back from the provider. */
#ifndef GATE_CALLBACK_H
#define GATE_CALLBACK_H

#include "tx.h"

/* tx->provider is one whose redirect path this is; which one it really is, the attempt says. */
const gate_need *callback_begin(gate_tx *tx);

#endif
