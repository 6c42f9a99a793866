/* SPDX-License-Identifier: Apache-2.0 */
/* The refusals that refusals.def declares. */
#ifndef GATE_REFUSAL_H
#define GATE_REFUSAL_H

#include "../base/str.h"

typedef enum refusal {
    REFUSAL_none,
#define REFUSAL(id, status, oauth, clause, log, say) REFUSAL_##id,
#include "refusals.def"
#undef REFUSAL
    REFUSAL_count
} refusal;

typedef struct refusal_entry {
    gate_str id;
    unsigned status; /* HTTP */
    gate_str oauth;  /* OAuth error code; may be empty */
    gate_str clause; /* what demands it */
    gate_str log;    /* for the operator */
    gate_str say;    /* for the person at the browser */
} refusal_entry;

const refusal_entry *refusal_find(refusal why);

/* Records the first reason in *why and answers false, so that a check reads `return refuse(why, REFUSAL_...)`. */
bool refuse(refusal *why, refusal reason);

#endif
