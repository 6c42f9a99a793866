/* SPDX-License-Identifier: Apache-2.0 */
/* Each check of OpenID Connect Core 3.1.3.7, at its very edge. */
#include "oidc/id_token.h"
#include "unit.h"

enum { NOW = 1700000000, DAY = 86400 };

#define ISS "\"iss\":\"https://op.example\""
#define SUB "\"sub\":\"alice\""
#define AUD "\"aud\":\"app\""
#define TIMES "\"exp\":1700000300,\"iat\":1700000000"
#define ALL ISS "," SUB "," AUD "," TIMES

typedef struct checked {
    const char *payload;
    refusal why;
} checked;

static refusal check_with(arena *a, const char *payload, const jws *token, const id_token_demand *demand,
                          gate_str trusted)
{
    client c = {.issuer = STR("https://op.example"), .client_id = STR("app"), .trusted_audiences = trusted, .skew = 60};
    refusal why = REFUSAL_none;
    claims t;
    bool good;

    if (!claims_read(a, unit_exact(str_of(payload)), &t))
        return REFUSAL_id_token_claims;
    good = id_token_check(&c, token, &t, demand, &why);
    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

static refusal check_plain(arena *a, const char *payload)
{
    const jws token = {.alg = ALG_RS256};
    const id_token_demand demand = {.max_age = -1, .now = NOW};

    return check_with(a, payload, &token, &demand, STR_NONE);
}

static void check_all(arena *a, const checked *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        refusal got = check_plain(a, cases[i].payload);
        if (got != cases[i].why)
            fail_msg("%s: %s", cases[i].payload, refusal_find(got)->id.ptr);
    }
}

static void parties(void **state)
{
    static const checked cases[] = {
        {"{" ALL "}", REFUSAL_none},
        {"{" SUB "," AUD "," TIMES "}", REFUSAL_id_token_claims},
        {"{" ISS "," AUD "," TIMES "}", REFUSAL_id_token_claims},
        {"{" ISS "," SUB "," TIMES "}", REFUSAL_id_token_claims},
        {"{" ISS "," SUB "," AUD ",\"iat\":1700000000}", REFUSAL_id_token_claims},
        {"{" ISS "," SUB "," AUD ",\"exp\":1700000300}", REFUSAL_id_token_claims},
        {"{\"iss\":\"https://op.example/\"," SUB "," AUD "," TIMES "}", REFUSAL_id_token_iss},
        {"{\"iss\":\"\"," SUB "," AUD "," TIMES "}", REFUSAL_id_token_iss},
        {"{" ISS "," SUB ",\"aud\":\"App\"," TIMES "}", REFUSAL_id_token_aud},
        {"{" ISS "," SUB ",\"aud\":[\"other\"]," TIMES "}", REFUSAL_id_token_aud},
        {"{" ISS "," SUB ",\"aud\":[\"app\"]," TIMES "}", REFUSAL_none},
        {"{" ISS "," SUB ",\"aud\":[\"app\",\"other\"],\"azp\":\"app\"," TIMES "}", REFUSAL_id_token_aud},
        {"{" ALL ",\"azp\":\"app\"}", REFUSAL_none},
        {"{" ALL ",\"azp\":\"\"}", REFUSAL_id_token_azp},
        {"{" ALL ",\"azp\":\"other\"}", REFUSAL_id_token_azp},
        {"{" ISS "," SUB ",\"aud\":[\"app\",\"app\"]," TIMES "}", REFUSAL_id_token_azp},
    };

    check_all(*state, cases, COUNT(cases));
}

static void trusted_audiences(void **state)
{
    static const char two[] = "{" ISS "," SUB ",\"aud\":[\"app\",\"api\"],\"azp\":\"app\"," TIMES "}";
    const jws token = {.alg = ALG_RS256};
    const id_token_demand demand = {.max_age = -1, .now = NOW};

    assert_int_equal(check_with(*state, two, &token, &demand, STR("x api")), REFUSAL_none);
    assert_int_equal(check_with(*state, two, &token, &demand, STR("x apis")), REFUSAL_id_token_aud);
    assert_int_equal(
        check_with(*state, "{" ISS "," SUB ",\"aud\":[\"app\",\"api\"]," TIMES "}", &token, &demand, STR("api")),
        REFUSAL_id_token_azp);
    assert_int_equal(check_with(*state, "{" ISS "," SUB ",\"aud\":[\"api\"],\"azp\":\"app\"," TIMES "}", &token,
                                &demand, STR("api")),
                     REFUSAL_id_token_aud);
}

static void times(void **state)
{
    static const struct {
        const char *name;
        int64_t offset;
        refusal why;
    } cases[] = {
        {"exp", -59, REFUSAL_none},        {"exp", -60, REFUSAL_id_token_exp}, {"iat", 60, REFUSAL_none},
        {"iat", 61, REFUSAL_id_token_iat}, {"iat", -DAY, REFUSAL_none},        {"iat", -DAY - 1, REFUSAL_id_token_iat},
        {"nbf", 60, REFUSAL_none},         {"nbf", 61, REFUSAL_id_token_nbf},  {"nbf", -1000000, REFUSAL_none},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        text t = text_begin(*state, 1024);
        gate_str payload;
        bool exp = strcmp(cases[i].name, "exp") == 0, iat = strcmp(cases[i].name, "iat") == 0;
        text_add(&t, STR("{" ISS "," SUB "," AUD));
        json_add_number(&t, str_of(cases[i].name), NOW + cases[i].offset);
        if (!exp)
            json_add_number(&t, STR("exp"), NOW + 300);
        if (!iat)
            json_add_number(&t, STR("iat"), NOW);
        json_end(&t);
        assert_true(text_end(&t, &payload));
        if (check_plain(*state, arena_copy(*state, payload).ptr) != cases[i].why)
            fail_msg("%s %d", cases[i].name, (int)cases[i].offset);
    }
}

