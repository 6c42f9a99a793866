/* SPDX-License-Identifier: Apache-2.0 */
/* Who is there: finding, beginning and ending the session of tx->provider. */
#ifndef GATE_VISITOR_H
#define GATE_VISITOR_H

#include "tx.h"

/*
 *   visitor_find_then    no cookie: next | cookie store: next | STORE GET -> found -> (STORE PUT, now and then) -> next
 *   visitor_begin_then   cookie store: next | STORE ADD -> STORE DROP of the old one -> next
 *   visitor_end_then     cookie store: next | STORE DROP -> next
 *
 * A store that does not answer is a refusal (503), never a missing session.
 */
const gate_need *visitor_find_then(gate_tx *tx, tx_next next);

/* Always a new handle; the session that the browser brought along ends. Adds the cookie. */
const gate_need *visitor_begin_then(gate_tx *tx, const session_content *content, tx_next next);

/* Adds the cookie's removal. */
const gate_need *visitor_end_then(gate_tx *tx, tx_next next);

/* Tokens and claims of who is signed in, read once; NULL when they cannot be. */
const session_facts *visitor_facts(gate_tx *tx);

#endif
