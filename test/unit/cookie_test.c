/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cookie.h"
#include "unit.h"

static void pairs_one_after_another(void **state)
{
    gate_str rest = unit_exact(STR("a=1; b=\"two\";c= 3 ;; d=; =x; novalue; e=f=g")), name, value;

    (void)state;
    assert_true(cookie_next(&rest, &name, &value));
    assert_str(name, STR("a"));
    assert_str(value, STR("1"));
    assert_true(cookie_next(&rest, &name, &value));
    assert_str(name, STR("b"));
    assert_str(value, STR("two"));
    assert_true(cookie_next(&rest, &name, &value));
    assert_str(value, STR("3"));
    assert_true(cookie_next(&rest, &name, &value));
    assert_str(name, STR("d"));
    assert_str(value, STR(""));
    assert_true(cookie_next(&rest, &name, &value));
    assert_str(name, STR("e"));
    assert_str(value, STR("f=g"));
    assert_false(cookie_next(&rest, &name, &value));
}

static void find_takes_the_first_of_exactly_this_name(void **state)
{
    const gate_str header = STR("xsid=0; SID=1; sid=2; sid=3; sid2=4");
    gate_str value;

    (void)state;
    assert_true(cookie_find(unit_exact(header), STR("sid"), &value));
    assert_str(value, STR("2"));
    assert_true(cookie_find(header, STR("sid2"), &value));
    assert_str(value, STR("4"));
    assert_false(cookie_find(header, STR("id"), &value));
    assert_false(cookie_find(header, STR(""), &value));
    assert_false(cookie_find(STR(""), STR("sid"), &value));
    assert_false(cookie_find(STR_NONE, STR("sid"), &value));
    assert_false(cookie_find(STR("sid"), STR("sid"), &value));
    assert_false(cookie_find(STR("; ;;"), STR("sid"), &value));
}

static void quotes_go_in_pairs(void **state)
{
    gate_str value;

    (void)state;
    assert_true(cookie_find(STR("a=\""), STR("a"), &value));
    assert_str(value, STR("\""));
    assert_true(cookie_find(STR("a=\"\""), STR("a"), &value));
    assert_str(value, STR(""));
    assert_true(cookie_find(STR("a=\"b"), STR("a"), &value));
    assert_str(value, STR("\"b"));
}

static gate_str written(arena *a, cookie c)
{
    text t = text_begin(a, 1000);
    gate_str s;

    cookie_write(&t, &c);
    assert_true(text_end(&t, &s));
    return s;
}

static void attributes(void **state)
{
    cookie c = {.name = STR_INIT("__Host-sid"), .value = STR_INIT("v"), .max_age = -1, .secure = true};

    assert_str(written(*state, c), STR("__Host-sid=v; Path=/; HttpOnly; Secure; SameSite=Lax"));
    c.cross_site = true;
    c.max_age = 600;
    assert_str(written(*state, c), STR("__Host-sid=v; Path=/; HttpOnly; Max-Age=600; Secure; SameSite=None"));
    c.secure = false;
    c.max_age = 0;
    c.value = STR_NONE;
    assert_str(written(*state, c), STR("__Host-sid=; Path=/; HttpOnly; Max-Age=0"));
}

static void a_long_header_is_walked_to_its_end(void **state)
{
    text t = text_begin(*state, 1 << 20);
    gate_str header, value;

    for (int i = 0; i < 20000; i++)
        text_add(&t, STR("a=b;"));
    text_add(&t, STR("z=1"));
    assert_true(text_end(&t, &header));
    assert_true(cookie_find(unit_exact(header), STR("z"), &value));
    assert_str(value, STR("1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pairs_one_after_another),
        TEST(find_takes_the_first_of_exactly_this_name),
        TEST(quotes_go_in_pairs),
        TEST(attributes),
        TEST(a_long_header_is_walked_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
