/* SPDX-License-Identifier: Apache-2.0 */
/* Values read by the table: every type, its bounds, what may be given twice, and the one line that is said when it is wrong. */
#include "option/option.h"
#include "unit.h"

static option_set *fresh(arena *a)
{
    option_set *set = ARENA_NEW(a, option_set);

    assert_true(option_set_begin(a, set));
    return set;
}

static bool set_one(arena *a, option_set *set, option_id id, const char *value, gate_error *error)
{
    *error = (gate_error){0};
    return option_set_value(a, set, id, unit_exact(str_of(value)), STR("file:7"), error);
}

static void times_have_units_and_bounds(void **state)
{
    static const struct {
        const char *value;
        int64_t seconds; /* negative: refused */
    } cases[] = {
        {"60", 60},         {"60s", 60}, {"10m", 600}, {"8h", 28800},
        {"365d", 31536000}, {"59", -1},  {"366d", -1}, {"", -1},
        {"s", -1},          {"1x", -1},  {"-60", -1},  {"1.5h", -1},
        {" 60", -1},        {"60 ", -1}, {"0x60", -1}, {"9999999999999999999", -1},
        {"99999999d", -1},  {"+60", -1}, {"60S", -1},  {"1h30m", -1},
    };
    gate_error error;

    for (size_t i = 0; i < COUNT(cases); i++) {
        option_set *set = fresh(*state);
        bool good = set_one(*state, set, OPTION_session_timeout, cases[i].value, &error);
        assert_int_equal(good, cases[i].seconds >= 0);
        if (good)
            assert_int_equal(option_number(set, OPTION_session_timeout), cases[i].seconds);
        else
            assert_non_null(strstr(error.text, "file:7: session_timeout: "));
    }
}

static void flags_are_on_or_off(void **state)
{
    static const char *const wrong[] = {"", "On", "true", "1", "on ", "onoff"};
    option_set *set = fresh(*state);
    gate_error error;

    assert_true(set_one(*state, set, OPTION_pkce, "off", &error));
    assert_int_equal(option_number(set, OPTION_pkce), 0);
    assert_true(set_one(*state, set, OPTION_allow_insecure_http, "on", &error));
    assert_int_equal(option_number(set, OPTION_allow_insecure_http), 1);
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(set_one(*state, set, OPTION_nonce, wrong[i], &error));
    assert_non_null(strstr(error.text, "say on or off"));
}

static void choices_are_whole_words(void **state)
{
    static const char *const wrong[] = {"", "lm", "lmdb|cookie|x", "LMDB", "cookie ", "|"};
    option_set *set = fresh(*state);
    gate_error error;

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(set_one(*state, set, OPTION_session_store, wrong[i], &error));
    assert_non_null(strstr(error.text, "lmdb|store|cookie|application"));
    assert_true(set_one(*state, set, OPTION_session_store, "cookie", &error));
}

static void defaults_are_there_and_not_given(void **state)
{
    const option_set *set = fresh(*state);

    assert_str(option_text(set, OPTION_scope), STR("openid"));
    assert_int_equal(option_number(set, OPTION_session_timeout), 28800);
    assert_false(option_given(set, OPTION_scope));
    assert_null(option_text(set, OPTION_issuer).ptr);
}

static void once_or_often(void **state)
{
    option_set *set = fresh(*state);
    gate_error error;

    assert_true(set_one(*state, set, OPTION_scope, "openid email", &error));
    assert_false(set_one(*state, set, OPTION_scope, "openid email", &error));
    assert_string_equal(error.text, "file:7: scope: is given twice; remove one");
    assert_true(set_one(*state, set, OPTION_require, "a present", &error));
    assert_true(set_one(*state, set, OPTION_require, "b present", &error));
    assert_true(set_one(*state, set, OPTION_require, "c present", &error));
    assert_str(set->values[OPTION_require].text, STR("a present"));
    assert_str(set->values[OPTION_require].next->next->text, STR("c present"));
    assert_null(set->values[OPTION_require].next->next->next);
}

/* Every default is a value that the option itself would take, and every option has help. */
static void table_is_sound(void **state)
{
    size_t count = 0;

    for (const gate_option *o = gate_option_at(0); o; o = gate_option_at(++count)) {
        option_set *set = fresh(*state);
        option_id id;
        gate_error error;
        assert_true(option_find(o->scope, str_of(o->name), &id));
        assert_int_equal(id, count);
        assert_true(strlen(o->help) > 10);
        if (o->fallback)
            assert_true(set_one(*state, set, id, o->fallback, &error));
        assert_int_equal(o->type == GATE_TYPE_CHOICE, o->bounds && strchr(o->bounds, '|'));
    }
    assert_int_equal(count, OPTION_count);
}

static void found_in_its_scope_only(void **state)
{
    option_id id;

    (void)state;
    assert_true(option_find(GATE_SCOPE_RULE, STR("require"), &id));
    assert_false(option_find(GATE_SCOPE_PROVIDER, STR("require"), &id));
    assert_false(option_find(GATE_SCOPE_RULE, STR("requir"), &id));
    assert_false(option_find(GATE_SCOPE_RULE, STR("require "), &id));
    assert_false(option_find(GATE_SCOPE_RULE, STR(""), &id));
}

static void errors_fit_whatever_comes(void **state)
{
    gate_error error;

    assert_false(option_fail(&error, unit_repeat(*state, 'p', 1000), STR("o"), "wrong", "remedy"));
    assert_true(strlen(error.text) < sizeof error.text);
    assert_false(option_fail(&error, STR(""), STR("o"), "is wrong", NULL));
    assert_string_equal(error.text, "o: is wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(times_have_units_and_bounds),
        TEST(flags_are_on_or_off),
        TEST(choices_are_whole_words),
        TEST(defaults_are_there_and_not_given),
        TEST(once_or_often),
        TEST(table_is_sound),
        TEST(found_in_its_scope_only),
        TEST(errors_fit_whatever_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
