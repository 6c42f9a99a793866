/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider's metadata must be. */
#include "oidc/metadata.h"
#include "unit.h"

#define GOOD                                                                                                              \
    "{\"issuer\":\"https://op.example\",\"authorization_endpoint\":\"https://op.example/a?tenant=1\",\"token_endpoint\":" \
    "\"https://op.example/t\",\"jwks_uri\":\"https://op.example/j\""

static refusal read_refusal(arena *a, const char *document, const char *issuer, bool allow_http)
{
    refusal why = REFUSAL_none;
    metadata *m = metadata_read(unit_exact(str_of(document)), str_of(issuer), allow_http, &why);

    (void)a;
    assert_int_equal(m == NULL, why != REFUSAL_none);
    metadata_release(m);
    return why;
}

static void good_ones(void **state)
{
    refusal why = REFUSAL_none;
    gate_str document = unit_exact(STR(GOOD ",\"userinfo_endpoint\":\"https://u.example/u\"}"));
    metadata *m = metadata_read(document, STR("https://op.example"), false, &why);

    (void)state;
    memset((char *)document.ptr, 'x', document.len); /* a snapshot lives on its own */
    assert_non_null(m);
    assert_str(m->authorization_endpoint, STR("https://op.example/a?tenant=1"));
    assert_str(m->token_endpoint, STR("https://op.example/t"));
    assert_str(m->jwks_uri, STR("https://op.example/j"));
    assert_str(m->userinfo_endpoint, STR("https://u.example/u"));
    assert_null(m->end_session_endpoint.ptr);
    assert_false(m->promises_iss);
    assert_ptr_equal(metadata_hold(m), m);
    metadata_release(m);
    assert_str(m->issuer, STR("https://op.example"));
    metadata_release(m);
    metadata_release(NULL);
}

static void refused_ones(void **state)
{
    static const struct {
        const char *document, *issuer;
        refusal why;
    } cases[] = {
        {"", "https://op.example", REFUSAL_metadata_malformed},
        {"[]", "https://op.example", REFUSAL_metadata_malformed},
        {"{}", "https://op.example", REFUSAL_metadata_malformed},
        {GOOD, "https://op.example", REFUSAL_metadata_malformed},
        {GOOD ",\"issuer\":\"https://op.example\"}", "https://op.example", REFUSAL_metadata_malformed},
        {GOOD "}", "https://op.example/", REFUSAL_metadata_issuer},
        {GOOD "}", "https://OP.example", REFUSAL_metadata_issuer},
        {GOOD "}", "https://op.exampl", REFUSAL_metadata_issuer},
        {"{\"issuer\":7}", "https://op.example", REFUSAL_metadata_malformed},
        {"{\"issuer\":\"https://op.example\"}", "https://op.example", REFUSAL_metadata_malformed},
        {GOOD ",\"userinfo_endpoint\":null}", "https://op.example", REFUSAL_metadata_malformed},
        {GOOD ",\"userinfo_endpoint\":\"/u\"}", "https://op.example", REFUSAL_metadata_malformed},
        {GOOD ",\"userinfo_endpoint\":\"https://op.example/u#f\"}", "https://op.example", REFUSAL_metadata_malformed},
        {GOOD ",\"userinfo_endpoint\":\"https://op.example/\\r\\nX: y\"}", "https://op.example",
         REFUSAL_metadata_malformed},
        {GOOD ",\"userinfo_endpoint\":\"https://a@op.example/\"}", "https://op.example", REFUSAL_metadata_malformed},
        {GOOD ",\"userinfo_endpoint\":\"http://op.example/u\"}", "https://op.example", REFUSAL_metadata_insecure},
        {GOOD ",\"end_session_endpoint\":\"http://127.0.0.1/u\"}", "https://op.example", REFUSAL_metadata_insecure},
        {GOOD ",\"end_session_endpoint\":\"file:///etc\"}", "https://op.example", REFUSAL_metadata_malformed},
        {GOOD ",\"authorization_response_iss_parameter_supported\":\"true\"}", "https://op.example",
         REFUSAL_metadata_malformed},
        {GOOD ",\"authorization_response_iss_parameter_supported\":true}", "https://op.example", REFUSAL_none},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        if (read_refusal(*state, cases[i].document, cases[i].issuer, false) != cases[i].why)
            fail_msg("%s: %d", cases[i].document, read_refusal(*state, cases[i].document, cases[i].issuer, false));
}

/* Issuers of tokens for machines have no page to sign in at. */
static void without_sign_in(void **state)
{
    static const char *const documents[] = {
        "{\"issuer\":\"https://op.example\",\"jwks_uri\":\"https://op.example/j\"}",
        "{\"issuer\":\"https://op.example\",\"jwks_uri\":\"https://op.example/j\",\"token_endpoint\":\"https://op.example/t\"}",
        "{\"issuer\":\"https://op.example\",\"jwks_uri\":\"https://op.example/j\",\"authorization_endpoint\":\"https://op.example/a\"}",
    };
    refusal why = REFUSAL_none;
    metadata *m;

    (void)state;
    for (size_t i = 0; i < COUNT(documents); i++) {
        m = metadata_read(str_of(documents[i]), STR("https://op.example"), false, &why);
        assert_non_null(m);
        assert_false(metadata_signs_in(m));
        metadata_release(m);
    }
    m = metadata_read(STR(GOOD "}"), STR("https://op.example"), false, &why);
    assert_true(metadata_signs_in(m));
    metadata_release(m);
}

static void http_on_loopback_alone(void **state)
{
    static const char local[] =
        "{\"issuer\":\"http://127.0.0.1:9\",\"authorization_endpoint\":\"http://localhost/a\",\"token_endpoint\":"
        "\"http://[::1]/t\",\"jwks_uri\":\"http://127.0.0.1:9/j\"}";
    static const char mixed[] =
        "{\"issuer\":\"http://127.0.0.1:9\",\"authorization_endpoint\":\"http://localhost/a\",\"token_endpoint\":"
        "\"http://op.example/t\",\"jwks_uri\":\"http://127.0.0.1:9/j\"}";

    assert_int_equal(read_refusal(*state, local, "http://127.0.0.1:9", false), REFUSAL_none);
    assert_int_equal(read_refusal(*state, mixed, "http://127.0.0.1:9", false), REFUSAL_metadata_insecure);
    assert_int_equal(read_refusal(*state, mixed, "http://127.0.0.1:9", true), REFUSAL_none);
}

static void long_endpoints(void **state)
{
    const char *path = arena_copy(*state, unit_repeat(*state, 'p', 2100)).ptr;
    const char *document =
        unit_join(*state, GOOD ",\"userinfo_endpoint\":\"https://op.example/", path, "\"}", NULL).ptr;

    assert_int_equal(read_refusal(*state, document, "https://op.example", false), REFUSAL_metadata_malformed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(good_ones), TEST(refused_ones), TEST(without_sign_in),
                                       TEST(http_on_loopback_alone), TEST(long_endpoints)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
