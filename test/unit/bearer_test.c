/* SPDX-License-Identifier: Apache-2.0 */
/* Requests with bearer tokens through the whole engine: where a token is looked for, who is let in, what is answered and asked. */
#include "bearer_expect.h"

/* ---- where a token stands ---- */

static void test_header(void **state)
{
    const char *token = good_token(*state);

    bearer_begin(*state, OP RULE);
    visit_token(*state, token);
    expect_pass("ada");
    assert_string_equal(answer.token, token);
    assert_false(answer.sets_authorization);
    visit_with(text_at(*state, unit_join(*state, "bEARER   ", token, " ", NULL)), 0);
    expect_pass("ada");
}

static void test_no_token(void **state)
{
    static const char *const others[] = {
        "", "Basic YTpi", "Bearers x", "BearerToken x", "Negotiate abc", "Digest a=\"b\""};

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(others); i++) {
        visit_with(others[i], 0);
        expect_refusal(401, "bearer_missing", "Bearer realm=\"op\"");
        assert_null(strstr(answer.challenge, "error"));
    }
    assert_int_equal(w.ops[0].metadata_fetches, 0);
}

static void test_malformed(void **state)
{
    static const char *const bad[] = {
        "Bearer",     "Bearer ",    "Bearer a b",  "Bearer a, Bearer b", "Bearer a,b c", "Bearer\ta",
        "Bearer=abc", "Bearer,abc", "Bearer \x01", "Bearer caf\xc3\xa9", "Bearer a\tb",  "bearer \x7f"};

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(bad); i++) {
        visit_with(bad[i], 0);
        expect_refusal(400, "bearer_malformed", "error=\"invalid_request\"");
    }
    visit_token(*state, text_at(*state, unit_repeat(*state, 'a', JWS_SIZE_MAX + 1)));
    expect_refusal(400, "bearer_malformed", "error=\"invalid_request\"");
}

static void test_two_headers(void **state)
{
    gate_str value = unit_join(*state, "Bearer ", good_token(*state), NULL);
    world_request r = {.headers = {{STR("Authorization"), value}, {STR("authorization"), value}}};

    bearer_begin(*state, OP RULE);
    world_visit(&w, &r, &answer);
    expect_refusal(400, "bearer_twice", "error=\"invalid_request\"");
}

/* Where the rule does not say so, a token in a query, form or cookie is not looked at. */
static void test_only_where_said(void **state)
{
    const char *token = good_token(*state);
    world_request r = {
        .method = "POST",
        .target = text_at(*state, unit_join(*state, "/?access_token=", token, NULL)),
        .headers = {{STR("Content-Type"), STR("application/x-www-form-urlencoded")},
                    {STR("Cookie"), unit_join(*state, "t=", token, NULL)}},
    };

    bearer_begin(*state, OP RULE);
    w.form = unit_join(*state, "access_token=", token, NULL);
    world_visit(&w, &r, &answer);
    expect_refusal(401, "bearer_missing", "Bearer");
    world_close(&w);
    bearer_begin(*state, OP RULE "bearer_from query\n");
    visit_token(*state, token);
    expect_refusal(401, "bearer_missing", "Bearer");
}

static void visit_target(const char *target)
{
    world_request r = {.target = target};

    world_visit(&w, &r, &answer);
}

static void test_query(void **state)
{
    const char *token = good_token(*state);

    bearer_begin(*state, OP RULE "bearer_from header query\n");
    visit_target(text_at(*state, unit_join(*state, "/x?a=1&access_token=", token, "&b=2", NULL)));
    expect_pass("ada");
    visit_target(text_at(*state, unit_join(*state, "/x?id_token=", token, NULL)));
    expect_pass("ada");
    visit_target(text_at(*state, unit_join(*state, "/x?access_token=", token, "&access_token=", token, NULL)));
    expect_refusal(400, "bearer_twice", "invalid_request");
    visit_target(text_at(*state, unit_join(*state, "/x?access_token=", token, "&id_token=", token, NULL)));
    expect_refusal(400, "bearer_twice", "invalid_request");
    visit_target("/x?access_token=");
    expect_refusal(400, "bearer_malformed", "invalid_request");
    visit_target("/x?access_token=%zz");
    expect_refusal(400, "bearer_malformed", "invalid_request");
    visit_target("/x?access_token=a%20b");
    expect_refusal(400, "bearer_malformed", "invalid_request");
    visit_target("/access_token=abc");
    expect_refusal(401, "bearer_missing", "Bearer");
}

