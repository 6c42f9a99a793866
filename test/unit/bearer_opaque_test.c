/* SPDX-License-Identifier: Apache-2.0 */
/* Opaque tokens through the whole engine: introspection, what is kept of it, its failures, and what goes to the application. */
#include "base/base64url.h"
#include "bearer_expect.h"
#include "rfc.h"

#define OPAQUE RULE "bearer_type opaque\n"
#define ACTIVE "{\"active\":true,\"sub\":\"ada\",\"aud\":\"api\",\"exp\":1800000300,\"scope\":\"read\"}"

static void answers(size_t op, unsigned status, const char *type, const char *body)
{
    w.ops[op].status = status;
    w.ops[op].type = type;
    w.ops[op].answer = str_of(body);
}

static void answers_json(size_t op, const char *body)
{
    answers(op, 200, "application/json", body);
}

static void test_active(void **state)
{
    bearer_begin(*state, OP OPAQUE);
    answers_json(0, ACTIVE);
    visit_token(*state, "2YotnFZFEjr1zCsicMWpAA");
    expect_pass("ada");
    assert_string_equal(answer.token, "2YotnFZFEjr1zCsicMWpAA");
    assert_string_equal(w.question, "token=2YotnFZFEjr1zCsicMWpAA&token_type_hint=access_token");
    assert_string_equal(w.credentials, "Basic cnM6c2VjcmV0");
    assert_int_equal(w.ops[0].keys_fetches, 0);
}

static void test_active_is_kept(void **state)
{
    bearer_begin(*state, OP OPAQUE);
    answers_json(0, ACTIVE);
    for (int i = 0; i < 3; i++) {
        visit_token(*state, "opaque");
        expect_pass("ada");
    }
    assert_int_equal(w.ops[0].questions, 1);
    w.now += 60; /* introspection_cache */
    answers_json(0, "{\"active\":false}");
    visit_token(*state, "opaque");
    expect_refusal(401, "token_inactive", "error=\"invalid_token\"");
    assert_int_equal(w.ops[0].questions, 2);
}

/* Never longer than the token itself. */
static void test_kept_until_exp(void **state)
{
    bearer_begin(*state, OP OPAQUE);
    answers_json(0, "{\"active\":true,\"sub\":\"ada\",\"aud\":\"api\",\"exp\":1800000010}");
    visit_token(*state, "opaque");
    w.now += 9;
    visit_token(*state, "opaque");
    expect_pass("ada");
    assert_int_equal(w.ops[0].questions, 1);
    w.now += 1;
    visit_token(*state, "opaque");
    assert_int_equal(w.ops[0].questions, 2);
    w.now += 60;
    visit_token(*state, "opaque");
    expect_refusal(401, "token_exp", "invalid_token");
}

static void test_not_kept_when_told(void **state)
{
    bearer_begin(*state, OP "introspection_cache 0\n" OPAQUE);
    answers_json(0, ACTIVE);
    visit_token(*state, "opaque");
    visit_token(*state, "opaque");
    expect_pass("ada");
    assert_int_equal(w.ops[0].questions, 2);
}

static void test_inactive_is_kept(void **state)
{
    bearer_begin(*state, OP OPAQUE);
    answers_json(0, "{\"active\":false}");
    for (int i = 0; i < 3; i++) {
        visit_token(*state, "opaque");
        expect_refusal(401, "token_inactive", "error=\"invalid_token\"");
    }
    assert_int_equal(w.ops[0].questions, 1);
    answers_json(0, ACTIVE);
    visit_token(*state, "another");
    expect_pass("ada");
    w.now += 10;
    visit_token(*state, "opaque");
    expect_pass("ada");
}

