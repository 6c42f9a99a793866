/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on the form of a token, A1 to A10: serialization and encoding. */
#include "token.h"

static refusal check(arena *a, gate_str token)
{
    return token_check(a, token, TOKEN_ALGS, KEY_RSA);
}

static refusal check_parts(arena *a, const char *before, gate_str token, const char *behind)
{
    return check(a, unit_join(a, before, arena_copy(a, token).ptr, behind, NULL));
}

static void split(arena *a, gate_str token, const char *part[3])
{
    gate_str piece;

    for (size_t i = 0; i < 3; i++) {
        assert_true(str_cut(&token, '.', &piece));
        part[i] = arena_copy(a, piece).ptr;
    }
}

static void a00_the_token_is_good_otherwise(void **state)
{
    const char *part[3];

    assert_int_equal(check(*state, token_good(*state)), REFUSAL_none);
    split(*state, token_good(*state), part);
    assert_int_equal(check(*state, unit_join(*state, part[0], ".", part[1], ".", part[2], NULL)), REFUSAL_none);
}

static void a01_number_of_segments(void **state)
{
    static const char *const wrong[] = {"", ".", "..", "...", "a", "a.b", "a..b", "a.b.c.d", ".a.b"};
    const char *part[3];

    split(*state, token_good(*state), part);
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(check(*state, str_of(wrong[i])), REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, STR_NONE), REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, unit_join(*state, part[0], ".", part[1], NULL)), REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, unit_join(*state, part[0], ".", part[1], ".", NULL)), REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, unit_join(*state, part[0], "..", part[2], NULL)), REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, unit_join(*state, ".", part[1], ".", part[2], NULL)), REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, unit_join(*state, part[0], "..", part[1], ".", part[2], NULL)),
                     REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, unit_join(*state, part[0], ".", part[1], "..", part[2], NULL)),
                     REFUSAL_jwt_malformed);
    assert_int_equal(check_parts(*state, "", token_good(*state), "."), REFUSAL_jwt_malformed);
    assert_int_equal(check_parts(*state, "", token_good(*state), ".x"), REFUSAL_jwt_malformed);
    assert_int_equal(check_parts(*state, "", token_good(*state), "..x"), REFUSAL_jwt_malformed);
}

/* Refused by its size, before any memory is taken. */
static void a02_very_long(void **state)
{
    refusal why = REFUSAL_none;
    arena none;
    jws t;

    arena_open(&none, 0);
    assert_false(jws_read(&none, unit_repeat(*state, '.', 1000000), TOKEN_ALGS, &t, &why));
    assert_int_equal(why, REFUSAL_jwt_malformed);
    why = REFUSAL_none;
    assert_false(jws_read(&none, unit_repeat(*state, 'A', 16000000), TOKEN_ALGS, &t, &why));
    assert_int_equal(why, REFUSAL_jwt_malformed);
    assert_null(none.first);
    arena_close(&none);
    assert_int_equal(
        check_parts(*state, "", token_good(*state), arena_copy(*state, unit_repeat(*state, 'A', JWS_SIZE_MAX)).ptr),
        REFUSAL_jwt_malformed);
}

/* Each variant of each segment. */
static void check_variants(arena *a, const char *const behind[], size_t count)
{
    const char *part[3];

    split(a, token_good(a), part);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(check(a, unit_join(a, part[0], behind[i], ".", part[1], ".", part[2], NULL)),
                         REFUSAL_jwt_malformed);
        assert_int_equal(check(a, unit_join(a, part[0], ".", part[1], behind[i], ".", part[2], NULL)),
                         REFUSAL_jwt_malformed);
        assert_int_equal(check(a, unit_join(a, part[0], ".", part[1], ".", part[2], behind[i], NULL)),
                         REFUSAL_jwt_malformed);
        assert_int_equal(check(a, unit_join(a, behind[i], part[0], ".", part[1], ".", part[2], NULL)),
                         REFUSAL_jwt_malformed);
    }
}

static void a03_padding(void **state)
{
    static const char *const padding[] = {"=", "==", "===", "=GARBAGE", "=A", "%3D"};

    check_variants(*state, padding, COUNT(padding));
}

static void a04_the_other_alphabet(void **state)
{
    gate_str token =
        token_make(*state, KEY_RSA, ALG_RS256, "{\"alg\":\"RS256\"}", "{\"sub\":\"\xc3\xbf\xc3\xbe~~~?>?>?>\"}");
    bool changed = false;

    token = arena_copy(*state, token);
    assert_int_equal(check(*state, token), REFUSAL_none);
    for (size_t i = 0; i < token.len; i++) {
        char c = token.ptr[i];
        if (c != '-' && c != '_')
            continue;
        changed = true;
        ((char *)token.ptr)[i] = c == '-' ? '+' : '/';
        assert_int_equal(check(*state, token), REFUSAL_jwt_malformed);
        ((char *)token.ptr)[i] = c;
    }
    assert_true(changed);
}

static void a05_bytes_outside_the_alphabet(void **state)
{
    static const char *const foreign[] = {" ",    "\t",           "\n",  "\r\n", "?", "####", ",",
                                          "\x80", "\xef\xbb\xbf", "%20", "\"",   "'", "~",    "*"};
    gate_str token = arena_copy(*state, token_good(*state));

    check_variants(*state, foreign, COUNT(foreign));
    for (size_t i = 0; i < token.len; i++) { /* NUL anywhere */
        char c = token.ptr[i];
        ((char *)token.ptr)[i] = '\0';
        assert_int_equal(check(*state, token), REFUSAL_jwt_malformed);
        ((char *)token.ptr)[i] = c;
    }
    assert_int_equal(check(*state, (gate_str){token.ptr, token.len + 1}), REFUSAL_jwt_malformed); /* and one behind */
}

