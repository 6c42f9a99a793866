/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on the JSON of a payload, D42 to D50, and on its claims, E51 to E55. The same reader reads headers and key sets. */
#include "jose/claims.h"
#include "unit.h"

static bool good(arena *a, gate_str payload)
{
    claims c;

    return claims_read(a, unit_exact(payload), &c);
}

static void refuse_all(arena *a, const gate_str payloads[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (good(a, payloads[i]))
            print_error("accepted: %.*s\n", (int)payloads[i].len, payloads[i].ptr);
        assert_false(good(a, payloads[i]));
    }
}

static void d42_claim_twice(void **state)
{
    static const gate_str payloads[] = {STR_INIT("{\"sub\":\"a\",\"sub\":\"b\"}"),
                                        STR_INIT("{\"sub\":\"a\",\"sub\":\"a\"}"),
                                        STR_INIT("{\"exp\":1,\"x\":0,\"exp\":9}"),
                                        STR_INIT("{\"aud\":\"a\",\"aud\":[\"a\"]}"),
                                        STR_INIT("{\"sub\":\"a\",\"s\\u0075b\":\"b\"}"),
                                        STR_INIT("{\"\\u0073\\u0075\\u0062\":\"a\",\"sub\":\"b\"}"),
                                        STR_INIT("{\"x\":{\"a\":1,\"\\u0061\":2}}"),
                                        STR_INIT("{\"x\":[{\"a\":1,\"a\":2}]}"),
                                        STR_INIT("{\"\":1,\"\":2}"),
                                        STR_INIT("{\"\xc3\xa9\":1,\"\\u00e9\":2}"),
                                        STR_INIT("{\"/\":1,\"\\/\":2}"),
                                        STR_INIT("{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}")};

    refuse_all(*state, payloads, COUNT(payloads));
    assert_true(good(*state, STR("{\"sub\":\"a\",\"Sub\":\"b\",\"x\":{\"sub\":1},\"y\":{\"sub\":2}}")));
}

static void d43_something_behind(void **state)
{
    static const gate_str payloads[] = {
        STR_INIT("{}{}"),   STR_INIT("{}x"),    STR_INIT("{}\0"),  STR_INIT("{}\0{\"sub\":\"b\"}"),
        STR_INIT("{}]"),    STR_INIT("{}}"),    STR_INIT("{},"),   STR_INIT("{} 1"),
        STR_INIT("{}\"\""), STR_INIT("{}\x0b"), STR_INIT("{}\f"),  STR_INIT("{}\xc2\xa0"),
        STR_INIT("\0{}"),   STR_INIT("{}//"),   STR_INIT("{}\x1a")};

    refuse_all(*state, payloads, COUNT(payloads));
    assert_true(good(*state, STR(" \t\r\n{} \t\r\n")));
}

