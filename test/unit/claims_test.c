/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/claims.h"
#include "rfc.h"
#include "unit.h"

static bool read(arena *a, const char *payload, claims *c)
{
    return claims_read(a, unit_exact(str_of(payload)), c);
}

static void rfc7519_example(void **state)
{
    claims c;

    assert_true(read(*state, RFC7515_PAYLOAD, &c)); /* the same as in RFC 7519 section 3.1 */
    assert_str(c.iss, STR("joe"));
    assert_int_equal(c.exp, 1300819380);
    assert_int_equal(json_find(c.all, STR("http://example.com/is_root"))->type, JSON_TRUE);
    assert_null(c.sub.ptr);
    assert_null(c.aud);
    assert_int_equal(c.iat, -1);
}

static void every_registered_claim(void **state)
{
    claims c;

    assert_true(read(
        *state,
        "{\"iss\":\"i\",\"sub\":\"s\",\"azp\":\"z\",\"nonce\":\"n\",\"at_hash\":\"h\",\"acr\":\"c\",\"jti\":\"j\",\"sid\":\"d\","
        "\"aud\":[\"a\",\"b\"],\"exp\":5.9,\"nbf\":2,\"iat\":3,\"auth_time\":0}",
        &c));
    assert_str(c.iss, STR("i"));
    assert_str(c.sub, STR("s"));
    assert_str(c.azp, STR("z"));
    assert_str(c.nonce, STR("n"));
    assert_str(c.at_hash, STR("h"));
    assert_str(c.acr, STR("c"));
    assert_str(c.jti, STR("j"));
    assert_str(c.sid, STR("d"));
    assert_int_equal(c.aud->count, 2);
    assert_int_equal(c.exp, 5);
    assert_int_equal(c.nbf, 2);
    assert_int_equal(c.iat, 3);
    assert_int_equal(c.auth_time, 0);
}

static void nothing_there_is_nothing_there(void **state)
{
    claims c;

    assert_true(read(*state, "{}", &c));
    assert_null(c.iss.ptr);
    assert_null(c.nonce.ptr);
    assert_null(c.aud);
    assert_true(c.exp == -1 && c.nbf == -1 && c.iat == -1 && c.auth_time == -1);
    assert_true(claims_is_expired(&c, 0, 1000));
    assert_false(claims_aud_has(&c, STR("")));
    assert_false(claims_aud_is_only(&c, STR("")));
}

static void no_object_is_refused(void **state)
{
    static const char *const wrong[] = {"", "[]", "\"iss\"", "1", "null", "{\"a\":1}{", "{\"a\":1},", "{a:1}", "x"};
    claims c;

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(read(*state, wrong[i], &c));
    assert_false(claims_read(*state, STR_NONE, &c));
}

static void wrong_type_is_never_absent(void **state)
{
    static const char *const strings[] = {"iss", "sub", "azp", "nonce", "at_hash", "acr", "jti", "sid"};
    static const char *const times[] = {"exp", "nbf", "iat", "auth_time"};
    static const char *const no_string[] = {"1", "null", "true", "[]", "[\"a\"]", "{}"};
    static const char *const no_time[] = {"\"1\"", "null", "true", "[]", "[1]", "{}", "-1", "1e400", "9007199254740993",
                                          "1e19"};
    claims c;

    for (size_t i = 0; i < COUNT(strings); i++)
        for (size_t k = 0; k < COUNT(no_string); k++)
            assert_false(claims_read(*state, unit_join(*state, "{\"", strings[i], "\":", no_string[k], "}", NULL), &c));
    for (size_t i = 0; i < COUNT(times); i++)
        for (size_t k = 0; k < COUNT(no_time); k++)
            assert_false(claims_read(*state, unit_join(*state, "{\"", times[i], "\":", no_time[k], "}", NULL), &c));
}

static void aud_is_a_string_or_strings(void **state)
{
    static const char *const wrong[] = {"[]",   "\"\"", "[1]",  "[\"a\",1]", "[\"a\",null]", "{}", "{\"a\":\"a\"}",
                                        "null", "1",    "true", "[[\"a\"]]"};
    claims c;

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(claims_read(*state, unit_join(*state, "{\"aud\":", wrong[i], "}", NULL), &c));
}

