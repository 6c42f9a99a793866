/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "unit.h"

static const json *read(arena *a, const char *document)
{
    return json_read_object(a, unit_exact(str_of(document)));
}

static void every_kind_of_value(void **state)
{
    const json *o = read(
        *state,
        " { \"s\" : \"x\" , \"n\":-1.5e+3, \"t\":true,\"f\":false,\"z\":null,\"a\":[1,[],{}],\"o\":{\"k\":0} }\r\n\t");
    const json *each;

    assert_non_null(o);
    assert_int_equal(o->count, 7);
    assert_str(json_find(o, STR("s"))->text, STR("x"));
    assert_int_equal(json_find(o, STR("n"))->type, JSON_NUMBER);
    assert_str(json_find(o, STR("n"))->text, STR("-1.5e+3"));
    assert_int_equal(json_find(o, STR("t"))->type, JSON_TRUE);
    assert_int_equal(json_find(o, STR("f"))->type, JSON_FALSE);
    assert_int_equal(json_find(o, STR("z"))->type, JSON_NULL);
    each = json_find(o, STR("a"));
    assert_int_equal(each->type, JSON_ARRAY);
    assert_int_equal(each->count, 3);
    assert_str(each->text, STR("[1,[],{}]"));
    assert_str(each->child->text, STR("1"));
    assert_int_equal(each->child->next->type, JSON_ARRAY);
    assert_int_equal(each->child->next->next->type, JSON_OBJECT);
    assert_null(each->child->next->next->next);
    assert_str(json_find(json_find(o, STR("o")), STR("k"))->text, STR("0"));
}

static void find_wants_an_object_and_the_exact_name(void **state)
{
    const json *o = read(*state, "{\"Ab\":[\"Ab\"],\"\":1}");

    assert_non_null(json_find(o, STR("Ab")));
    assert_null(json_find(o, STR("ab")));
    assert_null(json_find(o, STR("A")));
    assert_non_null(json_find(o, STR("")));
    assert_null(json_find(json_find(o, STR("Ab")), STR("Ab")));
    assert_null(json_find(NULL, STR("Ab")));
    assert_null(json_find(read(*state, "{}"), STR("")));
}

static void escapes_are_decoded(void **state)
{
    const json *o = read(*state, "{\"\\u0061\\n\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83D\\ude00z\"}");

    assert_str(json_find(o, STR("a\n"))->text, STR("\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"));
    o = read(*state, "{\"k\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf\"}");
    assert_str(json_find(o, STR("k"))->text, STR("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf"));
    o = read(*state, "{\"k\":\"\\ud800\\udc00\\udbff\\udfff\\u0001\\u007f\\u0080\\u07ff\\u0800\"}");
    assert_str(json_find(o, STR("k"))->text,
               STR("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80"));
}

static void depth_has_a_limit(void **state)
{
    text t = text_begin(*state, 1 << 20);
    gate_str deep;

    for (int depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX; depth++) {
        t.len = 0;
        text_add(&t, STR("{\"a\":"));
        for (int i = 0; i < depth; i++)
            text_add_char(&t, '[');
        for (int i = 0; i < depth; i++)
            text_add_char(&t, ']');
        text_add_char(&t, '}');
        assert_true(text_end(&t, &deep));
        assert_int_equal(json_read_object(*state, deep) != NULL, depth < JSON_DEPTH_MAX);
    }
    deep = unit_repeat(*state, '[', 100000);
    assert_null(json_read_object(*state, deep));
    assert_null(json_read_object(*state, unit_join(*state, "{\"a\":", arena_copy(*state, deep).ptr, NULL)));
}

static gate_str members(arena *a, int count, bool array)
{
    text t = text_begin(a, 1 << 20);
    gate_str s;

    text_add(&t, array ? STR("{\"a\":[") : STR("{"));
    for (int i = 0; i < count; i++) {
        text_add(&t, i > 0 ? STR(",") : STR(""));
        text_add(&t, array ? STR("0") : STR("\"m"));
        if (!array) {
            text_add_number(&t, i);
            text_add(&t, STR("\":0"));
        }
    }
    text_add(&t, array ? STR("]}") : STR("}"));
    assert_true(text_end(&t, &s));
    return s;
}

static void members_and_nodes_have_limits(void **state)
{
    assert_non_null(json_read_object(*state, members(*state, JSON_MEMBERS_MAX, false)));
    assert_null(json_read_object(*state, members(*state, JSON_MEMBERS_MAX + 1, false)));
    assert_non_null(json_read_object(*state, members(*state, JSON_NODES_MAX - 2, true)));
    assert_null(json_read_object(*state, members(*state, JSON_NODES_MAX - 1, true)));
}

