/* SPDX-License-Identifier: Apache-2.0 */
/* Introspection's messages: the question as it is written, and the answers, plain (RFC 7662) and signed (RFC 9701). */
#include "oidc/introspection.h"
#include "token.h"
#include "unit.h"

enum { NOW = 1800000000 };

#define SIGNED_TYPE "application/token-introspection+jwt"

static client make_client(void)
{
    return (client){
        .issuer = STR("https://op.example"),
        .client_id = STR("rs"),
        .client_secret = {STR("s3:cr%t")},
        .auth = CLIENT_AUTH_BASIC,
        .id_token_algs = ALG_RS256,
        .skew = 60,
    };
}

static gate_str write_question(arena *a, const client *c, bool want_jwt, header_list *headers)
{
    introspection_request r = {
        .token_endpoint = STR("https://op.example/token"),
        .token = STR("opaque+token/=&"),
        .unique = STR("unique"),
        .now = NOW,
        .want_jwt = want_jwt,
    };
    gate_str body;

    *headers = (header_list){0};
    assert_true(introspection_request_write(a, c, &r, &body, headers));
    return body;
}

static gate_str header_of(const header_list *headers, const char *name)
{
    gate_str value = STR_NONE;

    header_find(headers->items, headers->count, str_of(name), &value);
    return value;
}

static void test_question(void **state)
{
    client c = make_client();
    header_list headers;

    assert_str(write_question(*state, &c, false, &headers),
               STR("token=opaque%2Btoken%2F%3D%26&token_type_hint=access_token"));
    assert_str(header_of(&headers, "Authorization"), STR("Basic cnM6czMlM0FjciUyNXQ="));
    assert_str(header_of(&headers, "Accept"), STR("application/json"));
    assert_str(header_of(&headers, "Content-Type"), STR("application/x-www-form-urlencoded"));
    c.auth = CLIENT_AUTH_POST;
    assert_str(
        write_question(*state, &c, true, &headers),
        STR("token=opaque%2Btoken%2F%3D%26&token_type_hint=access_token&client_id=rs&client_secret=s3%3Acr%25t"));
    assert_null(header_of(&headers, "Authorization").ptr);
    assert_str(header_of(&headers, "Accept"), STR(SIGNED_TYPE));
}

static void test_question_with_key(void **state)
{
    client c = make_client();
    header_list headers;
    gate_str body;

    c.auth = CLIENT_AUTH_PRIVATE_KEY_JWT;
    c.key = *token_key(KEY_P256);
    c.key_alg = ALG_ES256;
    body = write_question(*state, &c, false, &headers);
    assert_true(str_contains(
        body, STR("&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer")));
    assert_true(str_contains(body, STR("&client_assertion=ey")));
    assert_null(header_of(&headers, "Authorization").ptr);
}