/* An endpoint that does not answer is no answer: neither way, and nothing is kept of it. */
static void test_down(void **state)
{
    bearer_begin(*state, OP OPAQUE);
    answers(0, 0, "", "");
    visit_token(*state, "opaque");
    expect_refusal(503, "introspection_down", "");
    assert_string_equal(answer.challenge, "");
    answers(0, 500, "application/json", ACTIVE);
    visit_token(*state, "opaque");
    expect_refusal(503, "introspection_down", "");
    answers(0, 503, "text/html", "<html>");
    visit_token(*state, "opaque");
    expect_refusal(503, "introspection_down", "");
    answers_json(0, ACTIVE);
    visit_token(*state, "opaque");
    expect_pass("ada");
}

static void test_no_endpoint(void **state)
{
    bearer_begin(*state, OP OPAQUE);
    w.ops[0].no_introspection = true;
    visit_token(*state, "opaque");
    expect_refusal(503, "introspection_down", "");
}

static void test_wrong_answers(void **state)
{
    static const struct {
        unsigned status;
        const char *type, *body;
        unsigned answered;
        const char *refusal;
    } cases[] = {
        {401, "application/json", "{}", 502, "client_refused"},
        {403, "application/json", ACTIVE, 502, "introspection_malformed"},
        {204, "application/json", ACTIVE, 502, "introspection_malformed"},
        {200, "text/html", ACTIVE, 502, "introspection_malformed"},
        {200, "application/json", "<html>", 502, "introspection_malformed"},
        {200, "application/json", "{}", 502, "introspection_malformed"},
        {200, "application/json", "{\"active\":\"true\",\"aud\":\"api\"}", 502, "introspection_malformed"},
        {200, "application/json", "{\"active\":true,\"aud\":\"other\"}", 401, "token_aud"},
        {200, "application/json", "{\"active\":true,\"sub\":\"ada\"}", 401, "token_aud"},
        {200, "application/json", "{\"active\":true,\"aud\":\"api\",\"iss\":\"https://two.example\"}", 401,
         "token_iss"},
        {200, "application/json", "{\"active\":true,\"aud\":\"api\",\"exp\":1799999900}", 401, "token_exp"},
        {200, "application/json", "{\"active\":true,\"aud\":\"api\",\"exp\":\"never\"}", 401, "token_claims"},
        {200, "application/json", "{\"active\":true,\"aud\":\"api\",\"token_type\":\"DPoP\"}", 401, "jwt_type"},
        {200, "application/json", "{\"active\":true,\"aud\":\"api\",\"cnf\":{\"jkt\":\"x\"}}", 401, "token_bound"},
    };

    bearer_begin(*state, OP OPAQUE);
    for (size_t i = 0; i < COUNT(cases); i++) {
        answers(0, cases[i].status, cases[i].type, cases[i].body);
        visit_token(*state, "opaque");
        expect_refusal(cases[i].answered, cases[i].refusal, cases[i].answered == 401 ? "invalid_token" : "");
    }
    assert_int_equal(w.ops[0].questions, COUNT(cases)); /* nothing of this is kept */
}

/* An opaque token does not say whose it is: it is shown to the first provider only. A JWT asks nobody. */
static void test_several_issuers(void **state)
{
    bearer_begin(*state, OP TWO "+rule\nbearer op two\naudience api\nbearer_type at+jwt opaque\n");
    answers_json(0, "{\"active\":false}");
    answers_json(1, "{\"active\":true,\"sub\":\"grace\",\"aud\":\"api\"}");
    visit_token(*state, "opaque");
    expect_refusal(401, "token_inactive", "invalid_token");
    assert_int_equal(w.ops[0].questions, 1);
    assert_int_equal(w.ops[1].questions, 0);
    visit_token(*state, good_token(*state));
    expect_pass("ada");
    assert_int_equal(w.ops[0].questions, 1);
    assert_int_equal(w.ops[1].questions, 0);
}

static void test_scope(void **state)
{
    bearer_begin(*state, OP OPAQUE "bearer_scope write\n");
    answers_json(0, ACTIVE);
    visit_token(*state, "opaque");
    expect_refusal(403, "token_scope", "scope=\"write\"");
    visit_token(*state, "opaque");
    expect_refusal(403, "token_scope", "scope=\"write\"");
    assert_int_equal(w.ops[0].questions, 1);
}