static void d44_what_only_looks_like_json(void **state)
{
    static const gate_str payloads[] = {STR_INIT("{\"a\":1/* */}"),
                                        STR_INIT("{\"a\":1}//"),
                                        STR_INIT("{'a':1}"),
                                        STR_INIT("{a:1}"),
                                        STR_INIT("{\"a\":1,}"),
                                        STR_INIT("{\"a\":[1,]}"),
                                        STR_INIT("{,\"a\":1}"),
                                        STR_INIT("{\"a\":[,1]}"),
                                        STR_INIT("{\"a\":[1,,2]}"),
                                        STR_INIT("{\"a\":NaN}"),
                                        STR_INIT("{\"a\":Infinity}"),
                                        STR_INIT("{\"a\":-Infinity}"),
                                        STR_INIT("{\"a\":01}"),
                                        STR_INIT("{\"a\":-01}"),
                                        STR_INIT("{\"a\":00}"),
                                        STR_INIT("{\"a\":+1}"),
                                        STR_INIT("{\"a\":1.}"),
                                        STR_INIT("{\"a\":.5}"),
                                        STR_INIT("{\"a\":-.5}"),
                                        STR_INIT("{\"a\":1e}"),
                                        STR_INIT("{\"a\":1e+}"),
                                        STR_INIT("{\"a\":1.e5}"),
                                        STR_INIT("{\"a\":0x10}"),
                                        STR_INIT("{\"a\":1_000}"),
                                        STR_INIT("{\"a\":-}"),
                                        STR_INIT("{\"a\":--1}"),
                                        STR_INIT("{\"a\":1 2}"),
                                        STR_INIT("{\"a\":1e5.5}"),
                                        STR_INIT("{\"a\":True}"),
                                        STR_INIT("{\"a\":TRUE}"),
                                        STR_INIT("{\"a\":tru}"),
                                        STR_INIT("{\"a\":nul}"),
                                        STR_INIT("{\"a\":nullx}"),
                                        STR_INIT("{\"a\":undefined}"),
                                        STR_INIT("{\"a\"}"),
                                        STR_INIT("{\"a\":}"),
                                        STR_INIT("{\"a\" 1}"),
                                        STR_INIT("{\"a\"=1}"),
                                        STR_INIT("{\"a\"::1}"),
                                        STR_INIT("{:1}"),
                                        STR_INIT("{1:1}"),
                                        STR_INIT("{null:1}"),
                                        STR_INIT("{\"a\":1 \"b\":2}"),
                                        STR_INIT("{\"a\":1;\"b\":2}"),
                                        STR_INIT("{"),
                                        STR_INIT("}"),
                                        STR_INIT("{\"a\":[}"),
                                        STR_INIT("{\"a\":[1}"),
                                        STR_INIT("{\"a\":{]}"),
                                        STR_INIT("{\"a\":\"b}"),
                                        STR_INIT("{\"a\":\"b\\\"}"),
                                        STR_INIT("{\"a\":\"\\"),
                                        STR_INIT("{\"a"),
                                        STR_INIT("{\"a\":1"),
                                        STR_INIT("{\"a\":t")};

    refuse_all(*state, payloads, COUNT(payloads));
}

static void d45_bytes_that_are_no_text(void **state)
{
    static const gate_str payloads[] = {STR_INIT("{\"a\":\"\xff\"}"),
                                        STR_INIT("{\"a\":\"\x80\"}"),
                                        STR_INIT("{\"a\":\"\xc0\x80\"}"),
                                        STR_INIT("{\"a\":\"\xc1\xbf\"}"),
                                        STR_INIT("{\"a\":\"\xe0\x80\x80\"}"),
                                        STR_INIT("{\"a\":\"\xe0\x9f\xbf\"}"),
                                        STR_INIT("{\"a\":\"\xed\xa0\x80\"}"),
                                        STR_INIT("{\"a\":\"\xed\xbf\xbf\"}"),
                                        STR_INIT("{\"a\":\"\xf0\x80\x80\x80\"}"),
                                        STR_INIT("{\"a\":\"\xf0\x8f\xbf\xbf\"}"),
                                        STR_INIT("{\"a\":\"\xf4\x90\x80\x80\"}"),
                                        STR_INIT("{\"a\":\"\xf5\x80\x80\x80\"}"),
                                        STR_INIT("{\"a\":\"\xf8\x88\x80\x80\x80\"}"),
                                        STR_INIT("{\"a\":\"\xc3\"}"),
                                        STR_INIT("{\"a\":\"\xe2\x82\"}"),
                                        STR_INIT("{\"a\":\"\xc3"),
                                        STR_INIT("{\"a\":\"\xe2\x82"),
                                        STR_INIT("{\"a\":\"\xf0\x9f\x98"),
                                        STR_INIT("{\"a\":\"\xc3\x28\"}"),
                                        STR_INIT("{\"\xff\":1}"),
                                        STR_INIT("{\"a\":\"\\ud800\"}"),
                                        STR_INIT("{\"a\":\"\\udc00\"}"),
                                        STR_INIT("{\"a\":\"\\ud800\\ud800\"}"),
                                        STR_INIT("{\"a\":\"\\ud800x\"}"),
                                        STR_INIT("{\"a\":\"\\ud800\\n\"}"),
                                        STR_INIT("{\"a\":\"\\ud800\\u0041\"}"),
                                        STR_INIT("{\"a\":\"\\udc00\\ud800\"}"),
                                        STR_INIT("{\"a\":\"\\u12\"}"),
                                        STR_INIT("{\"a\":\"\\u12g4\"}"),
                                        STR_INIT("{\"a\":\"\\ud83d\\ude0\"}"),
                                        STR_INIT("{\"a\":\"\\U0041\"}"),
                                        STR_INIT("{\"a\":\"\\x41\"}"),
                                        STR_INIT("{\"a\":\"\\'\"}"),
                                        STR_INIT("{\"a\":\"\\\xc3\xa9\"}"),
                                        STR_INIT("{\"a\":\"\\0\"}"),
                                        STR_INIT("{\"a\":\"\n\"}"),
                                        STR_INIT("{\"a\":\"\t\"}"),
                                        STR_INIT("{\"a\":\"\r\"}"),
                                        STR_INIT("{\"a\":\"\x1f\"}"),
                                        STR_INIT("{\"a\":\"\\\n\"}"),
                                        STR_INIT("{\"a\n\":1}"),
                                        STR_INIT("\xef\xbb\xbf{}"),
                                        STR_INIT("\xff\xfe{\0}\0"),
                                        STR_INIT("{\0}\0"),
                                        STR_INIT("\0{\0}"),
                                        STR_INIT("{\xc2\xa0}"),
                                        STR_INIT("{\x0b}")};

    refuse_all(*state, payloads, COUNT(payloads));
}

