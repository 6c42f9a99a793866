/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on a service behind the engine by what tokens claim, and by what is kept of them: D, E and H. */
#include "bearer_expect.h"

#include <openssl/err.h>

#include <sys/wait.h>
#include <unistd.h>

/* ---- D: JSON of the claims ---- */

static void d42_to_d49_json(void **state)
{
    static const char *const payloads[] = {
        SMALL(REST ",\"exp\":1800000300,\"sub\":\"admin\""),
        SMALL(REST ",\"exp\":1,\"exp\":1800000300"),
        SMALL(REST ",\"exp\":1800000300,\"\\u0061ud\":\"api\""),
        SMALL(REST ",\"exp\":1800000300,\"x\":{\"a\":1,\"a\":2}"),
        GOOD "x",
        GOOD GOOD,
        " " GOOD "\n{}",
        SMALL(REST ",\"exp\":1800000300,\"x\":01"),
        SMALL(REST ",\"exp\":1800000300,\"x\":NaN"),
        SMALL(REST ",\"exp\":1800000300,/* */\"x\":1"),
        SMALL(REST ",\"exp\":1800000300,\"x\":1,"),
        SMALL(REST ",\"exp\":1800000300,\"x\":\"\xed\xa0\x80\""),
        SMALL(REST ",\"exp\":1800000300,\"x\":\"\\ud800\""),
        "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"sub\":\"admin\\u0000x\"," REST ",\"exp\":1800000300}",
        "{\"iss\":\"https://op.example\\u0000.evil\",\"aud\":\"api\",\"sub\":\"mallory\"," REST ",\"exp\":1800000300}",
        "[" GOOD "]",
        "\"text\"",
        "7",
        "{}",
    };

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(payloads); i++)
        refuse_claims(*state, payloads[i]);
    refuse_claims(*state, text_at(*state, unit_join(*state, "{\"x\":", text_at(*state, unit_repeat(*state, '[', 2000)),
                                                    text_at(*state, unit_repeat(*state, ']', 2000)), "}", NULL)));
}

static void d48_many_members(void **state)
{
    text t = text_begin(*state, 64 * 1024);
    gate_str payload;

    bearer_begin(*state, OP RULE);
    text_add(&t, STR("{"));
    for (int i = 0; i < 1000; i++) {
        text_add(&t, STR("\""));
        text_add_number(&t, i);
        text_add(&t, STR("\":1,"));
    }
    text_add(&t, str_from(STR(GOOD), 1));
    assert_true(text_end(&t, &payload));
    refuse_claims(*state, text_at(*state, payload));
}

static void d50_nearly_our_issuer(void **state)
{
    static const char *const issuers[] = {"https://op.example/",
                                          "https://op.exampl",
                                          "https://op.example.evil",
                                          "HTTPS://op.example",
                                          "https://OP.example",
                                          "op.example",
                                          "",
                                          "https://op.example:443"};

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(issuers); i++) {
        const char *head = text_at(*state, unit_join(*state, "{\"iss\":\"", issuers[i], "\",", NULL));
        refuse_claims(
            *state,
            text_at(*state,
                    unit_join(*state, head, "\"aud\":\"api\",\"sub\":\"mallory\",\"exp\":1800000300," REST "}", NULL)));
    }
}

/* ---- E: claims ---- */

static void e51_e52_e54_times_that_are_none(void **state)
{
    static const char *const times[] = {
        "\"x\":1",
        "\"exp\":\"1800000300\"",
        "\"exp\":true",
        "\"exp\":null",
        "\"exp\":[1800000300]",
        "\"exp\":{}",
        "\"exp\":0",
        "\"exp\":-1",
        "\"exp\":1e400",
        "\"exp\":1e19",
        "\"exp\":9223372036854775807",
        "\"exp\":9223372036854775808",
        "\"exp\":1800000300,\"nbf\":\"0\"",
        "\"exp\":1800000300,\"nbf\":null",
        "\"exp\":1800000300,\"nbf\":-9223372036854775808",
        "\"exp\":1800000300,\"nbf\":9223372036854775807",
    };

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(times); i++)
        refuse_claims(
            *state,
            text_at(*state,
                    unit_join(*state, "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"sub\":\"mallory\"," REST ",",
                              times[i], "}", NULL)));
    refuse_claims(
        *state,
        "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"sub\":\"mallory\",\"exp\":1800000300,\"iat\":\"now\",\"jti\":\"j\",\"client_id\":\"app\"}");
    accept_claims(*state, SMALL(REST ",\"exp\":1800000300.9"));
}

