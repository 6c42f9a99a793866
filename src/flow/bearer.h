/* SPDX-License-Identifier: Apache-2.0 */
/* A request that carries a bearer token (RFC 6750): whose it is, and whether it may enter here. */
#ifndef GATE_BEARER_H
#define GATE_BEARER_H

#include "tx.h"

/* With a token: its claims become tx->visitor's facts and `next` goes on, or the request is refused. Without one: `without`. The place
 * takes bearer tokens. */
const gate_need *bearer_find_then(gate_tx *tx, tx_next next, tx_next without);

/* 401 for a request that brought nothing (RFC 6750 3: no error code then). */
const gate_need *bearer_refuse_missing(gate_tx *tx);

#endif
