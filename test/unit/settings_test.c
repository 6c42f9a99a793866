/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations that cannot be safe do not start, and say why in one line: the place, the option, the remedy. */
#include "gate.h"
#include "rfc_jwe.h"
#include "token.h"
#include "unit.h"

/* "SCOPE NAME VALUE": p, r, e. The option of a base that is named again takes the base's place; VALUE "-" leaves it out. */
static const char *const BASE[] = {
    "p issuer https://op.example",
    "p client_id app",
    "p client_secret secret",
    "r provider main",
    "e cookie_secret 0123456789abcdef0123456789abcdef",
};

static bool names_same(gate_str a, gate_str b)
{
    gate_str scope_a, name_a, scope_b, name_b;

    return str_word(&a, &scope_a) && str_word(&a, &name_a) && str_word(&b, &scope_b) && str_word(&b, &name_b) &&
           str_equal(scope_a, scope_b) && str_equal(name_a, name_b);
}

static bool set_line(gate_config *config, gate_str line, gate_error *error)
{
    gate_str scope, name;

    assert_true(str_word(&line, &scope) && str_word(&line, &name));
    line = str_trim(line);
    if (str_equal(line, STR("-")))
        return true;
    return gate_config_set(config,
                           scope.ptr[0] == 'p'   ? GATE_SCOPE_PROVIDER
                           : scope.ptr[0] == 'r' ? GATE_SCOPE_RULE
                                                 : GATE_SCOPE_ENGINE,
                           0, name, line, STR("conf:3"), error);
}

/* Builds the base with up to two lines more. NULL when refused. */
static gate_engine *open_with(const char *one, const char *two, gate_error *error)
{
    const char *more[] = {one, two};
    gate_config *config = gate_config_begin();
    bool good = true;

    *error = (gate_error){0};
    assert_int_equal(gate_config_provider(config, STR("main"), error), 0);
    assert_int_equal(gate_config_site(config, error), 0);
    assert_int_equal(gate_config_rule(config, 0, error), 0);
    for (size_t i = 0; i < COUNT(BASE) && good; i++) {
        bool replaced =
            (one && names_same(str_of(one), str_of(BASE[i]))) || (two && names_same(str_of(two), str_of(BASE[i])));
        good = replaced || set_line(config, str_of(BASE[i]), error);
    }
    for (size_t i = 0; i < COUNT(more) && good; i++)
        good = !more[i] || set_line(config, str_of(more[i]), error);
    if (!good) {
        gate_config_drop(config);
        return NULL;
    }
    return gate_open(config, NULL, error);
}

static void refused(const char *one, const char *two, const char *says)
{
    gate_error error;
    gate_engine *engine = open_with(one, two, &error);

    if (engine || !strstr(error.text, says) || strchr(error.text, '\n'))
        fail_msg("%s | %s: %s", one, two ? two : "", engine ? "started" : error.text);
}

static void starts(const char *one, const char *two)
{
    gate_error error;
    gate_engine *engine = open_with(one, two, &error);

    if (!engine)
        fail_msg("%s | %s: %s", one ? one : "", two ? two : "", error.text);
    gate_close(engine);
}

static void issuer_and_client(void **state)
{
    (void)state;
    starts(NULL, NULL);
    refused("p issuer -", NULL, "main: has no issuer; add: issuer https://...");
    refused("p client_id -", NULL, "main: has no client_id");
    refused("p issuer http://op.example", NULL,
            "conf:3: issuer: is http outside loopback; use https, or say allow_insecure_http on");
    refused("p issuer http://127.0.0.1.evil.example", NULL, "is http outside loopback");
    refused("p issuer http://localhost.evil.example", NULL, "is http outside loopback");
    refused("p issuer op.example", NULL, "is no issuer");
    refused("p issuer https://op.example/?a=b", NULL, "is no issuer");
    refused("p issuer https://op.example/#a", NULL, "is no issuer");
    refused("p issuer https://user@op.example", NULL, "is no issuer");
    refused("p issuer HTTPS://op.example", NULL, "is no issuer");
    starts("p issuer http://127.0.0.1:9000", NULL);
    starts("p issuer http://localhost", NULL);
    starts("p issuer http://op.example", "p allow_insecure_http on");
    refused("p config_url ftp://op.example/", NULL, "config_url: is no URL");
    refused("p config_url http://op.example/", NULL, "config_url: is http outside loopback");
}

