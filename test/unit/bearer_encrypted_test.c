/* SPDX-License-Identifier: Apache-2.0 */
/* Bearer tokens that the provider signs and then encrypts to us (RFC 9068 section 4), through the whole engine. */
#include "base/text.h"
#include "bearer_expect.h"
#include "jwe_token.h"
#include "rfc_jwe.h"

#define ENCRYPTS "access_token_encryption_alg RSA-OAEP-256\ndecryption_key {" RFC7516_A1_OWN "}\n"
#define BOTH "+rule\nbearer op two\naudience api\n"

static gate_str seal_as(arena *a, jwe_alg_set alg, const char *cty, gate_str plain)
{
    text t = text_begin(a, 64 * 1024);
    gate_str token;

    assert_true(jwe_encrypt(a, &t, jwe_token_key(alg), JWE_A128CBC_HS256, STR("at+jwt"), str_of(cty), plain));
    assert_true(text_end(&t, &token));
    return token;
}

static const char *seal(arena *a, const char *token)
{
    return text_at(a, seal_as(a, JWE_RSA_OAEP_256, "JWT", str_of(token)));
}

static void test_encrypted(void **state)
{
    const char *token = seal(*state, good_token(*state));

    bearer_begin(*state, OP ENCRYPTS RULE);
    for (int i = 0; i < 3; i++) { /* new, and known */
        visit_token(*state, token);
        expect_pass("ada");
        assert_string_equal(answer.token, token);
    }
}

static void test_only_as_agreed(void **state)
{
    gate_str inner = str_of(good_token(*state));

    bearer_begin(*state, OP ENCRYPTS RULE);
    visit_token(*state, good_token(*state));
    expect_refusal(401, "jwe_missing", "invalid_token");
    visit_token(*state, text_at(*state, seal_as(*state, JWE_RSA_OAEP, "JWT", inner)));
    expect_refusal(401, "jwe_alg", "invalid_token");
    visit_token(*state, text_at(*state, seal_as(*state, JWE_RSA_OAEP_256, "", inner)));
    expect_refusal(401, "jwe_nested", "invalid_token");
    visit_token(*state, "opaque");
    expect_refusal(401, "bearer_opaque", "invalid_token");
}

/* Anybody can encrypt to us. */
static void test_not_signed(void **state)
{
    const char *forged =
        text_at(*state, token_make(*state, KEY_RSA_OTHER, ALG_RS256, HEADER, CLAIMS("https://op.example", "ada")));

    bearer_begin(*state, OP ENCRYPTS RULE);
    visit_token(*state, seal(*state, CLAIMS("https://op.example", "ada")));
    expect_refusal(401, "jwe_nested", "invalid_token");
    visit_token(*state, seal(*state, forged));
    expect_refusal(401, "jwt_signature", "invalid_token");
}

static void test_no_encryption_configured(void **state)
{
    bearer_begin(*state, OP RULE);
    visit_token(*state, seal(*state, good_token(*state)));
    expect_refusal(401, "bearer_opaque", "invalid_token");
}

/* One provider encrypts, the other does not: each token comes as its own provider sends it. */
static void test_two_providers(void **state)
{
    bearer_begin(*state, OP ENCRYPTS TWO BOTH);
    visit_token(*state, seal(*state, good_token(*state)));
    expect_pass("ada");
    visit_token(*state, token_of_two(*state));
    expect_pass("grace");
    visit_token(*state, good_token(*state));
    expect_refusal(401, "jwe_missing", "invalid_token");
    visit_token(*state, seal(*state, token_of_two(*state)));
    expect_refusal(401, "jwe_unexpected", "invalid_token");
}

/* Two providers that encrypt to one key of ours. */
static void test_two_that_encrypt(void **state)
{
    bearer_begin(*state, OP ENCRYPTS TWO ENCRYPTS BOTH);
    visit_token(*state, seal(*state, good_token(*state)));
    expect_pass("ada");
    visit_token(*state, seal(*state, token_of_two(*state)));
    expect_pass("grace");
}

/* A token that cannot be opened is not shown to an introspection endpoint instead. */
static void test_never_opaque(void **state)
{
    bearer_begin(*state, OP ENCRYPTS RULE "bearer_type at+jwt opaque\n");
    visit_token(*state, text_at(*state, seal_as(*state, JWE_RSA_OAEP, "JWT", str_of(good_token(*state)))));
    expect_refusal(401, "jwe_alg", "invalid_token");
    assert_int_equal(w.ops[0].questions, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_encrypted),     WORLD_TEST(test_only_as_agreed),
        WORLD_TEST(test_not_signed),    WORLD_TEST(test_no_encryption_configured),
        WORLD_TEST(test_two_providers), WORLD_TEST(test_two_that_encrypt),
        WORLD_TEST(test_never_opaque),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
