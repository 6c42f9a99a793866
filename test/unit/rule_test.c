/* SPDX-License-Identifier: Apache-2.0 */
/* The language of `require`, and what it makes of claims, missing ones above all. */
#include "rule.h"
#include "unit.h"

#include <stdio.h>

static const char CLAIMS[] =
    "{\"sub\":\"alice\",\"level\":3,\"debt\":-2,\"half\":2.5,\"yes\":true,\"no\":false,\"nothing\":null,"
    "\"groups\":[\"users\",\"staff\",5,true],\"only\":[\"a\",\"b\"],\"none\":[],\"scope\":\"openid email\",\"team\":\"Domain Admins\","
    "\"address\":{\"country\":\"AT\",\"lines\":[{\"n\":1},{\"n\":2,\"x\":null},7]},"
    "\"https://app/roles\":[\"r1\"],\"a.b\":\"dot\",\"a\":{\"b\":\"nested\"},\"and\":\"word\",\"odd name\":1,\"email\":\"x\","
    "\"people\":[{\"name\":\"ann\"},{\"name\":\"bob\"}]}";
static const char MORE[] =
    "{\"sub\":\"mallory\",\"email\":\"second\",\"phone\":\"1\",\"level\":\"9\",\"nothing\":\"n\"}";

static bool holds(arena *a, const char *expression)
{
    rule_facts facts = {.first = json_read_object(a, str_of(CLAIMS)), .second = json_read_object(a, str_of(MORE))};
    const char *wrong;
    rule_denial denied;
    size_t at;
    const rule_node *rule = rule_read(a, unit_exact(str_of(expression)), &wrong, &at);
    bool yes;

    if (!rule)
        fail_msg("%s: %s at %zu", expression, wrong, at);
    yes = rule_check(rule, &facts, &denied);
    assert_true(yes || denied.test.len > 0);
    return yes;
}

static void check_all(arena *a, const char *const *expressions, size_t n, bool wanted)
{
    for (size_t i = 0; i < n; i++)
        if (holds(a, expressions[i]) != wanted)
            fail_msg("%s: should %s", expressions[i], wanted ? "hold" : "not hold");
}

static void what_holds(void **state)
{
    static const char *const yes[] = {
        "sub = alice",
        "sub=\"alice\"",
        "sub != bob",
        "level = 3",
        "level >= 3",
        "level <= 3",
        "level > 2",
        "level < 4",
        "debt < 0",
        "debt = -2",
        "yes = true",
        "no = false",
        "no != true",
        "groups has staff",
        "groups has 5",
        "groups has true",
        "scope has email",
        "scope has \"openid email\"",
        "team has \"Domain Admins\"",
        "not team has Users",
        "address has country",
        "address.country = AT",
        "address.country in (DE, \"AT\")",
        "level in (1, 2, 3)",
        "sub present",
        "address.lines.n = 2",
        "address.lines.n = 1",
        "address.lines.n > 1",
        "\"https://app/roles\" has r1",
        "https://app/roles has r1",
        "\"a.b\" = dot",
        "a.b = nested",
        "\"a\".\"b\" = nested",
        "\"and\" = word",
        "\"odd name\" = 1",
        "not sub = bob",
        "not (sub = bob or level = 4)",
        "sub = bob or level = 3",
        "sub = alice and level = 3 and yes = true",
        "sub = bob and level = 3 or yes = true",
        "not not sub = alice",
        "phone = 1 or phone = \"1\"",
        "email = x",
        "not only has c",
        "not none has a",
        "not missing present",
        "((sub = alice))",
        "missing = 1 or sub = alice",
        "sub\t= alice",
        "address.lines.n present",
        "people.name != carol",
        "not people.name = carol",
        "level=3 and(yes=true)",
    };

    check_all(*state, yes, COUNT(yes), true);
}

static void what_does_not_hold(void **state)
{
    static const char *const no[] = {
        "sub = bob",
        "sub = Alice",
        "sub != alice",
        "level = 4",
        "level > 3",
        "level < 3",
        "yes = false",
        "groups has admin",
        "groups has \"5\"",
        "scope has mail",
        "address has lane",
        "address.country in (DE)",
        "missing present",
        "nothing present",
        "address.lines.x present",
        "people.name != ann",
        "people.name = carol",
        "address.missing present",
        "sub = bob or level = 4",
        "sub = alice and level = 4",
        "not sub = alice",
        "email = second",
        "sub.x present",
        "groups.x present",
        "none has a",
        "half = 2",
        "half < 3",
        "not only has a",
    };

    check_all(*state, no, COUNT(no), false);
}

