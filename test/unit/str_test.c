/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "unit.h"

static void str_of_takes_our_own_text(void **state)
{
    (void)state;
    assert_str(str_of("abc"), STR("abc"));
    assert_str(str_of(""), STR(""));
    assert_null(str_of(NULL).ptr);
}

static void equal_compares_lengths_and_bytes(void **state)
{
    (void)state;
    assert_true(str_equal(STR("a\0b"), STR("a\0b")));
    assert_false(str_equal(STR("a\0b"), STR("a\0c")));
    assert_false(str_equal(STR("Black"), STR("Black Mesa")));
    assert_false(str_equal(STR("a"), STR("A")));
    assert_true(str_equal(STR_NONE, STR("")));
    assert_true(str_equal(STR_NONE, STR_NONE));
    assert_false(str_equal(STR_NONE, STR("a")));
}

static void equal_nocase_knows_ascii_alone(void **state)
{
    (void)state;
    assert_true(str_equal_nocase(STR("Content-Type"), STR("cONTENT-tYPE")));
    assert_false(str_equal_nocase(STR("abc"), STR("abcd")));
    assert_false(str_equal_nocase(STR("@"), STR("`")));
    assert_false(str_equal_nocase(STR("["), STR("{")));
    assert_false(str_equal_nocase(STR("\xc4"), STR("\xe4")));
    assert_true(str_equal_nocase(STR_NONE, STR("")));
}

static void prefix_and_suffix(void **state)
{
    (void)state;
    assert_true(str_has_prefix(STR("https://x"), STR("https://")));
    assert_false(str_has_prefix(STR("http"), STR("https")));
    assert_true(str_has_prefix(STR("a"), STR("")));
    assert_true(str_has_prefix(STR_NONE, STR("")));
    assert_true(str_has_suffix(STR("a.example"), STR(".example")));
    assert_false(str_has_suffix(STR("example"), STR(".example")));
    assert_true(str_has_suffix(STR_NONE, STR_NONE));
}

static void find_and_contains(void **state)
{
    size_t at = 99;

    (void)state;
    assert_true(str_find(STR("a=b=c"), '=', &at));
    assert_int_equal(at, 1);
    assert_false(str_find(STR("abc"), '=', &at));
    assert_false(str_find(STR_NONE, '=', &at));
    assert_false(str_find(str_part(unit_exact(STR("ab=")), 0, 2), '=', &at));
    assert_int_equal(at, 1);
    assert_true(str_contains(STR("xaab"), STR("aab")));
    assert_true(str_contains(STR("x"), STR("")));
    assert_false(str_contains(STR("xaa"), STR("aab")));
    assert_false(str_contains(STR_NONE, STR("a")));
    assert_false(str_contains(STR("a"), STR("aa")));
}

static void from_part_trim(void **state)
{
    (void)state;
    assert_str(str_from(STR("abc"), 1), STR("bc"));
    assert_str(str_from(STR("abc"), 3), STR(""));
    assert_null(str_from(STR_NONE, 0).ptr);
    assert_str(str_part(STR("abcd"), 1, 2), STR("bc"));
    assert_str(str_trim(STR(" \t a b\t ")), STR("a b"));
    assert_str(str_trim(STR(" \t ")), STR(""));
    assert_str(str_trim(STR("\na\r")), STR("\na\r"));
    assert_int_equal(str_trim(STR_NONE).len, 0);
}

static void cut_gives_every_piece_once(void **state)
{
    gate_str rest = unit_exact(STR("a..b.")), piece;

    (void)state;
    assert_true(str_cut(&rest, '.', &piece));
    assert_str(piece, STR("a"));
    assert_true(str_cut(&rest, '.', &piece));
    assert_str(piece, STR(""));
    assert_true(str_cut(&rest, '.', &piece));
    assert_str(piece, STR("b"));
    assert_true(str_cut(&rest, '.', &piece));
    assert_str(piece, STR(""));
    assert_null(rest.ptr);
    assert_false(str_cut(&rest, '.', &piece));
    rest = STR_NONE;
    assert_false(str_cut(&rest, '.', &piece));
    rest = STR("");
    assert_true(str_cut(&rest, '.', &piece));
    assert_int_equal(piece.len, 0);
}

