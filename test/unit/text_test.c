/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "unit.h"

static void grows_to_its_maximum_and_no_further(void **state)
{
    text t = text_begin(*state, 1000);
    gate_str s;

    for (int i = 0; i < 1000; i++)
        text_add_char(&t, (char)('a' + i % 26));
    assert_true(text_end(&t, &s));
    assert_int_equal(s.len, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(s.ptr[i], 'a' + i % 26);
    text_add_char(&t, 'x');
    assert_false(text_end(&t, &s));
    assert_null(s.ptr);
    text_add(&t, STR(""));
    assert_false(text_end(&t, &s)); /* a failure is not forgotten */
}

static void one_large_piece(void **state)
{
    text t = text_begin(*state, 100000);
    gate_str s, piece = unit_repeat(*state, 'x', 100000);

    text_add(&t, piece);
    assert_true(text_end(&t, &s));
    assert_str(s, piece);
}

static void empty_text_is_a_text(void **state)
{
    text t = text_begin(*state, 10);
    gate_str s;

    text_add(&t, STR_NONE);
    assert_true(text_end(&t, &s));
    assert_non_null(s.ptr);
    assert_int_equal(s.len, 0);
}

static void caller_s_memory_is_not_overrun(void **state)
{
    char memory[9] = "--------";
    text t = text_begin_at(memory, 4);
    gate_str s;

    (void)state;
    text_add(&t, STR("abcd"));
    assert_true(text_end(&t, &s));
    assert_str(s, STR("abcd"));
    text_add(&t, STR("e"));
    assert_false(text_end(&t, &s));
    assert_string_equal(memory, "abcd----");
}

static void short_memory_fails(void **state)
{
    arena tiny;
    text t;
    gate_str s;

    (void)state;
    arena_open(&tiny, 0);
    t = text_begin(&tiny, 100);
    text_add(&t, STR("abc"));
    assert_false(text_end(&t, &s));
    arena_close(&tiny);
}

static void growing_wipes_what_it_leaves(void **state)
{
    text t = text_begin(*state, 10000);
    const char *before;

    text_add(&t, STR("secret"));
    before = t.bytes;
    text_add(&t, unit_repeat(*state, 'x', 2000));
    assert_ptr_not_equal(t.bytes, before);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(before[i], 0);
}

static gate_str number(arena *a, int64_t n)
{
    text t = text_begin(a, 30);
    gate_str s;

    text_add_number(&t, n);
    assert_true(text_end(&t, &s));
    return s;
}

static void numbers(void **state)
{
    assert_str(number(*state, 0), STR("0"));
    assert_str(number(*state, -1), STR("-1"));
    assert_str(number(*state, 1300819380), STR("1300819380"));
    assert_str(number(*state, INT64_MAX), STR("9223372036854775807"));
    assert_str(number(*state, INT64_MIN), STR("-9223372036854775808"));
}

static gate_str written(arena *a, void (*add)(text *, gate_str), gate_str s)
{
    text t = text_begin(a, 5000);
    gate_str result;

    add(&t, unit_exact(s));
    assert_true(text_end(&t, &result));
    return result;
}

static void hex(void **state)
{
    assert_str(written(*state, text_add_hex, STR("\x00\x0f\xa0\xff")), STR("000fa0ff"));
    assert_str(written(*state, text_add_hex, STR("")), STR(""));
}

static void html_has_no_markup_left(void **state)
{
    assert_str(written(*state, text_add_html, STR("<a href=\"x\" id='y'>&\xc3\xa9</a>")),
               STR("&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;\xc3\xa9&lt;/a&gt;"));
}

static void log_line_stays_one_line(void **state)
{
    gate_str line = written(*state, text_add_log, STR("a\r\nb\\\x1b[0m\x7f\xff\0 ok"));

    assert_str(line, STR("a\\x0d\\x0ab\\x5c\\x1b[0m\\x7f\\xff\\x00 ok"));
    line = written(*state, text_add_log, unit_repeat(*state, 'x', 201));
    assert_int_equal(line.len, 203);
    assert_true(str_has_suffix(line, STR("x...")));
    assert_int_equal(written(*state, text_add_log, unit_repeat(*state, 'x', 200)).len, 200);
}

static void url_keeps_the_unreserved_alone(void **state)
{
    assert_str(written(*state, text_add_url, STR("aZ09-._~ +/?&=%\xc3\xa9\0")),
               STR("aZ09-._~%20%2B%2F%3F%26%3D%25%C3%A9%00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(grows_to_its_maximum_and_no_further),
        TEST(one_large_piece),
        TEST(empty_text_is_a_text),
        TEST(caller_s_memory_is_not_overrun),
        TEST(short_memory_fails),
        TEST(growing_wipes_what_it_leaves),
        TEST(numbers),
        TEST(hex),
        TEST(html_has_no_markup_left),
        TEST(log_line_stays_one_line),
        TEST(url_keeps_the_unreserved_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
