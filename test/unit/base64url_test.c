/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64url.h"
#include "unit.h"

typedef struct pair {
    gate_str bytes, url, plain;
} pair;

/* RFC 4648 section 10, RFC 7515 appendix C, and the two characters in which the alphabets differ. */
static const pair PAIRS[] = {
    {STR_INIT(""), STR_INIT(""), STR_INIT("")},
    {STR_INIT("f"), STR_INIT("Zg"), STR_INIT("Zg==")},
    {STR_INIT("fo"), STR_INIT("Zm8"), STR_INIT("Zm8=")},
    {STR_INIT("foo"), STR_INIT("Zm9v"), STR_INIT("Zm9v")},
    {STR_INIT("foob"), STR_INIT("Zm9vYg"), STR_INIT("Zm9vYg==")},
    {STR_INIT("fooba"), STR_INIT("Zm9vYmE"), STR_INIT("Zm9vYmE=")},
    {STR_INIT("foobar"), STR_INIT("Zm9vYmFy"), STR_INIT("Zm9vYmFy")},
    {STR_INIT("\x03\xec\xff\xe0\xc1"), STR_INIT("A-z_4ME"), STR_INIT("A+z/4ME=")},
    {STR_INIT("\xff\xff\xff"), STR_INIT("____"), STR_INIT("////")},
    {STR_INIT("\0\0\0\0"), STR_INIT("AAAAAA"), STR_INIT("AAAAAA==")},
};

static void vectors_there_and_back(void **state)
{
    for (size_t i = 0; i < COUNT(PAIRS); i++) {
        text url = text_begin(*state, 100), plain = text_begin(*state, 100);
        gate_str got;
        base64url_write(&url, unit_exact(PAIRS[i].bytes));
        assert_true(text_end(&url, &got));
        assert_str(got, PAIRS[i].url);
        assert_int_equal(BASE64URL_SIZE(PAIRS[i].bytes.len), got.len);
        base64_write(&plain, unit_exact(PAIRS[i].bytes));
        assert_true(text_end(&plain, &got));
        assert_str(got, PAIRS[i].plain);
        assert_true(base64url_read(*state, unit_exact(PAIRS[i].url), &got));
        assert_non_null(got.ptr);
        assert_str(got, PAIRS[i].bytes);
    }
}

static void every_length_there_and_back(void **state)
{
    unsigned char bytes[300];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + i / 7);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        text t = text_begin(*state, 1000);
        gate_str encoded, got, want;
        base64url_write(&t, (gate_str){(char *)bytes, n});
        assert_true(text_end(&t, &encoded));
        assert_true(base64url_read(*state, unit_exact(encoded), &got));
        want = (gate_str){(char *)bytes, n};
        assert_str(got, want);
    }
}

static void nothing_reads_as_nothing(void **state)
{
    unsigned char out[2];
    size_t n = 7;
    gate_str got;

    assert_true(base64url_read_at(STR_NONE, out, &n));
    assert_int_equal(n, 0);
    assert_true(base64url_read(*state, STR_NONE, &got));
    assert_int_equal(got.len, 0);
}

static void wrong_forms_are_refused(void **state)
{
    static const gate_str wrong[] = {
        STR_INIT("A"),       STR_INIT("AAAAA"),                                      /* 1 mod 4 */
        STR_INIT("Zg=="),    STR_INIT("Zm8="),     STR_INIT("Zm9v="), STR_INIT("="), /* padding */
        STR_INIT("A+z_4ME"), STR_INIT("A-z/4ME"),                                    /* the other alphabet */
        STR_INIT("Zm9v\n"),  STR_INIT(" Zm9v"),    STR_INIT("Zm 9"),  STR_INIT("Zm\t9v"),
        STR_INIT("Zm\0v"),   STR_INIT("Zm9v\r\n"), STR_INIT("Zm9?"),  STR_INIT("####"),
        STR_INIT("Zm9\x80"), STR_INIT("Zm9\xff"),  STR_INIT("Zm9."),  STR_INIT("Z."),
        STR_INIT(".g"),      STR_INIT("Zm."),      STR_INIT("Z.8"),   STR_INIT(".m8"),
        STR_INIT("Zh"),      STR_INIT("Zk"),       STR_INIT("Zo"),    STR_INIT("Zv"), /* bits behind the last byte */
        STR_INIT("Zm9"),     STR_INIT("AB"),       STR_INIT("AAB"),   STR_INIT("AAC"),
    };
    gate_str got;

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(base64url_read(*state, unit_exact(wrong[i]), &got));
}

/* Of all endings of two and three characters just one in 16 and one in 4 is right. */
static void every_byte_has_one_spelling(void **state)
{
    unsigned char out[4];
    char two[2] = "AA", three[3] = "AAA";
    size_t good_two = 0, good_three = 0, n;

    (void)state;
    for (int c = 0; c < 256; c++) {
        two[1] = three[2] = (char)c;
        good_two += base64url_read_at((gate_str){two, 2}, out, &n);
        good_three += base64url_read_at((gate_str){three, 3}, out, &n);
    }
    assert_int_equal(good_two, 4);
    assert_int_equal(good_three, 16);
}

static void writes_no_further_than_promised(void **state)
{
    for (size_t n = 0; n < 64; n++) {
        size_t promised = n / 4 * 3 + 2, written;
        gate_str room = unit_exact(unit_repeat(*state, 'x', promised));
        base64url_read_at(unit_exact(unit_repeat(*state, 'A', n)), (unsigned char *)room.ptr, &written);
    }
}

static void short_memory_fails(void **state)
{
    gate_str got;
    arena tiny;

    arena_open(&tiny, 100);
    assert_false(base64url_read(&tiny, unit_repeat(*state, 'A', 400), &got));
    arena_close(&tiny);
}

static int value_of(int c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *found = c ? strchr(alphabet, c) : NULL;

    return found ? (int)(found - alphabet) : -1;
}

/* Of the whole fours and of the tail. */
static void every_byte_in_every_place(void **state)
{
    unsigned char out[9];
    int want;
    char chars[11];
    size_t n;

    (void)state;
    for (size_t at = 0; at < sizeof chars; at++) {
        for (int c = 0; c < 256; c++) {
            int value = value_of(c);
            bool good = value >= 0 && (at < 10 || (value & 3) == 0);
            memset(chars, 'A', sizeof chars);
            chars[at] = (char)c;
            assert_int_equal(base64url_read_at((gate_str){chars, sizeof chars}, out, &n), good);
            if (!good)
                continue;
            assert_int_equal(n, 8);
            for (size_t bit = 0; bit < 64; bit++) {
                want = bit / 6 == at ? value >> (5 - bit % 6) & 1 : 0;
                assert_int_equal(out[bit / 8] >> (7 - bit % 8) & 1, want);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(vectors_there_and_back),          TEST(every_length_there_and_back), TEST(nothing_reads_as_nothing),
        TEST(wrong_forms_are_refused),         TEST(every_byte_has_one_spelling), TEST(every_byte_in_every_place),
        TEST(writes_no_further_than_promised), TEST(short_memory_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
