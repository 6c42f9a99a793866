/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a place demands of the claims, and whether they meet it. One small language for every host:
 *
 *     expression = term { "or" term }          term = factor { "and" factor }
 *     factor     = "not" factor | "(" expression ")" | test
 *     test       = path "=" value | path "!=" value | path ("<" | "<=" | ">" | ">=") number
 *                | path "has" value            an array with this element, a text that is this or has this word, an object with this member
 *                | path "in" "(" value { "," value } ")"
 *                | path "present"
 *     path       = name { "." name }           a name is letters, digits, _ - : / or anything within double quotes
 *     value      = "text" | word | whole number | true | false
 *
 * A step of a path into an array tries each element; the test holds when one of them does, and "!=" when none of them is equal. A test on a claim that is missing, or of
 * a type that the test does not know, is neither true nor false, and neither is its `not`: whoever is let in is let in by something
 * that is known. Only `present` is never unknown.
 */
#ifndef GATE_RULE_H
#define GATE_RULE_H

#include "base/json.h"

enum { RULE_DEPTH_MAX = 16, RULE_NODES_MAX = 256 };

typedef struct rule_node rule_node;

/* NULL when the text is no expression; *wrong then says why, *at is the byte where. The text is copied. */
const rule_node *rule_read(arena *a, gate_str expression, const char **wrong, size_t *at);

typedef struct rule_facts {
    const json *first;  /* a claim is looked up here, */
    const json *second; /* and where it is not, here; may be NULL */
} rule_facts;

typedef struct rule_denial {
    gate_str test; /* a part of the expression's text */
    bool unknown;  /* it was neither true nor false: the claim is missing, or of a type that the test does not know */
} rule_denial;

/* True when the expression holds. When not, *denied is the test that decided. */
bool rule_check(const rule_node *expression, const rule_facts *facts, rule_denial *denied);

#endif