static void short_memory_is_no_object(void **state)
{
    arena tiny;

    (void)state;
    arena_open(&tiny, 64);
    assert_null(json_read_object(&tiny, STR("{\"a\":[1,2,3,4,5]}")));
    arena_close(&tiny);
}

static void absent_good_and_wrong_are_three(void **state)
{
    const json *o = read(*state, "{\"s\":\"x\",\"t\":true,\"f\":false,\"n\":5,\"z\":null,\"a\":[],\"ss\":\"5\"}");
    gate_str s = STR("kept");
    int64_t n = 42;
    bool flag = false;

    assert_int_equal(json_get_string(o, STR("s"), &s), JSON_GOOD);
    assert_str(s, STR("x"));
    assert_int_equal(json_get_string(o, STR("no"), &s), JSON_ABSENT);
    assert_int_equal(json_get_string(o, STR("n"), &s), JSON_WRONG);
    assert_int_equal(json_get_string(o, STR("z"), &s), JSON_WRONG);
    assert_int_equal(json_get_string(NULL, STR("s"), &s), JSON_ABSENT);
    assert_str(s, STR("x"));
    assert_int_equal(json_get_flag(o, STR("t"), &flag), JSON_GOOD);
    assert_true(flag);
    assert_int_equal(json_get_flag(o, STR("f"), &flag), JSON_GOOD);
    assert_false(flag);
    assert_int_equal(json_get_flag(o, STR("n"), &flag), JSON_WRONG);
    assert_int_equal(json_get_flag(o, STR("s"), &flag), JSON_WRONG);
    assert_int_equal(json_get_flag(o, STR("no"), &flag), JSON_ABSENT);
    assert_int_equal(json_get_time(o, STR("n"), &n), JSON_GOOD);
    assert_int_equal(n, 5);
    assert_int_equal(json_get_time(o, STR("ss"), &n), JSON_WRONG);
    assert_int_equal(json_get_time(o, STR("z"), &n), JSON_WRONG);
    assert_int_equal(json_get_time(o, STR("no"), &n), JSON_ABSENT);
    assert_int_equal(n, 5);
}

static bool floor_of(arena *a, const char *number, int64_t *value)
{
    const json *o = json_read_object(a, unit_join(a, "{\"n\":", number, "}", NULL));

    assert_non_null(o);
    return json_number_floor(o->child, value);
}

static void numbers_are_floored(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"1300819380", 1300819380},
                {"1.5e9", 1500000000},
                {"1300819380.999", 1300819380},
                {"1E3", 1000},
                {"1e+3", 1000},
                {"12345e-2", 123},
                {"0.5", 0},
                {"0.99e1", 9},
                {"5e-1", 0},
                {"1e-100", 0},
                {"9007199254740992", INT64_C(1) << 53},
                {"9007199254740992.5", INT64_C(1) << 53},
                {"9.007199254740992e15", INT64_C(1) << 53},
                {"1e000003", 1000},
                {"0e5", 0},
                {"1.23456789012345678901234567890e3", 1234}};
    static const char *const wrong[] = {"-1",
                                        "-0",
                                        "-0.5",
                                        "9007199254740993",
                                        "1e16",
                                        "1e19",
                                        "1e400",
                                        "1e99999999999999999999",
                                        "9e18",
                                        "18446744073709551616",
                                        "100000000000000000000000000000000",
                                        "1e-101"};
    int64_t value;

    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(floor_of(*state, good[i].text, &value));
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(floor_of(*state, wrong[i], &value));
    assert_false(json_number_floor(NULL, &value));
    assert_false(json_number_floor(read(*state, "{\"a\":\"1\"}")->child, &value));
}

static void strings_and_arrays_of_strings(void **state)
{
    const json *o =
        read(*state, "{\"s\":\"a\",\"l\":[\"a\",\"b\"],\"m\":[\"a\",1],\"e\":[],\"n\":[[\"a\"]],\"o\":{\"a\":\"a\"}}");

    assert_true(json_is_string(json_find(o, STR("s")), STR("a")));
    assert_false(json_is_string(json_find(o, STR("s")), STR("ab")));
    assert_false(json_is_string(NULL, STR("")));
    assert_true(json_has_string(json_find(o, STR("s")), STR("a")));
    assert_true(json_has_string(json_find(o, STR("l")), STR("b")));
    assert_false(json_has_string(json_find(o, STR("l")), STR("c")));
    assert_false(json_has_string(json_find(o, STR("m")), STR("a")));
    assert_false(json_has_string(json_find(o, STR("n")), STR("a")));
    assert_false(json_has_string(json_find(o, STR("o")), STR("a")));
    assert_false(json_has_string(json_find(o, STR("e")), STR("")));
    assert_false(json_has_string(NULL, STR("")));
    assert_true(json_is_strings(json_find(o, STR("l"))));
    assert_false(json_is_strings(json_find(o, STR("s"))));
    assert_false(json_is_strings(json_find(o, STR("e"))));
    assert_false(json_is_strings(json_find(o, STR("m"))));
    assert_false(json_is_strings(NULL));
}