/* Neither true nor false, and neither is its `not`: a claim that is missing, null, or of another type lets nobody in. */
static void what_is_unknown(void **state)
{
    static const char *const unknown[] = {
        "missing = 1",
        "missing != 1",
        "missing has a",
        "missing in (a)",
        "missing < 1",
        "nothing = 1",
        "nothing != 1",
        "nothing has a",
        "level = \"3\"",
        "level != \"3\"",
        "sub = 3",
        "sub < 3",
        "sub != 3",
        "yes = \"true\"",
        "yes = 1",
        "half > 2",
        "half != 2",
        "address = AT",
        "address != AT",
        "groups = staff",
        "groups != admin",
        "level has 3",
        "yes has true",
        "sub in (1, 2)",
        "address.lane = x",
        "address.lane != x",
        "address.lines.n = 9",
        "groups has admin",
        "only.x = 1",
        "missing.deep.x = 1",
        "scope has \"\"",
        "scope has \"email openid\"",
        "team has \"Domain Admin\"",
    };

    for (size_t i = 0; i < COUNT(unknown); i++) {
        const char *not = unit_join(*state, "not (", unknown[i], ")", NULL).ptr;
        const char *not_not = unit_join(*state, "not not (", unknown[i], ")", NULL).ptr;
        const char *either = unit_join(*state, unknown[i], " or not (", unknown[i], ")", NULL).ptr;
        check_all(*state, (const char *const[]){unknown[i], not, not_not, either}, 4, false);
    }
}

static void nobody_has_no_claims(void **state)
{
    static const char *const no[] = {"sub = a", "not sub = a", "sub present", "not sub has a", "sub != a"};
    rule_facts nobody = {0};
    const char *wrong;
    rule_denial denied;
    size_t at;

    for (size_t i = 0; i < COUNT(no); i++)
        assert_false(rule_check(rule_read(*state, str_of(no[i]), &wrong, &at), &nobody, &denied));
}

static void what_cannot_be_read(void **state)
{
    static const char *const wrong[][2] = {
        {"", "a name or value is missing"},
        {"a", "after a claim comes"},
        {"a =", "a name or value is missing"},
        {"= 1", "a name or value is missing"},
        {"a = 1 b = 2", "something stands behind"},
        {"(a = 1", "a parenthesis is not closed"},
        {"a = 1)", "something stands behind"},
        {"a = \"x", "a double quote is not closed"},
        {"a < x", "only whole numbers are ordered"},
        {"a < \"1\"", "only whole numbers are ordered"},
        {"a in 1", "'in' wants a list"},
        {"a in (1", "is not closed"},
        {"a in ()", "a name or value is missing"},
        {"a in (1,)", "a name or value is missing"},
        {"a == 1", "a name or value is missing"},
        {"a => 1", "a name or value is missing"},
        {"a. = 1", "a name or value is missing"},
        {".a = 1", "a name or value is missing"},
        {"a = 1 and", "a name or value is missing"},
        {"not", "a name or value is missing"},
        {"a = 1 && b = 2", "something stands"},
        {"a = 1.5", "something stands behind"},
        {"a ~ b", "after a claim comes"},
        {"a presents", "after a claim comes"},
        {"a < 99999999999999999999", "only whole"},
        {"a = 'x'", "a name or value is missing"},
        {"a = 1\nb", "something stands behind"},
    };

    for (size_t i = 0; i < COUNT(wrong); i++) {
        const char *why = NULL;
        size_t at;
        const rule_node *rule = rule_read(*state, unit_exact(str_of(wrong[i][0])), &why, &at);
        if (rule || !strstr(why, wrong[i][1]))
            fail_msg("%s: %s", wrong[i][0], rule ? "was read" : why);
        assert_true(at <= strlen(wrong[i][0]));
    }
}

static const rule_node *read_text(arena *a, text *t)
{
    const char *why;
    gate_str s;
    size_t at;

    assert_true(text_end(t, &s));
    return rule_read(a, unit_exact(s), &why, &at);
}

static void depth_and_size_are_bounded(void **state)
{
    for (int depth = 14; depth <= 18; depth++) {
        text t = text_begin(*state, 4096), n = text_begin(*state, 4096);
        for (int i = 0; i < depth; i++) {
            text_add_char(&t, '(');
            text_add(&n, STR("not "));
        }
        text_add(&t, STR("a = 1"));
        text_add(&n, STR("a = 1"));
        for (int i = 0; i < depth; i++)
            text_add_char(&t, ')');
        assert_int_equal(read_text(*state, &t) != NULL, depth < RULE_DEPTH_MAX);
        assert_int_equal(read_text(*state, &n) != NULL, depth < RULE_DEPTH_MAX);
    }
    for (int tests = 126; tests <= 132; tests++) {
        text t = text_begin(*state, 64 * 1024);
        for (int i = 0; i < tests; i++)
            text_add(&t, i ? STR(" or a = 1") : STR("a = 1"));
        assert_int_equal(read_text(*state, &t) != NULL, 2 * tests - 1 <= RULE_NODES_MAX);
    }
}

