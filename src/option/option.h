/* SPDX-License-Identifier: Apache-2.0 */
/* The option table of options.def, and values read by it. */
#ifndef GATE_OPTION_H
#define GATE_OPTION_H

#include "../base/text.h"

typedef enum option_id {
#define OPTION(scope, name, type, fallback, bounds, help) OPTION_##name,
#include "options.def"
#undef OPTION
    OPTION_count
} option_id;

typedef struct option_value {
    bool given;                /* by the operator; else the default, or nothing */
    gate_str text;             /* ptr NULL: no value */
    int64_t number;            /* TIME in seconds, NUMBER, FLAG as 0 or 1 */
    gate_str place;            /* where the operator wrote it */
    struct option_value *next; /* of an option that may be given several times */
} option_value;

/* Values of one scope's options, by option_id. */
typedef struct option_set {
    option_value values[OPTION_count];
} option_set;

bool option_set_begin(arena *a, option_set *set); /* defaults */
bool option_find(gate_scope scope, gate_str name, option_id *id);
bool option_repeats(option_id id);

/* Reads `value` by the option's type and bounds into the set. False with *error. */
bool option_set_value(arena *a, option_set *set, option_id id, gate_str value, gate_str place, gate_error *error);

gate_str option_text(const option_set *set, option_id id);
int64_t option_number(const option_set *set, option_id id);
bool option_given(const option_set *set, option_id id);

/* Fills *error: "place: option: wrong; remedy". `place` may be empty. Always false. */
bool option_fail(gate_error *error, gate_str place, gate_str option, const char *wrong, const char *remedy);
bool option_fail_at(gate_error *error, const option_set *set, option_id id, const char *wrong, const char *remedy);

#endif
