/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on a service behind the engine, by forged tokens in requests: headers and signatures, claims, what is kept (B, C, D, E, H). */
#include "bearer_expect.h"

#include <openssl/err.h>
#include <openssl/hmac.h>

#include <stdio.h>

#define GOOD CLAIMS("https://op.example", "mallory")
#define SMALL(members) "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"sub\":\"mallory\"," members "}"
#define REST "\"iat\":1799999990,\"jti\":\"j\",\"client_id\":\"app\""

/* Not let in, told 401 invalid_token, and the provider was asked for its metadata and keys at most. */
static void refuse_token(arena *a, gate_str token)
{
    visit_token(a, text_at(a, token));
    if (answer.passed || answer.status != 401 || !strstr(answer.challenge, "error=\"invalid_token\""))
        fail_msg("%.*s: %s", (int)token.len, token.ptr, answer.refusal);
    assert_in_range(w.ops[0].metadata_fetches, 0, 1);
    assert_in_range(w.ops[0].keys_fetches, 0, 3);
    assert_int_equal(w.ops[1].metadata_fetches, 0);
}

/* A token that the provider's own key signed, with this header or these claims. */
static void refuse_header(arena *a, const char *header)
{
    refuse_token(a, token_make(a, KEY_RSA, ALG_RS256, header, GOOD));
}

static void refuse_claims(arena *a, const char *claims_text)
{
    refuse_token(a, token_make(a, KEY_RSA, ALG_RS256, HEADER, claims_text));
}

static void accept_claims(arena *a, const char *claims_text)
{
    visit_token(a, text_at(a, token_make(a, KEY_RSA, ALG_RS256, HEADER, claims_text)));
    expect_pass("mallory");
}

/* ---- B: headers ---- */

static void b12_b13_none(void **state)
{
    static const char *const names[] = {"none", "None", "nOnE", "NONE", "none ", ""};

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *header =
            text_at(*state, unit_join(*state, "{\"alg\":\"", names[i], "\",\"typ\":\"at+jwt\"}", NULL));
        refuse_header(*state, header); /* with a right signature of RS256 */
        refuse_token(*state, token_raw(*state, header, GOOD, STR_NONE));
        refuse_token(*state, token_raw(*state, header, GOOD, STR("garbage")));
    }
}

static void b14_b15_alg(void **state)
{
    static const char *const headers[] = {
        "{\"typ\":\"at+jwt\"}",
        "{\"alg\":null,\"typ\":\"at+jwt\"}",
        "{\"alg\":256,\"typ\":\"at+jwt\"}",
        "{\"alg\":[\"RS256\"]}",
        "{\"alg\":{},\"typ\":\"at+jwt\"}",
        "{\"alg\":\"rs256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"RS256 \"}",
        "{\"Alg\":\"RS256\"}",
    };

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(headers); i++)
        refuse_header(*state, headers[i]);
}

static void refuse_mac(arena *a, gate_str secret_bytes)
{
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}";
    gate_str input = unit_join(a, text_at(a, token_segment(a, str_of(header))), ".",
                               text_at(a, token_segment(a, str_of(GOOD))), NULL);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    assert_non_null(HMAC(EVP_sha256(), secret_bytes.ptr, (int)secret_bytes.len, (const unsigned char *)input.ptr,
                         input.len, mac, &n));
    refuse_token(a, token_raw(a, header, GOOD, (gate_str){(char *)mac, n}));
}

/* Keyed with what everybody knows, with nothing, and with the client secret, which the provider does not use for this. */
static void b16_mac(void **state)
{
    gate_str public = token_public(*state, KEY_RSA, "\"kid\":\"k1\"");

    bearer_begin(*state, OP RULE);
    refuse_mac(*state, public);
    refuse_mac(*state, STR(""));
    refuse_mac(*state, STR("secret"));
}

static void b17_b18_alg_and_key(void **state)
{
    gate_str p256 = token_public(*state, KEY_P256, "\"kid\":\"k2\""),
             pinned = token_public(*state, KEY_RSA, "\"kid\":\"k1\",\"alg\":\"RS256\"");
    gate_str ed = token_public(*state, KEY_ED448, "\"kid\":\"k4\"");

    bearer_begin(*state, OP RULE);
    w.ops[0].keys = token_set(*state, &pinned, &p256, &ed, NULL);
    refuse_token(*state,
                 token_make(*state, KEY_RSA, ALG_PS256, "{\"alg\":\"PS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}", GOOD));
    refuse_token(*state,
                 token_make(*state, KEY_RSA, ALG_RS512, "{\"alg\":\"RS512\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}", GOOD));
    refuse_token(*state, token_make(*state, KEY_RSA, ALG_PS256, HEADER, GOOD));
    refuse_token(
        *state, token_make(*state, KEY_P256, ALG_ES256, "{\"alg\":\"ES384\",\"typ\":\"at+jwt\",\"kid\":\"k2\"}", GOOD));
    refuse_token(*state, token_make(*state, KEY_P256, ALG_ES256,
                                    "{\"alg\":\"ES256K\",\"typ\":\"at+jwt\",\"kid\":\"k2\"}", GOOD));
    refuse_token(*state, token_make(*state, KEY_ED448, ALG_ED448,
                                    "{\"alg\":\"Ed25519\",\"typ\":\"at+jwt\",\"kid\":\"k4\"}", GOOD));
}