static void a06_length_of_one_mod_four(void **state)
{
    const jwk *key = token_key(KEY_RSA);
    gate_str header = token_segment(*state, STR("{\"alg\":\"RS256\"}"));

    assert_int_equal(header.len % 4, 0);
    assert_int_equal(
        check(*state, token_sign_segments(*state, key, ALG_RS256,
                                          unit_join(*state, arena_copy(*state, header).ptr, "A", NULL), STR("e30"))),
        REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, token_sign_segments(*state, key, ALG_RS256, header, STR("e30AA"))),
                     REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, token_sign_segments(*state, key, ALG_RS256, header, STR("A"))),
                     REFUSAL_jwt_malformed);
}

/* "e30" is {}, and so would "e31" be for a decoder that drops the bits. Signed as they stand. */
static void a07_unused_bits(void **state)
{
    const jwk *key = token_key(KEY_RSA);
    gate_str header = token_segment(*state, STR("{\"alg\":\"RS256\" }")), good = token_good(*state), last;

    assert_int_equal(header.len % 4, 2);
    assert_int_equal(check(*state, token_sign_segments(*state, key, ALG_RS256, header, STR("e30"))), REFUSAL_none);
    assert_int_equal(check(*state, token_sign_segments(*state, key, ALG_RS256, header, STR("e31"))),
                     REFUSAL_jwt_malformed);
    header = arena_copy(*state, header);
    ((char *)header.ptr)[header.len - 1]++;
    assert_int_equal(check(*state, token_sign_segments(*state, key, ALG_RS256, header, STR("e30"))),
                     REFUSAL_jwt_malformed);
    last = arena_copy(*state, good);
    assert_int_equal(256 % 3, 1); /* two characters for the last byte, four bits unused */
    ((char *)last.ptr)[last.len - 1]++;
    assert_int_equal(check(*state, last), REFUSAL_jwt_malformed);
}

static void a08_json_serialization(void **state)
{
    const char *part[3];
    gate_str flat, general;

    split(*state, token_good(*state), part);
    flat = unit_join(*state, "{\"protected\":\"", part[0], "\",\"payload\":\"", part[1], "\",\"signature\":\"", part[2],
                     "\"}", NULL);
    general = unit_join(*state, "{\"payload\":\"", part[1], "\",\"signatures\":[{\"protected\":\"", part[0],
                        "\",\"signature\":\"", part[2], "\"}]}", NULL);
    assert_int_equal(check(*state, flat), REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, general), REFUSAL_jwt_malformed);
    assert_int_equal(check_parts(*state, " ", flat, ""), REFUSAL_jwt_malformed);
}

/* Split at the dots, this is a signed token behind some JSON; read as JSON, it says something else. */
static void a09_polyglot(void **state)
{
    const char *part[3], *forged = arena_copy(*state, token_segment(*state, STR("{\"sub\":\"mallory\"}"))).ptr;

    split(*state, token_good(*state), part);
    assert_int_equal(
        check(*state, unit_join(*state, "{\"  ", part[0], ".", forged, ".\":\"x\",\"protected\":\"", part[0],
                                "\",\"payload\":\"", part[1], "\",\"signature\":\"", part[2], "\"}", NULL)),
        REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, unit_join(*state, part[0], ".", forged, ".", part[1], ".", part[2], NULL)),
                     REFUSAL_jwt_malformed);
    assert_int_equal(check(*state, unit_join(*state, part[0], ".", forged, ".", part[2], NULL)), REFUSAL_jwt_signature);
}

/* The payload comes from the very bytes that were hashed. */
static void a09_payload_and_input_are_one(void **state)
{
    gate_str token = unit_exact(token_good(*state));
    refusal why = REFUSAL_none;
    jws t;

    assert_true(jws_read(*state, token, TOKEN_ALGS, &t, &why));
    assert_ptr_equal(t.input.ptr, token.ptr);
    assert_str(t.payload, STR("{\"sub\":\"alice\"}"));
}

static void a10_encrypted_token(void **state)
{
    gate_str header = token_segment(*state, STR("{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}"));

    assert_int_equal(check_parts(*state, "", header, ".AAAA.AAAA.AAAA.AAAA"), REFUSAL_jwt_malformed);
    assert_int_equal(check_parts(*state, "", header, "..AAAA.AAAA.AAAA"), REFUSAL_jwt_malformed);
    assert_int_equal(check_parts(*state, "", token_good(*state), ".AAAA.AAAA"), REFUSAL_jwt_malformed);
    assert_int_equal(
        check(*state, token_make(*state, KEY_RSA, ALG_RS256, "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}", "{}")),
        REFUSAL_jwt_alg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a00_the_token_is_good_otherwise),
        TEST(a01_number_of_segments),
        TEST(a02_very_long),
        TEST(a03_padding),
        TEST(a04_the_other_alphabet),
        TEST(a05_bytes_outside_the_alphabet),
        TEST(a06_length_of_one_mod_four),
        TEST(a07_unused_bits),
        TEST(a08_json_serialization),
        TEST(a09_polyglot),
        TEST(a09_payload_and_input_are_one),
        TEST(a10_encrypted_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
