/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: from the first step to the verdict in one call, for hosts that may block (tests, command lines, a thread for each request).
 */
#ifndef RUN_H
#define RUN_H

#include "fetch_curl.h"
#include "gate.h"
#include "store_lmdb.h"

typedef struct run run;

/* `store` may be NULL: then STORE needs fail. It stays the caller's. NULL when memory is short. */
run *run_open(store_lmdb *store);
void run_close(run *r);

/* Steps `tx` until it is done. `body` is the request's, whole. The verdict lives until gate_end, which is the caller's. */
const gate_done *run_tx(run *r, gate_tx *tx, gate_str body);

#endif
