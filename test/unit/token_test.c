/* SPDX-License-Identifier: Apache-2.0 */
/* The token request with every client authentication, and the token response. */
#include "base/form.h"
#include "oidc/token.h"
#include "token.h"

typedef struct sent {
    gate_str body;
    header_list headers;
} sent;

static client example(client_auth_method auth)
{
    return (client){
        .issuer = STR("https://op.example"),
        .client_id = STR("a b:c"),
        .client_secret = {STR("s%:+")},
        .auth = auth,
    };
}

static sent written(arena *a, const client *c)
{
    token_request r = {
        .endpoint = STR("https://op.example/t"),
        .code = STR("c&d"),
        .redirect_uri = STR("https://app.example/cb"),
        .code_verifier = STR("v"),
        .unique = STR("0123456789abcdef"),
        .now = 1000,
    };
    sent s = {0};

    assert_true(token_request_write(a, c, &r, &s.body, &s.headers));
    return s;
}

static gate_str authorization(const sent *s)
{
    gate_str value = STR_NONE;

    header_find(s->headers.items, s->headers.count, STR("Authorization"), &value);
    return value;
}

static void basic_post_and_none(void **state)
{
    client c = example(CLIENT_AUTH_BASIC);
    sent s = written(*state, &c);

    assert_str(
        s.body,
        STR("grant_type=authorization_code&code=c%26d&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_verifier=v"));
    assert_str(authorization(&s), STR("Basic YStiJTNBYzpzJTI1JTNBJTJC")); /* a+b%3Ac:s%25%3A%2B */
    c = example(CLIENT_AUTH_POST);
    s = written(*state, &c);
    assert_true(str_has_suffix(s.body, STR("&client_id=a+b%3Ac&client_secret=s%25%3A%2B")));
    assert_null(authorization(&s).ptr);
    c = example(CLIENT_AUTH_NONE);
    s = written(*state, &c);
    assert_true(str_has_suffix(s.body, STR("&code_verifier=v&client_id=a+b%3Ac")));
    assert_null(authorization(&s).ptr);
}

