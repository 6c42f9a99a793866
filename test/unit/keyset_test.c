/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/keyset.h"
#include "rfc.h"
#include "token.h"

#include <openssl/err.h>

#include <pthread.h>

static keyset *read(gate_str document)
{
    keyset *set = keyset_read(unit_exact(document));

    assert_int_equal(ERR_peek_error(), 0);
    return set;
}

static size_t find(const keyset *set, alg_set alg, gate_str kid, const jwk **first)
{
    const jwk *found[KEYSET_TRY_MAX] = {NULL};
    bool ambiguous;
    size_t n = keyset_find(set, alg, kid, found, &ambiguous);

    assert_false(ambiguous);
    if (first != NULL)
        *first = found[0];
    return n;
}

static bool is_ambiguous(const keyset *set, alg_set alg, gate_str kid)
{
    const jwk *found[KEYSET_TRY_MAX];
    bool ambiguous;

    assert_int_equal(keyset_find(set, alg, kid, found, &ambiguous), 0);
    return ambiguous;
}

static void rfc7517_example(void **state)
{
    keyset *set = read(STR(RFC7517_A1_SET));
    const jwk *key;

    (void)state;
    assert_non_null(set);
    assert_int_equal(keyset_count(set), 1); /* the other is for encryption */
    assert_int_equal(find(set, ALG_RS256, STR("2011-04-29"), &key), 1);
    assert_ptr_equal(key, keyset_at(set, 0));
    assert_int_equal(key->algs, ALG_RS256);
    assert_null(keyset_at(set, 1));
    assert_int_equal(find(set, ALG_ES256, STR("1"), NULL), 0);
    assert_int_equal(find(set, ALG_PS256, STR("2011-04-29"), NULL), 0);
    assert_int_equal(find(set, ALG_RS256, STR("2011-04-30"), NULL), 0);
    assert_int_equal(find(set, ALG_RS256, STR(""), NULL), 0);
    assert_int_equal(find(set, ALG_RS256, STR_NONE, NULL), 1);
    keyset_release(set);
}

static void document_may_go(void **state)
{
    gate_str key = token_public(*state, KEY_P256, "\"kid\":\"k\\u0031\""), document;
    keyset *set;
    const jwk *found;

    document = arena_copy(*state, token_set(*state, &key, NULL));
    set = keyset_read(document);
    memset((char *)document.ptr, 'x', document.len);
    assert_int_equal(find(set, ALG_ES256, STR("k1"), &found), 1);
    assert_str(found->kid, STR("k1"));
    keyset_release(set);
}

static void unusable_keys_are_passed_over(void **state)
{
    gate_str good = token_public(*state, KEY_ED25519, "\"kid\":\"g\""), unknown = STR("{\"kty\":\"XYZ\"}"),
             own = token_private(*state, KEY_RSA);
    gate_str secret = STR("{\"kty\":\"oct\",\"kid\":\"g\",\"k\":\"" RFC7515_A1_K "\"}"), number = STR("5"),
             nothing = STR("null");
    gate_str encrypting = token_public(*state, KEY_RSA, "\"use\":\"enc\",\"kid\":\"g\"");
    keyset *set = read(token_set(*state, &unknown, &own, &secret, &good, &number, &nothing, &encrypting, NULL));

    assert_non_null(set);
    assert_int_equal(keyset_count(set), 1);
    assert_int_equal(find(set, ALG_EDDSA, STR("g"), NULL), 1);
    assert_int_equal(find(set, ALG_HS256, STR("g"), NULL), 0);
    assert_int_equal(find(set, ALG_HS256, STR_NONE, NULL), 0);
    keyset_release(set);
    assert_null(read(token_set(*state, &unknown, &own, &secret, NULL)));
}

static void what_is_no_key_set(void **state)
{
    static const gate_str wrong[] = {STR_INIT(""),
                                     STR_INIT("{}"),
                                     STR_INIT("[]"),
                                     STR_INIT("null"),
                                     STR_INIT("{\"keys\":[]}"),
                                     STR_INIT("{\"keys\":{}}"),
                                     STR_INIT("{\"keys\":null}"),
                                     STR_INIT("{\"keys\":\"\"}"),
                                     STR_INIT("{\"keys\":[5]}"),
                                     STR_INIT("{\"keys\":[[]]}"),
                                     STR_INIT("<html><body>Not Found</body></html>"),
                                     STR_INIT("{\"keys\":[{}]}"),
                                     STR_INIT("{\"KEYS\":[]}"),
                                     STR_INIT(RFC7517_A1_SET "x"),
                                     STR_INIT("\xef\xbb\xbf" RFC7517_A1_SET)};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_null(read(wrong[i]));
    assert_null(keyset_read(STR_NONE));
    assert_null(read(STR("{\"keys\":[],\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\"}]}")));
    keyset_release(NULL);
}