static void e58_nonce_is_demanded_when_sent(void **state)
{
    const jws token = {.alg = ALG_RS256};
    const id_token_demand demand = {.max_age = -1, .now = NOW, .nonce = STR("abc")};

    assert_int_equal(check_with(*state, "{" ALL ",\"nonce\":\"abc\"}", &token, &demand, STR_NONE), REFUSAL_none);
    assert_int_equal(check_with(*state, "{" ALL ",\"nonce\":\"abd\"}", &token, &demand, STR_NONE),
                     REFUSAL_id_token_nonce);
    assert_int_equal(check_with(*state, "{" ALL ",\"nonce\":\"ab\"}", &token, &demand, STR_NONE),
                     REFUSAL_id_token_nonce);
    assert_int_equal(check_with(*state, "{" ALL ",\"nonce\":\"\"}", &token, &demand, STR_NONE), REFUSAL_id_token_nonce);
    assert_int_equal(check_with(*state, "{" ALL "}", &token, &demand, STR_NONE), REFUSAL_id_token_nonce);
    assert_int_equal(check_plain(*state, "{" ALL ",\"nonce\":\"whatever\"}"), REFUSAL_none);
}

static void strength(void **state)
{
    const jws token = {.alg = ALG_RS256};
    const id_token_demand acr = {.max_age = -1, .now = NOW, .acr_values = STR("silver gold")};
    const id_token_demand age = {.max_age = 0, .now = NOW};

    assert_int_equal(check_with(*state, "{" ALL ",\"acr\":\"gold\"}", &token, &acr, STR_NONE), REFUSAL_none);
    assert_int_equal(check_with(*state, "{" ALL ",\"acr\":\"silver gold\"}", &token, &acr, STR_NONE),
                     REFUSAL_id_token_acr);
    assert_int_equal(check_with(*state, "{" ALL ",\"acr\":\"\"}", &token, &acr, STR_NONE), REFUSAL_id_token_acr);
    assert_int_equal(check_with(*state, "{" ALL "}", &token, &acr, STR_NONE), REFUSAL_id_token_acr);
    assert_int_equal(check_with(*state, "{" ALL ",\"auth_time\":1699999940}", &token, &age, STR_NONE), REFUSAL_none);
    assert_int_equal(check_with(*state, "{" ALL ",\"auth_time\":1699999939}", &token, &age, STR_NONE),
                     REFUSAL_id_token_auth_time);
    assert_int_equal(check_with(*state, "{" ALL ",\"auth_time\":1700000060}", &token, &age, STR_NONE), REFUSAL_none);
    assert_int_equal(check_with(*state, "{" ALL ",\"auth_time\":1700000061}", &token, &age, STR_NONE),
                     REFUSAL_id_token_auth_time);
    assert_int_equal(check_with(*state, "{" ALL "}", &token, &age, STR_NONE), REFUSAL_id_token_auth_time);
}

/* The example of OpenID Connect Core A.3: access token and at_hash for RS256. */
static void e58_access_token_hash(void **state)
{
    const id_token_demand demand = {
        .max_age = -1, .now = NOW, .access_token = STR("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y")};
    static const char good[] = "{" ALL ",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"}";
    jws token = {.alg = ALG_RS256};

    assert_int_equal(check_with(*state, good, &token, &demand, STR_NONE), REFUSAL_none);
    token.alg = ALG_RS384;
    assert_int_equal(check_with(*state, good, &token, &demand, STR_NONE), REFUSAL_id_token_at_hash);
    token.alg = ALG_ED448;
    assert_int_equal(check_with(*state, good, &token, &demand, STR_NONE), REFUSAL_id_token_at_hash);
    token.alg = ALG_RS256;
    assert_int_equal(check_with(*state, "{" ALL ",\"at_hash\":\"\"}", &token, &demand, STR_NONE),
                     REFUSAL_id_token_at_hash);
    assert_int_equal(check_with(*state, "{" ALL ",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RA\"}", &token, &demand, STR_NONE),
                     REFUSAL_id_token_at_hash);
}

static void type_of_the_token(void **state)
{
    static const struct {
        const char *typ;
        refusal why;
    } cases[] = {
        {NULL, REFUSAL_none},
        {"JWT", REFUSAL_none},
        {"jwt", REFUSAL_none},
        {"application/JWT", REFUSAL_none},
        {"id_token+jwt", REFUSAL_none},
        {"at+jwt", REFUSAL_jwt_type},
        {"application/at+jwt", REFUSAL_jwt_type},
        {"logout+jwt", REFUSAL_jwt_type},
        {"", REFUSAL_jwt_type},
        {"application/", REFUSAL_jwt_type},
        {"secevent+jwt", REFUSAL_jwt_type},
    };
    const id_token_demand demand = {.max_age = -1, .now = NOW};

    for (size_t i = 0; i < COUNT(cases); i++) {
        jws token = {.alg = ALG_RS256, .typ = str_of(cases[i].typ)};
        if (check_with(*state, "{" ALL "}", &token, &demand, STR_NONE) != cases[i].why)
            fail_msg("typ %s", cases[i].typ);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parties),
        TEST(trusted_audiences),
        TEST(times),
        TEST(e58_nonce_is_demanded_when_sent),
        TEST(strength),
        TEST(e58_access_token_hash),
        TEST(type_of_the_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