/* What one rule found out, another does not see: it may demand another audience. */
static void test_other_rule(void **state)
{
    bearer_begin(*state, OP OPAQUE "+rule\nbearer op\naudience other\nbearer_type opaque\n");
    answers_json(0, ACTIVE);
    visit_token(*state, "opaque");
    expect_pass("ada");
    visit_with("Bearer opaque", 1);
    expect_refusal(401, "token_aud", "invalid_token");
    assert_int_equal(w.ops[0].questions, 2);
}

/* ---- questions that are one ---- */

#define OP_BY_KEY                                                                                                                 \
    "+provider op\nissuer https://op.example\nclient_id rs\nintrospection_cache 0\nclient_key {\"kty\":\"EC\",\"crv\":\"P-256\"," \
    "\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y "\",\"d\":\"" RFC7515_A3_D "\"}\n"

/* Every request has a client assertion of its own, used once; equal questions are one all the same, and no others. */
static void test_shared_by_key(void **state)
{
    static char bodies[3][WORLD_TEXT], names[3][sizeof w.shared_as];
    static const char *const tokens[] = {"opaque", "opaque", "opaque2"};

    bearer_begin(*state, OP_BY_KEY OPAQUE);
    answers_json(0, ACTIVE);
    for (size_t i = 0; i < COUNT(tokens); i++) {
        visit_token(*state, tokens[i]);
        expect_pass("ada");
        memcpy(bodies[i], w.question, sizeof bodies[i]);
        memcpy(names[i], w.shared_as, sizeof names[i]);
        assert_non_null(strstr(bodies[i], "client_assertion=eyJ"));
        assert_null(strstr(names[i], "eyJ"));
    }
    assert_true(names[0][0] && strcmp(names[0], names[1]) == 0);
    assert_true(strcmp(bodies[0], bodies[1]) != 0);
    assert_true(strcmp(names[0], names[2]) != 0);
}

/* An answer is for the client that asked. */
static void test_not_shared_between_clients(void **state)
{
    static char first[sizeof w.shared_as];

    bearer_begin(*state, OP "+provider again\nissuer https://op.example\nclient_id other\nclient_secret secret\n" OPAQUE
                            "+rule\nbearer again\naudience api\nbearer_type opaque\n");
    answers_json(0, ACTIVE);
    visit_with("Bearer opaque", 0);
    memcpy(first, w.shared_as, sizeof first);
    visit_with("Bearer opaque", 1);
    expect_pass("ada");
    assert_true(first[0] && w.shared_as[0] && strcmp(first, w.shared_as) != 0);
}

/* ---- signed answers ---- */

#define SIGNED OP "introspection_signed_response on\n" OPAQUE
#define SIGNED_TYPE "application/token-introspection+jwt"
#define SIGNED_HEADER "{\"alg\":\"RS256\",\"typ\":\"token-introspection+jwt\",\"kid\":\"k1\"}"
#define SIGNED_CLAIMS \
    "{\"iss\":\"https://op.example\",\"aud\":\"rs\",\"iat\":1800000000,\"token_introspection\":" ACTIVE "}"

static void test_signed(void **state)
{
    bearer_begin(*state, SIGNED);
    w.ops[0].status = 200;
    w.ops[0].type = SIGNED_TYPE;
    w.ops[0].answer = token_make(*state, KEY_RSA, ALG_RS256, SIGNED_HEADER, SIGNED_CLAIMS);
    visit_token(*state, "opaque");
    expect_pass("ada");
    assert_string_equal(w.accepted, SIGNED_TYPE);
    w.ops[0].answer = token_make(*state, KEY_RSA_OTHER, ALG_RS256, SIGNED_HEADER, SIGNED_CLAIMS);
    visit_token(*state, "opaque2");
    expect_refusal(502, "introspection_malformed", "");
    w.ops[0].answer = token_make(*state, KEY_RSA, ALG_RS256, HEADER, SIGNED_CLAIMS);
    visit_token(*state, "opaque2");
    expect_refusal(502, "introspection_malformed", "");
    answers_json(0, ACTIVE); /* asked for signed, answered plain */
    visit_token(*state, "opaque2");
    expect_refusal(502, "introspection_malformed", "");
}

