/* SPDX-License-Identifier: Apache-2.0 */
/* A refusal, as the person and the operator see it, and the other pages. */
#ifndef GATE_REFUSAL_PAGE_H
#define GATE_REFUSAL_PAGE_H

#include "../page/page.h"
#include "tx.h"

/* Ends the transaction: a page for a navigation, JSON for anything else, one line in the log with id, clause and reference. `detail` is
 * for the log only and may come from outside. The page offers another try where tx->retry says where. */
const gate_need *tx_refuse(gate_tx *tx, refusal why, gate_str detail);

/* The same, with another link, on our own origin. */
const gate_need *tx_refuse_with_link(gate_tx *tx, refusal why, gate_str detail, gate_str link, gate_str link_text);

const gate_need *tx_show(gate_tx *tx, unsigned status, const page *p);

#endif