/* Every operator, alone and in every company, where there is no such claim: nothing of it lets anybody in. */
static void no_operator_knows_a_missing_claim(void **state)
{
    static const char *const tests[] = {
        "gone = x",       "gone != x",       "gone = 1",       "gone != 1",       "gone = true",    "gone != true",
        "gone < 1",       "gone <= 1",       "gone > 1",       "gone >= 1",       "gone has x",     "gone in (x)",
        "gone in (x, 1)", "gone.deep = x",   "gone.deep != x", "gone.deep has x", "a.gone = x",     "a.gone != x",
        "a.gone has x",   "a.gone in (x)",   "a.gone < 1",     "list.gone = x",   "list.gone != x", "list.gone has x",
        "empty.gone = x", "empty.gone != x", "word.gone != x",
    };
    static const char *const companies[] = {
        "%s",
        "not %s",
        "not not %s",
        "not (not %s)",
        "%s and sub present",
        "not %s and sub present",
        "sub present and not (%s)",
        "%s or sub = nobody",
        "not %s or sub = nobody",
        "not (%s or sub = nobody)",
        "not (%s and sub present)",
        "not (not (%s) and sub present)",
        "%s or not %s",
        "not (%s and not %s)",
        "(%s or sub = nobody) and (sub present or %s)",
    };
    rule_facts facts = {.first = json_read_object(
                            *state, STR("{\"sub\":\"alice\",\"a\":{},\"list\":[{},{}],\"empty\":[],\"word\":\"w\"}"))};

    for (size_t i = 0; i < COUNT(tests) * COUNT(companies); i++) {
        const char *test = tests[i / COUNT(companies)], *company = companies[i % COUNT(companies)];
        char expression[256];
        const char *wrong;
        rule_denial denied;
        size_t at;
        snprintf(expression, sizeof expression, company, test, test);
        if (rule_check(rule_read(*state, str_of(expression), &wrong, &at), &facts, &denied))
            fail_msg("%s: holds", expression);
        if (!denied.unknown)
            fail_msg("%s: %.*s is not known to be unknown", expression, (int)denied.test.len, denied.test.ptr);
    }
}

/* What lets in all the same is something else, which is known: another claim, or that this one is not there. */
static void what_may_stand_beside_a_missing_claim(void **state)
{
    static const char *const yes[] = {
        "gone has x or sub = alice",
        "not gone has x or sub = alice",
        "not gone present",
        "not gone present or not gone has banned",
        "not (gone present and gone has banned)",
    };

    check_all(*state, yes, COUNT(yes), true);
}

static void the_test_that_decided_is_named(void **state)
{
    static const struct {
        const char *expression, *test;
        bool unknown;
    } cases[] = {
        {"sub = alice and level = 4", "level = 4", false},
        {"not (sub = alice)", "not (sub = alice)", false},
        {"missing has x and sub = alice", "missing has x", true},
        {"sub = alice and missing has x", "missing has x", true},
        {"not missing has x", "missing has x", true},
        {"not (missing = 1 or level = 4)", "missing = 1", true},
        {"not (level = 4 or missing = 1)", "missing = 1", true},
        {"missing = 1 and level = 4", "level = 4", false},
        {"missing = 1 or level = 4", "missing = 1", true},
        {"sub = bob or level = 4", "level = 4", false},
        {"missing present", "missing present", false},
        {"level = \"3\"", "level = \"3\"", true},
        {"not (sub present and not (level = 4))", "not (sub present and not (level = 4))", false},
    };
    rule_facts facts = {.first = json_read_object(*state, str_of(CLAIMS))};

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *why;
        rule_denial denied;
        size_t at;
        assert_false(rule_check(rule_read(*state, str_of(cases[i].expression), &why, &at), &facts, &denied));
        assert_str(denied.test, str_of(cases[i].test));
        assert_int_equal(denied.unknown, cases[i].unknown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_holds),
        TEST(what_does_not_hold),
        TEST(what_is_unknown),
        TEST(nobody_has_no_claims),
        TEST(what_cannot_be_read),
        TEST(depth_and_size_are_bounded),
        TEST(no_operator_knows_a_missing_claim),
        TEST(what_may_stand_beside_a_missing_claim),
        TEST(the_test_that_decided_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