static gate_str assertion_of(arena *a, gate_str body)
{
    form *fields = ARENA_NEW(a, form);
    gate_str value;

    assert_true(form_read(a, body, fields));
    assert_int_equal(form_get(fields, STR("client_assertion_type"), &value), FORM_ONCE);
    assert_str(value, STR("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    assert_int_equal(form_get(fields, STR("client_id"), &value), FORM_ONCE);
    assert_int_equal(form_get(fields, STR("client_assertion"), &value), FORM_ONCE);
    return value;
}

static void assertion_is_signed_and_short_lived(void **state)
{
    client c = example(CLIENT_AUTH_PRIVATE_KEY_JWT);
    refusal why = REFUSAL_none;
    gate_str assertion;
    jws t;

    c.key = *token_key(KEY_P256);
    c.key_alg = ALG_ES256;
    assertion = assertion_of(*state, written(*state, &c).body);
    assert_int_equal(token_check(*state, assertion, ALG_ES256, KEY_P256), REFUSAL_none);
    assert_true(jws_read(*state, assertion, ALG_ES256, &t, &why));
    assert_str(
        t.payload,
        STR("{\"iss\":\"a b:c\",\"sub\":\"a b:c\",\"aud\":\"https://op.example\",\"jti\":\"MDEyMzQ1Njc4OWFiY2RlZg\","
            "\"iat\":1000,\"exp\":1060}"));
    c.audience_is_token_endpoint = true;
    assert_true(jws_read(*state, assertion_of(*state, written(*state, &c).body), ALG_ES256, &t, &why));
    assert_true(str_contains(t.payload, STR("\"aud\":\"https://op.example/t\"")));
}

static refusal response(arena *a, unsigned status, const char *body, token_response *r)
{
    refusal why = REFUSAL_none;
    bool good = token_response_read(a, status, unit_exact(str_of(body)), r, &why);

    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

#define AT "\"access_token\":\"at\""
#define TYPE "\"token_type\":\"Bearer\""
#define ID "\"id_token\":\"a.b.c\""

static void responses(void **state)
{
    static const struct {
        unsigned status;
        const char *body;
        refusal why;
    } cases[] = {
        {200, "{" AT "," TYPE "," ID "}", REFUSAL_none},
        {200, "{" AT ",\"token_type\":\"BEARER\"," ID "}", REFUSAL_none},
        {200, "{" AT "," TYPE "," ID ",\"expires_in\":0}", REFUSAL_none},
        {200, "{" AT "," TYPE "," ID ",\"expires_in\":\"3600\"}", REFUSAL_none},
        {200, "", REFUSAL_token_malformed},
        {200, "[]", REFUSAL_token_malformed},
        {200, "{" TYPE "," ID "}", REFUSAL_token_malformed},
        {200, "{\"access_token\":\"\"," TYPE "," ID "}", REFUSAL_token_malformed},
        {200, "{\"access_token\":\"a\\r\\nb\"," TYPE "," ID "}", REFUSAL_token_malformed},
        {200, "{\"access_token\":\"\\u00e9\"," TYPE "," ID "}", REFUSAL_token_malformed},
        {200, "{" AT "," AT "," TYPE "," ID "}", REFUSAL_token_malformed},
        {200, "{" AT "," TYPE "," ID ",\"refresh_token\":1}", REFUSAL_token_malformed},
        {200, "{" AT "," TYPE "," ID ",\"scope\":[]}", REFUSAL_token_malformed},
        {200, "{" AT "," TYPE "," ID ",\"expires_in\":-1}", REFUSAL_token_malformed},
        {200, "{" AT "," TYPE "," ID ",\"expires_in\":\"\"}", REFUSAL_token_malformed},
        {200, "{" AT "," TYPE "," ID ",\"expires_in\":null}", REFUSAL_token_malformed},
        {200, "{" AT "," TYPE "," ID ",\"expires_in\":99999999999}", REFUSAL_token_malformed},
        {200, "{" AT "," ID "}", REFUSAL_token_type},
        {200, "{" AT ",\"token_type\":7," ID "}", REFUSAL_token_type},
        {200, "{" AT ",\"token_type\":\"DPoP\"," ID "}", REFUSAL_token_type},
        {200, "{" AT "," TYPE "}", REFUSAL_id_token_missing},
        {200, "{" AT "," TYPE ",\"id_token\":7}", REFUSAL_token_malformed},
        {201, "{" AT "," TYPE "," ID "}", REFUSAL_token_error},
        {200, "{" AT "," TYPE "," ID ",\"error\":\"x\"}", REFUSAL_token_error},
        {400, "{\"error\":\"invalid_grant\"}", REFUSAL_token_error},
        {401, "{\"error\":\"invalid_client\"}", REFUSAL_client_refused},
        {500, "<html>", REFUSAL_token_error},
    };
    token_response r;

    for (size_t i = 0; i < COUNT(cases); i++)
        if (response(*state, cases[i].status, cases[i].body, &r) != cases[i].why)
            fail_msg("%s: %d", cases[i].body, response(*state, cases[i].status, cases[i].body, &r));
}

static void what_a_response_holds(void **state)
{
    token_response r;

    assert_int_equal(response(*state, 200,
                              "{" AT "," TYPE "," ID ",\"expires_in\":59.9,\"refresh_token\":\"r\",\"scope\":\"s\"}",
                              &r),
                     REFUSAL_none);
    assert_str(r.access_token, STR("at"));
    assert_str(r.id_token, STR("a.b.c"));
    assert_str(r.refresh_token, STR("r"));
    assert_str(r.scope, STR("s"));
    assert_int_equal(r.expires_in, 59);
    assert_int_equal(response(*state, 400, "{\"error\":\"slow_down\"}", &r), REFUSAL_token_error);
    assert_str(r.error, STR("slow_down"));
    assert_null(r.id_token.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(basic_post_and_none),
        TEST(assertion_is_signed_and_short_lived),
        TEST(responses),
        TEST(what_a_response_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