/* A signed answer names a key that is new. */
static void test_signed_rotation(void **state)
{
    gate_str other = token_public(*state, KEY_RSA_OTHER, "\"kid\":\"k3\"");

    bearer_begin(*state, SIGNED);
    w.ops[0].status = 200;
    w.ops[0].type = SIGNED_TYPE;
    w.ops[0].answer = token_make(*state, KEY_RSA, ALG_RS256, SIGNED_HEADER, SIGNED_CLAIMS);
    visit_token(*state, "opaque");
    w.ops[0].keys = token_set(*state, &other, NULL);
    w.ops[0].answer =
        token_make(*state, KEY_RSA_OTHER, ALG_RS256,
                   "{\"alg\":\"RS256\",\"typ\":\"token-introspection+jwt\",\"kid\":\"k3\"}", SIGNED_CLAIMS);
    visit_token(*state, "opaque2");
    expect_pass("ada");
    assert_int_equal(w.ops[0].keys_fetches, 2);
}

/* The signed answer is no access token. */
static void test_signed_answer_as_token(void **state)
{
    bearer_begin(*state, OP RULE "bearer_type at+jwt jwt id_token\n");
    visit_token(*state, text_at(*state, token_make(*state, KEY_RSA, ALG_RS256, SIGNED_HEADER,
                                                   CLAIMS("https://op.example", "ada"))));
    expect_refusal(401, "jwt_type", "invalid_token");
}

/* ---- what goes to the application ---- */

static void expect_authorization(const char *value)
{
    assert_true(answer.sets_authorization);
    assert_string_equal(answer.authorization, value);
}

static void test_phantom(void **state)
{
    bearer_begin(*state, OP OPAQUE "upstream_token phantom\n");
    answers_json(0, "{\"active\":true,\"sub\":\"ada\",\"aud\":\"api\",\"jwt\":\"eyJh.eyJz.c2ln\"}");
    for (int i = 0; i < 2; i++) { /* from the endpoint, and from the cache */
        visit_token(*state, "opaque");
        expect_pass("ada");
        expect_authorization("Bearer eyJh.eyJz.c2ln");
    }
    assert_int_equal(w.ops[0].questions, 1);
    answers_json(0, ACTIVE);
    visit_token(*state, "opaque2");
    expect_refusal(502, "phantom_missing", "");
}

static void test_phantom_of_signed_answer(void **state)
{
    gate_str token = token_make(*state, KEY_RSA, ALG_RS256, SIGNED_HEADER, SIGNED_CLAIMS);

    bearer_begin(*state, SIGNED "upstream_token phantom\n");
    w.ops[0].status = 200;
    w.ops[0].type = SIGNED_TYPE;
    w.ops[0].answer = token;
    visit_token(*state, "opaque");
    expect_authorization(text_at(*state, unit_join(*state, "Bearer ", text_at(*state, token), NULL)));
}

/* A JWT is its own phantom, also when it did not come as Authorization. */
static void test_phantom_of_jwt(void **state)
{
    const char *token = good_token(*state), *field = text_at(*state, unit_join(*state, "Bearer ", token, NULL));
    world_request r = {
        .headers = {{STR("Cookie"), unit_join(*state, "at=", token, NULL)}, {STR("Authorization"), STR("Basic YTpi")}}};

    bearer_begin(*state, OP RULE "upstream_token phantom\nbearer_from header cookie:at\n");
    visit_token(*state, token);
    expect_pass("ada");
    expect_authorization(field);
    world_visit(&w, &r, &answer);
    expect_pass("ada");
    expect_authorization(field);
}

