/* SPDX-License-Identifier: Apache-2.0 */
/* A pending sign-in, sealed into a cookie. */
#include "session/attempt.h"
#include "session/session.h"
#include "unit.h"

static const unsigned char IV[SEAL_IV_SIZE] = {9};

static attempt example(void)
{
    return (attempt){
        .state = STR("state-state-state"),
        .nonce = STR("n"),
        .code_verifier = STR(""),
        .target = STR("/a?b=\"c\"\\&d"),
        .redirect_uri = STR("https://app.example/cb"),
        .provider = STR("00ff"),
        .begun = 1700000000,
        .round = 2,
    };
}

static gate_str seal(arena *a, crypto *c, const seal_ring *ring, const attempt *t)
{
    text out = text_begin(a, COOKIE_SIZE_MAX);
    gate_str sealed;

    assert_true(attempt_write(a, c, ring, IV, t, &out) && text_end(&out, &sealed));
    return unit_exact(sealed);
}

static void comes_back(void **state)
{
    attempt t = example(), got;
    seal_ring ring = {0}, both = {0};
    gate_str sealed;
    crypto c;

    assert_true(crypto_open(&c) && seal_ring_add(&ring, STR("old"), STR("a")));
    assert_true(seal_ring_add(&both, STR("new"), STR("a")) && seal_ring_add(&both, STR("old"), STR("a")));
    sealed = seal(*state, &c, &ring, &t);
    assert_true(attempt_read(*state, &c, &both, sealed, &got));
    assert_str(got.state, t.state);
    assert_str(got.nonce, t.nonce);
    assert_str(got.code_verifier, t.code_verifier);
    assert_str(got.target, t.target);
    assert_str(got.redirect_uri, t.redirect_uri);
    assert_str(got.provider, t.provider);
    assert_int_equal(got.begun, t.begun);
    assert_int_equal(got.round, t.round);
    assert_false(attempt_read(*state, &c, &ring, seal(*state, &c, &both, &t), &got));
    crypto_close(&c);
}

static void cannot_be_changed(void **state)
{
    attempt t = example(), got;
    seal_ring ring = {0}, none = {0};
    text out = text_begin(*state, 100);
    gate_str sealed;
    crypto c;

    assert_true(crypto_open(&c) && seal_ring_add(&ring, STR("secret"), STR("a")));
    sealed = seal(*state, &c, &ring, &t);
    for (size_t i = 0; i < sealed.len; i++) {
        char *at = (char *)sealed.ptr + i, was = *at;
        *at = was == 'A' ? 'B' : 'A';
        assert_false(attempt_read(*state, &c, &ring, sealed, &got));
        *at = was;
    }
    assert_true(attempt_read(*state, &c, &ring, sealed, &got));
    assert_false(attempt_read(*state, &c, &none, sealed, &got));
    assert_false(attempt_write(*state, &c, &none, IV, &t, &out));
    assert_false(attempt_write(*state, &c, &ring, IV, &t, &out)); /* does not fit */
    crypto_close(&c);
}

/* A session that was sealed with the same key is no attempt. */
static void is_not_a_session(void **state)
{
    session_head head = {.created = 1, .touched = 1, .expires = 2};
    text out = text_begin(*state, 4096);
    seal_ring ring = {0};
    gate_str sealed, body;
    attempt t = example(), got;
    crypto c;

    assert_true(crypto_open(&c) && seal_ring_add(&ring, STR("secret"), STR("a")));
    assert_true(session_cookie_write(*state, &c, &ring, IV, &head, STR("{\"id_token\":\"x\"}"), &out) &&
                text_end(&out, &sealed));
    assert_false(attempt_read(*state, &c, &ring, sealed, &got));
    assert_false(session_cookie_read(*state, &c, &ring, seal(*state, &c, &ring, &t), &head, &body));
    crypto_close(&c);
}

static void names(void **state)
{
    gate_str name;

    assert_true(attempt_cookie_name(*state, STR("__Host-oidc_a"), STR("0123456789"), &name));
    assert_str(name, STR("__Host-oidc_a.a01234567"));
    assert_true(attempt_cookie_name(*state, STR("b"), unit_exact(STR("xy")), &name));
    assert_str(name, STR("b.axy"));
    assert_true(attempt_is_cookie(STR("b"), STR("b.a01234567")));
    assert_false(attempt_is_cookie(STR("b"), STR("b.a0123456")));
    assert_false(attempt_is_cookie(STR("b"), STR("b.n01234567")));
    assert_false(attempt_is_cookie(STR("b"), STR("bb.a01234567")));
    assert_false(attempt_is_cookie(STR("b"), STR("b")));
    assert_false(attempt_is_cookie(STR("b"), STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(comes_back), TEST(cannot_be_changed), TEST(is_not_a_session), TEST(names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
