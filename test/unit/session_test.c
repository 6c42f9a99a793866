/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: when they end, what a store and a cookie keep of them, and that no byte of it can be changed. */
#include "base/base64url.h"
#include "session/session.h"
#include "unit.h"

enum { HOUR = 3600, HANDLE = 32 };

static const unsigned char IV[SEAL_IV_SIZE] = {1, 2, 3};
static const session_head HEAD = {.created = 1000, .touched = 2000, .expires = 100000, .provider = "fifteen bytes.."};

static gate_str handle(arena *a, char c)
{
    return unit_exact(unit_repeat(a, c, HANDLE));
}

static gate_str write_record(arena *a, crypto *c, gate_str body)
{
    gate_str record;

    assert_true(session_record_write(a, c, handle(a, 'h'), IV, &HEAD, body, &record));
    return unit_exact(record);
}

static void ends_of_a_session(void **state)
{
    session_head head = {.created = 0, .touched = 1000, .expires = 3 * HOUR};

    (void)state;
    assert_true(session_is_alive(&head, 1000 + HOUR - 1, HOUR));
    assert_false(session_is_alive(&head, 1000 + HOUR, HOUR));
    assert_int_equal(session_ends(&head, HOUR), 1000 + HOUR);
    head.touched = 3 * HOUR - 10;
    assert_true(session_is_alive(&head, 3 * HOUR - 1, HOUR));
    assert_false(session_is_alive(&head, 3 * HOUR, HOUR));
    assert_int_equal(session_ends(&head, HOUR), 3 * HOUR);
}

static void use_is_written_down_now_and_then(void **state)
{
    session_head head = {.touched = 1000, .expires = 1000000};

    (void)state;
    assert_false(session_wants_touch(&head, 1299, 8 * HOUR));
    assert_true(session_wants_touch(&head, 1300, 8 * HOUR));
    assert_false(session_wants_touch(&head, 1005, 60));
    assert_true(session_wants_touch(&head, 1006, 60));
    head.expires = 1000 + HOUR; /* idle never comes first any more */
    assert_false(session_wants_touch(&head, 1000 + HOUR - 1, HOUR));
}

static void content_comes_back(void **state)
{
    session_content content = {
        .id_token = STR("e30.eyJzdWIiOiJhbGljZSIsImVtYWlsIjoiZmlyc3QifQ.sig"),
        .access_token = STR("at"),
        .refresh_token = STR("r\n\"\\\x01"),
        .expires_at = 77,
        .userinfo = STR("{\"email\":\"second\",\"nick\":[1,2]}"),
    };
    text t = text_begin(*state, 4096);
    session_facts facts;
    gate_str bytes;

    assert_true(session_content_write(&t, &content) && text_end(&t, &bytes));
    assert_true(session_content_read(*state, unit_exact(bytes), &facts));
    assert_str(facts.content.refresh_token, content.refresh_token);
    assert_str(facts.content.userinfo, content.userinfo);
    assert_int_equal(facts.content.expires_at, 77);
    assert_null(facts.content.scope.ptr);
    assert_str(session_claim(&facts, STR("sub"))->text, STR("alice"));
    assert_str(session_claim(&facts, STR("email"))->text, STR("first"));
    assert_int_equal(session_claim(&facts, STR("nick"))->type, JSON_ARRAY);
    assert_null(session_claim(&facts, STR("missing")));
}

static void content_that_is_none(void **state)
{
    static const char *const wrong[] = {
        "",
        "{}",
        "[]",
        "{\"id_token\":7}",
        "{\"id_token\":\"a\"}",
        "{\"id_token\":\"a.b.c\"}",
        "{\"id_token\":\"e30.W10.c\"}",
        "{\"id_token\":\"e30.e30.c\",\"access_token\":1}",
        "{\"id_token\":\"e30.e30.c\",\"expires_at\":-1}",
        "{\"id_token\":\"e30.e30.c\",\"scope\":null}",
    };
    session_facts facts;

    for (size_t i = 0; i < COUNT(wrong); i++)
        if (session_content_read(*state, unit_exact(str_of(wrong[i])), &facts))
            fail_msg("%s", wrong[i]);
    assert_true(session_content_read(*state, STR("{\"id_token\":\"e30.e30.c\"}"), &facts));
}