static void addresses(void **state)
{
    (void)state;
    refused("p redirect_uri oidc_callback", NULL, "redirect_uri: is neither a path nor a URL");
    refused("p redirect_uri //evil.example/cb", NULL, "redirect_uri: is no path");
    refused("p redirect_uri /cb?x=1", NULL, "redirect_uri: is no path");
    refused("p redirect_uri /c b", NULL, "redirect_uri: is no path");
    refused("p redirect_uri http://app.example/cb", NULL, "redirect_uri: is http outside loopback");
    refused("p redirect_uri https://app.example", NULL, "redirect_uri: is neither");
    refused("p redirect_uri https://app.example/cb#x", NULL, "redirect_uri: is neither");
    starts("p redirect_uri https://app.example/cb", NULL);
    refused("p logout_uri logout", NULL, "logout_uri: is no path of its own");
    refused("p logout_uri /oidc_callback", NULL, "logout_uri: is no path of its own");
    refused("p logout_uri /out?x", NULL, "logout_uri: is no path of its own");
    refused("p logout_uri /out", "p post_logout_uri javascript:x", "post_logout_uri: is neither a path nor a URL");
    refused("p logout_uri /out", "p post_logout_uri http://www.example/", "post_logout_uri: is neither");
    starts("p logout_uri /out", "p post_logout_uri https://www.example/bye");
}

static void request_options(void **state)
{
    (void)state;
    refused("p scope email", NULL, "scope: lacks openid");
    refused("p scope openids", NULL, "scope: lacks openid");
    refused("p pkce off", "p nonce off", "nonce: is off and pkce too; leave one of them on");
    refused("p extra_auth_args state=x", NULL, "extra_auth_args: cannot be read, or names");
    refused("p extra_auth_args a=b&%73tate=x", NULL, "extra_auth_args: ");
    refused("p extra_auth_args request_uri=x", NULL, "extra_auth_args: ");
    refused("p extra_auth_args a=%zz", NULL, "extra_auth_args: ");
    refused("p extra_auth_args a=b c", NULL, "extra_auth_args: ");
    refused("p extra_auth_args a=b#c", NULL, "extra_auth_args: ");
    starts("p extra_auth_args prompt=login&ui_locales=de%20at", NULL);
    refused("p response_mode fragment", NULL,
            "conf:3: response_mode: has a value that it cannot have; query|form_post");
    refused("p max_age -1", NULL, "max_age: ");
    refused("p clock_skew 301", NULL, "clock_skew: ");
    refused("p id_token_signed_response_alg HS256", NULL,
            "id_token_signed_response_alg: names an HMAC algorithm, but client_secret is shorter than its hash");
    refused("p id_token_signed_response_alg none", NULL, "id_token_signed_response_alg: ");
    refused("p id_token_signed_response_alg RS256 rs512", NULL, "id_token_signed_response_alg: ");
}

static void client_authentication(void **state)
{
    const char *pem = unit_join(*state, "p client_key ", token_private(*state, KEY_P256).ptr, NULL).ptr;

    refused("p client_auth_method client_secret_basic", "p client_secret -",
            "client_auth_method: needs a client_secret");
    refused("p client_auth_method client_secret_post", "p client_secret -",
            "client_auth_method: needs a client_secret");
    refused("p client_auth_method private_key_jwt", NULL, "client_auth_method: needs a client_key");
    refused("p client_auth_method client_secret_jwt", NULL, "client_auth_method: has a value that it cannot have");
    refused("p pkce off", "p client_secret -", "pkce: is off for a client that does not authenticate");
    refused("p client_key nonsense", NULL, "client_key: is no private key that can sign");
    refused("p client_key {\"kty\":\"oct\",\"k\":\"AAAA\"}", NULL, "client_key: ");
    refused(pem, "p token_endpoint_auth_signing_alg RS256",
            "token_endpoint_auth_signing_alg: does not fit the client_key");
    refused(pem, "p token_endpoint_auth_signing_alg none", "token_endpoint_auth_signing_alg: ");
    starts(pem, "p token_endpoint_auth_signing_alg ES256");
    starts("p client_secret -", NULL);
    refused(unit_join(*state, "p client_secret ", arena_copy(*state, unit_repeat(*state, 's', 4097)).ptr, NULL).ptr,
            NULL, "client_secret: is too long");
}