static void test_header_and_query(void **state)
{
    const char *token = good_token(*state);
    world_request r = {
        .target = text_at(*state, unit_join(*state, "/?access_token=", token, NULL)),
        .headers = {{STR("Authorization"), unit_join(*state, "Bearer ", token, NULL)}},
    };

    bearer_begin(*state, OP RULE "bearer_from header query\n");
    world_visit(&w, &r, &answer);
    expect_refusal(400, "bearer_twice", "invalid_request");
}

static void post(gate_str type, gate_str form)
{
    world_request r = {.method = "POST", .headers = {{STR("Content-Type"), type}}};

    w.form = form;
    world_visit(&w, &r, &answer);
}

static void test_form(void **state)
{
    gate_str type = STR("application/x-www-form-urlencoded; charset=UTF-8"), form;
    world_request get = {.headers = {{STR("Content-Type"), type}}};

    bearer_begin(*state, OP RULE "bearer_from form\n");
    form = unit_join(*state, "x=1&access_token=", good_token(*state), NULL);
    post(type, form);
    expect_pass("ada");
    post(STR("multipart/form-data; boundary=x"), form);
    expect_refusal(401, "bearer_missing", "Bearer");
    post(type, STR("x=1"));
    expect_refusal(401, "bearer_missing", "Bearer");
    post(type, STR("access_token=a&access_token=a"));
    expect_refusal(400, "bearer_twice", "invalid_request");
    post(type, STR("access_token=%"));
    expect_refusal(400, "bearer_malformed", "invalid_request");
    post(type, STR_NONE); /* it broke off */
    expect_refusal(400, "bearer_malformed", "invalid_request");
    w.form = form;
    world_visit(&w, &get, &answer);
    expect_refusal(401, "bearer_missing", "Bearer");
}

static void visit_cookie(gate_str value)
{
    world_request r = {.headers = {{STR("Cookie"), value}}};

    world_visit(&w, &r, &answer);
}

static void test_cookie(void **state)
{
    const char *token = good_token(*state);

    bearer_begin(*state, OP RULE "bearer_from cookie:at\n");
    visit_cookie(unit_join(*state, "a=b; at=", token, NULL));
    expect_pass("ada");
    visit_cookie(unit_join(*state, "at=", token, "; at=", token, NULL));
    expect_refusal(400, "bearer_twice", "invalid_request");
    visit_cookie(unit_join(*state, "AT=", token, NULL));
    expect_refusal(401, "bearer_missing", "Bearer");
    visit_cookie(STR("at="));
    expect_refusal(400, "bearer_malformed", "invalid_request");
}

/* ---- who is let in ---- */

static void test_bad_token(void **state)
{
    arena *a = *state;

    bearer_begin(a, OP RULE);
    visit_token(a, "abc");
    expect_refusal(401, "bearer_opaque", "error=\"invalid_token\"");
    visit_token(a, "abc.def.ghi");
    expect_refusal(401, "jwt_malformed", "error=\"invalid_token\", error_description=\"");
    visit_token(
        a, text_at(a, token_make(a, KEY_RSA_OTHER, ALG_RS256, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
                                 CLAIMS("https://op.example", "ada"))));
    expect_refusal(401, "jwt_signature", "error=\"invalid_token\"");
    visit_token(a, token_of_two(a));
    expect_refusal(401, "bearer_issuer", "error=\"invalid_token\"");
    assert_int_equal(w.ops[1].metadata_fetches, 0);
}

