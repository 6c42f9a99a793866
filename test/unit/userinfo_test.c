/* SPDX-License-Identifier: Apache-2.0 */
/* The userinfo request and response. */
#include "oidc/userinfo.h"
#include "token.h"

static const client OURS = {
    .issuer = STR_INIT("https://op.example"), .client_id = STR_INIT("app"), .id_token_algs = ALG_RS256, .skew = 60};

static refusal read_plain(arena *a, unsigned status, const char *type, const char *body, userinfo *u)
{
    refusal why = REFUSAL_none;
    bool good = userinfo_read(a, &OURS, status, str_of(type), unit_exact(str_of(body)), u, &why);

    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

static void request_has_the_token(void **state)
{
    header_list headers = {0};
    gate_str value;

    assert_true(userinfo_request_write(*state, STR("at"), &headers));
    assert_true(header_find(headers.items, headers.count, STR("authorization"), &value));
    assert_str(value, STR("Bearer at"));
    headers = (header_list){0};
    assert_false(userinfo_request_write(*state, STR("a\r\nb"), &headers));
}

static void json_answers(void **state)
{
    static const struct {
        unsigned status;
        const char *type, *body;
        refusal why;
    } cases[] = {
        {200, "application/json", "{\"sub\":\"a\"}", REFUSAL_none},
        {200, "Application/JSON; charset=utf-8", " {\"sub\":\"a\"} ", REFUSAL_none},
        {200, "text/html", "{\"sub\":\"a\"}", REFUSAL_userinfo_malformed},
        {200, NULL, "{\"sub\":\"a\"}", REFUSAL_userinfo_malformed},
        {200, "application/json", "[]", REFUSAL_userinfo_malformed},
        {200, "application/json", "", REFUSAL_userinfo_malformed},
        {200, "application/json", "{\"sub\":\"a\",\"sub\":\"a\"}", REFUSAL_userinfo_malformed},
        {401, "application/json", "{\"sub\":\"a\"}", REFUSAL_userinfo_malformed},
        {200, "application/jwt", "{\"sub\":\"a\"}", REFUSAL_jwt_malformed},
        {200, "application/jwt", "eyJhbGciOiJub25lIn0.e30.", REFUSAL_jwt_malformed},
        {200, "application/jwt", "eyJhbGciOiJub25lIn0.e30.AAAA", REFUSAL_jwt_alg},
    };
    userinfo u;

    for (size_t i = 0; i < COUNT(cases); i++)
        if (read_plain(*state, cases[i].status, cases[i].type, cases[i].body, &u) != cases[i].why)
            fail_msg("%s %s", cases[i].type, cases[i].body);
}

static void too_long_an_answer(void **state)
{
    gate_str body = unit_repeat(*state, ' ', USERINFO_MAX + 1);
    refusal why = REFUSAL_none;
    userinfo u;

    memcpy((char *)body.ptr, "{\"sub\":\"a\"}", 11);
    assert_true(userinfo_read(*state, &OURS, 200, STR("application/json"), str_part(body, 0, USERINFO_MAX), &u, &why));
    assert_false(userinfo_read(*state, &OURS, 200, STR("application/json"), body, &u, &why));
}

static void sub_is_compared(void **state)
{
    static const char *const wrong[] = {
        "{}",          "{\"sub\":\"\"}",        "{\"sub\":\"alic\"}", "{\"sub\":\"alice \"}",
        "{\"sub\":7}", "{\"sub\":[\"alice\"]}", "{\"Sub\":\"alice\"}"};
    refusal why = REFUSAL_none;
    userinfo u;

    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(read_plain(*state, 200, "application/json", wrong[i], &u), REFUSAL_none);
        why = REFUSAL_none;
        assert_false(userinfo_check_sub(&u, STR("alice"), &why));
        assert_int_equal(why, REFUSAL_userinfo_sub);
    }
    assert_int_equal(read_plain(*state, 200, "application/json", "{\"sub\":\"alice\"}", &u), REFUSAL_none);
    assert_true(userinfo_check_sub(&u, STR("alice"), &why));
}

static bool signed_answer(arena *a, const char *payload, userinfo *u)
{
    refusal why = REFUSAL_none;

    *u = (userinfo){0};
    assert_true(userinfo_read(a, &OURS, 200, STR("application/jwt"),
                              token_make(a, KEY_RSA, ALG_RS256, "{\"alg\":\"RS256\"}", payload), u, &why));
    assert_true(u->is_signed);
    assert_null(u->claims); /* nothing of it may be used yet */
    return userinfo_verified(a, &OURS, u, 1700000000, &why);
}

static void signed_answers(void **state)
{
    static const char *const good[] = {
        "{\"sub\":\"a\"}",
        "{\"sub\":\"a\",\"iss\":\"https://op.example\",\"aud\":[\"x\",\"app\"],\"exp\":1699999941,\"nbf\":1700000060}"};
    static const char *const wrong[] = {
        "{\"sub\":\"a\",\"iss\":\"https://other.example\"}",
        "{\"sub\":\"a\",\"aud\":\"other\"}",
        "{\"sub\":\"a\",\"exp\":1699999940}",
        "{\"sub\":\"a\",\"nbf\":1700000061}",
        "{\"sub\":\"a\",\"aud\":[]}",
        "{\"sub\":7}",
        "[]",
        "{\"sub\":\"a\",\"exp\":\"never\"}",
    };
    userinfo u;

    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(signed_answer(*state, good[i], &u));
        assert_str(u.claims_text, str_of(good[i]));
    }
    for (size_t i = 0; i < COUNT(wrong); i++) {
        if (signed_answer(*state, wrong[i], &u))
            fail_msg("%s", wrong[i]);
        assert_null(u.claims);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(request_has_the_token), TEST(json_answers),   TEST(too_long_an_answer),
        TEST(sub_is_compared),       TEST(signed_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
