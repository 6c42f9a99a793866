/* SPDX-License-Identifier: Apache-2.0 */
#include "base/header.h"
#include "unit.h"

#define HEADER(name, value)             \
    {                                   \
        STR_INIT(name), STR_INIT(value) \
    }

static void find_ignores_case_and_takes_the_first(void **state)
{
    const gate_header headers[] = {HEADER("Host", "a"), HEADER("X-A", "1"), HEADER("x-a", "2")};
    gate_str value = STR_NONE;

    (void)state;
    assert_true(header_find(headers, 3, STR("x-A"), &value));
    assert_str(value, STR("1"));
    assert_false(header_find(headers, 3, STR("X-B"), &value));
    assert_false(header_find(headers, 3, STR("x"), &value));
    assert_false(header_find(headers, 3, STR("x_a"), &value));
    assert_false(header_find(NULL, 0, STR("host"), &value));
    assert_str(value, STR("1"));
}

static void add_remembers_that_something_went_wrong(void **state)
{
    header_list list = {0};

    (void)state;
    header_add(&list, STR("Location"), STR("https://a"));
    assert_int_equal(list.count, 1);
    assert_false(list.failed);
    header_add(&list, STR("Location"), STR("https://a\r\nSet-Cookie: b"));
    assert_int_equal(list.count, 1);
    assert_true(list.failed);
    list = (header_list){0};
    header_add(&list, STR("X"), STR_NONE); /* what text_end gives after a failure */
    assert_true(list.failed);
    list = (header_list){0};
    for (int i = 0; i < HEADERS_MAX; i++)
        header_add(&list, STR("X"), STR(""));
    assert_false(list.failed);
    header_add(&list, STR("X"), STR(""));
    assert_true(list.failed);
    assert_int_equal(list.count, HEADERS_MAX);
}

static void media_types(void **state)
{
    (void)state;
    assert_true(header_is_type(STR("application/json"), STR("application/json")));
    assert_true(header_is_type(STR(" Application/JSON ; charset=utf-8"), STR("application/json")));
    assert_true(header_is_type(STR("application/json;"), STR("application/json")));
    assert_false(header_is_type(STR("application/jsonx"), STR("application/json")));
    assert_false(header_is_type(STR("text/html; a=application/json"), STR("application/json")));
    assert_false(header_is_type(STR(""), STR("application/json")));
    assert_false(header_is_type(STR_NONE, STR("application/json")));
}

static void words_of_a_list(void **state)
{
    (void)state;
    assert_true(header_has_word(STR("gzip, Deflate;q=0.5 ,br"), STR("deflate")));
    assert_true(header_has_word(STR("keep-alive, Upgrade"), STR("upgrade")));
    assert_false(header_has_word(STR("keep-alive upgrade"), STR("upgrade")));
    assert_false(header_has_word(STR("upgrades"), STR("upgrade")));
    assert_false(header_has_word(STR(""), STR("upgrade")));
    assert_false(header_has_word(STR_NONE, STR("upgrade")));
}

static int64_t fresh(const char *control, const char *age)
{
    const gate_header headers[] = {
        {STR("Date"), STR("x")}, {STR("cache-control"), str_of(control)}, {STR("age"), str_of(age)}};

    return header_fresh_for(headers, age != NULL ? 3 : 2, 77);
}

static void how_long_an_answer_may_be_kept(void **state)
{
    (void)state;
    assert_int_equal(fresh("max-age=600", NULL), 600);
    assert_int_equal(fresh("public, Max-Age=600 , must-revalidate", NULL), 600);
    assert_int_equal(fresh("max-age=\"600\"", NULL), 600);
    assert_int_equal(fresh("max-age=600", "100"), 500);
    assert_int_equal(fresh("max-age=600", "601"), 0);
    assert_int_equal(fresh("max-age=600", "x"), 600);
    assert_int_equal(fresh("max-age=0", NULL), 0);
    assert_int_equal(fresh("no-store", NULL), 0);
    assert_int_equal(fresh("max-age=600, NO-CACHE", NULL), 0);
    assert_int_equal(fresh("no-cache, max-age=600", NULL), 0);
    assert_int_equal(fresh("public", NULL), 77);
    assert_int_equal(fresh("", NULL), 77);
}

static void unreadable_lifetimes_count_for_nothing(void **state)
{
    (void)state;
    assert_int_equal(fresh("max-age=-1", NULL), 77);
    assert_int_equal(fresh("max-age=abc", NULL), 77);
    assert_int_equal(fresh("max-age", NULL), 77);
    assert_int_equal(fresh("max-age=\"600", NULL), 77);
    assert_int_equal(fresh("max-age=99999999999999999999", NULL), 77);
    assert_int_equal(fresh("xmax-age=600", NULL), 77);
    assert_int_equal(header_fresh_for(NULL, 0, 77), 77);
}

static void every_cache_control_counts(void **state)
{
    const gate_header headers[] = {HEADER("Cache-Control", "max-age=600"), HEADER("Cache-Control", "no-store")};

    (void)state;
    assert_int_equal(header_fresh_for(headers, 1, 77), 600);
    assert_int_equal(header_fresh_for(headers, 2, 77), 0);
}

static void control_characters_are_not_safe(void **state)
{
    (void)state;
    assert_true(header_is_safe(STR("a\tb \xc3\xa9~")));
    assert_true(header_is_safe(STR_NONE));
    assert_false(header_is_safe(STR("a\rb")));
    assert_false(header_is_safe(STR("a\nb")));
    assert_false(header_is_safe(STR("a\0b")));
    assert_false(header_is_safe(STR("a\x1f")));
    assert_false(header_is_safe(STR("a\x7f")));
}

static bool may_stand(unsigned char c)
{
    return c == '\t' || (c >= 0x20 && c != 0x7f);
}

/* Two bytes beside each other in every place: eight are looked at at once, and what is left one by one. */
static void control_characters_are_seen_wherever_they_stand(void **state)
{
    char bytes[19];

    (void)state;
    for (size_t at = 0; at + 1 < sizeof bytes; at++) {
        memset(bytes, '0', sizeof bytes);
        for (int pair = 0; pair < 256 * 256; pair++) {
            unsigned char one = (unsigned char)(pair >> 8), two = (unsigned char)pair;
            bytes[at] = (char)one, bytes[at + 1] = (char)two;
            assert_int_equal(header_is_safe((gate_str){bytes, sizeof bytes}), may_stand(one) && may_stand(two));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(find_ignores_case_and_takes_the_first),
        TEST(add_remembers_that_something_went_wrong),
        TEST(media_types),
        TEST(words_of_a_list),
        TEST(how_long_an_answer_may_be_kept),
        TEST(unreadable_lifetimes_count_for_nothing),
        TEST(every_cache_control_counts),
        TEST(control_characters_are_not_safe),
        TEST(control_characters_are_seen_wherever_they_stand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