static void test_scope(void **state)
{
    bearer_begin(*state, OP RULE "bearer_scope read delete\n+rule\nbearer op\naudience api\nbearer_scope write read\n");
    visit_token(*state, good_token(*state));
    expect_refusal(403, "token_scope", "error=\"insufficient_scope\"");
    assert_non_null(strstr(answer.challenge, "scope=\"read delete\""));
    visit_token(*state, good_token(*state)); /* from the cache: no other answer */
    expect_refusal(403, "token_scope", "scope=\"read delete\"");
    visit_with(text_at(*state, unit_join(*state, "Bearer ", good_token(*state), NULL)), 1);
    expect_pass("ada");
}

static void test_several_issuers(void **state)
{
    bearer_begin(*state, OP TWO "+rule\nbearer op two\naudience api\n");
    visit_token(*state, good_token(*state));
    expect_pass("ada");
    visit_token(*state, token_of_two(*state));
    expect_pass("grace");
    visit_token(*state, token_of_two(*state));
    expect_pass("grace");
    assert_int_equal(w.ops[0].keys_fetches, 1);
    assert_int_equal(w.ops[1].keys_fetches, 1);
}

static void test_require(void **state)
{
    const char *rules =
        OP RULE "require groups has \"staff\"\n" RULE "require groups has \"admins\"\n" RULE "require level >= 3\n";
    const char *with = text_at(*state, unit_join(*state, "Bearer ", good_token(*state), NULL));

    bearer_begin(*state, rules);
    visit_with(with, 0);
    expect_pass("ada");
    visit_with(with, 1);
    expect_refusal(403, "not_allowed", "");
    visit_with(with, 2);
    expect_refusal(403, "not_allowed", "");
}

static void test_session_or_bearer(void **state)
{
    static char record[1024], field[128];
    world_request r = {.headers = {{STR("Cookie"), STR("")}}}, both;

    bearer_begin(*state, SIGN_IN OP RULE "provider op\n");
    assert_true(world_sign_in(&w, "sam", record, field));
    r.headers[0].value = str_of(field);
    world_visit(&w, &r, &answer);
    expect_pass("sam");
    visit_token(*state, good_token(*state));
    expect_pass("ada");
    /* a token that came is what counts, and a bad one is not passed over for the session */
    both = r;
    both.headers[1] = (gate_header){STR("Authorization"), unit_join(*state, "Bearer ", good_token(*state), NULL)};
    world_visit(&w, &both, &answer);
    expect_pass("ada");
    assert_int_equal(w.store_asks, 1);
    both.headers[1].value = STR("Bearer not.a.token");
    world_visit(&w, &both, &answer);
    expect_refusal(401, "jwt_malformed", "invalid_token");
    both.headers[1].value = STR("Bearer");
    world_visit(&w, &both, &answer);
    expect_refusal(400, "bearer_malformed", "invalid_request");
    assert_int_equal(w.store_asks, 1);
    /* another scheme is no token */
    both.headers[1].value = STR("Basic YTpi");
    world_visit(&w, &both, &answer);
    expect_pass("sam");
}

/* Without a token: a navigation goes to sign in, anything else is told of both ways. */
static void test_session_or_bearer_unknown(void **state)
{
    world_request r = {.headers = {{STR("Sec-Fetch-Mode"), STR("navigate")}}};

    bearer_begin(*state, SIGN_IN OP RULE "provider op\n");
    world_visit(&w, &r, &answer);
    assert_int_equal(answer.status, 302);
    r.headers[0].value = STR("cors");
    world_visit(&w, &r, &answer);
    expect_refusal(401, "bearer_missing", "Bearer realm=\"op\"");
}

static void test_unauthenticated_pass(void **state)
{
    bearer_begin(*state, OP RULE "unauthenticated pass\n");
    visit_with("", 0);
    assert_true(answer.passed && !answer.signed_in);
    visit_token(*state, "abc"); /* a bad token is no missing one */
    expect_refusal(401, "bearer_opaque", "invalid_token");
}