static void e53_edges_of_time(void **state)
{
    bearer_begin(*state, OP "clock_skew 0\n" RULE);
    refuse_claims(*state, SMALL(REST ",\"exp\":1800000000"));
    accept_claims(*state, SMALL(REST ",\"exp\":1800000001"));
    refuse_claims(*state, SMALL(REST ",\"exp\":1800000300,\"nbf\":1800000001"));
    accept_claims(*state, SMALL(REST ",\"exp\":1800000300,\"nbf\":1800000000"));
    world_close(&w);
    bearer_begin(*state, OP RULE);
    accept_claims(*state, SMALL(REST ",\"exp\":1799999941"));
    refuse_claims(*state, SMALL(REST ",\"exp\":1799999940"));
    refuse_claims(
        *state,
        "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"sub\":\"mallory\",\"exp\":1900000300,\"iat\":1890000000,\"jti\":\"j\",\"client_id\":\"app\"}");
}

static void e55_e56_audience(void **state)
{
    static const char *const audiences[] = {"\"other\"",   "\"api2\"",    "\"ap\"",      "\"\"", "[]",
                                            "[\"other\"]", "[\"api\",1]", "{\"api\":1}", "null", "\"rs\""};

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(audiences); i++)
        refuse_claims(
            *state,
            text_at(*state, unit_join(*state,
                                      "{\"iss\":\"https://op.example\",\"sub\":\"mallory\",\"exp\":1800000300," REST
                                      ",\"aud\":",
                                      audiences[i], "}", NULL)));
    refuse_claims(*state, "{\"iss\":\"https://op.example\",\"sub\":\"mallory\",\"exp\":1800000300," REST "}");
    accept_claims(*state, "{\"iss\":\"https://op.example\",\"sub\":\"mallory\",\"exp\":1800000300," REST
                          ",\"aud\":[\"x\",\"api\"]}");
}

/* The keys of one issuer do not sign for another, though both are trusted here. */
static void e57_other_tenant(void **state)
{
    bearer_begin(*state, OP TWO "+rule\nbearer op two\naudience api\n");
    visit_token(*state, text_at(*state, token_make(*state, KEY_P256, ALG_ES256, ES_HEADER, GOOD)));
    expect_refusal(401, "jwt_key_unknown", "invalid_token");
    assert_int_equal(w.ops[1].keys_fetches, 0);
    visit_token(*state, text_at(*state, token_make(*state, KEY_RSA, ALG_RS256, HEADER,
                                                   CLAIMS("https://two.example", "mallory"))));
    expect_refusal(401, "jwt_key_unknown", "invalid_token");
}

static void e59_other_kinds_of_token(void **state)
{
    static const char id_header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}";
    static const char *const payloads[] = {
        SMALL(REST ",\"exp\":1800000300,\"nonce\":\"n\""),
        SMALL(REST ",\"exp\":1800000300,\"at_hash\":\"h\""),
        SMALL(REST ",\"exp\":1800000300,\"typ\":\"ID\""),
        SMALL(REST ",\"exp\":1800000300,\"typ\":\"Refresh\""),
        SMALL(REST ",\"exp\":1800000300,\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":{}}"),
        SMALL(REST ",\"exp\":1800000300,\"token_use\":\"id\""),
    };

    bearer_begin(*state, OP RULE "bearer_type at+jwt jwt\n");
    for (size_t i = 0; i < COUNT(payloads); i++)
        refuse_token(*state, token_make(*state, KEY_RSA, ALG_RS256, id_header, payloads[i]));
    /* an assertion that a client signed, for the provider */
    refuse_token(
        *state,
        token_make(*state, KEY_RSA_OTHER, ALG_RS256, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
                   "{\"iss\":\"rs\",\"sub\":\"rs\",\"aud\":\"https://op.example\",\"exp\":1800000300,\"jti\":\"j\"}"));
}

