/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of secrets, and values cut into several cookies. */
#include "session/seal.h"
#include "unit.h"

static cookie named(gate_str value)
{
    return (cookie){.name = STR("s"), .value = value, .max_age = -1, .secure = true};
}

static void write_all(arena *a, const char *cookies, gate_str value, header_list *headers)
{
    cookie c = named(value);

    *headers = (header_list){0};
    c.max_age = value.len ? -1 : 0;
    assert_true(seal_cookie_write(a, str_of(cookies), &c, headers));
}

/* The Cookie header that a browser with nothing else would send. */
static gate_str sent_back(arena *a, const header_list *headers)
{
    text t = text_begin(a, 65536);
    gate_str s;

    for (size_t i = 0; i < headers->count; i++) {
        gate_str value = headers->items[i].value, pair;
        assert_true(str_cut(&value, ';', &pair));
        assert_true(pair.len <= COOKIE_SIZE_MAX + 4);
        if (str_contains(value, STR("Max-Age=0")))
            continue;
        text_add(&t, pair);
        text_add(&t, STR("; "));
    }
    assert_true(text_end(&t, &s));
    return s;
}

static void every_length_comes_back(void **state)
{
    static const size_t lengths[] = {
        1, 100, COOKIE_SIZE_MAX - 1, COOKIE_SIZE_MAX, COOKIE_SIZE_MAX + 1, SEAL_COOKIE_MAX};
    header_list headers;
    gate_str got;

    for (size_t i = 0; i < COUNT(lengths); i++) {
        gate_str value = unit_repeat(*state, 'v', lengths[i]);
        write_all(*state, "", value, &headers);
        assert_int_equal(headers.count, lengths[i] <= COOKIE_SIZE_MAX ? 1 : 2);
        assert_true(seal_cookie_read(*state, sent_back(*state, &headers), STR("s"), &got));
        assert_str(got, value);
    }
}

static void too_long_is_refused(void **state)
{
    cookie c = named(unit_repeat(*state, 'v', SEAL_COOKIE_MAX + 1));
    header_list headers = {0};

    assert_false(seal_cookie_write(*state, STR(""), &c, &headers));
    assert_int_equal(headers.count, 0);
}

static bool removed(const header_list *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++)
        if (str_has_prefix(headers->items[i].value, str_of(name)) &&
            str_contains(headers->items[i].value, STR("Max-Age=0;")))
            return true;
    return false;
}

static void what_was_there_before_goes(void **state)
{
    header_list headers;

    write_all(*state, "s.0=a; s.1=b; s.2=c; t=d; s.x=e", STR("short"), &headers);
    assert_int_equal(headers.count, 4);
    assert_true(removed(&headers, "s.0=;") && removed(&headers, "s.1=;") && removed(&headers, "s.2=;"));
    write_all(*state, "s=a; s.1=b; s.2=c", unit_repeat(*state, 'v', COOKIE_SIZE_MAX + 1), &headers);
    assert_int_equal(headers.count, 4);
    assert_true(removed(&headers, "s=;") && removed(&headers, "s.2=;") && !removed(&headers, "s.1=;"));
    write_all(*state, "s=a; s.0=b; s.4=c; s.5=d", STR(""), &headers);
    assert_int_equal(headers.count, 3);
    assert_true(removed(&headers, "s=;") && removed(&headers, "s.0=;") && removed(&headers, "s.4=;"));
    write_all(*state, "other=a", STR(""), &headers);
    assert_int_equal(headers.count, 0);
}

static void what_is_read(void **state)
{
    gate_str got;

    assert_false(seal_cookie_read(*state, STR(""), STR("s"), &got));
    assert_false(seal_cookie_read(*state, STR("s="), STR("s"), &got));
    assert_false(seal_cookie_read(*state, STR("s.1=b"), STR("s"), &got));
    assert_false(seal_cookie_read(*state, STR("ss=b; s.00=c"), STR("s"), &got));
    assert_true(seal_cookie_read(*state, STR("s.1=b; s.0=a; s.3=d"), STR("s"), &got));
    assert_str(got, STR("ab"));
    assert_true(seal_cookie_read(*state, STR("s.0=0; s.1=1; s.2=2; s.3=3; s.4=4; s.5=5"), STR("s"), &got));
    assert_str(got, STR("01234"));
    assert_true(seal_cookie_read(*state, STR("s.0=x; s=whole"), STR("s"), &got));
    assert_str(got, STR("whole"));
    assert_false(seal_cookie_read(
        *state, unit_join(*state, "s.0=", arena_copy(*state, unit_repeat(*state, 'v', 60000)).ptr, NULL), STR("s"),
        &got));
}

static void ring_is_bounded_and_purposes_differ(void **state)
{
    seal_ring ring = {0}, other = {0};

    (void)state;
    for (size_t i = 0; i < SEAL_SECRETS_MAX; i++)
        assert_true(seal_ring_add(&ring, str_part(STR("secret secret"), 0, i + 2), STR("one")));
    assert_false(seal_ring_add(&ring, STR("one too many"), STR("one")));
    assert_int_equal(ring.count, SEAL_SECRETS_MAX);
    for (size_t i = 1; i < SEAL_SECRETS_MAX; i++)
        assert_memory_not_equal(ring.keys[0].bytes, ring.keys[i].bytes, SEAL_KEY_SIZE);
    assert_true(seal_ring_add(&other, STR("se"), STR("two")));
    assert_memory_not_equal(ring.keys[0].bytes, other.keys[0].bytes, SEAL_KEY_SIZE);
    other.count = 0;
    assert_true(seal_ring_add(&other, STR("se"), STR("one")));
    assert_memory_equal(ring.keys[0].bytes, other.keys[0].bytes, SEAL_KEY_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_length_comes_back),
        TEST(too_long_is_refused),
        TEST(what_was_there_before_goes),
        TEST(what_is_read),
        TEST(ring_is_bounded_and_purposes_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