/* Each issuer has its own set of algorithms: what one may use is no licence for the other. */
static void b17_alg_of_the_other_issuer(void **state)
{
    gate_str p256 = token_public(*state, KEY_P256, "\"kid\":\"k2\"");

    bearer_begin(*state, OP "access_token_signing_alg RS256\n" TWO
                            "access_token_signing_alg ES256\n+rule\nbearer op two\naudience api\n");
    w.ops[0].keys = token_set(*state, &p256, NULL);
    refuse_token(
        *state, token_make(*state, KEY_P256, ALG_ES256, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k2\"}", GOOD));
    assert_string_equal(answer.refusal, "jwt_alg");
}

static void b19_names_of_ed25519(void **state)
{
    gate_str key = token_public(*state, KEY_ED25519, "\"kid\":\"k5\"");

    bearer_begin(*state, OP RULE);
    w.ops[0].keys = token_set(*state, &key, NULL);
    visit_token(*state, text_at(*state, token_make(*state, KEY_ED25519, ALG_EDDSA,
                                                   "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k5\"}", GOOD)));
    expect_pass("mallory");
    visit_token(*state, text_at(*state, token_make(*state, KEY_ED25519, ALG_ED25519,
                                                   "{\"alg\":\"Ed25519\",\"typ\":\"at+jwt\",\"kid\":\"k5\"}", GOOD)));
    expect_pass("mallory");
}

static void b20_b21_crit(void **state)
{
    static const char *const members[] = {
        "\"crit\":[\"exp\"],\"exp\":1",
        "\"crit\":[]",
        "\"crit\":\"b64\"",
        "\"crit\":null",
        "\"crit\":[\"gone\"]",
        "\"crit\":[\"alg\"]",
        "\"b64\":false,\"crit\":[\"b64\"]",
        "\"b64\":false",
        "\"b64\":true,\"crit\":[\"b64\"]",
        "\"zip\":\"DEF\"",
    };

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(members); i++)
        refuse_header(*state, text_at(*state, unit_join(*state, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",",
                                                        members[i], "}", NULL)));
}

/* Keys and addresses that the token brings along: none is used, none is fetched. */
static void b22_b23_b24_key_from_the_token(void **state)
{
    gate_str own = token_public(*state, KEY_RSA_OTHER, "");
    const char *const members[] = {
        text_at(*state, unit_join(*state, "\"jwk\":", text_at(*state, own), NULL)),
        "\"jku\":\"https://two.example/jwks\"",
        "\"x5u\":\"https://two.example/cert\"",
        "\"x5c\":[\"MIIB\"]",
    };

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(members); i++) {
        const char *header = text_at(
            *state, unit_join(*state, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",", members[i], "}", NULL));
        refuse_token(*state, token_make(*state, KEY_RSA_OTHER, ALG_RS256, header, GOOD));
    }
    w.ops[1].keys = w.ops[0].keys;
    refuse_claims(*state, CLAIMS("https://two.example", "mallory")); /* whose keys would fit; nobody asks there */
    refuse_claims(*state, CLAIMS("https://op.example/../two.example", "mallory"));
    assert_int_equal(w.ops[1].keys_fetches, 0);
}

static void b25_kid(void **state)
{
    static const char *const kids[] = {"\"../../dev/null\"",
                                       "\"' UNION SELECT\"",
                                       "\"https://two.example/jwks\"",
                                       "\"k1\\u0000\"",
                                       "\"K1\"",
                                       "\"\"",
                                       "7",
                                       "null"};

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(kids); i++)
        refuse_header(
            *state,
            text_at(*state, unit_join(*state, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":", kids[i], "}", NULL)));
    refuse_header(*state, text_at(*state, unit_join(*state, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"",
                                                    text_at(*state, unit_repeat(*state, 'k', 8192)), "\"}", NULL)));
}

static void b26_b27_keys_that_fit(void **state)
{
    gate_str one = token_public(*state, KEY_RSA, "\"kid\":\"k1\""),
             wrong = token_public(*state, KEY_P256, "\"kid\":\"k1\"");
    gate_str same = token_public(*state, KEY_RSA_OTHER, "\"kid\":\"k1\""),
             enc = token_public(*state, KEY_RSA, "\"kid\":\"k1\",\"use\":\"enc\"");

    bearer_begin(*state, OP RULE);
    visit_token(*state, text_at(*state, token_make(*state, KEY_RSA, ALG_RS256, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}",
                                                   GOOD)));
    expect_pass("mallory"); /* one key, no kid */
    world_close(&w);
    bearer_begin(*state, OP RULE);
    w.ops[0].keys = token_set(*state, &wrong, NULL);
    refuse_header(*state, HEADER);
    world_close(&w);
    bearer_begin(*state, OP RULE);
    w.ops[0].keys = token_set(*state, &wrong, &enc, NULL);
    refuse_header(*state, HEADER);
    world_close(&w);
    bearer_begin(*state, OP RULE);
    w.ops[0].keys = token_set(*state, &one, &same, NULL);
    refuse_header(*state, HEADER);
    assert_string_equal(answer.refusal, "jwt_key_ambiguous");
}