static void e60_sub(void **state)
{
    const char *long_sub = text_at(*state, unit_repeat(*state, 's', 256));

    bearer_begin(*state, OP RULE);
    refuse_claims(*state, "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"exp\":1800000300," REST "}");
    refuse_claims(*state, "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"exp\":1800000300,\"sub\":\"\"," REST "}");
    refuse_claims(*state, "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"exp\":1800000300,\"sub\":7," REST "}");
    refuse_claims(*state,
                  text_at(*state, unit_join(*state,
                                            "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"exp\":1800000300," REST
                                            ",\"sub\":\"",
                                            long_sub, "\"}", NULL)));
}

/* A forged token leaves no trace: the true one with the same jti and the same end is accepted after it, and the forged one never. */
static void e61_nothing_is_kept_of_a_forgery(void **state)
{
    gate_str forged = token_make(*state, KEY_RSA_OTHER, ALG_RS256, HEADER, GOOD);

    bearer_begin(*state, OP RULE);
    refuse_token(*state, forged);
    accept_claims(*state, GOOD);
    refuse_token(*state, forged);
}

/* ---- H: what is kept ---- */

/* Also a token without iat and nbf, which another cache kept for ever. */
static void h90_expiry_of_what_is_kept(void **state)
{
    static const char *const payloads[] = {
        SMALL("\"exp\":1800000300"),
        SMALL("\"exp\":1800000300,\"iat\":1799999990"),
        SMALL("\"exp\":1800000300,\"nbf\":1799999990"),
    };

    bearer_begin(*state, OP RULE "bearer_type jwt\n");
    for (size_t i = 0; i < COUNT(payloads); i++) {
        accept_claims(*state, payloads[i]);
        w.now = 1800000359; /* the tolerance, once */
        accept_claims(*state, payloads[i]);
        w.now = 1800000360;
        refuse_claims(*state, payloads[i]);
        assert_string_equal(answer.refusal, "token_exp");
        w.now = 1800000000;
    }
}

/* One rule's yes is no other rule's. */
static void h91_other_rule(void **state)
{
    const char *options =
        OP TWO RULE "+rule\nbearer op\naudience other\n+rule\nbearer two\naudience api\n" RULE "bearer_type id_token\n";
    const char *field = text_at(*state, unit_join(*state, "Bearer ", good_token(*state), NULL));

    bearer_begin(*state, options);
    for (int i = 0; i < 2; i++) {
        visit_with(field, 0);
        expect_pass("ada");
        visit_with(field, 1);
        expect_refusal(401, "token_aud", "invalid_token");
        visit_with(field, 2);
        expect_refusal(401, "bearer_issuer", "invalid_token");
        visit_with(field, 3);
        expect_refusal(401, "jwt_type", "invalid_token");
    }
}

/* Tokens that end in the same signature as one that is known. */
static void h92_same_end(void **state)
{
    gate_str good = str_of(good_token(*state)), tail;
    size_t at = good.len;

    bearer_begin(*state, OP RULE);
    visit_token(*state, good.ptr);
    expect_pass("ada");
    while (good.ptr[at - 1] != '.')
        at--;
    tail = str_from(good, at);
    refuse_token(*state,
                 unit_join(*state, text_at(*state, token_segment(*state, STR(HEADER))), ".",
                           text_at(*state, token_segment(*state, STR(GOOD))), ".", text_at(*state, tail), NULL));
    refuse_token(*state, unit_join(*state, "x", good.ptr, NULL));
    visit_token(*state, good.ptr);
    expect_pass("ada");
}

