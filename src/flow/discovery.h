/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata and keys of tx->provider: from the snapshot when it is fresh, by a fetch when not, stale while the provider is down. */
#ifndef GATE_DISCOVERY_H
#define GATE_DISCOVERY_H

#include "tx.h"

/* Then tx->metadata is there. Without metadata the transaction ends with provider_down or a metadata_ refusal. */
const gate_need *metadata_then(gate_tx *tx, tx_next next);

/* The same, but without metadata it goes on all the same, tx->metadata being NULL. */
const gate_need *metadata_if_there_then(gate_tx *tx, tx_next next);

/* Then tx->keys is there too. */
const gate_need *keys_then(gate_tx *tx, tx_next next);

/* After a token named an unknown key: newer keys, if they may be fetched now; else the same again. */
const gate_need *newer_keys_then(gate_tx *tx, tx_next next);

/* Upkeep: fetches whatever is due, without refusing anything. */
const gate_need *refresh_then(gate_tx *tx, tx_next next);

#endif