static void b28_b29_b30_form_of_the_header(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"alg\":\"RS256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"RS256\",\"\\u0061lg\":\"none\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"kid\":\"k1\"}",
        "[]",
        "\"RS256\"",
        HEADER "x",
        "\xef\xbb\xbf" HEADER,
    };

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(headers); i++)
        refuse_header(*state, headers[i]);
    visit_token(*state,
                text_at(*state, token_make(*state, KEY_RSA, ALG_RS256,
                                           "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"new\":[1]}", GOOD)));
    expect_pass("mallory");
}

static void b31_typ(void **state)
{
    static const char *const types[] = {"JWT",   "logout+jwt", "secevent+jwt", "dpop+jwt", "at+jwt\",\"cty\":\"JWT",
                                        "at-jwt"};

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(types); i++)
        refuse_header(*state, text_at(*state, unit_join(*state, "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"",
                                                        types[i], "\"}", NULL)));
    visit_token(*state,
                text_at(*state, token_make(*state, KEY_RSA, ALG_RS256,
                                           "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"application/AT+jwt\"}", GOOD)));
    expect_pass("mallory");
}

/* ---- C: signatures ---- */

#define ES_HEADER "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k2\"}"

static void c32_c33_c34_ecdsa(void **state)
{
    static const size_t sizes[] = {0, 1, 63, 64, 65, 66, 96, 132, 16, 9000};
    gate_str key = token_public(*state, KEY_P256, "\"kid\":\"k2\"");

    bearer_begin(*state, OP RULE);
    w.ops[0].keys = token_set(*state, &key, NULL);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        refuse_token(*state, token_raw(*state, ES_HEADER, GOOD, unit_repeat(*state, 0, sizes[i])));
        refuse_token(*state, token_raw(*state, ES_HEADER, GOOD, unit_repeat(*state, (char)0xff, sizes[i])));
    }
}

static void c36_c37_c38_rsa(void **state)
{
    static const size_t sizes[] = {0, 1, 255, 256, 257, 512};

    bearer_begin(*state, OP RULE);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        refuse_token(*state, token_raw(*state, HEADER, GOOD, unit_repeat(*state, 0, sizes[i])));
        refuse_token(*state, token_raw(*state, HEADER, GOOD, unit_repeat(*state, 1, sizes[i])));
        refuse_token(*state, token_raw(*state, HEADER, GOOD, unit_repeat(*state, (char)0xff, sizes[i])));
    }
}

/* The good signature over other claims, and over the same ones written otherwise. */
static void c41_other_bytes(void **state)
{
    gate_str good = str_of(good_token(*state)), segments[3];

    bearer_begin(*state, OP RULE);
    for (int i = 0; i < 3; i++)
        assert_true(str_cut(&good, '.', &segments[i]));
    refuse_token(*state,
                 unit_join(*state, text_at(*state, segments[0]), ".", text_at(*state, token_segment(*state, STR(GOOD))),
                           ".", text_at(*state, segments[2]), NULL));
    refuse_token(*state, unit_join(*state, text_at(*state, segments[0]), ".", text_at(*state, segments[1]), "=.",
                                   text_at(*state, segments[2]), NULL));
    refuse_token(*state, unit_join(*state, text_at(*state, segments[0]), ".", text_at(*state, segments[1]), ".",
                                   text_at(*state, segments[2]), "A", NULL));
    refuse_token(*state, unit_join(*state, text_at(*state, segments[0]), "..", text_at(*state, segments[2]), NULL));
}

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
        WORLD_TEST(b12_b13_none),
        WORLD_TEST(b14_b15_alg),
        WORLD_TEST(b16_mac),
        WORLD_TEST(b17_b18_alg_and_key),
        WORLD_TEST(b17_alg_of_the_other_issuer),
        WORLD_TEST(b19_names_of_ed25519),
        WORLD_TEST(b20_b21_crit),
        WORLD_TEST(b22_b23_b24_key_from_the_token),
        WORLD_TEST(b25_kid),
        WORLD_TEST(b26_b27_keys_that_fit),
        WORLD_TEST(b28_b29_b30_form_of_the_header),
        WORLD_TEST(b31_typ),
        WORLD_TEST(c32_c33_c34_ecdsa),
        WORLD_TEST(c36_c37_c38_rsa),
        WORLD_TEST(c41_other_bytes),
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
