/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our reader of JSON against jansson, on the inputs below, on each of them cut short, and on each with one byte changed. Both agree on
 * what is JSON and on what it says, but for the differences that jansson_differs_on_purpose names.
 */
#include "jansson_view.h"
#include "unit.h"

static const gate_str INPUTS[] = {
    /* Good ones. */
    STR_INIT("{}"),
    STR_INIT(" { } "),
    STR_INIT("{\"a\":1}"),
    STR_INIT("{\"a\":[],\"b\":{},\"c\":\"\"}"),
    STR_INIT("\t\r\n{\"a\":null,\"b\":true,\"c\":false}\n"),
    STR_INIT(
        "{\"iss\":\"https://op.example\",\"sub\":\"248289761001\",\"aud\":[\"s6BhdRkqt3\",\"x\"],\"nonce\":\"n-0S6_WzA2Mj\",\"exp\":1311281970,\"iat\":1311280970.5}"),
    STR_INIT("{\"a\":[1,2,[3,[4,{\"b\":[5]}]]]}"),
    STR_INIT("{\"\":0}"),
    STR_INIT("{\" \":0,\"  \":1}"),
    STR_INIT("{\"a\":{\"a\":{\"a\":1}}}"),
    STR_INIT("{\"a\":\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"}"),
    STR_INIT("{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}"),
    STR_INIT("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}"),
    STR_INIT("{\"a\":\"\\ufffe\\uffff\xef\xbf\xbf\"}"),
    STR_INIT("{\"a\":\"\x7f\"}"),
    STR_INIT("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"},{\"kty\":\"EC\"}]}"),
    STR_INIT("{\"a\":\"\xf4\x8f\xbf\xbf\xee\x80\x80\"}"),
    STR_INIT("{\"a\":\"\\u001f\\u0001\"}"),
    STR_INIT("{\"http://example.com/is_root\":true}"),
    STR_INIT("{\"a\":[[],[[]],{},[{}]]}"),
    STR_INIT("{\"a\":[\"x\",1,null,true,{}]}"),
    /* Numbers. */
    STR_INIT("{\"a\":0}"),
    STR_INIT("{\"a\":-0}"),
    STR_INIT("{\"a\":-1}"),
    STR_INIT("{\"a\":1e5}"),
    STR_INIT("{\"a\":1E+5}"),
    STR_INIT("{\"a\":1e-5}"),
    STR_INIT("{\"a\":0.0}"),
    STR_INIT("{\"a\":-0.5e-7}"),
    STR_INIT("{\"a\":9223372036854775807}"),
    STR_INIT("{\"a\":-9223372036854775808}"),
    STR_INIT("{\"a\":9223372036854775808}"),
    STR_INIT("{\"a\":1e400}"),
    STR_INIT("{\"a\":1e-400}"),
    STR_INIT("{\"a\":123456789012345678901234567890}"),
    STR_INIT("{\"a\":01}"),
    STR_INIT("{\"a\":-01}"),
    STR_INIT("{\"a\":00}"),
    STR_INIT("{\"a\":+1}"),
    STR_INIT("{\"a\":1.}"),
    STR_INIT("{\"a\":.5}"),
    STR_INIT("{\"a\":1e}"),
    STR_INIT("{\"a\":1e+}"),
    STR_INIT("{\"a\":-}"),
    STR_INIT("{\"a\":--1}"),
    STR_INIT("{\"a\":0x1}"),
    STR_INIT("{\"a\":1e5.5}"),
    STR_INIT("{\"a\":NaN}"),
    STR_INIT("{\"a\":Infinity}"),
    STR_INIT("{\"a\":-Infinity}"),
    STR_INIT("{\"a\":1_0}"),
    STR_INIT("{\"a\":1 0}"),
    STR_INIT("{\"a\":[0,-0,0.1,1e1,9007199254740993]}"),
    STR_INIT("{\"a\":1.7976931348623157e308}"),
    STR_INIT("{\"a\":2e308}"),
    STR_INIT("{\"a\":0e999}"),
    STR_INIT("{\"a\":0.1e400}"),
    STR_INIT("{\"a\":1,\"b\":2.50}"),
    /* Structure. */
    STR_INIT(""),
    STR_INIT(" "),
    STR_INIT("{"),
    STR_INIT("}"),
    STR_INIT("{}}"),
    STR_INIT("{}{}"),
    STR_INIT("{},"),
    STR_INIT("{}x"),
    STR_INIT("{\"a\":1,}"),
    STR_INIT("{,\"a\":1}"),
    STR_INIT("{\"a\":[1,]}"),
    STR_INIT("{\"a\":[,1]}"),
    STR_INIT("{\"a\":[1 2]}"),
    STR_INIT("{\"a\" 1}"),
    STR_INIT("{\"a\"}"),
    STR_INIT("{\"a\":}"),
    STR_INIT("{a:1}"),
    STR_INIT("{'a':1}"),
    STR_INIT("{1:1}"),
    STR_INIT("{null:1}"),
    STR_INIT("{\"a\":1 \"b\":2}"),
    STR_INIT("{\"a\":1;}"),
    STR_INIT("{\"a\":[}"),
    STR_INIT("{\"a\":{]}"),
    STR_INIT("{\"a\":[1}"),
    STR_INIT("{\"a\":(1)}"),
    STR_INIT("{\"a\"::1}"),
    STR_INIT("{[]:1}"),
    STR_INIT("{{}:1}"),
    STR_INIT("[]"),
    STR_INIT("[{}]"),
    STR_INIT("\"a\""),
    STR_INIT("1"),
    STR_INIT("null"),
    STR_INIT("{\"a\":1/**/}"),
    STR_INIT("{}//"),
    STR_INIT("{}#"),
    STR_INIT("{\"a\":True}"),
    STR_INIT("{\"a\":nul}"),
    STR_INIT("{\"a\":nulll}"),
    STR_INIT("{\"a\":truefalse}"),
    STR_INIT("{\"a\":tru"),
    STR_INIT("{\"a\":undefined}"),
    STR_INIT("{}\0"),
    STR_INIT("{}\0{}"),
    STR_INIT("\0{}"),
    STR_INIT("{\0}"),
    STR_INIT("{\"a\":\0}"),
    STR_INIT("{}\x0b"),
    STR_INIT("{}\x0c"),
    STR_INIT("{}\xa0"),
    STR_INIT("{\x1c}"),
    STR_INIT("{}\n\n\n"),
    /* Members twice. */
    STR_INIT("{\"a\":1,\"a\":2}"),
    STR_INIT("{\"a\":1,\"\\u0061\":2}"),
    STR_INIT("{\"x\":{\"a\":1,\"a\":2}}"),
    STR_INIT("{\"x\":[{\"a\":1,\"a\":2}]}"),
    STR_INIT("{\"\":1,\"\":2}"),
    STR_INIT("{\"\xc3\xa9\":1,\"\\u00e9\":2}"),
    STR_INIT("{\"a\":1,\"A\":2}"),
    STR_INIT("{\"a\":1,\"a \":2}"),
    STR_INIT("{\"a\":{\"b\":1},\"b\":{\"b\":1}}"),
    STR_INIT("{\"/\":1,\"\\/\":2}"),
    STR_INIT("{\"a\\n\":1,\"a\\u000a\":2}"),
    /* Strings. */
    STR_INIT("{\"a\":\"\\u0000\"}"),
    STR_INIT("{\"\\u0000\":1}"),
    STR_INIT("{\"a\":\"\0\"}"),
    STR_INIT("{\"a\":\"x\0y\"}"),
    STR_INIT("{\"a\0\":1}"),
    STR_INIT("{\"a\":\"\n\"}"),
    STR_INIT("{\"a\":\"\t\"}"),
    STR_INIT("{\"a\":\"\x1f\"}"),
    STR_INIT("{\"a\":\"\\x41\"}"),
    STR_INIT("{\"a\":\"\\'\"}"),
    STR_INIT("{\"a\":\"\\u\"}"),
    STR_INIT("{\"a\":\"\\u12\"}"),
    STR_INIT("{\"a\":\"\\u12g4\"}"),
    STR_INIT("{\"a\":\"\\U0041\"}"),
    STR_INIT("{\"a\":\"\\"),
    STR_INIT("{\"a\":\"\\\"}"),
    STR_INIT("{\"a\":\"b}"),
    STR_INIT("{\"a"),
    STR_INIT("{\"a\":\"\\\n\"}"),
    STR_INIT("{\"a\":\"\\ud800\"}"),
    STR_INIT("{\"a\":\"\\udc00\"}"),
    STR_INIT("{\"a\":\"\\ud800\\ud800\"}"),
    STR_INIT("{\"a\":\"\\ud800\\u0041\"}"),
    STR_INIT("{\"a\":\"\\udc00\\ud800\"}"),
    STR_INIT("{\"a\":\"\\ud83d\\ude0\"}"),
    STR_INIT("{\"a\":\"\\ud83dx\\ude00\"}"),
    STR_INIT("{\"a\":\"\\uD83D\\uDE00\"}"),
    STR_INIT("{\"\\ud83d\\ude00\":1}"),
    STR_INIT("{\"a\":\"\\0\"}"),
    STR_INIT("{\"a\":\"\\\xc3\xa9\"}"),
    STR_INIT("{\"a\":\"\\ud800\\n\"}"),
    STR_INIT("{\"a\":\"\\udbff\\udfff\"}"),
    /* Bytes. */
    STR_INIT("{\"a\":\"\x80\"}"),
    STR_INIT("{\"a\":\"\xff\"}"),
    STR_INIT("{\"a\":\"\xc0\x80\"}"),
    STR_INIT("{\"a\":\"\xc1\xbf\"}"),
    STR_INIT("{\"a\":\"\xc3\"}"),
    STR_INIT("{\"a\":\"\xc3("),
    STR_INIT("{\"a\":\"\xe0\x80\x80\"}"),
    STR_INIT("{\"a\":\"\xe0\xa0\x80\"}"),
    STR_INIT("{\"a\":\"\xe2\x82\"}"),
    STR_INIT("{\"a\":\"\xed\x9f\xbf\"}"),
    STR_INIT("{\"a\":\"\xed\xa0\x80\"}"),
    STR_INIT("{\"a\":\"\xed\xbf\xbf\"}"),
    STR_INIT("{\"a\":\"\xf0\x80\x80\x80\"}"),
    STR_INIT("{\"a\":\"\xf0\x90\x80\x80\"}"),
    STR_INIT("{\"a\":\"\xf4\x90\x80\x80\"}"),
    STR_INIT("{\"a\":\"\xf5\x80\x80\x80\"}"),
    STR_INIT("{\"a\":\"\xf8\x88\x80\x80\x80\"}"),
    STR_INIT("{\"\xff\":1}"),
    STR_INIT("{\"\xc3\xa9\":1}"),
    STR_INIT("\xef\xbb\xbf{}"),
    STR_INIT("{}\xef\xbb\xbf"),
    STR_INIT("\xff\xfe{\0}\0"),
    STR_INIT("{\"a\":\"\xef\xbf\xbe\"}"),
    /* Depth. */
    STR_INIT("{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}"),
    STR_INIT("{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}"),
    STR_INIT("{\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}"),
    STR_INIT(
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}}"),
};

