/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on a service behind the engine by forged tokens in requests: A11, headers and signatures, B and C. */
#include "base/base64url.h"
#include "bearer_expect.h"
#include "rfc.h"

#include <openssl/hmac.h>

/* ---- B: headers ---- */

static void a11_one_token_in_one_place(void **state)
{
    const char *good = good_token(*state);
    world_request r = {.headers = {{STR("Authorization"), unit_join(*state, "bEARER ", good, NULL)}}};
    gate_str target = unit_join(*state, "/?access_token=", good, NULL);

    bearer_begin(*state, OP RULE "bearer_from header query\n");
    world_visit(&w, &r, &answer); /* a scheme has no case (RFC 9110 11.1) */
    expect_pass("ada");
    visit_with(text_at(*state, unit_join(*state, "Bearer ", good, ", Bearer ", good, NULL)), 0);
    assert_false(answer.passed);
    visit_with(text_at(*state, unit_join(*state, "Bearer ", good, " ", good, NULL)), 0);
    assert_false(answer.passed);
    r.target = text_at(*state, target);
    world_visit(&w, &r, &answer);
    expect_refusal(400, "bearer_twice", "invalid_request");
    r.target = NULL;
    r.headers[1] = r.headers[0];
    world_visit(&w, &r, &answer);
    expect_refusal(400, "bearer_twice", "invalid_request");
}

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

/* (n - s) is as good a signature as s: another token, then, which the cache does not take for the first one. Nor is anything let
 * in for a signature that is known. */
static void c35_the_other_ecdsa_signature(void **state)
{
    static const char order[] =
        "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e"
        "\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
    gate_str rest = str_of(token_of_two(*state)), segments[3], bytes;
    const char *good = rest.ptr, *other;
    unsigned borrow = 0;

    for (int i = 0; i < 3; i++)
        assert_true(str_cut(&rest, '.', &segments[i]));
    assert_true(base64url_read(*state, segments[2], &bytes) && bytes.len == 64);
    for (size_t i = 32; i-- > 0;) {
        unsigned n = (unsigned char)order[i], s = (unsigned char)bytes.ptr[32 + i] + borrow;
        borrow = s > n;
        ((char *)bytes.ptr)[32 + i] = (char)(n - s);
    }
    other = text_at(*state, unit_join(*state, text_at(*state, segments[0]), ".", text_at(*state, segments[1]), ".",
                                      text_at(*state, token_segment(*state, bytes)), NULL));
    bearer_begin(*state, OP TWO "+rule\nbearer two\naudience api\n");
    for (int i = 0; i < 2; i++) {
        visit_token(*state, good);
        expect_pass("grace");
        assert_string_equal(answer.token, good);
        visit_token(*state, other);
        expect_pass("grace");
        assert_string_equal(answer.token, other);
    }
    visit_token(
        *state,
        text_at(*state, unit_join(*state, text_at(*state, segments[0]), ".",
                                  text_at(*state, token_segment(*state, STR(CLAIMS("https://two.example", "eve")))),
                                  ".", text_at(*state, segments[2]), NULL)));
    expect_refusal(401, "jwt_signature", "invalid_token");
}

/* What is signed with Ed25519ph, or to any other length, is no EdDSA (RFC 8037 3.1). */
static void c39_edwards(void **state)
{
    static const size_t sizes[] = {0, 1, 32, 63, 64, 65, 128};
    gate_str key = STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\"}");

    bearer_begin(*state, OP RULE);
    w.ops[0].keys = token_set(*state, &key, NULL);
    refuse_token(*state,
                 STR("eyJhbGciOiJFZERTQSJ9.e30.7VzW2PxUtOrr2sT-jLbYBFv0r23sey8TGeZiurUh4-FKFA8nDCg6fVQry6Lsg-y92-eY_"
                     "n3hzPSieAEtJrKJAQ"));
    for (size_t i = 0; i < COUNT(sizes); i++)
        refuse_token(*state, token_raw(*state, "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\"}", GOOD,
                                       unit_repeat(*state, 1, sizes[i])));
}

/* No MAC of any length, made with whatever is known: bearer tokens are not checked with secrets. */
static void c40_macs_of_every_size(void **state)
{
    static const char *const headers[] = {"{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
                                          "{\"alg\":\"HS512\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}"};
    static const size_t sizes[] = {0, 1, 16, 31, 32, 33, 64};
    jwk key;

    assert_true(jwk_read_secret(STR("a secret of the client of thirty-two bytes"), &key));
    bearer_begin(*state,
                 "+provider op\nissuer https://op.example\nclient_id rs\nid_token_signed_response_alg HS256\n"
                 "client_secret a secret of the client of thirty-two bytes\n" RULE "bearer_type at+jwt jwt id_token\n");
    for (size_t h = 0; h < COUNT(headers); h++) {
        gate_str token = token_make_with(*state, &key, ALG_HS256, str_of(headers[h]), STR(GOOD)), rest = token, part[3],
                 mac;
        for (int i = 0; i < 3; i++)
            assert_true(str_cut(&rest, '.', &part[i]));
        assert_true(base64url_read(*state, part[2], &mac));
        refuse_token(*state, token);
        for (size_t i = 0; i < COUNT(sizes); i++)
            refuse_token(*state, token_raw(*state, headers[h], GOOD,
                                           str_part(unit_join(*state, text_at(*state, mac),
                                                              text_at(*state, unit_repeat(*state, 'm', 64)), NULL),
                                                    0, sizes[i])));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a11_one_token_in_one_place),
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
        WORLD_TEST(c35_the_other_ecdsa_signature),
        WORLD_TEST(c39_edwards),
        WORLD_TEST(c40_macs_of_every_size),
        WORLD_TEST(c36_c37_c38_rsa),
        WORLD_TEST(c41_other_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