static void aud_has_and_only(void **state)
{
    claims c;

    assert_true(read(*state, "{\"aud\":\"rp\"}", &c));
    assert_true(claims_aud_has(&c, STR("rp")));
    assert_true(claims_aud_is_only(&c, STR("rp")));
    assert_false(claims_aud_has(&c, STR("r")));
    assert_false(claims_aud_has(&c, STR("rp2")));
    assert_false(claims_aud_has(&c, STR("RP")));
    assert_true(read(*state, "{\"aud\":[\"rp\"]}", &c));
    assert_true(claims_aud_is_only(&c, STR("rp")));
    assert_true(read(*state, "{\"aud\":[\"other\",\"rp\"]}", &c));
    assert_true(claims_aud_has(&c, STR("rp")));
    assert_false(claims_aud_is_only(&c, STR("rp")));
    assert_false(claims_aud_is_only(&c, STR("x")));
}

static void empty_audience_is_nobody_s(void **state)
{
    claims c;

    assert_true(read(*state, "{\"aud\":[\"\"]}", &c));
    assert_false(claims_aud_has(&c, STR("")));
    assert_false(claims_aud_has(&c, STR_NONE));
    assert_false(claims_aud_is_only(&c, STR_NONE));
}

static void sub_has_a_size(void **state)
{
    gate_str longest = arena_copy(*state, unit_repeat(*state, 's', 255));
    claims c;

    assert_true(claims_read(*state, unit_join(*state, "{\"sub\":\"", longest.ptr, "\"}", NULL), &c));
    assert_str(c.sub, longest);
    assert_false(claims_read(*state, unit_join(*state, "{\"sub\":\"", longest.ptr, "s\"}", NULL), &c));
    assert_false(read(*state, "{\"sub\":\"\"}", &c));
}

static void expiry_is_the_first_second_too_late(void **state)
{
    claims c = {.exp = 1000};

    (void)state;
    assert_false(claims_is_expired(&c, 999, 0));
    assert_true(claims_is_expired(&c, 1000, 0));
    assert_true(claims_is_expired(&c, 1001, 0));
    assert_false(claims_is_expired(&c, 1059, 60));
    assert_true(claims_is_expired(&c, 1060, 60));
    c.exp = 0;
    assert_true(claims_is_expired(&c, 0, 0));
}

static void before_is_strictly_before(void **state)
{
    (void)state;
    assert_false(claims_is_before(1000, 1000, 0));
    assert_true(claims_is_before(1001, 1000, 0));
    assert_false(claims_is_before(1060, 1000, 60));
    assert_true(claims_is_before(1061, 1000, 60));
    assert_false(claims_is_before(-1, 0, 0)); /* absent */
}

static void sums_never_wrap(void **state)
{
    claims c = {.exp = INT64_C(1) << 53};

    (void)state;
    assert_false(claims_is_expired(&c, INT64_MIN, INT64_MAX));
    assert_false(claims_is_expired(&c, 0, INT64_MAX));
    assert_true(claims_is_expired(&c, INT64_MAX, 0));
    assert_true(claims_is_expired(&c, INT64_MAX, -5));
    assert_false(claims_is_before(INT64_MAX, INT64_MAX, INT64_MAX));
    assert_true(claims_is_before(INT64_C(1) << 53, INT64_MIN, 60));
    assert_false(claims_is_before(0, INT64_MAX, INT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rfc7519_example),
        TEST(every_registered_claim),
        TEST(nothing_there_is_nothing_there),
        TEST(no_object_is_refused),
        TEST(wrong_type_is_never_absent),
        TEST(aud_is_a_string_or_strings),
        TEST(aud_has_and_only),
        TEST(empty_audience_is_nobody_s),
        TEST(sub_has_a_size),
        TEST(expiry_is_the_first_second_too_late),
        TEST(before_is_strictly_before),
        TEST(sums_never_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
