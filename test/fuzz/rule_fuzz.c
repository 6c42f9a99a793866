/* SPDX-License-Identifier: Apache-2.0
 * A rule's expression, and behind the first newline the claims that it is held against, as a JSON object.
 */
#include "rule.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY = 4 * 1024 * 1024, EXPRESSION_MAX = 4096 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

/* "not (EXPRESSION)" */
static gate_str negate(arena *a, gate_str expression)
{
    text t = text_begin(a, EXPRESSION_MAX + 16);
    gate_str s;

    text_add(&t, STR("not ("));
    text_add(&t, expression);
    text_add_char(&t, ')');
    return text_end(&t, &s) ? s : STR_NONE;
}

static bool holds(const rule_node *rule, const rule_facts *facts)
{
    rule_denial denied, again;
    bool yes = rule_check(rule, facts, &denied);

    demand(yes == rule_check(rule, facts, &again) && str_equal(denied.test, again.test));
    demand(yes || denied.test.len > 0);
    return yes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_str claims = {(const char *)data, size}, expression = STR_NONE;
    const rule_node *rule, *opposite;
    rule_facts nobody = {0}, facts = {0};
    const char *wrong = NULL;
    size_t at = 0;
    arena a;

    if (!str_cut(&claims, '\n', &expression) || expression.len > EXPRESSION_MAX)
        return 0;
    arena_open(&a, MEMORY);
    rule = rule_read(&a, expression, &wrong, &at);
    demand((rule != NULL) == (wrong == NULL) && at <= expression.len);
    facts.first = json_read_object(&a, claims);
    opposite = rule ? rule_read(&a, negate(&a, expression), &wrong, &at) : NULL;
    if (rule) {
        bool yes = holds(rule, &facts);
        bool no = opposite && holds(opposite, &facts);
        demand(!(yes && no));
        holds(rule, &nobody);
    }
    arena_close(&a);
    return 0;
}
