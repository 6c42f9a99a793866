/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal.h"

static const refusal_entry TABLE[REFUSAL_count] = {
    [REFUSAL_none] = {STR_INIT("none"), 0, STR_INIT(""), STR_INIT(""), STR_INIT(""), STR_INIT("")},
#define REFUSAL(id, status, oauth, clause, log, say) \
    [REFUSAL_##id] = {STR_INIT(#id), status, STR_INIT(oauth), STR_INIT(clause), STR_INIT(log), STR_INIT(say)},
#include "refusals.def"
#undef REFUSAL
};

static const gate_refusal PUBLIC[] = {
#define REFUSAL(id, status, oauth, clause, log, say) {#id, status, oauth, clause, log, say},
#include "refusals.def"
#undef REFUSAL
};

GATE_API const gate_refusal *gate_refusal_at(size_t i)
{
    return i < sizeof PUBLIC / sizeof PUBLIC[0] ? &PUBLIC[i] : NULL;
}

const refusal_entry *refusal_find(refusal why)
{
    return &TABLE[why < REFUSAL_count ? why : REFUSAL_none];
}

bool refuse(refusal *why, refusal reason)
{
    if (*why == REFUSAL_none)
        *why = reason;
    return false;
}