/* ---- keys and the cache ---- */

static void test_cache(void **state)
{
    bearer_begin(*state, OP RULE);
    for (int i = 0; i < 3; i++) {
        visit_token(*state, good_token(*state));
        expect_pass("ada");
    }
    assert_int_equal(w.ops[0].metadata_fetches, 1);
    assert_int_equal(w.ops[0].keys_fetches, 1);
    w.ops[0].down = true;
    visit_token(*state, good_token(*state));
    expect_pass("ada");
}

/* What is kept does not outlive the freshness of the keys, so that a key that is gone is missed though no new token comes. */
static void test_cache_and_freshness(void **state)
{
    gate_str other = token_public(*state, KEY_RSA_OTHER, "\"kid\":\"k1\"");
    const char *token =
        text_at(*state, token_make(*state, KEY_RSA, ALG_RS256, HEADER,
                                   "{\"iss\":\"https://op.example\",\"sub\":\"ada\",\"aud\":\"api\",\"exp\":1900000000,"
                                   "\"iat\":1799999990,\"jti\":\"j\",\"client_id\":\"app\"}"));

    bearer_begin(*state, OP RULE);
    visit_token(*state, token);
    w.ops[0].keys = token_set(*state, &other, NULL);
    w.now += 3599;
    visit_token(*state, token);
    expect_pass("ada");
    assert_int_equal(w.ops[0].keys_fetches, 1);
    w.now += 1;
    visit_token(*state, token);
    expect_refusal(401, "jwt_signature", "invalid_token");
    assert_int_equal(w.ops[0].keys_fetches, 2);
}

/* ---- what stands ---- */

static void visit_twice(arena *a, const char *options)
{
    bearer_begin(a, options);
    visit_token(a, good_token(a));
    assert_false(answer.stands); /* it was found out just now */
    visit_token(a, good_token(a));
}

/* A verdict on a known token stands until the token ends, or its keys are to be asked for again. */
static void test_stands(void **state)
{
    visit_twice(*state, OP RULE "require groups has \"staff\"\nbearer_scope read\n");
    expect_pass("ada");
    assert_true(answer.stands);
    assert_int_equal(answer.since, 1800000000);
    assert_int_equal(answer.until, 1800000360); /* exp and clock_skew */
    w.now = answer.until - 1;
    visit_with(text_at(*state, unit_join(*state, "Bearer ", good_token(*state), NULL)), 0);
    assert_true(answer.stands);
    w.now++;
    visit_token(*state, good_token(*state));
    expect_refusal(401, "token_exp", "invalid_token");
    assert_false(answer.stands);
}

static void test_stands_as_long_as_keys_are_fresh(void **state)
{
    const char *claims = "{\"iss\":\"https://op.example\",\"sub\":\"ada\",\"aud\":\"api\",\"exp\":1900000000," REST "}";
    const char *token = text_at(*state, token_make(*state, KEY_RSA, ALG_RS256, HEADER, claims));

    bearer_begin(*state, OP RULE);
    visit_token(*state, token);
    visit_token(*state, token);
    assert_true(answer.stands);
    assert_int_equal(answer.until, w.now + 3600);
}

/* Another request with the same Authorization would have another answer, or another request would go on. */
static void test_stands_for_nothing_else(void **state)
{
    static const char *const places[] = {
        OP RULE "bearer_from header query\n",
        OP RULE "bearer_from header form\n",
        OP RULE "bearer_from header cookie:t\n",
        OP RULE "header X-Sub sub\n",
        OP RULE "upstream_token none\n",
        SIGN_IN OP RULE "provider op\n",
        SIGN_IN OP "+rule\nprovider op\n+rule\nbearer op\naudience api\n",
    };

    for (size_t i = 0; i < COUNT(places); i++) {
        bool second_rule = i == COUNT(places) - 1;
        bearer_begin(*state, places[i]);
        for (int visit = 0; visit < 3; visit++) {
            visit_with(text_at(*state, unit_join(*state, "Bearer ", good_token(*state), NULL)), second_rule);
            expect_pass("ada");
            assert_false(answer.stands);
        }
        world_close(&w);
    }
    bearer_begin(*state, OP RULE "unauthenticated pass\n");
    visit_with("", 0);
    assert_true(answer.passed && !answer.stands);
}