/* BASE's secret is too short to make keys of. */
#define LONG "p client_secret 0123456789abcdef"
#define EC_KEY "p decryption_key {" RFC7518_C_BOB ",\"d\":\"" RFC7518_C_BOB_D "\"}"

static void encryption_options(void **state)
{
    (void)state;
    starts("p id_token_encrypted_response_alg ECDH-ES", EC_KEY);
    starts("p userinfo_encrypted_response_alg ECDH-ES+A256KW", EC_KEY);
    starts("p access_token_encryption_alg ECDH-ES", EC_KEY);
    starts("p id_token_encrypted_response_alg A128KW", LONG);
    starts("p id_token_encrypted_response_alg dir", LONG);
    refused("p id_token_encrypted_response_alg ECDH-ES", NULL,
            "id_token_encrypted_response_alg: needs a decryption_key that fits it; add: decryption_key_file FILE");
    refused("p id_token_encrypted_response_alg RSA-OAEP-256", EC_KEY,
            "conf:3: decryption_key: is no private key for any of the encryption algorithms");
    refused("p id_token_encrypted_response_alg ECDH-ES", "p decryption_key {" RFC7518_C_BOB "}", "decryption_key: ");
    refused(EC_KEY, NULL, "decryption_key: is given, but nothing is to be encrypted");
    refused("p id_token_encrypted_response_alg RSA1_5", NULL,
            "id_token_encrypted_response_alg: names an algorithm that is not accepted here");
    refused("p id_token_encrypted_response_alg PBES2-HS256+A128KW", NULL, "id_token_encrypted_response_alg: names ");
    refused("p id_token_encrypted_response_alg ECDH-ES", "p id_token_encrypted_response_enc A128CBC",
            "id_token_encrypted_response_enc: names ");
    refused("p userinfo_encrypted_response_enc A256GCM", NULL, "userinfo_encrypted_response_enc: is given without");
    refused("p id_token_encrypted_response_alg dir", NULL,
            "id_token_encrypted_response_alg: is made with the client_secret, which is shorter than 16 bytes");
    refused("p id_token_encrypted_response_alg A256KW", "p client_secret -",
            "id_token_encrypted_response_alg: needs the client_secret");
}

static void sessions_and_secrets(void **state)
{
    (void)state;
    refused("e cookie_secret -", NULL, "cookie_secret: is missing; make one with: openssl rand -hex 32");
    refused("e cookie_secret 0123456789abcdef0123456789abcde", NULL, "conf:3: cookie_secret: is shorter than 32 bytes");
    refused("p cookie_name a=b", NULL, "cookie_name: is no cookie name");
    refused("p cookie_name a.b", NULL, "cookie_name: is no cookie name");
    refused("p cookie_name __Host-a;", NULL, "cookie_name: is no cookie name");
    refused("p session_timeout 1", NULL, "session_timeout: ");
    refused("p session_store redis", NULL, "session_store: ");
}

static void rules(void **state)
{
    (void)state;
    refused("r provider other", NULL, "conf:3: provider: names no provider that is defined");
    refused("r provider -", NULL, "provider: names no provider");
    refused("r require a =", NULL, "conf:3: require: a name or value is missing; write for example");
    refused("r require groups", NULL, "require: after a claim comes");
    refused("r require", NULL, "require: has a value that it cannot have");
    refused("r header X-User", NULL, "header: is no header name and claim");
    refused("r header X_User sub", NULL, "header: is no header name and claim");
    refused("r header X-User: sub", NULL, "header: is no header name and claim");
    refused("r header X-User sub email", NULL, "header: is no header name and claim");
    refused("r unauthenticated allow", NULL, "unauthenticated: ");
    refused("r issuer x", NULL, "conf:3: issuer: is not an option here; see docs/options.md");
}

