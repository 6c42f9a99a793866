/* SPDX-License-Identifier: Apache-2.0 */
/* The authorization request and response. */
#include "oidc/authorization.h"
#include "unit.h"

static gate_str written(arena *a, const authorization_request *r)
{
    text t = text_begin(a, AUTHORIZATION_URL_MAX);
    gate_str s;

    authorization_request_write(&t, r);
    assert_true(text_end(&t, &s));
    return s;
}

static void request_is_encoded(void **state)
{
    authorization_request r = {
        .endpoint = STR("https://op.example/a?tenant=1"),
        .client_id = STR("a&b=c"),
        .redirect_uri = STR("https://app.example/cb"),
        .scope = STR("openid email"),
        .state = STR("s+t"),
        .max_age = -1,
    };

    assert_str(written(*state, &r),
               STR("https://op.example/a?tenant=1&response_type=code&client_id=a%26b%3Dc&redirect_uri="
                   "https%3A%2F%2Fapp.example%2Fcb&scope=openid+email&state=s%2Bt"));
    r.endpoint = STR("https://op.example/a");
    r.nonce = STR("n");
    r.code_challenge = STR("c");
    r.response_mode = STR("form_post");
    r.acr_values = STR("x y");
    r.max_age = 0;
    r.extra = STR("prompt=login");
    assert_str(
        written(*state, &r),
        STR("https://op.example/a?response_type=code&client_id=a%26b%3Dc&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid+"
            "email&state=s%2Bt&nonce=n&code_challenge=c&code_challenge_method=S256&response_mode=form_post&acr_values=x+y&max_age="
            "0&prompt=login"));
}

static void extra_parameters(void **state)
{
    static const char *const good[] = {
        "", "a=b", "prompt=login&ui_locales=de%20at", "a", "login_hint=a%40b", "claims=%7B%7D"};
    static const char *const wrong[] = {
        "state=x",
        "a=b&nonce=x",
        "sta%74e=x",
        "scope=a",
        "redirect_uri=x",
        "client_id=x",
        "response_type=token",
        "code_challenge=x",
        "code_challenge_method=plain",
        "response_mode=x",
        "request=x",
        "request_uri=x",
        "max_age=1",
        "acr_values=x",
        "a=%",
        "a=%00",
        "a b=c",
        "a=b#c",
        "a=\r\nb",
        "a=\xc3\xa4",
    };

    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(authorization_extra_is_good(*state, unit_exact(str_of(good[i]))));
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (authorization_extra_is_good(*state, unit_exact(str_of(wrong[i]))))
            fail_msg("%s", wrong[i]);
}

static refusal response(arena *a, const char *query, authorization_response *r)
{
    refusal why = REFUSAL_none;
    form *fields = ARENA_NEW(a, form);
    bool good;

    assert_true(form_read(a, str_of(query), fields));
    good = authorization_response_read(fields, r, &why);
    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

static void responses(void **state)
{
    static const struct {
        const char *query;
        refusal why;
    } cases[] = {
        {"state=s&code=c", REFUSAL_none},
        {"state=s&error=e&other=1&other=2", REFUSAL_none},
        {"code=c", REFUSAL_state_missing},
        {"state=&code=c", REFUSAL_state_missing},
        {"state=s&code=c&st%61te=s", REFUSAL_response_duplicate},
        {"state=s&code=c&code=c", REFUSAL_response_duplicate},
        {"state=s&error=c&error=c", REFUSAL_response_duplicate},
        {"state=s&error_description=c&error_description=c", REFUSAL_response_duplicate},
        {"state=s&iss=c&iss=c", REFUSAL_response_duplicate},
        {"state=s&code=c&id_token=x", REFUSAL_response_malformed},
        {"state=s&code=c&access_token=", REFUSAL_response_malformed},
    };
    authorization_response r;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(response(*state, cases[i].query, &r), cases[i].why);
    assert_int_equal(response(*state, "state=s%20t&code=c&iss=", &r), REFUSAL_none);
    assert_str(r.state, STR("s t"));
    assert_str(r.code, STR("c"));
    assert_non_null(r.iss.ptr);
    assert_null(r.error.ptr);
}

static refusal check_iss(const char *iss, bool promised)
{
    authorization_response r = {.iss = str_of(iss)};
    refusal why = REFUSAL_none;
    bool good = authorization_response_check_iss(&r, STR("https://op.example"), promised, &why);

    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

static void issuer_of_a_response(void **state)
{
    (void)state;
    assert_int_equal(check_iss(NULL, false), REFUSAL_none);
    assert_int_equal(check_iss(NULL, true), REFUSAL_response_iss_missing);
    assert_int_equal(check_iss("https://op.example", false), REFUSAL_none);
    assert_int_equal(check_iss("https://op.example", true), REFUSAL_none);
    assert_int_equal(check_iss("https://op.example/", false), REFUSAL_response_iss);
    assert_int_equal(check_iss("", false), REFUSAL_response_iss);
    assert_int_equal(check_iss("https://op.exampl", true), REFUSAL_response_iss);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(request_is_encoded), TEST(extra_parameters), TEST(responses),
                                       TEST(issuer_of_a_response)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
