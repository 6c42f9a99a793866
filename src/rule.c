/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation. Reading the language is in rule_read.c. */
#include "rule_node.h"

typedef enum { NO, UNKNOWN, YES } truth;

static truth truth_of(bool b)
{
    return b ? YES : NO;
}

static truth opposite(truth t)
{
    return t == UNKNOWN ? UNKNOWN : truth_of(t == NO);
}

static bool read_whole(gate_str s, int64_t *n)
{
    bool negative = s.len && s.ptr[0] == '-';

    if (!str_number(negative ? str_from(s, 1) : s, INT64_MAX, n))
        return false;
    if (negative)
        *n = -*n;
    return true;
}

static truth equals(const json *claim, const rule_value *value)
{
    int64_t a, b;

    switch (value->type) {
    case JSON_STRING:
        return claim->type == JSON_STRING ? truth_of(str_equal(claim->text, value->text)) : UNKNOWN;
    case JSON_NUMBER:
        if (claim->type != JSON_NUMBER || !read_whole(claim->text, &a) || !read_whole(value->text, &b))
            return UNKNOWN;
        return truth_of(a == b);
    default:
        return claim->type == JSON_TRUE || claim->type == JSON_FALSE ? truth_of(claim->type == value->type) : UNKNOWN;
    }
}

static truth compares(const json *claim, rule_op op, const rule_value *value)
{
    int64_t a, b;

    if (claim->type != JSON_NUMBER || !read_whole(claim->text, &a) || !read_whole(value->text, &b))
        return UNKNOWN;
    return truth_of(op == RULE_LESS ? a < b : op == RULE_AT_MOST ? a <= b : op == RULE_MORE ? a > b : a >= b);
}

static truth array_has(const json *array, const rule_value *value)
{
    truth best = NO;

    for (const json *each = array->child; each; each = each->next) {
        truth t = equals(each, value);
        if (t == YES)
            return YES;
        if (t == UNKNOWN)
            best = UNKNOWN;
    }
    return best;
}

/* A text is one value, or several with spaces between them, as in scope. What is no word could only be the whole: whether a longer text
 * holds it among others nobody can tell, so that `not` lets nobody in for it. */
static truth text_has(gate_str claim, gate_str value)
{
    size_t at;

    if (str_equal(claim, value) || str_has_word(claim, value))
        return YES;
    return value.len && !str_find(value, ' ', &at) ? NO : UNKNOWN;
}

static truth has(const json *claim, const rule_value *value)
{
    switch (claim->type) {
    case JSON_ARRAY:
        return array_has(claim, value);
    case JSON_STRING:
        return text_has(claim->text, value->text);
    case JSON_OBJECT:
        return truth_of(json_find(claim, value->text) != NULL);
    default:
        return UNKNOWN;
    }
}

static truth is_one_of(const json *claim, const rule_value *values)
{
    truth best = NO;

    for (; values; values = values->next) {
        truth each = equals(claim, values);
        if (each == YES)
            return YES;
        if (each == UNKNOWN)
            best = UNKNOWN;
    }
    return best;
}

static truth test_claim(const rule_node *test, const json *claim)
{
    if (test->op == RULE_PRESENT)
        return truth_of(claim->type != JSON_NULL);
    if (claim->type == JSON_NULL)
        return UNKNOWN;
    switch (test->op) {
    case RULE_EQUAL:
    case RULE_NOT_EQUAL: /* its opposite, taken over the whole path: see check_test */
        return equals(claim, test->values);
    case RULE_HAS:
        return has(claim, test->values);
    case RULE_IN:
        return is_one_of(claim, test->values);
    default:
        return compares(claim, test->op, test->values);
    }
}

/* Follows the path; an array on the way is tried element by element, and the best answer counts. `missing` is what an end before the
 * path's end means. */
static truth follow(const rule_node *test, const rule_name *path, const json *at, truth missing)
{
    truth best = missing;

    if (!path)
        return test_claim(test, at);
    if (at->type == JSON_OBJECT) {
        const json *member = json_find(at, path->name);
        return member ? follow(test, path->next, member, missing) : missing;
    }
    if (at->type != JSON_ARRAY)
        return missing;
    if (at->child)
        best = NO; /* every element has to say so */
    for (const json *each = at->child; each; each = each->next) {
        truth t = each->type == JSON_OBJECT ? follow(test, path, each, missing) : missing;
        if (t == YES)
            return YES;
        if (t == UNKNOWN)
            best = UNKNOWN;
    }
    return best;
}

static truth check_test(const rule_node *test, const rule_facts *facts)
{
    const json *from = json_find(facts->first, test->path->name) ? facts->first : facts->second;
    truth missing = test->op == RULE_PRESENT ? NO : UNKNOWN,
          t = from ? follow(test, test->path, from, missing) : missing;

    return test->op == RULE_NOT_EQUAL ? opposite(t) : t;
}

/* What decided is said of the side that did: the lower of two for `and`, the higher for `or`. */
static truth check(const rule_node *node, const rule_facts *facts, rule_denial *denied)
{
    rule_denial other;
    truth left, right;

    switch (node->op) {
    case RULE_AND:
        left = check(node->left, facts, denied);
        if (left == NO)
            return NO;
        right = check(node->right, facts, &other);
        if (right < left)
            *denied = other;
        return left < right ? left : right;
    case RULE_OR:
        left = check(node->left, facts, denied);
        if (left == YES)
            return YES;
        right = check(node->right, facts, &other);
        if (right >= left)
            *denied = other;
        return left > right ? left : right;
    case RULE_NOT:
        left = check(node->left, facts, denied);
        if (left != UNKNOWN)
            *denied = (rule_denial){.test = node->source};
        return opposite(left);
    default:
        left = check_test(node, facts);
        *denied = (rule_denial){.test = node->source, .unknown = left == UNKNOWN};
        return left;
    }
}

bool rule_check(const rule_node *expression, const rule_facts *facts, rule_denial *denied)
{
    return check(expression, facts, denied) == YES;
}