static void words_are_separated_by_spaces(void **state)
{
    gate_str list = STR("  openid  email "), word;

    (void)state;
    assert_true(str_word(&list, &word));
    assert_str(word, STR("openid"));
    assert_true(str_word(&list, &word));
    assert_str(word, STR("email"));
    assert_false(str_word(&list, &word));
    list = STR_NONE;
    assert_false(str_word(&list, &word));
    assert_true(str_has_word(STR("a bc d"), STR("bc")));
    assert_false(str_has_word(STR("a bcd"), STR("bc")));
    assert_false(str_has_word(STR("a\tbc"), STR("bc")));
    assert_false(str_has_word(STR(""), STR("a")));
    assert_false(str_has_word(STR("a  b"), STR("")));
}

static void number_is_digits_up_to_a_maximum(void **state)
{
    static const gate_str wrong[] = {STR_INIT(""),
                                     STR_INIT("-1"),
                                     STR_INIT("+1"),
                                     STR_INIT(" 1"),
                                     STR_INIT("1 "),
                                     STR_INIT("0x1"),
                                     STR_INIT("1\0"),
                                     STR_INIT("1e1"),
                                     STR_INIT("\xb2"),
                                     STR_INIT("9223372036854775808"),
                                     STR_INIT("99999999999999999999999")};
    int64_t n = -7;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(str_number(wrong[i], INT64_MAX, &n));
    assert_int_equal(n, -7);
    assert_true(str_number(STR("9223372036854775807"), INT64_MAX, &n));
    assert_true(n == INT64_MAX);
    assert_true(str_number(STR("007"), 7, &n));
    assert_int_equal(n, 7);
    assert_false(str_number(STR("8"), 7, &n));
    assert_true(str_number(STR("0"), 0, &n));
    assert_false(str_number(STR("1"), 0, &n));
}

static void visible_ascii(void **state)
{
    (void)state;
    assert_true(str_is_visible_ascii(STR("!abc~")));
    assert_true(str_is_visible_ascii(STR("")));
    assert_false(str_is_visible_ascii(STR("a b")));
    assert_false(str_is_visible_ascii(STR("a\x7f")));
    assert_false(str_is_visible_ascii(STR("a\x1f")));
    assert_false(str_is_visible_ascii(STR("a\x80")));
    assert_false(str_is_visible_ascii(STR("a\0")));
}

static void hex_digits(void **state)
{
    (void)state;
    for (int c = -128; c < 128; c++) {
        int want = c >= '0' && c <= '9'   ? c - '0'
                   : c >= 'a' && c <= 'f' ? c - 'a' + 10
                   : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                          : -1;
        assert_int_equal(char_hex((char)c), want);
    }
}

/* Two bytes beside each other in every place: eight are looked at at once, and what is left one by one. */
static void visible_ascii_wherever_it_stands(void **state)
{
    char bytes[19];

    (void)state;
    for (size_t at = 0; at + 1 < sizeof bytes; at++) {
        memset(bytes, '0', sizeof bytes);
        for (int pair = 0; pair < 256 * 256; pair++) {
            unsigned char one = (unsigned char)(pair >> 8), two = (unsigned char)pair;
            bytes[at] = (char)one, bytes[at + 1] = (char)two;
            assert_int_equal(str_is_visible_ascii((gate_str){bytes, sizeof bytes}),
                             one > 0x20 && one < 0x7f && two > 0x20 && two < 0x7f);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(str_of_takes_our_own_text),
        TEST(equal_compares_lengths_and_bytes),
        TEST(equal_nocase_knows_ascii_alone),
        TEST(prefix_and_suffix),
        TEST(find_and_contains),
        TEST(from_part_trim),
        TEST(cut_gives_every_piece_once),
        TEST(words_are_separated_by_spaces),
        TEST(number_is_digits_up_to_a_maximum),
        TEST(visible_ascii),
        TEST(visible_ascii_wherever_it_stands),
        TEST(hex_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
