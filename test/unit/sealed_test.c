/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64url.h"
#include "jose/sealed.h"
#include "unit.h"

#include <openssl/err.h>

static crypto c;
static const sealed_key OLD = {"0123456789abcdef0123456789abcde"}, NEW = {"fedcba9876543210fedcba987654321"};
static const unsigned char IV[SEAL_IV_SIZE] = "initvector.";

static int open_crypto(void **state)
{
    (void)state;
    return crypto_open(&c) ? 0 : -1;
}

static int close_crypto(void **state)
{
    (void)state;
    crypto_close(&c);
    return 0;
}

static gate_str seal(arena *a, const sealed_key *key, gate_str members, gate_str plain)
{
    text t = text_begin(a, 1 << 20);
    gate_str s;

    assert_true(sealed_write(a, &c, &t, key, IV, members, plain));
    assert_true(text_end(&t, &s));
    return s;
}

static bool opens(arena *a, gate_str sealed)
{
    const json *header = NULL;
    gate_str plain;
    bool good = sealed_read(a, &c, unit_exact(sealed), &OLD, 1, &header, &plain);

    assert_int_equal(ERR_peek_error(), 0);
    return good;
}

static void there_and_back(void **state)
{
    const gate_str plains[] = {STR(""), STR("x"), STR("{\"sub\":\"a\"}"), unit_repeat(*state, 'p', 70000)};

    for (size_t i = 0; i < COUNT(plains); i++) {
        gate_str sealed = seal(*state, &OLD, STR(",\"iat\":5"), plains[i]), plain;
        const json *header;
        assert_true(sealed_read(*state, &c, unit_exact(sealed), &OLD, 1, &header, &plain));
        assert_str(plain, plains[i]);
        assert_str(header->text, STR("{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"iat\":5}"));
    }
}

static void keys_are_tried_in_turn(void **state)
{
    const sealed_key keys[] = {NEW, OLD};
    gate_str sealed = seal(*state, &OLD, STR_NONE, STR("text")), plain;
    const json *header;

    assert_true(sealed_read(*state, &c, sealed, keys, 2, &header, &plain));
    assert_str(plain, STR("text"));
    assert_false(sealed_read(*state, &c, sealed, keys, 1, &header, &plain));
    assert_false(sealed_read(*state, &c, sealed, keys, 0, &header, &plain));
}

static void no_byte_may_change(void **state)
{
    gate_str sealed = arena_copy(*state, seal(*state, &OLD, STR_NONE, STR("some text")));

    assert_true(opens(*state, sealed));
    for (size_t i = 0; i < sealed.len; i++) {
        char *byte = (char *)sealed.ptr + i, before = *byte;
        for (const char *other = "AQgw_.= "; *other; other++) {
            *byte = *other;
            assert_int_equal(opens(*state, sealed), *other == before);
        }
        *byte = before;
    }
    assert_false(opens(*state, str_part(sealed, 0, sealed.len - 1)));
    assert_false(opens(*state, unit_join(*state, sealed.ptr, "A", NULL)));
    assert_false(opens(*state, unit_join(*state, sealed.ptr, ".", NULL)));
    assert_false(opens(*state, unit_join(*state, "A", sealed.ptr, NULL)));
}

static void form_is_strict(void **state)
{
    static const gate_str wrong[] = {STR_INIT(""),       STR_INIT("."),     STR_INIT("...."),
                                     STR_INIT("....."),  STR_INIT("a.b.c"), STR_INIT("e30..AAAA.AAAA.AAAA"),
                                     STR_INIT("e30....")};

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(opens(*state, wrong[i]));
    assert_false(opens(*state, STR_NONE));
    assert_false(opens(*state, unit_repeat(*state, '.', 1000000)));
}

/* Sealed with the right key over whatever header. */
static bool opens_with_header(arena *a, const char *header, gate_str iv, size_t tag_size)
{
    text aad_text = text_begin(a, 4096), t = text_begin(a, 8192);
    unsigned char out[4], tag[SEAL_TAG_SIZE];
    gate_str aad, sealed;

    base64url_write(&aad_text, str_of(header));
    assert_true(text_end(&aad_text, &aad));
    assert_true(crypto_seal(&c, OLD.bytes, IV, aad, STR("text"), out, tag));
    text_add(&t, aad);
    text_add(&t, STR(".."));
    base64url_write(&t, iv);
    text_add_char(&t, '.');
    base64url_write(&t, (gate_str){(char *)out, sizeof out});
    text_add_char(&t, '.');
    base64url_write(&t, (gate_str){(char *)tag, tag_size});
    assert_true(text_end(&t, &sealed));
    return opens(a, sealed);
}

static void header_is_ours_alone(void **state)
{
    static const char *const wrong[] = {"{}",
                                        "{\"alg\":\"dir\"}",
                                        "{\"enc\":\"A256GCM\"}",
                                        "{\"alg\":\"DIR\",\"enc\":\"A256GCM\"}",
                                        "{\"alg\":\"dir\",\"enc\":\"A128GCM\"}",
                                        "{\"alg\":\"A256KW\",\"enc\":\"A256GCM\"}",
                                        "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}",
                                        "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"crit\":[\"x\"]}",
                                        "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"enc\":\"A256GCM\"}",
                                        "{\"alg\":[\"dir\"],\"enc\":\"A256GCM\"}",
                                        "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}x",
                                        "[]"};
    gate_str iv = {(const char *)IV, sizeof IV};

    assert_true(opens_with_header(*state, "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", iv, SEAL_TAG_SIZE));
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(opens_with_header(*state, wrong[i], iv, SEAL_TAG_SIZE));
}

static void iv_and_tag_have_their_full_size(void **state)
{
    static const char header[] = "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}";
    gate_str iv = {(const char *)IV, sizeof IV};

    for (size_t n = 0; n < SEAL_TAG_SIZE; n++)
        assert_false(opens_with_header(*state, header, iv, n));
    for (size_t n = 0; n < sizeof IV; n++)
        assert_false(opens_with_header(*state, header, str_part(iv, 0, n), SEAL_TAG_SIZE));
    assert_false(opens_with_header(*state, header, STR("initvector.\0\0\0\0\0"), SEAL_TAG_SIZE));
}

static void what_does_not_fit_fails(void **state)
{
    char small[64];
    text t = text_begin_at(small, sizeof small);

    assert_false(sealed_write(*state, &c, &t, &OLD, IV, STR_NONE, STR("some text")));
    t = text_begin(*state, 1 << 16);
    assert_false(sealed_write(*state, &c, &t, &OLD, IV, unit_repeat(*state, ' ', 2000), STR("some text")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(there_and_back),          TEST(keys_are_tried_in_turn), TEST(no_byte_may_change),
        TEST(form_is_strict),          TEST(header_is_ours_alone),   TEST(iv_and_tag_have_their_full_size),
        TEST(what_does_not_fit_fails),
    };

    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