static void record_comes_back(void **state)
{
    gate_str body, record, touched;
    session_head head;
    crypto c;

    assert_true(crypto_open(&c));
    record = write_record(*state, &c, STR("the body"));
    assert_true(session_record_read(record, &head));
    assert_memory_equal(&head, &HEAD, sizeof head);
    assert_true(session_record_open(*state, &c, handle(*state, 'h'), record, &body));
    assert_str(body, STR("the body"));
    assert_true(session_record_touch(*state, record, 2345, &touched));
    assert_true(session_record_read(touched, &head));
    assert_int_equal(head.touched, 2345);
    assert_int_equal(head.created, HEAD.created);
    assert_true(session_record_open(*state, &c, handle(*state, 'h'), touched, &body));
    crypto_close(&c);
}

/* Any bit but those of `touched` (bytes 16 to 23): the body does not open. Another handle does not open it either. */
static void record_cannot_be_changed(void **state)
{
    gate_str body, record;
    crypto c;

    assert_true(crypto_open(&c));
    record = write_record(*state, &c, STR("the body"));
    for (size_t i = 0; i < record.len; i++) {
        ((char *)record.ptr)[i] ^= 0x40;
        assert_int_equal(session_record_open(*state, &c, handle(*state, 'h'), record, &body), i >= 16 && i < 24);
        ((char *)record.ptr)[i] ^= 0x40;
    }
    assert_false(session_record_open(*state, &c, handle(*state, 'i'), record, &body));
    assert_true(session_record_open(*state, &c, handle(*state, 'h'), record, &body));
    crypto_close(&c);
}

static void record_of_any_length(void **state)
{
    gate_str record, body, touched;
    session_head head;
    crypto c;

    assert_true(crypto_open(&c));
    record = write_record(*state, &c, STR(""));
    for (size_t n = 0; n < record.len; n++) {
        gate_str cut = unit_exact(str_part(record, 0, n));
        assert_false(session_record_read(cut, &head));
        assert_false(session_record_open(*state, &c, handle(*state, 'h'), cut, &body));
        assert_false(session_record_touch(*state, cut, 1, &touched));
    }
    assert_true(session_record_open(*state, &c, handle(*state, 'h'), record, &body));
    assert_int_equal(body.len, 0);
    ((char *)record.ptr)[0] = 2;
    assert_false(session_record_read(record, &head));
    crypto_close(&c);
}

static void key_hides_the_handle(void **state)
{
    char a[SESSION_KEY_SIZE], b[SESSION_KEY_SIZE];

    assert_true(session_store_key(handle(*state, 'h'), a));
    assert_true(session_store_key(handle(*state, 'i'), b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_false(str_contains((gate_str){a, sizeof a}, STR("hhhh")));
}

static void cookie_comes_back(void **state)
{
    seal_ring ring = {0}, other = {0}, attempts = {0};
    text t = text_begin(*state, 4096);
    session_head head;
    gate_str sealed, body;
    crypto c;

    assert_true(crypto_open(&c));
    assert_true(seal_ring_add(&ring, STR("secret one"), STR("JWE CEK")));
    assert_true(seal_ring_add(&other, STR("secret two"), STR("JWE CEK")));
    assert_true(seal_ring_add(&attempts, STR("secret one"), STR("gatewright attempt")));
    assert_true(session_cookie_write(*state, &c, &ring, IV, &HEAD, STR("{\"a\":1}"), &t) && text_end(&t, &sealed));
    sealed = unit_exact(sealed);
    assert_true(session_cookie_read(*state, &c, &ring, sealed, &head, &body));
    assert_memory_equal(&head, &HEAD, sizeof head);
    assert_str(body, STR("{\"a\":1}"));
    assert_false(session_cookie_read(*state, &c, &other, sealed, &head, &body));
    assert_false(session_cookie_read(*state, &c, &attempts, sealed, &head, &body));
    for (size_t i = 0; i < sealed.len; i++) {
        char *at = (char *)sealed.ptr + i, was = *at;
        *at = was == 'A' ? 'B' : 'A';
        assert_false(session_cookie_read(*state, &c, &ring, sealed, &head, &body));
        *at = was;
        assert_false(session_cookie_read(*state, &c, &ring, unit_exact(str_part(sealed, 0, i)), &head, &body));
    }
    crypto_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ends_of_a_session),    TEST(use_is_written_down_now_and_then),
        TEST(content_comes_back),   TEST(content_that_is_none),
        TEST(record_comes_back),    TEST(record_cannot_be_changed),
        TEST(record_of_any_length), TEST(key_hides_the_handle),
        TEST(cookie_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
