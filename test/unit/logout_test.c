/* SPDX-License-Identifier: Apache-2.0 */
/* The address that signs out at the provider. */
#include "oidc/logout.h"
#include "unit.h"

static gate_str written(arena *a, const logout_request *r)
{
    text t = text_begin(a, LOGOUT_URL_MAX);
    gate_str s;

    logout_request_write(&t, r);
    assert_true(text_end(&t, &s));
    return s;
}

static void parameters_are_encoded(void **state)
{
    logout_request r = {.endpoint = STR("https://op.example/out"), .client_id = STR("a&b")};

    assert_str(written(*state, &r), STR("https://op.example/out?client_id=a%26b"));
    r.endpoint = STR("https://op.example/out?tenant=1");
    r.id_token_hint = STR("a.b.c");
    r.post_logout_redirect_uri = STR("https://app.example/bye?x=1&y=2");
    r.state = STR("s/t");
    assert_str(written(*state, &r),
               STR("https://op.example/out?tenant=1&client_id=a%26b&id_token_hint=a.b.c&post_logout_redirect_uri="
                   "https%3A%2F%2Fapp.example%2Fbye%3Fx%3D1%26y%3D2&state=s%2Ft"));
}

static void too_long_is_a_failure(void **state)
{
    logout_request r = {.endpoint = STR("https://op.example/out"),
                        .id_token_hint = unit_repeat(*state, 'h', LOGOUT_URL_MAX)};
    text t = text_begin(*state, LOGOUT_URL_MAX);
    gate_str s;

    logout_request_write(&t, &r);
    assert_false(text_end(&t, &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(parameters_are_encoded), TEST(too_long_is_a_failure)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