/* 1 when both take it, 0 when both refuse, -1 when they differ on purpose. */
static int compare(arena *a, gate_str input)
{
    jansson_view theirs = jansson_read(input.ptr, input.len);
    const json *ours = json_read_object(a, input);
    bool on_purpose = jansson_differs_on_purpose(&theirs, ours, input),
         agree = on_purpose || (ours == NULL && !theirs.good);

    if (!agree && ours != NULL && theirs.good)
        agree = jansson_same(ours, json_read_object(a, str_of(theirs.text)));
    if (!agree)
        print_error("%s, by jansson %s: %.*s\n", ours ? "taken" : "refused", theirs.good ? theirs.text : "refused",
                    (int)input.len, input.ptr);
    free(theirs.text);
    assert_true(agree);
    return on_purpose ? -1 : ours != NULL;
}

static void inputs_as_they_stand(void **state)
{
    int counts[3] = {0};

    for (size_t i = 0; i < COUNT(INPUTS); i++)
        counts[1 + compare(*state, unit_exact(INPUTS[i]))]++;
    assert_true(counts[0] >= 8); /* differing on purpose */
    assert_true(counts[1] >= 80);
    assert_true(counts[2] >= 40);
}

static void inputs_cut_short(void **state)
{
    for (size_t i = 0; i < COUNT(INPUTS); i++) {
        for (size_t n = 0; n < INPUTS[i].len; n++)
            compare(*state, str_part(INPUTS[i], 0, n));
        arena_reset(*state);
    }
}