static const char *with_kid(arena *a, key_name key, const char *kid)
{
    const char *header = text_at(a, unit_join(a, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"", kid, "\"}", NULL));

    return text_at(a, token_make(a, key, ALG_RS256, header, CLAIMS("https://op.example", "ada")));
}

static void f74_rotation(void **state)
{
    gate_str one = token_public(*state, KEY_RSA, "\"kid\":\"k1\""),
             two = token_public(*state, KEY_RSA_OTHER, "\"kid\":\"k9\"");

    bearer_begin(*state, OP RULE);
    visit_token(*state, with_kid(*state, KEY_RSA, "k1"));
    expect_pass("ada");
    w.ops[0].keys = token_set(*state, &one, &two, NULL);
    visit_token(*state, with_kid(*state, KEY_RSA_OTHER, "k9"));
    expect_pass("ada");
    assert_int_equal(w.ops[0].keys_fetches, 2);
    /* the old key goes: what it signed is refused, known from before or not */
    w.now += 31;
    w.ops[0].keys = token_set(*state, &two, NULL);
    visit_token(*state, with_kid(*state, KEY_RSA_OTHER, "k10"));
    expect_refusal(401, "jwt_key_unknown", "invalid_token");
    assert_int_equal(w.ops[0].keys_fetches, 3);
    visit_token(*state, with_kid(*state, KEY_RSA, "k1"));
    expect_refusal(401, "jwt_key_unknown", "invalid_token");
    visit_token(*state, with_kid(*state, KEY_RSA_OTHER, "k9"));
    expect_pass("ada");
}

static void f73_unknown_kid_is_throttled(void **state)
{
    char kid[8] = "xa";

    bearer_begin(*state, OP RULE);
    for (int i = 0; i < 20; i++) {
        kid[1] = (char)('a' + i);
        visit_token(*state, with_kid(*state, KEY_RSA, kid));
        expect_refusal(401, "jwt_key_unknown", "invalid_token");
    }
    assert_int_equal(w.ops[0].keys_fetches, 3); /* the first, and two for unknown keys */
    w.now += 60;
    visit_token(*state, with_kid(*state, KEY_RSA, "later"));
    assert_int_equal(w.ops[0].keys_fetches, 4);
    visit_token(*state, with_kid(*state, KEY_RSA, "k1"));
    expect_pass("ada");
}

static void test_bad_signature_fetches_nothing(void **state)
{
    bearer_begin(*state, OP RULE);
    for (int i = 0; i < 5; i++) {
        visit_token(*state, with_kid(*state, KEY_RSA_OTHER, "k1"));
        expect_refusal(401, "jwt_signature", "invalid_token");
    }
    assert_int_equal(w.ops[0].keys_fetches, 1);
}

static void expect_detail(const char *detail)
{
    if (!strstr(w.logged, detail))
        fail_msg("%s: not in: %s", detail, w.logged);
}

/* The operator sees what the token said, where that is why; never the token. */
static void test_refusals_say_what_the_token_said(void **state)
{
    const char *good = good_token(*state);

    bearer_begin(*state, OP RULE);
    visit_token(*state, token_of_two(*state));
    expect_refusal(401, "bearer_issuer", "invalid_token");
    expect_detail("detail: https://two.example");
    visit_token(*state, text_at(*state, token_raw(*state, "{\"alg\":\"HS256\\n\"}", GOOD, STR("mac"))));
    expect_refusal(401, "jwt_alg", "invalid_token");
    expect_detail("detail: HS256\\x0a");
    visit_token(*state, text_at(*state, token_make(*state, KEY_RSA, ALG_RS256,
                                                   "{\"alg\":\"RS256\",\"typ\":\"logout+jwt\",\"kid\":\"k1\"}", GOOD)));
    expect_refusal(401, "jwt_type", "invalid_token");
    expect_detail("detail: logout+jwt");
    w.now = 1800000400;
    visit_token(*state, good);
    expect_refusal(401, "token_exp", "invalid_token");
    expect_detail("detail: 1800000300");
    assert_null(strstr(w.logged, "eyJ"));
    world_close(&w);
    bearer_begin(*state, OP "+rule\nbearer op\naudience other\n");
    visit_token(*state, good);
    expect_refusal(401, "token_aud", "invalid_token");
    expect_detail("detail: api");
}

