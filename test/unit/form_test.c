/* SPDX-License-Identifier: Apache-2.0 */
#include "base/form.h"
#include "unit.h"

static void fields_are_decoded(void **state)
{
    gate_str value;
    form f;

    assert_true(form_read(*state, unit_exact(STR("code=a%2Bb+c&state=%C3%a9&empty=&bare&=noname&x=1=2")), &f));
    assert_int_equal(f.count, 6);
    assert_int_equal(form_get(&f, STR("code"), &value), FORM_ONCE);
    assert_str(value, STR("a+b c"));
    assert_int_equal(form_get(&f, STR("state"), &value), FORM_ONCE);
    assert_str(value, STR("\xc3\xa9"));
    assert_int_equal(form_get(&f, STR("empty"), &value), FORM_ONCE);
    assert_str(value, STR(""));
    assert_int_equal(form_get(&f, STR("bare"), &value), FORM_ONCE);
    assert_str(value, STR(""));
    assert_int_equal(form_get(&f, STR(""), &value), FORM_ONCE);
    assert_str(value, STR("noname"));
    assert_int_equal(form_get(&f, STR("x"), &value), FORM_ONCE);
    assert_str(value, STR("1=2"));
    assert_int_equal(form_get(&f, STR("CODE"), &value), FORM_ABSENT);
}

static void nothing_is_an_empty_form(void **state)
{
    static const gate_str empty[] = {STR_INIT(""), STR_INIT("&"), STR_INIT("&&&"), {NULL, 0}};
    gate_str value;
    form f;

    for (size_t i = 0; i < COUNT(empty); i++) {
        assert_true(form_read(*state, empty[i], &f));
        assert_int_equal(f.count, 0);
        assert_int_equal(form_get(&f, STR(""), &value), FORM_ABSENT);
    }
}

static void twice_is_seen_after_decoding(void **state)
{
    static const gate_str twice[] = {STR_INIT("state=a&state=a"), STR_INIT("state=a&st%61te=b"),
                                     STR_INIT("state&x=1&state="), STR_INIT("state=1&state=2&state=3")};
    gate_str value;
    form f;

    for (size_t i = 0; i < COUNT(twice); i++) {
        assert_true(form_read(*state, unit_exact(twice[i]), &f));
        assert_int_equal(form_get(&f, STR("state"), &value), FORM_TWICE);
    }
    assert_true(form_read(*state, STR("state=1&State=2"), &f));
    assert_int_equal(form_get(&f, STR("state"), &value), FORM_ONCE);
}

static void wrong_forms_are_refused(void **state)
{
    static const gate_str wrong[] = {STR_INIT("%"),     STR_INIT("a=%"),    STR_INIT("a=%4"),  STR_INIT("a=%4g"),
                                     STR_INIT("a=%g4"), STR_INIT("%4=a"),   STR_INIT("a=%00"), STR_INIT("%00=a"),
                                     STR_INIT("a=\0b"), STR_INIT("a=%%41"), STR_INIT("a=b&%"), STR_INIT("a=%u0041")};
    form f;

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(form_read(*state, unit_exact(wrong[i]), &f));
}

static void as_many_fields_as_there_is_room(void **state)
{
    text t = text_begin(*state, 1000);
    gate_str s;
    form f;

    for (int i = 0; i < FORM_FIELDS_MAX; i++)
        form_add(&t, STR("a"), STR("b"));
    assert_true(text_end(&t, &s));
    assert_true(form_read(*state, s, &f));
    assert_int_equal(f.count, FORM_FIELDS_MAX);
    form_add(&t, STR("a"), STR("b"));
    assert_true(text_end(&t, &s));
    assert_false(form_read(*state, s, &f));
}

static void what_is_written_is_read_again(void **state)
{
    text t = text_begin(*state, 5000);
    gate_str s, value;
    char all[255];
    form f;

    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)(i + 1); /* every byte but NUL */
    form_add(&t, STR("a b&="), (gate_str){all, sizeof all});
    form_add(&t, STR("c"), STR("  "));
    assert_true(text_end(&t, &s));
    assert_true(str_has_prefix(s, STR("a+b%26%3D=%01%02")));
    assert_true(str_has_suffix(s, STR("&c=++")));
    assert_true(form_read(*state, unit_exact(s), &f));
    assert_int_equal(form_get(&f, STR("a b&="), &value), FORM_ONCE);
    assert_int_equal(value.len, sizeof all);
    assert_memory_equal(value.ptr, all, sizeof all);
}

static void short_memory_fails(void **state)
{
    arena tiny;
    form f;

    (void)state;
    arena_open(&tiny, 0);
    assert_false(form_read(&tiny, STR("a=b"), &f));
    arena_close(&tiny);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fields_are_decoded),      TEST(nothing_is_an_empty_form),        TEST(twice_is_seen_after_decoding),
        TEST(wrong_forms_are_refused), TEST(as_many_fields_as_there_is_room), TEST(what_is_written_is_read_again),
        TEST(short_memory_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
