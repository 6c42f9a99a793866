/* SPDX-License-Identifier: Apache-2.0 */
#include "base/url.h"
#include "unit.h"

static bool read(const char *s, url *u)
{
    return url_read(unit_exact(str_of(s)), u);
}

static void parts_of_a_url(void **state)
{
    url u;

    (void)state;
    assert_true(read("https://op.example:8443/a/b?x=1&y=/?#frag", &u));
    assert_str(u.scheme, STR("https"));
    assert_str(u.authority, STR("op.example:8443"));
    assert_str(u.host, STR("op.example"));
    assert_str(u.origin, STR("https://op.example:8443"));
    assert_str(u.path, STR("/a/b"));
    assert_str(u.query, STR("x=1&y=/?"));
    assert_true(u.has_query);
    assert_true(u.has_fragment);
    assert_str(u.whole, STR("https://op.example:8443/a/b?x=1&y=/?#frag"));
}

static void shortest_urls(void **state)
{
    url u;

    (void)state;
    assert_true(read("http://a", &u));
    assert_str(u.host, STR("a"));
    assert_str(u.origin, STR("http://a"));
    assert_int_equal(u.path.len, 0);
    assert_false(u.has_query);
    assert_false(u.has_fragment);
    assert_true(read("https://a?", &u));
    assert_true(u.has_query);
    assert_int_equal(u.query.len, 0);
    assert_true(read("https://a#", &u));
    assert_true(u.has_fragment);
    assert_str(u.authority, STR("a"));
    assert_true(read("https://[2001:db8::1]:443/", &u));
    assert_str(u.host, STR("[2001:db8::1]"));
    assert_str(u.authority, STR("[2001:db8::1]:443"));
}

static void wrong_urls_are_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "https",
        "https:",
        "https:/a",
        "https://",
        "https:///a",
        "HTTPS://a",
        "ftp://a",
        "javascript:alert(1)",
        "//a/b",
        "/a",
        " https://a",
        "https://a ",
        "https://a/b c",
        "https://a/\n",
        "https://a\\b",
        "https://a/\\b",
        "https://user@a/",
        "https://user:pw@a/",
        "https://a:b/",
        "https://a:/",
        "https://a:0/",
        "https://a:65536/",
        "https://a:-1/",
        "https://:80/",
        "https://a:80:80/",
        "https://a%2eb/",
        "https://a,b/",
        "https://a/<b>",
        "https://a/\"",
        "https://a/`",
        "https://a/{b}",
        "https://a/|",
        "https://a/^",
        "https://a/\x7f",
        "https://a/\xc3\xa9",
        "https://\xc3\xa9/",
        "https://[::1",
        "https://[]/",
        "https://[::1]a/",
        "https://[::1%25lo]/",
        "https://[g::1]/",
        "https://::1/",
        "https://a?b@c d",
        "https://a;b/",
        "https://?a",
        "https://#a",
        "https://a@b#c",
    };
    url u;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        if (read(wrong[i], &u))
            print_error("accepted: %s\n", wrong[i]);
        assert_false(read(wrong[i], &u));
    }
    assert_false(url_read(STR("https://a/\0b"), &u));
    assert_false(url_read(STR("https://a\0.b/"), &u));
    assert_false(url_read(STR_NONE, &u));
}

/* What looks like another host to somebody else. */
static void at_sign_and_backslash_do_not_move_the_host(void **state)
{
    url u;

    (void)state;
    assert_true(read("https://good.example/@evil.example", &u));
    assert_str(u.host, STR("good.example"));
    assert_true(read("https://good.example?@evil.example", &u));
    assert_str(u.host, STR("good.example"));
    assert_true(read("https://good.example#@evil.example", &u));
    assert_str(u.host, STR("good.example"));
    assert_false(read("https://good.example\\@evil.example", &u));
    assert_false(read("https://good.example:80@evil.example", &u));
}