static void test_upstream_none(void **state)
{
    bearer_begin(*state, OP RULE "upstream_token none\nunauthenticated pass\n");
    visit_token(*state, good_token(*state));
    expect_pass("ada");
    expect_authorization("");
    visit_with("Basic YTpi", 0); /* who passes unknown brings nothing along either */
    assert_true(answer.passed && !answer.signed_in);
    expect_authorization("");
}

static void test_upstream_keep(void **state)
{
    bearer_begin(*state, OP RULE "unauthenticated pass\n");
    visit_token(*state, good_token(*state));
    expect_pass("ada");
    assert_false(answer.sets_authorization);
    visit_with("Basic YTpi", 0);
    assert_false(answer.sets_authorization);
}

#define SIGNER                                                                                        \
    "!signing_key {\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y \
    "\",\"d\":\"" RFC7515_A3_D "\"}\n"                                                                \
    "!signing_issuer https://gate.example\n"

static int64_t number_in(arena *a, const char *name)
{
    gate_str rest = str_of(answer.authorization), part, payload;
    int64_t n = -1;

    assert_true(str_cut(&rest, '.', &part) && str_cut(&rest, '.', &part) && base64url_read(a, part, &payload));
    assert_int_equal(json_get_time(json_read_object(a, payload), str_of(name), &n), JSON_GOOD);
    return n;
}

/* A token that is signed here lives a minute, but never longer than the one that it stands for. */
static void test_upstream_signed(void **state)
{
    bearer_begin(*state, SIGNER OP OPAQUE "upstream_token signed\nupstream_audience inside\n");
    answers_json(0, ACTIVE);
    visit_token(*state, "opaque");
    expect_pass("ada");
    assert_int_equal(number_in(*state, "exp"), w.now + 60);
    answers_json(0, "{\"active\":true,\"sub\":\"ada\",\"aud\":\"api\",\"exp\":1800000010}");
    visit_token(*state, "opaque2");
    expect_pass("ada");
    assert_int_equal(number_in(*state, "exp"), 1800000010);
}

/* A session beside bearer tokens: what the client wrote as Authorization does not pass for a phantom. */
static void test_phantom_with_session(void **state)
{
    static char record[1024], field[128];
    world_request r = {.headers = {{STR("Cookie"), STR("")}, {STR("Authorization"), STR("Basic YTpi")}}};

    bearer_begin(*state, SIGN_IN OP RULE "provider op\nupstream_token phantom\n");
    assert_true(world_sign_in(&w, "sam", record, field));
    r.headers[0].value = str_of(field);
    world_visit(&w, &r, &answer);
    expect_pass("sam");
    expect_authorization("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_active),
        WORLD_TEST(test_active_is_kept),
        WORLD_TEST(test_kept_until_exp),
        WORLD_TEST(test_not_kept_when_told),
        WORLD_TEST(test_inactive_is_kept),
        WORLD_TEST(test_down),
        WORLD_TEST(test_no_endpoint),
        WORLD_TEST(test_wrong_answers),
        WORLD_TEST(test_several_issuers),
        WORLD_TEST(test_scope),
        WORLD_TEST(test_other_rule),
        WORLD_TEST(test_shared_by_key),
        WORLD_TEST(test_not_shared_between_clients),
        WORLD_TEST(test_signed),
        WORLD_TEST(test_signed_rotation),
        WORLD_TEST(test_signed_answer_as_token),
        WORLD_TEST(test_phantom),
        WORLD_TEST(test_phantom_of_signed_answer),
        WORLD_TEST(test_phantom_of_jwt),
        WORLD_TEST(test_upstream_none),
        WORLD_TEST(test_upstream_keep),
        WORLD_TEST(test_upstream_signed),
        WORLD_TEST(test_phantom_with_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
