/* SPDX-License-Identifier: Apache-2.0 */
/* Pages: the style's hash is right, and nothing that comes in gets out of its place. */
#include "base/base64url.h"
#include "base/json.h"
#include "jose/crypto.h"
#include "page/page.h"
#include "page/style.h"
#include "unit.h"

#define HOSTILE "\"'><script>alert(1)</script>&amp;\r\n`"

static gate_str written(arena *a, const page *p)
{
    text t = text_begin(a, PAGE_MAX);
    gate_str s;

    page_write(&t, p);
    assert_true(text_end(&t, &s));
    return s;
}

static void hash_is_that_of_the_style(void **state)
{
    unsigned char hash[SHA256_SIZE];
    text t = text_begin(*state, 64);
    gate_str s;

    assert_true(crypto_sha256(STR(PAGE_STYLE), hash));
    base64_write(&t, (gate_str){(char *)hash, sizeof hash});
    assert_true(text_end(&t, &s));
    assert_str(s, STR(PAGE_STYLE_HASH));
    assert_true(str_contains(page_policy, STR("'sha256-" PAGE_STYLE_HASH "'")));
    assert_true(str_contains(page_policy, STR("default-src 'none'")));
}

static size_t count(gate_str s, const char *what)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += str_has_prefix(str_from(s, i), str_of(what));
    return n;
}

static void every_field_is_escaped(void **state)
{
    static const page plain = {
        .title = STR_INIT("t"),
        .message = STR_INIT("m"),
        .reference = STR_INIT("r"),
        .link = STR_INIT("/l"),
        .link_text = STR_INIT("x"),
        .form_action = STR_INIT("/f"),
        .form_name = STR_INIT("n"),
        .form_value = STR_INIT("v"),
    };
    gate_str good = written(*state, &plain);
    static const char *const marks[] = {"<", ">", "\"", "'"};

    for (size_t field = 0; field < sizeof(page) / sizeof(gate_str); field++) {
        page hostile = plain;
        gate_str got;
        ((gate_str *)&hostile)[field] = STR(HOSTILE);
        got = written(*state, &hostile);
        assert_false(str_contains(got, STR("<script")));
        for (size_t i = 0; i < COUNT(marks); i++)
            assert_int_equal(count(got, marks[i]), count(good, marks[i]));
        assert_true(str_contains(got, STR("&quot;&#39;&gt;&lt;script&gt;")));
    }
}

static void link_or_form_or_neither(void **state)
{
    page p = {.title = STR("t"), .message = STR("m"), .link_text = STR("Go")};

    assert_false(str_contains(written(*state, &p), STR("Go")));
    assert_false(str_contains(written(*state, &p), STR("Reference")));
    p.link = STR("/there?a=1&b=2");
    assert_true(str_contains(written(*state, &p), STR("href=\"/there?a=1&amp;b=2\">Go</a>")));
    p.link = STR_NONE;
    p.form_action = STR("/out");
    assert_true(str_contains(written(*state, &p), STR("<form method=\"post\" action=\"/out\">")));
    assert_false(str_contains(written(*state, &p), STR("<script")));
}

static void too_much_is_a_failure_not_a_cut(void **state)
{
    page p = {.title = STR("t"), .message = unit_repeat(*state, '<', PAGE_MAX / 4)};
    text t = text_begin(*state, PAGE_MAX);
    gate_str s;

    page_write(&t, &p);
    assert_false(text_end(&t, &s));
}

static void json_is_json(void **state)
{
    text t = text_begin(*state, PAGE_MAX);
    gate_str s, value;
    const json *root;

    page_write_json(&t, STR(HOSTILE), STR("say \\ \"it\""), STR("0a"));
    assert_true(text_end(&t, &s));
    root = json_read_object(*state, s);
    assert_int_equal(json_get_string(root, STR("error"), &value), JSON_GOOD);
    assert_str(value, STR(HOSTILE));
    assert_int_equal(json_get_string(root, STR("error_description"), &value), JSON_GOOD);
    assert_str(value, STR("say \\ \"it\""));
    assert_int_equal(json_get_string(root, STR("reference"), &value), JSON_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hash_is_that_of_the_style),       TEST(every_field_is_escaped), TEST(link_or_form_or_neither),
        TEST(too_much_is_a_failure_not_a_cut), TEST(json_is_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