static void providers_stand_apart(void **state)
{
    gate_config *config = gate_config_begin();
    gate_error error;

    (void)state;
    assert_int_equal(gate_config_provider(config, STR("a.b"), &error), 0);
    assert_int_equal(gate_config_provider(config, STR("a.b"), &error), -1);
    assert_string_equal(error.text, "a.b: is defined twice; give each provider its own name");
    assert_int_equal(gate_config_provider(config, STR("a b"), &error), -1);
    assert_int_equal(gate_config_provider(config, STR(""), &error), -1);
    assert_int_equal(gate_config_provider(config, unit_repeat(*state, 'n', 65), &error), -1);
    assert_int_equal(gate_config_provider(config, STR("a+b"), &error), -1);
    assert_int_equal(gate_config_provider(config, STR("a\"b"), &error), -1);
    assert_int_equal(gate_config_provider(config, STR("a_b"), &error), 1);
    assert_int_equal(gate_config_rule(config, 0, &error), -1);
    assert_false(
        gate_config_set(config, GATE_SCOPE_PROVIDER, -1, STR("issuer"), STR("https://op.example"), STR("x"), &error));
    assert_false(
        gate_config_set(config, GATE_SCOPE_PROVIDER, 2, STR("issuer"), STR("https://op.example"), STR("x"), &error));
    for (int i = 0; i < 2; i++) {
        assert_true(gate_config_set(config, GATE_SCOPE_PROVIDER, i, STR("issuer"), STR("https://op.example"), STR("x"),
                                    &error));
        assert_true(gate_config_set(config, GATE_SCOPE_PROVIDER, i, STR("client_id"), STR("app"), STR("x"), &error));
    }
    assert_int_equal(gate_config_site(config, &error), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gate_config_rule(config, 0, &error), i);
        assert_true(gate_config_set(config, GATE_SCOPE_RULE, i, STR("provider"), i ? STR("a_b") : STR("a.b"), STR("x"),
                                    &error));
    }
    assert_true(gate_config_set(config, GATE_SCOPE_ENGINE, 0, STR("cookie_secret"),
                                STR("0123456789abcdef0123456789abcdef"), STR("x"), &error));
    assert_null(gate_open(config, NULL, &error));
    assert_non_null(strstr(error.text, "has the same cookie_name as another provider of the site; give each its own"));
}

static void identity_headers_in_any_spelling(void **state)
{
    gate_error error;
    gate_engine *engine = open_with("r header X-User-Email email", NULL, &error);

    (void)state;
    assert_non_null(engine);
    assert_true(gate_header_is_ours(engine, STR("x-user-email")));
    assert_true(gate_header_is_ours(engine, STR("X_User.EMAIL")));
    assert_false(gate_header_is_ours(engine, STR("X-User-Emai")));
    assert_false(gate_header_is_ours(engine, STR("X-User-Email2")));
    assert_true(gate_needs_store(engine));
    assert_true(gate_site_answers(engine, 0, STR("/oidc_callback")));
    assert_false(gate_site_answers(engine, 0, STR("/oidc_callback/")));
    assert_false(gate_site_answers(engine, 0, STR("/logout")));
    assert_false(gate_site_answers(engine, 1, STR("/oidc_callback")));
    assert_false(gate_site_answers(engine, -1, STR("/oidc_callback")));
    gate_close(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(issuer_and_client),
        TEST(addresses),
        TEST(request_options),
        TEST(client_authentication),
        TEST(encryption_options),
        TEST(sessions_and_secrets),
        TEST(rules),
        TEST(providers_stand_apart),
        TEST(identity_headers_in_any_spelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