static void https_and_loopback(void **state)
{
    static const char *const loopback[] = {"http://localhost/", "http://LocalHost:1/", "http://127.0.0.1/",
                                           "http://127.255.0.9/", "http://[::1]:8080/"};
    static const char *const other[] = {"http://127.evil.example/", "http://127.0.0.1.evil.example/",
                                        "http://128.0.0.1/",        "http://0127.0.0.1/",
                                        "http://127.0.0.256/",      "http://127.1/",
                                        "http://localhost.evil/",   "http://[::2]/",
                                        "http://127.0.0.1./",       "http://127.0.0.1.1/",
                                        "http://127..0.1/",         "http://evil.localhost/"};
    url u;

    (void)state;
    for (size_t i = 0; i < COUNT(loopback); i++) {
        assert_true(read(loopback[i], &u));
        assert_true(url_is_loopback(&u));
        assert_false(url_is_https(&u));
    }
    for (size_t i = 0; i < COUNT(other); i++) {
        assert_true(read(other[i], &u));
        if (url_is_loopback(&u))
            print_error("loopback: %s\n", other[i]);
        assert_false(url_is_loopback(&u));
    }
    assert_true(read("https://a/", &u));
    assert_true(url_is_https(&u));
}

static void authority_as_a_server_may_receive_it(void **state)
{
    (void)state;
    assert_true(url_authority_is_good(STR("a.example")));
    assert_true(url_authority_is_good(STR("A_b-c.example:8080")));
    assert_true(url_authority_is_good(STR("[::1]:80")));
    assert_false(url_authority_is_good(STR("")));
    assert_false(url_authority_is_good(STR("a b")));
    assert_false(url_authority_is_good(STR("a/b")));
    assert_false(url_authority_is_good(STR("a@b")));
    assert_false(url_authority_is_good(STR("a:99999")));
    assert_false(url_authority_is_good(STR("a\r\nSet-Cookie: x")));
    assert_false(url_authority_is_good(STR("[::1")));
    assert_true(url_authority_is_good(unit_repeat(*state, 'a', 255)));
    assert_false(url_authority_is_good(unit_repeat(*state, 'a', 256)));
}

static void local_targets(void **state)
{
    static const gate_str good[] = {STR_INIT("/"),     STR_INIT("/a"),    STR_INIT("/a?b=//c"),
                                    STR_INIT("/a//b"), STR_INIT("/a\\b"), STR_INIT("/.//evil.example")};
    static const gate_str wrong[] = {STR_INIT(""),
                                     STR_INIT("a"),
                                     STR_INIT("//evil.example"),
                                     STR_INIT("/\\evil.example"),
                                     STR_INIT("\\/evil"),
                                     STR_INIT("https://a/"),
                                     STR_INIT("/\t/evil"),
                                     STR_INIT("/ /evil"),
                                     STR_INIT("/\n/evil"),
                                     STR_INIT("/a\r\nX: y"),
                                     STR_INIT("/a\0"),
                                     STR_INIT("/a\x7f"),
                                     STR_INIT(" //evil"),
                                     STR_INIT("?a"),
                                     STR_INIT("\t/a")};

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(url_is_local(unit_exact(good[i])));
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(url_is_local(unit_exact(wrong[i])));
    assert_false(url_is_local(STR_NONE));
}

static void parameters_are_appended(void **state)
{
    text t = text_begin(*state, 1000);
    gate_str s;

    text_add(&t, STR("https://op.example/authorize"));
    url_add_parameter(&t, STR("scope"), STR("openid email"));
    url_add_parameter(&t, STR("redirect_uri"), STR("https://rp/cb?x=1&y"));
    assert_true(text_end(&t, &s));
    assert_str(s,
               STR("https://op.example/authorize?scope=openid+email&redirect_uri=https%3A%2F%2Frp%2Fcb%3Fx%3D1%26y"));
    t = text_begin(*state, 1000);
    text_add(&t, STR("https://op.example/authorize?tenant=1"));
    url_add_parameter(&t, STR("a"), STR(""));
    assert_true(text_end(&t, &s));
    assert_str(s, STR("https://op.example/authorize?tenant=1&a="));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parts_of_a_url),         TEST(shortest_urls),
        TEST(wrong_urls_are_refused), TEST(at_sign_and_backslash_do_not_move_the_host),
        TEST(https_and_loopback),     TEST(authority_as_a_server_may_receive_it),
        TEST(local_targets),          TEST(parameters_are_appended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