static void what_is_written_is_read_again(void **state)
{
    text t = text_begin(*state, 1000);
    gate_str s, value = STR("a\"\\\n\x01\x7f\xc3\xa9</script>");
    const json *o;

    json_begin(&t);
    json_add_string(&t, STR("s"), value);
    json_add_number(&t, STR("n"), -5);
    json_add_flag(&t, STR("t"), true);
    json_add_flag(&t, STR("f"), false);
    json_add_raw(&t, STR("r"), STR("[1,{}]"));
    json_add_string(&t, STR("k\""), STR_NONE);
    json_end(&t);
    assert_true(text_end(&t, &s));
    o = json_read_object(*state, unit_exact(s));
    assert_non_null(o);
    assert_int_equal(o->count, 6);
    assert_str(json_find(o, STR("s"))->text, value);
    assert_str(json_find(o, STR("n"))->text, STR("-5"));
    assert_int_equal(json_find(o, STR("t"))->type, JSON_TRUE);
    assert_int_equal(json_find(o, STR("f"))->type, JSON_FALSE);
    assert_int_equal(json_find(o, STR("r"))->count, 2);
    assert_str(json_find(o, STR("k\""))->text, STR(""));
}

/* A nested object that is written by hand begins without a comma, too. */
static void comma_stands_between_members_alone(void **state)
{
    text t = text_begin(*state, 1000);
    gate_str s;

    json_begin(&t);
    json_add_raw(&t, STR("o"), STR("{"));
    json_add_number(&t, STR("a"), 1);
    json_end(&t);
    json_add_string(&t, STR("b"), STR("{"));
    json_add_number(&t, STR("c"), 2);
    json_end(&t);
    assert_true(text_end(&t, &s));
    assert_str(s, STR("{\"o\":{\"a\":1},\"b\":\"{\",\"c\":2}"));
}

/* {"a":"..."} with one byte that is not an 'x', in every place: eight are looked at at once, and what is left one by one. */
static void every_byte_in_every_place_of_a_string(void **state)
{
    for (size_t at = 0; at < 19; at++) {
        for (int c = 0; c < 256; c++) {
            gate_str filler = unit_repeat(*state, 'x', 19), want = filler, got;
            gate_str document = unit_join(*state, "{\"a\":\"", filler.ptr, "\"}", NULL);
            ((char *)document.ptr)[6 + at] = ((char *)want.ptr)[at] = (char)c;
            got = STR_NONE;
            json_get_string(json_read_object(*state, document), STR("a"), &got);
            if (c >= 0x20 && c <= 0x7f && c != '"' && c != '\\')
                assert_str(got, want);
            else
                assert_null(got.ptr); /* half of an escape or of a UTF-8 sequence, a string that ends too early */
        }
    }
}

/* No byte is read that is not there. */
static void every_text_that_is_cut_off(void **state)
{
    gate_str whole = STR("{\"a\":\"0123456789abcdef0123456789\"}");

    for (size_t n = 0; n < whole.len; n++)
        assert_null(json_read_object(*state, unit_exact(str_part(whole, 0, n))));
    assert_non_null(json_read_object(*state, unit_exact(whole)));
}

/* The names' bits only spare a search: names that share one are told apart, and found twice all the same. */
static void names_that_share_a_bit(void **state)
{
    char one[] = "a??b", two[] = "a??b";
    gate_str document;

    for (int i = 0; i < 26; i++) {
        one[1] = (char)('a' + i), two[2] = (char)('a' + i);
        document = unit_join(*state, "{\"", one, "\":1,\"", two, "\":2}", NULL);
        assert_str(json_find(json_read_object(*state, document), str_of(one))->text, STR("1"));
        assert_str(json_find(json_read_object(*state, document), str_of(two))->text, STR("2"));
        assert_null(json_find(json_read_object(*state, document), STR("a__b")));
        document = unit_join(*state, "{\"", one, "\":1,\"", two, "\":2,\"", one, "\":3}", NULL);
        assert_null(json_read_object(*state, document));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_value),
        TEST(find_wants_an_object_and_the_exact_name),
        TEST(escapes_are_decoded),
        TEST(every_byte_in_every_place_of_a_string),
        TEST(every_text_that_is_cut_off),
        TEST(names_that_share_a_bit),
        TEST(depth_has_a_limit),
        TEST(members_and_nodes_have_limits),
        TEST(short_memory_is_no_object),
        TEST(absent_good_and_wrong_are_three),
        TEST(numbers_are_floored),
        TEST(strings_and_arrays_of_strings),
        TEST(what_is_written_is_read_again),
        TEST(comma_stands_between_members_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