static void inputs_with_one_byte_changed(void **state)
{
    static const char bytes[] = {'\0', ' ',    '"',    '\\',   '{',    '}',    '[',    ']',   ',',
                                 ':',  '0',    '1',    '-',    '.',    'e',    'u',    'n',   '/',
                                 '\n', '\x1f', '\x7f', '\x80', '\xc3', '\xed', '\xf4', '\xff'};
    char copy[256];

    for (size_t i = 0; i < COUNT(INPUTS); i++) {
        size_t n = INPUTS[i].len;
        assert_true(n < sizeof copy);
        for (size_t at = 0; at < n; at++) {
            for (size_t k = 0; k < COUNT(bytes); k++) {
                memcpy(copy, INPUTS[i].ptr, n);
                copy[at] = bytes[k];
                compare(*state, (gate_str){copy, n});
            }
            arena_reset(*state);
        }
    }
}

static void inputs_with_one_byte_more(void **state)
{
    static const char bytes[] = {'\0', ' ', '"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', '\n', '\xff'};
    char copy[256];

    for (size_t i = 0; i < COUNT(INPUTS); i++) {
        for (size_t at = 0; at <= INPUTS[i].len; at++) {
            memcpy(copy, INPUTS[i].ptr, at);
            memcpy(copy + at + 1, INPUTS[i].ptr + at, INPUTS[i].len - at);
            for (size_t k = 0; k < COUNT(bytes); k++) {
                copy[at] = bytes[k];
                compare(*state, (gate_str){copy, INPUTS[i].len + 1});
            }
            arena_reset(*state);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(inputs_as_they_stand),
        TEST(inputs_cut_short),
        TEST(inputs_with_one_byte_changed),
        TEST(inputs_with_one_byte_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