static void d46_nul_in_a_string(void **state)
{
    static const gate_str payloads[] = {STR_INIT("{\"iss\":\"a\\u0000x\"}"),    STR_INIT("{\"sub\":\"\\u0000\"}"),
                                        STR_INIT("{\"aud\":\"rp\\u0000\"}"),    STR_INIT("{\"aud\":[\"rp\\u0000\"]}"),
                                        STR_INIT("{\"sub\":\"a\0x\"}"),         STR_INIT("{\"s\\u0000ub\":1}"),
                                        STR_INIT("{\"x\":{\"y\":\"\\u0000\"}}")};

    refuse_all(*state, payloads, COUNT(payloads));
}

static gate_str nested(arena *a, const char *open, const char *close, int depth)
{
    text t = text_begin(a, 1 << 21);
    gate_str s;

    text_add(&t, STR("{\"x\":"));
    for (int i = 1; i < depth; i++)
        text_add(&t, str_of(open));
    text_add(&t, STR("1"));
    for (int i = 1; i < depth; i++)
        text_add(&t, str_of(close));
    text_add(&t, STR("}"));
    assert_true(text_end(&t, &s));
    return s;
}

static void d47_deep(void **state)
{
    assert_true(good(*state, nested(*state, "[", "]", 16)));
    assert_false(good(*state, nested(*state, "[", "]", 17)));
    assert_true(good(*state, nested(*state, "{\"x\":", "}", 16)));
    assert_false(good(*state, nested(*state, "{\"x\":", "}", 17)));
    assert_false(good(*state, nested(*state, "[", "]", 100000)));
    assert_false(good(*state, nested(*state, "{\"x\":", "}", 100000)));
    assert_false(good(*state, unit_repeat(*state, '[', 1000000)));
    assert_false(good(*state, unit_repeat(*state, '{', 1000000)));
}

static void d48_many(void **state)
{
    text members = text_begin(*state, 1 << 20), items = text_begin(*state, 1 << 20);
    gate_str s;

    text_add(&members, STR("{\"a\":0"));
    text_add(&items, STR("{\"a\":[0"));
    for (int i = 0; i < 20000; i++) {
        text_add(&members, STR(",\"m"));
        text_add_number(&members, i);
        text_add(&members, STR("\":0"));
        text_add(&items, STR(",0"));
    }
    text_add(&members, STR("}"));
    text_add(&items, STR("]}"));
    assert_true(text_end(&members, &s));
    assert_false(good(*state, s));
    assert_true(text_end(&items, &s));
    assert_false(good(*state, s));
}

