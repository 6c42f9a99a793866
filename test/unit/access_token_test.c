/* SPDX-License-Identifier: Apache-2.0 */
/* What a bearer token must be, once its signature is good: the kinds and their confusion, audience, times, scopes. */
#include "oidc/access_token.h"
#include "unit.h"

enum { NOW = 1800000000, SKEW = 60 };

#define ISS "\"iss\":\"https://op.example\""
#define TIMES "\"exp\":1800000300,\"iat\":1799999990"
#define CORE ISS ",\"sub\":\"ada\",\"aud\":\"api\"," TIMES
#define AT CORE ",\"client_id\":\"app\",\"jti\":\"j1\""

static const client CLIENT = {
    .issuer = STR_INIT("https://op.example"),
    .client_id = STR_INIT("rs"),
    .skew = SKEW,
};

typedef struct case_of {
    const char *typ; /* NULL: none */
    token_kinds kinds;
    const char *members;
    refusal wanted;
} case_of;

static access_demand demand(token_kinds kinds)
{
    return (access_demand){.audiences = STR("other api"), .kinds = kinds, .now = NOW};
}

static refusal check(arena *a, const case_of *c)
{
    jws token = {.typ = c->typ ? str_of(c->typ) : STR_NONE};
    access_demand wanted = demand(c->kinds);
    refusal why = REFUSAL_none;
    claims t;
    bool good;

    if (!claims_read(a, unit_join(a, "{", c->members, "}", NULL), &t))
        return REFUSAL_token_claims;
    good = access_token_check(&CLIENT, &token, &t, &wanted, &why);
    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

static void check_all(arena *a, const case_of *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        refusal got = check(a, &cases[i]);
        if (got != cases[i].wanted)
            fail_msg("typ %s, {%s}: %s", cases[i].typ ? cases[i].typ : "-", cases[i].members,
                     refusal_find(got)->id.ptr);
    }
}

#define CHECK(cases) check_all(*state, (cases), COUNT(cases))

