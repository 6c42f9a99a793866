/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a rule's expression: made by rule_read.c, walked by rule.c. */
#ifndef GATE_RULE_NODE_H
#define GATE_RULE_NODE_H

#include "rule.h"

typedef enum {
    RULE_AND,
    RULE_OR,
    RULE_NOT,
    RULE_EQUAL,
    RULE_NOT_EQUAL,
    RULE_LESS,
    RULE_AT_MOST,
    RULE_MORE,
    RULE_AT_LEAST,
    RULE_HAS,
    RULE_IN,
    RULE_PRESENT
} rule_op;

typedef struct rule_name {
    gate_str name;
    struct rule_name *next;
} rule_name;

typedef struct rule_value {
    json_type type; /* STRING, NUMBER, TRUE, FALSE */
    gate_str text;
    struct rule_value *next;
} rule_value;

struct rule_node {
    rule_op op;
    gate_str source;              /* the part of the expression that this is */
    const struct rule_node *left; /* AND, OR, NOT */
    const struct rule_node *right;
    rule_name *path; /* tests */
    rule_value *values;
};

#endif