static void d49_no_object(void **state)
{
    static const gate_str payloads[] = {STR_INIT(""),     STR_INIT(" "),     STR_INIT("[]"),
                                        STR_INIT("[{}]"), STR_INIT("\"a\""), STR_INIT("5"),
                                        STR_INIT("null"), STR_INIT("true"),  STR_INIT("\n")};

    refuse_all(*state, payloads, COUNT(payloads));
}

static void d50_nearly_the_same_string(void **state)
{
    static const char *const near[] = {"Black Mesa", "Blac",   "black",       "BLACK", "Black ",
                                       " Black",     "Black/", "Bl\\u0430ck", "",      "Black\\n"};

    for (size_t i = 0; i < COUNT(near); i++) {
        claims c;
        bool readable = claims_read(
            *state,
            unit_join(*state, "{\"iss\":\"", near[i], "\",\"x\":\"", near[i], "\",\"aud\":[\"", near[i], "\"]}", NULL),
            &c);
        assert_true(readable);
        assert_false(str_equal(c.iss, STR("Black")));
        assert_false(claims_aud_has(&c, STR("Black")));
        assert_false(json_is_string(json_find(c.all, STR("x")), STR("Black")));
    }
}

static void e52_impossible_times(void **state)
{
    static const gate_str payloads[] = {
        STR_INIT("{\"exp\":-1}"),    STR_INIT("{\"exp\":1e400}"),
        STR_INIT("{\"exp\":1e19}"),  STR_INIT("{\"exp\":9223372036854775808}"),
        STR_INIT("{\"exp\":9e18}"),  STR_INIT("{\"exp\":\"1300819380\"}"),
        STR_INIT("{\"exp\":true}"),  STR_INIT("{\"exp\":null}"),
        STR_INIT("{\"nbf\":[]}"),    STR_INIT("{\"iat\":{}}"),
        STR_INIT("{\"nbf\":\"0\"}"), STR_INIT("{\"exp\":99999999999999999999999999999999999999}")};
    claims c;

    refuse_all(*state, payloads, COUNT(payloads));
    assert_true(claims_read(*state, STR("{\"exp\":1.5e9,\"iat\":1300819380.9}"), &c));
    assert_int_equal(c.exp, 1500000000);
    assert_int_equal(c.iat, 1300819380);
    assert_true(claims_read(*state, STR("{\"exp\":0}"), &c));
    assert_true(claims_is_expired(&c, 1, 0));
}

static void e55_audience(void **state)
{
    static const struct {
        const char *aud;
        bool has;
    } each[] = {{"\"rp\"", true},   {"[\"rp\"]", true},  {"[\"x\",\"rp\"]", true}, {"[\"x\"]", false},
                {"\"rp \"", false}, {"\"rp,x\"", false}, {"\"x rp\"", false},      {"[\"RP\"]", false}};
    claims c;

    for (size_t i = 0; i < COUNT(each); i++) {
        assert_true(claims_read(*state, unit_join(*state, "{\"aud\":", each[i].aud, "}", NULL), &c));
        assert_int_equal(claims_aud_has(&c, STR("rp")), each[i].has);
    }
    assert_false(good(*state, STR("{\"aud\":[\"rp\",1]}")));
    assert_false(good(*state, STR("{\"aud\":{\"rp\":\"rp\"}}")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(d42_claim_twice),
        TEST(d43_something_behind),
        TEST(d44_what_only_looks_like_json),
        TEST(d45_bytes_that_are_no_text),
        TEST(d46_nul_in_a_string),
        TEST(d47_deep),
        TEST(d48_many),
        TEST(d49_no_object),
        TEST(d50_nearly_the_same_string),
        TEST(e52_impossible_times),
        TEST(e55_audience),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