static void test_at_jwt(void **state)
{
    static const case_of cases[] = {
        {"at+jwt", TOKEN_AT_JWT, AT, REFUSAL_none},
        {"AT+JWT", TOKEN_AT_JWT, AT, REFUSAL_none},
        {"application/at+jwt", TOKEN_AT_JWT, AT, REFUSAL_none},
        {"Application/At+JWT", TOKEN_AT_JWT, AT, REFUSAL_none},
        {"JWT", TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {NULL, TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {"", TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {"at+jwt ", TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {"at", TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {"application/", TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {"application/application/at+jwt", TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {"text/at+jwt", TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {"logout+jwt", TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {"secevent+jwt", TOKEN_AT_JWT, AT, REFUSAL_jwt_type},
        {"dpop+jwt", TOKEN_AT_JWT | TOKEN_JWT | TOKEN_ID_TOKEN, AT, REFUSAL_jwt_type},
        {"token-introspection+jwt", TOKEN_AT_JWT | TOKEN_JWT | TOKEN_ID_TOKEN, AT, REFUSAL_jwt_type},
        {"client-authentication+jwt", TOKEN_AT_JWT | TOKEN_JWT | TOKEN_ID_TOKEN, AT, REFUSAL_jwt_type},
        {"at+jwt", TOKEN_JWT, CORE, REFUSAL_none},
        {"at+jwt", TOKEN_ID_TOKEN, AT, REFUSAL_jwt_type},
        {"at+jwt", TOKEN_AT_JWT, CORE ",\"jti\":\"j\"", REFUSAL_token_claims},
        {"at+jwt", TOKEN_AT_JWT, CORE ",\"client_id\":\"app\"", REFUSAL_token_claims},
        {"at+jwt", TOKEN_AT_JWT, CORE ",\"client_id\":7,\"jti\":\"j\"", REFUSAL_token_claims},
        {"at+jwt", TOKEN_AT_JWT, ISS ",\"aud\":\"api\"," TIMES ",\"client_id\":\"app\",\"jti\":\"j\"",
         REFUSAL_token_claims},
        {"at+jwt", TOKEN_AT_JWT,
         ISS ",\"sub\":\"a\",\"aud\":\"api\",\"exp\":1800000300,\"client_id\":\"app\",\"jti\":\"j\"",
         REFUSAL_token_claims},
    };

    CHECK(cases);
}

static void test_kind_confusion(void **state)
{
    static const case_of cases[] = {
        {"JWT", TOKEN_JWT, CORE, REFUSAL_none},
        {NULL, TOKEN_JWT, CORE ",\"typ\":\"Bearer\"", REFUSAL_none},
        {"jwt", TOKEN_JWT, CORE ",\"token_use\":\"access\"", REFUSAL_none},
        /* an ID Token */
        {"JWT", TOKEN_JWT, CORE ",\"nonce\":\"n\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"at_hash\":\"h\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"c_hash\":\"h\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"s_hash\":\"h\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"typ\":\"ID\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"token_use\":\"id\"", REFUSAL_jwt_type},
        {"at+jwt", TOKEN_AT_JWT, AT ",\"token_use\":\"id\"", REFUSAL_jwt_type},
        /* a refresh token, a logout token, something signed for another use */
        {"JWT", TOKEN_JWT, CORE ",\"typ\":\"Refresh\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"typ\":\"refresh\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"typ\":\"Offline\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"typ\":\"Logout\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"events\":{}", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"events\":null", REFUSAL_jwt_type},
        {"at+jwt", TOKEN_AT_JWT, AT ",\"events\":{}", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"token_use\":\"refresh\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"typ\":7", REFUSAL_jwt_type},
        {"JWT", TOKEN_JWT, CORE ",\"token_use\":[]", REFUSAL_jwt_type},
        {"logout+jwt", TOKEN_JWT, CORE, REFUSAL_jwt_type},
        /* no kind is another */
        {"JWT", TOKEN_OPAQUE, CORE, REFUSAL_jwt_type},
        {"JWT", TOKEN_AT_JWT | TOKEN_OPAQUE, CORE, REFUSAL_jwt_type},
    };

    CHECK(cases);
}

static void test_id_token(void **state)
{
    static const case_of cases[] = {
        {"JWT", TOKEN_ID_TOKEN, CORE ",\"nonce\":\"n\",\"at_hash\":\"h\"", REFUSAL_none},
        {NULL, TOKEN_ID_TOKEN, CORE ",\"typ\":\"ID\"", REFUSAL_none},
        {"JWT", TOKEN_ID_TOKEN, CORE ",\"token_use\":\"id\"", REFUSAL_none},
        {"JWT", TOKEN_ID_TOKEN | TOKEN_JWT, CORE ",\"nonce\":\"n\"", REFUSAL_none},
        {"JWT", TOKEN_ID_TOKEN, CORE ",\"typ\":\"Bearer\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_ID_TOKEN, CORE ",\"token_use\":\"access\"", REFUSAL_jwt_type},
        {"JWT", TOKEN_ID_TOKEN, CORE ",\"events\":{}", REFUSAL_jwt_type},
        {"JWT", TOKEN_ID_TOKEN, ISS ",\"aud\":\"api\"," TIMES, REFUSAL_jwt_type},
        {"JWT", TOKEN_ID_TOKEN, ISS ",\"sub\":\"a\",\"aud\":\"api\",\"exp\":1800000300", REFUSAL_jwt_type},
        {"JWT", TOKEN_ID_TOKEN, CORE ",\"azp\":\"api\"", REFUSAL_none},
        {"JWT", TOKEN_ID_TOKEN, CORE ",\"azp\":\"rs\"", REFUSAL_none},
        {"JWT", TOKEN_ID_TOKEN, CORE ",\"azp\":\"another\"", REFUSAL_id_token_azp},
        {"JWT", TOKEN_ID_TOKEN, ISS ",\"sub\":\"a\",\"aud\":[\"api\",\"x\"]," TIMES, REFUSAL_id_token_azp},
        {"JWT", TOKEN_ID_TOKEN, ISS ",\"sub\":\"a\",\"aud\":[\"api\",\"x\"],\"azp\":\"x\"," TIMES,
         REFUSAL_id_token_azp},
        {"JWT", TOKEN_ID_TOKEN, ISS ",\"sub\":\"a\",\"aud\":[\"api\",\"x\"],\"azp\":\"api\"," TIMES, REFUSAL_none},
    };

    CHECK(cases);
}

static void test_issuer_and_audience(void **state)
{
#define WITH_AUD(aud) ISS ",\"sub\":\"a\",\"aud\":" aud "," TIMES
    static const case_of cases[] = {
        {NULL, TOKEN_JWT, "\"iss\":\"https://op.example/\",\"aud\":\"api\"," TIMES, REFUSAL_token_iss},
        {NULL, TOKEN_JWT, "\"iss\":\"https://OP.example\",\"aud\":\"api\"," TIMES, REFUSAL_token_iss},
        {NULL, TOKEN_JWT, "\"iss\":\"https://op.exampl\",\"aud\":\"api\"," TIMES, REFUSAL_token_iss},
        {NULL, TOKEN_JWT, "\"iss\":\"\",\"aud\":\"api\"," TIMES, REFUSAL_token_iss},
        {NULL, TOKEN_JWT, "\"aud\":\"api\"," TIMES, REFUSAL_token_claims},
        {NULL, TOKEN_JWT, "\"iss\":[\"https://op.example\"],\"aud\":\"api\"," TIMES, REFUSAL_token_claims},
        {NULL, TOKEN_JWT, WITH_AUD("\"other\""), REFUSAL_none},
        {NULL, TOKEN_JWT, WITH_AUD("[\"x\",\"api\"]"), REFUSAL_none},
        {NULL, TOKEN_JWT, WITH_AUD("\"ap\""), REFUSAL_token_aud},
        {NULL, TOKEN_JWT, WITH_AUD("\"apis\""), REFUSAL_token_aud},
        {NULL, TOKEN_JWT, WITH_AUD("\"API\""), REFUSAL_token_aud},
        {NULL, TOKEN_JWT, WITH_AUD("\"other api\""), REFUSAL_token_aud},
        {NULL, TOKEN_JWT, WITH_AUD("[\"other api\"]"), REFUSAL_token_aud},
        {NULL, TOKEN_JWT, WITH_AUD("[]"), REFUSAL_token_claims},
        {NULL, TOKEN_JWT, WITH_AUD("\"\""), REFUSAL_token_claims},
        {NULL, TOKEN_JWT, WITH_AUD("[\"api\",7]"), REFUSAL_token_claims},
        {NULL, TOKEN_JWT, WITH_AUD("{\"api\":true}"), REFUSAL_token_claims},
        {NULL, TOKEN_JWT, WITH_AUD("null"), REFUSAL_token_claims},
        {NULL, TOKEN_JWT, ISS "," TIMES, REFUSAL_token_claims},
    };
#undef WITH_AUD

    CHECK(cases);
}

static void test_times(void **state)
{
#define WITH(times) ISS ",\"sub\":\"a\",\"aud\":\"api\"," times
    static const case_of cases[] = {
        {NULL, TOKEN_JWT, WITH("\"exp\":1799999941"), REFUSAL_none}, /* within the tolerance */
        {NULL, TOKEN_JWT, WITH("\"exp\":1799999940"), REFUSAL_token_exp},
        {NULL, TOKEN_JWT, WITH("\"exp\":0"), REFUSAL_token_exp},
        {NULL, TOKEN_JWT, WITH("\"iat\":1800000000"), REFUSAL_token_claims}, /* no exp */
        {NULL, TOKEN_JWT, WITH("\"exp\":\"1800000300\""), REFUSAL_token_claims},
        {NULL, TOKEN_JWT, WITH("\"exp\":null"), REFUSAL_token_claims},
        {NULL, TOKEN_JWT, WITH("\"exp\":9007199254740993000"), REFUSAL_token_claims},
        {NULL, TOKEN_JWT, WITH("\"exp\":1800000300,\"nbf\":1800000060"), REFUSAL_none},
        {NULL, TOKEN_JWT, WITH("\"exp\":1800000300,\"nbf\":1800000061"), REFUSAL_token_nbf},
        {NULL, TOKEN_JWT, WITH("\"exp\":1800000300,\"iat\":1800000061"), REFUSAL_token_nbf},
        {NULL, TOKEN_JWT, WITH("\"exp\":1800000300,\"nbf\":true"), REFUSAL_token_claims},
    };
#undef WITH

    CHECK(cases);
}

static void test_bound(void **state)
{
    static const case_of cases[] = {
        {"at+jwt", TOKEN_AT_JWT, AT ",\"cnf\":{\"jkt\":\"x\"}", REFUSAL_token_bound},
        {"JWT", TOKEN_JWT, CORE ",\"cnf\":{\"x5t#S256\":\"x\"}", REFUSAL_token_bound},
        {"JWT", TOKEN_JWT, CORE ",\"cnf\":null", REFUSAL_token_bound},
    };

    CHECK(cases);
}

static refusal check_introspected(arena *a, const char *members)
{
    access_demand wanted = demand(TOKEN_OPAQUE);
    refusal why = REFUSAL_none;
    claims t;
    bool good;

    assert_true(claims_read(a, unit_join(a, "{\"active\":true,", members, "}", NULL), &t));
    good = access_token_check_introspected(&CLIENT, &t, &wanted, &why);
    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

static void test_introspected(void **state)
{
    static const struct {
        const char *members;
        refusal wanted;
    } cases[] = {
        {"\"aud\":\"api\"", REFUSAL_none},
        {"\"aud\":\"api\",\"token_type\":\"Bearer\"", REFUSAL_none},
        {"\"aud\":\"api\",\"token_type\":\"bearer\"," ISS, REFUSAL_none},
        {"\"aud\":\"api\",\"iss\":\"https://other.example\"", REFUSAL_token_iss},
        {"\"sub\":\"a\"", REFUSAL_token_aud},
        {"\"aud\":\"rs\"", REFUSAL_token_aud},
        {"\"aud\":\"api\",\"exp\":1799999940", REFUSAL_token_exp},
        {"\"aud\":\"api\",\"nbf\":1800000061", REFUSAL_token_nbf},
        {"\"aud\":\"api\",\"token_type\":\"DPoP\"", REFUSAL_jwt_type},
        {"\"aud\":\"api\",\"token_type\":\"refresh_token\"", REFUSAL_jwt_type},
        {"\"aud\":\"api\",\"token_type\":1", REFUSAL_jwt_type},
        {"\"aud\":\"api\",\"typ\":\"Refresh\"", REFUSAL_jwt_type},
        {"\"aud\":\"api\",\"cnf\":{}", REFUSAL_token_bound},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        if (check_introspected(*state, cases[i].members) != cases[i].wanted)
            fail_msg("%s", cases[i].members);
}

static void test_scopes(void **state)
{
    static const struct {
        const char *claims, *wanted;
        bool good;
    } cases[] = {
        {"{}", "", true},
        {"{\"scope\":\"read write\"}", "read", true},
        {"{\"scope\":\"read write\"}", " write  read ", true},
        {"{\"scope\":\"read write\"}", "read delete", false},
        {"{\"scope\":\"readonly\"}", "read", false},
        {"{\"scope\":[\"read\",\"write\"]}", "write", true},
        {"{\"scope\":[\"read write\"]}", "write", false},
        {"{\"scp\":[\"read\"]}", "read", true},
        {"{\"scp\":\"read write\"}", "write", true},
        {"{\"scope\":\"read\",\"scp\":[\"write\"]}", "read write", true},
        {"{\"scope\":null}", "read", false},
        {"{\"scope\":{\"read\":true}}", "read", false},
        {"{\"scopes\":\"read\"}", "read", false},
        {"{}", "read", false},
        {"{\"scope\":\"\"}", "read", false},
        {"{\"scope\":\"READ\"}", "read", false},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        if (access_token_has_scopes(json_read_object(*state, str_of(cases[i].claims)), str_of(cases[i].wanted)) !=
            cases[i].good)
            fail_msg("%s wants %s", cases[i].claims, cases[i].wanted);
}

static void test_kinds_read(void **state)
{
    token_kinds kinds;

    (void)state;
    assert_true(token_kinds_read(STR("at+jwt"), &kinds));
    assert_int_equal(kinds, TOKEN_AT_JWT);
    assert_true(token_kinds_read(STR("opaque id_token  jwt"), &kinds));
    assert_int_equal(kinds, TOKEN_OPAQUE | TOKEN_ID_TOKEN | TOKEN_JWT);
    assert_false(token_kinds_read(STR(""), &kinds));
    assert_false(token_kinds_read(STR("at+jwt any"), &kinds));
    assert_false(token_kinds_read(STR("JWT"), &kinds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_at_jwt),     TEST(test_kind_confusion), TEST(test_id_token),     TEST(test_issuer_and_audience),
        TEST(test_times),      TEST(test_bound),          TEST(test_introspected), TEST(test_scopes),
        TEST(test_kinds_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