static gate_str many(arena *a, size_t count, const char *key)
{
    text t = text_begin(a, 8 * 1024 * 1024);
    gate_str s;

    text_add(&t, STR("{\"keys\":["));
    for (size_t i = 0; i < count; i++) {
        text_add(&t, i > 0 ? STR(",") : STR(""));
        text_add(&t, str_of(key));
    }
    text_add(&t, STR("]}"));
    assert_true(text_end(&t, &s));
    return s;
}

static void a_hundred_keys_and_no_more(void **state)
{
    static const char key[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\",\"kid\":\"a\"}";
    keyset *set = read(many(*state, KEYSET_MAX, key));

    assert_int_equal(keyset_count(set), KEYSET_MAX);
    keyset_release(set);
    assert_null(read(many(*state, KEYSET_MAX + 1, key)));
    assert_null(read(many(*state, 10000, key)));
    assert_null(read(many(*state, 10000, "{}")));
}

static void largest_document_and_one_byte_more(void **state)
{
    gate_str key = token_public(*state, KEY_P256, ""), small = token_set(*state, &key, NULL);
    gate_str spaces = arena_copy(*state, unit_repeat(*state, ' ', KEYSET_SIZE_MAX - small.len));
    gate_str largest = unit_join(*state, arena_copy(*state, small).ptr, spaces.ptr, NULL);
    keyset *set = read(largest);

    assert_int_equal(largest.len, KEYSET_SIZE_MAX);
    assert_non_null(set);
    keyset_release(set);
    assert_null(read(unit_join(*state, arena_copy(*state, largest).ptr, " ", NULL)));
}

static void kid_twice_is_ambiguous(void **state)
{
    gate_str a = token_public(*state, KEY_RSA, "\"kid\":\"k\""),
             b = token_public(*state, KEY_RSA_OTHER, "\"kid\":\"k\"");
    gate_str ec = token_public(*state, KEY_P256, "\"kid\":\"k\"");
    keyset *set = read(token_set(*state, &a, &ec, &b, NULL));

    assert_true(is_ambiguous(set, ALG_RS256, STR("k")));
    assert_int_equal(find(set, ALG_ES256, STR("k"), NULL), 1); /* another kty of that kid is none */
    assert_int_equal(find(set, ALG_RS256, STR_NONE, NULL), 2);
    keyset_release(set);
}

static void without_kid_a_few_keys_may_be_tried(void **state)
{
    static const char one[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\"}";
    keyset *set = read(many(*state, KEYSET_TRY_MAX, one));

    assert_int_equal(find(set, ALG_EDDSA, STR_NONE, NULL), KEYSET_TRY_MAX);
    assert_int_equal(find(set, ALG_EDDSA, STR("k"), NULL), 0); /* a kid fits only a key that has it */
    assert_int_equal(find(set, ALG_EDDSA, STR(""), NULL), 0);
    keyset_release(set);
    set = read(many(*state, KEYSET_TRY_MAX + 1, one));
    assert_true(is_ambiguous(set, ALG_EDDSA, STR_NONE));
    assert_int_equal(find(set, ALG_ES256, STR_NONE, NULL), 0);
    keyset_release(set);
}

static void kid_is_compared_byte_by_byte(void **state)
{
    gate_str key = token_public(*state, KEY_P256, "\"kid\":\"key-1\"");
    keyset *set = read(token_set(*state, &key, NULL));
    static const gate_str other[] = {STR_INIT("key-"),   STR_INIT("key-11"),  STR_INIT("KEY-1"),
                                     STR_INIT(" key-1"), STR_INIT("key-1\0"), STR_INIT("")};

    for (size_t i = 0; i < COUNT(other); i++)
        assert_int_equal(find(set, ALG_ES256, other[i], NULL), 0);
    assert_int_equal(find(set, ALG_ES256, STR("key-1"), NULL), 1);
    keyset_release(set);
}

static void *hold_and_release(void *set)
{
    for (int i = 0; i < 20000; i++)
        keyset_release(keyset_hold(set));
    keyset_release(set);
    return NULL;
}

static void threads_share_a_set(void **state)
{
    keyset *set = read(STR(RFC7517_A1_SET));
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hold_and_release, keyset_hold(set)), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(keyset_count(set), 1); /* AddressSanitizer would tell */
    keyset_release(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rfc7517_example),
        TEST(document_may_go),
        TEST(unusable_keys_are_passed_over),
        TEST(what_is_no_key_set),
        TEST(a_hundred_keys_and_no_more),
        TEST(largest_document_and_one_byte_more),
        TEST(kid_twice_is_ambiguous),
        TEST(without_kid_a_few_keys_may_be_tried),
        TEST(kid_is_compared_byte_by_byte),
        TEST(threads_share_a_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