static void h93_key_removed(void **state)
{
    gate_str other = token_public(*state, KEY_RSA_OTHER, "\"kid\":\"k3\"");

    bearer_begin(*state, OP RULE);
    accept_claims(*state, GOOD);
    w.ops[0].keys = token_set(*state, &other, NULL);
    visit_token(*state, text_at(*state, token_make(*state, KEY_RSA_OTHER, ALG_RS256,
                                                   "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k3\"}", GOOD)));
    expect_pass("mallory");
    refuse_claims(*state, GOOD);
    assert_string_equal(answer.refusal, "jwt_key_unknown");
}

/* What is kept does not answer for a time before it was found out. */
static void h94_clock_set_back(void **state)
{
    const char *payload = SMALL(REST ",\"exp\":1800009000,\"nbf\":1799999990");

    bearer_begin(*state, OP RULE);
    accept_claims(*state, payload);
    w.now -= 3600;
    refuse_claims(*state, payload);
    assert_string_equal(answer.refusal, "token_nbf");
    w.now += 3600;
    accept_claims(*state, payload);
    assert_int_equal(w.ops[0].keys_fetches, 1);
}

/* libcrypto's queue of errors is the host's: nothing is added to it, nothing taken away. */
/* A server forks when it has read its configuration; each worker ends for itself, and a reload makes a new engine beside the old. */
static void h96_processes(void **state)
{
    const char *token = good_token(*state);
    bearer_world before;
    int status = -1;
    pid_t child;

    bearer_begin(*state, OP RULE);
    visit_token(*state, token);
    expect_pass("ada");
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        visit_token(*state, token);
        if (!answer.passed)
            _exit(1);
        visit_token(*state, text_at(*state, token_make(*state, KEY_RSA, ALG_RS256, HEADER,
                                                       CLAIMS("https://op.example", "new"))));
        if (!answer.passed || strcmp(answer.sub, "new") != 0)
            _exit(2);
        world_close(&w);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    before = w;
    bearer_begin(*state, OP RULE);
    visit_token(*state, token);
    expect_pass("ada");
    world_close(&before);
    visit_token(*state,
                text_at(*state, token_make(*state, KEY_RSA, ALG_RS256, HEADER, CLAIMS("https://op.example", "newer"))));
    expect_pass("newer");
}

static void h95_error_queue(void **state)
{
    bearer_begin(*state, OP RULE);
    ERR_clear_error();
    refuse_token(*state, token_make(*state, KEY_RSA_OTHER, ALG_RS256, HEADER, GOOD));
    refuse_token(*state, token_raw(*state, HEADER, GOOD, STR("short")));
    assert_int_equal(ERR_peek_error(), 0);
    ERR_raise(ERR_LIB_USER, 1234);
    refuse_token(*state, token_make(*state, KEY_RSA_OTHER, ALG_RS256, HEADER, GOOD));
    accept_claims(*state, GOOD);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 1234);
    assert_int_equal(ERR_get_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(d42_to_d49_json),
        WORLD_TEST(d48_many_members),
        WORLD_TEST(d50_nearly_our_issuer),
        WORLD_TEST(e51_e52_e54_times_that_are_none),
        WORLD_TEST(e53_edges_of_time),
        WORLD_TEST(e55_e56_audience),
        WORLD_TEST(e57_other_tenant),
        WORLD_TEST(e59_other_kinds_of_token),
        WORLD_TEST(e60_sub),
        WORLD_TEST(e61_nothing_is_kept_of_a_forgery),
        WORLD_TEST(h90_expiry_of_what_is_kept),
        WORLD_TEST(h91_other_rule),
        WORLD_TEST(h92_same_end),
        WORLD_TEST(h93_key_removed),
        WORLD_TEST(h94_clock_set_back),
        WORLD_TEST(h95_error_queue),
        WORLD_TEST(h96_processes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