static void test_provider_down(void **state)
{
    bearer_begin(*state, OP RULE);
    w.ops[0].down = true;
    visit_token(*state, good_token(*state));
    expect_refusal(503, "provider_down", "");
    w.ops[0].down = false;
    w.now += 10;
    visit_token(*state, good_token(*state));
    expect_pass("ada");
}

/* ---- configuration that cannot be safe ---- */

static void test_refuses_to_start(void **state)
{
    static const struct {
        const char *options, *error;
    } cases[] = {
        {OP "+rule\nbearer op\n", "without audience"},
        {OP "+rule\nbearer op\naudience \n", "a value that it cannot have"},
        {OP "+rule\nbearer nobody\naudience api\n", "names no provider that is defined"},
        {OP "+rule\nbearer \naudience api\n", "a value that it cannot have"},
        {OP RULE "bearer_type any\n", "names no kind of token"},
        {OP RULE "bearer_from body\n", "names no place for a token"},
        {OP RULE "bearer_from cookie:\n", "names no place for a token"},
        {OP RULE "bearer_scope a\"b\n", "is no list of scopes"},
        {"+provider op\nissuer https://op.example\n" RULE "bearer_type opaque\n", "has no client_id"},
        {"+provider op\nissuer https://op.example\naccess_token_signing_alg HS256\n" RULE, "names an algorithm"},
        {"+provider op\nissuer https://op.example\naccess_token_signing_alg none\n" RULE, "names an algorithm"},
        {OP RULE "upstream_token signed\n", "no signing_key"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (world_open(&w, cases[i].options))
            fail_msg("%s", cases[i].options);
        if (!strstr(w.error.text, cases[i].error))
            fail_msg("%s", w.error.text);
    }
    /* who only checks tokens needs neither client nor cookie secret nor store */
    if (!world_open(&w, "+provider op\nissuer https://op.example\n" RULE))
        fail_msg("%s", w.error.text);
    assert_false(gate_needs_store(w.engine));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_header),
        WORLD_TEST(test_no_token),
        WORLD_TEST(test_malformed),
        WORLD_TEST(test_two_headers),
        WORLD_TEST(test_only_where_said),
        WORLD_TEST(test_query),
        WORLD_TEST(test_header_and_query),
        WORLD_TEST(test_form),
        WORLD_TEST(test_cookie),
        WORLD_TEST(test_bad_token),
        WORLD_TEST(test_scope),
        WORLD_TEST(test_several_issuers),
        WORLD_TEST(test_require),
        WORLD_TEST(test_session_or_bearer),
        WORLD_TEST(test_session_or_bearer_unknown),
        WORLD_TEST(test_unauthenticated_pass),
        WORLD_TEST(test_cache),
        WORLD_TEST(test_cache_and_freshness),
        WORLD_TEST(test_stands),
        WORLD_TEST(test_stands_as_long_as_keys_are_fresh),
        WORLD_TEST(test_stands_for_nothing_else),
        WORLD_TEST(f74_rotation),
        WORLD_TEST(f73_unknown_kid_is_throttled),
        WORLD_TEST(test_bad_signature_fetches_nothing),
        WORLD_TEST(test_refusals_say_what_the_token_said),
        WORLD_TEST(test_provider_down),
        WORLD_TEST(test_refuses_to_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