static refusal read_answer(arena *a, unsigned status, const char *type, gate_str body, bool want_jwt, introspection *i)
{
    client c = make_client();
    introspection_reply reply = {
        .status = status, .content_type = str_of(type), .body = unit_exact(body), .want_jwt = want_jwt};
    refusal why = REFUSAL_none;
    bool good = introspection_read(a, &c, &reply, i, &why);

    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

static refusal read_json(arena *a, const char *body, introspection *i)
{
    return read_answer(a, 200, "application/json", str_of(body), false, i);
}

static void test_json(void **state)
{
    introspection i;

    assert_int_equal(read_json(*state, "{\"active\":true,\"sub\":\"ada\"}", &i), REFUSAL_none);
    assert_true(i.active && !i.is_signed && i.claims && !i.jwt.ptr);
    assert_true(json_is_string(json_find(i.claims, STR("sub")), STR("ada")));
    assert_int_equal(read_json(*state, "{\"active\":true,\"jwt\":\"eyJ.eyJ.c2ln\"}", &i), REFUSAL_none);
    assert_str(i.jwt, STR("eyJ.eyJ.c2ln"));
    /* nothing of an inactive token counts */
    assert_int_equal(read_json(*state, "{\"active\":false,\"sub\":\"ada\",\"jwt\":\"a.b.c\"}", &i), REFUSAL_none);
    assert_true(!i.active && !i.claims && !i.jwt.ptr);
    assert_int_equal(read_answer(*state, 200, "Application/JSON; charset=utf-8", STR("{\"active\":false}"), false, &i),
                     REFUSAL_none);
}

static void test_json_wrong(void **state)
{
    static const char *const bodies[] = {
        "",
        "{}",
        "[]",
        "true",
        "{\"active\":\"true\"}",
        "{\"active\":1}",
        "{\"active\":null}",
        "{\"Active\":true}",
        "{\"active\":false,\"active\":true}",
        "{\"active\":true}x",
        "{\"active\":true,\"jwt\":7}",
        "{\"active\":true,\"jwt\":\"\"}",
        "{\"active\":true,\"jwt\":\"no.jwt\"}",
        "{\"active\":true,\"jwt\":\"a.b.c\\nX-Admin: yes\"}",
        "{\"active\":true,\"jwt\":\"a.b c.d\"}",
        "<html>",
    };
    introspection i;

    for (size_t n = 0; n < COUNT(bodies); n++)
        if (read_json(*state, bodies[n], &i) != REFUSAL_introspection_malformed)
            fail_msg("%s", bodies[n]);
}

static void test_replies_wrong(void **state)
{
    gate_str good = STR("{\"active\":true}");
    introspection i;

    assert_int_equal(read_answer(*state, 201, "application/json", good, false, &i), REFUSAL_introspection_malformed);
    assert_int_equal(read_answer(*state, 302, "application/json", good, false, &i), REFUSAL_introspection_malformed);
    assert_int_equal(read_answer(*state, 200, "text/html", good, false, &i), REFUSAL_introspection_malformed);
    assert_int_equal(read_answer(*state, 200, "", good, false, &i), REFUSAL_introspection_malformed);
    assert_int_equal(
        read_answer(*state, 200, "application/json", unit_repeat(*state, ' ', INTROSPECTION_MAX + 1), false, &i),
        REFUSAL_introspection_malformed);
    /* a signed answer was asked for */
    assert_int_equal(read_answer(*state, 200, "application/json", good, true, &i), REFUSAL_introspection_malformed);
    /* what says that it is signed must be so */
    assert_int_equal(read_answer(*state, 200, SIGNED_TYPE, good, true, &i), REFUSAL_jwt_malformed);
    assert_int_equal(read_answer(*state, 200, SIGNED_TYPE,
                                 token_raw(*state, "{\"alg\":\"none\"}", "{\"active\":true}", STR("x")), true, &i),
                     REFUSAL_jwt_alg);
}

#define ANSWER "\"token_introspection\":{\"active\":true,\"sub\":\"ada\"}"
#define OUTER "\"iss\":\"https://op.example\",\"aud\":\"rs\",\"iat\":1800000000,"

static refusal read_signed(arena *a, const char *typ, const char *members, introspection *i)
{
    client c = make_client();
    const char *header = arena_copy(a, unit_join(a, "{\"alg\":\"RS256\",\"typ\":\"", typ, "\"}", NULL)).ptr;
    gate_str token =
        token_make(a, KEY_RSA, ALG_RS256, header, arena_copy(a, unit_join(a, "{", members, "}", NULL)).ptr);
    refusal why = REFUSAL_none;
    bool good;

    assert_int_equal(read_answer(a, 200, SIGNED_TYPE, token, true, i), REFUSAL_none);
    assert_true(i->is_signed && !i->active && !i->claims);
    good = introspection_verified(a, &c, i, NOW, &why);
    assert_int_equal(good, why == REFUSAL_none);
    return why;
}

static void test_signed(void **state)
{
    introspection i;

    assert_int_equal(read_signed(*state, "token-introspection+jwt", OUTER ANSWER, &i), REFUSAL_none);
    assert_true(i.active && i.jwt.ptr && jws_has_form(i.jwt));
    assert_true(json_is_string(json_find(i.claims, STR("sub")), STR("ada")));
    assert_null(json_find(i.claims, STR("iat"))); /* the member counts, not what is around it */
    assert_int_equal(read_signed(*state, "application/token-introspection+jwt", OUTER ANSWER, &i), REFUSAL_none);
    assert_int_equal(
        read_signed(*state, "token-introspection+jwt", OUTER "\"token_introspection\":{\"active\":false}", &i),
        REFUSAL_none);
    assert_false(i.active);
}

static void test_signed_wrong(void **state)
{
    static const struct {
        const char *typ, *members;
    } cases[] = {
        {"JWT", OUTER ANSWER},
        {"at+jwt", OUTER ANSWER},
        {"token-introspection+jwt", "\"iss\":\"https://other.example\",\"aud\":\"rs\",\"iat\":1800000000," ANSWER},
        {"token-introspection+jwt", "\"aud\":\"rs\",\"iat\":1800000000," ANSWER},
        {"token-introspection+jwt", "\"iss\":\"https://op.example\",\"aud\":\"another\",\"iat\":1800000000," ANSWER},
        {"token-introspection+jwt", "\"iss\":\"https://op.example\",\"iat\":1800000000," ANSWER},
        {"token-introspection+jwt", "\"iss\":\"https://op.example\",\"aud\":\"rs\"," ANSWER},
        {"token-introspection+jwt", "\"iss\":\"https://op.example\",\"aud\":\"rs\",\"iat\":1800000061," ANSWER},
        {"token-introspection+jwt", OUTER "\"exp\":1799999940," ANSWER},
        {"token-introspection+jwt", OUTER "\"active\":true"},
        {"token-introspection+jwt", OUTER "\"token_introspection\":\"{}\""},
        {"token-introspection+jwt", OUTER "\"token_introspection\":{}"},
        {"token-introspection+jwt", OUTER "\"token_introspection\":{\"active\":\"true\"}"},
    };
    introspection i;

    for (size_t n = 0; n < COUNT(cases); n++)
        if (read_signed(*state, cases[n].typ, cases[n].members, &i) != REFUSAL_introspection_malformed)
            fail_msg("%s {%s}", cases[n].typ, cases[n].members);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_question),     TEST(test_question_with_key), TEST(test_json),
        TEST(test_json_wrong),   TEST(test_replies_wrong),     TEST(test_signed),
        TEST(test_signed_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
