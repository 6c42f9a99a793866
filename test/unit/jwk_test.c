/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys from outside: what is taken, and what is refused before libcrypto sees it. */
#include "jose/jwk.h"
#include "rfc.h"
#include "token.h"

#include <openssl/err.h>

static bool accepts(arena *a, gate_str document)
{
    const json *node = json_read_object(a, unit_exact(document));
    jwk key = {0};
    bool good = jwk_read_public(a, node, &key);

    assert_non_null(node);
    assert_int_equal(good, key.key != NULL);
    assert_int_equal(good, key.algs != 0);
    jwk_drop(&key);
    assert_null(key.key);
    assert_int_equal(ERR_peek_error(), 0);
    return good;
}

static bool accepts_text(arena *a, const char *document)
{
    return accepts(a, str_of(document));
}

static void every_type_knows_its_algs(void **state)
{
    static const struct {
        key_name name;
        alg_set algs;
        size_t size;
    } each[] = {{KEY_RSA, ALG_RSA, 256},
                {KEY_P256, ALG_ES256, 64},
                {KEY_P384, ALG_ES384, 96},
                {KEY_P521, ALG_ES512, 132},
                {KEY_ED25519, ALG_EDDSA | ALG_ED25519, 64},
                {KEY_ED448, ALG_EDDSA | ALG_ED448, 114}};

    for (size_t i = 0; i < COUNT(each); i++) {
        jwk key;
        assert_true(jwk_read_public(
            *state, json_read_object(*state, token_public(*state, each[i].name, "\"kid\":\"k\"")), &key));
        assert_int_equal(key.algs, each[i].algs);
        assert_int_equal(key.signature_size, each[i].size);
        assert_str(key.kid, STR("k"));
        assert_null(key.octets.ptr);
        jwk_drop(&key);
    }
}

static void alg_of_the_key_binds(void **state)
{
    static const struct {
        key_name name;
        const char *member;
        alg_set algs;
    } each[] = {{KEY_RSA, "\"alg\":\"PS384\"", ALG_PS384},
                {KEY_P256, "\"alg\":\"ES256\"", ALG_ES256},
                {KEY_ED25519, "\"alg\":\"EdDSA\"", ALG_EDDSA},
                {KEY_ED25519, "\"alg\":\"Ed25519\"", ALG_ED25519},
                {KEY_P256, "\"alg\":\"ES384\"", 0},
                {KEY_P256, "\"alg\":\"RS256\"", 0},
                {KEY_ED25519, "\"alg\":\"Ed448\"", 0},
                {KEY_RSA, "\"alg\":\"RSA-OAEP\"", 0},
                {KEY_RSA, "\"alg\":\"HS256\"", 0},
                {KEY_RSA, "\"alg\":\"none\"", 0},
                {KEY_RSA, "\"alg\":\"rs256\"", 0},
                {KEY_RSA, "\"alg\":\"\"", 0},
                {KEY_RSA, "\"alg\":null", 0},
                {KEY_RSA, "\"alg\":[\"RS256\"]", 0}};

    for (size_t i = 0; i < COUNT(each); i++) {
        jwk key;
        bool good =
            jwk_read_public(*state, json_read_object(*state, token_public(*state, each[i].name, each[i].member)), &key);
        assert_int_equal(good, each[i].algs != 0);
        assert_int_equal(key.algs, each[i].algs);
        jwk_drop(&key);
    }
}

static void use_and_key_ops_must_allow_verifying(void **state)
{
    static const struct {
        const char *member;
        bool good;
    } each[] = {{"\"use\":\"sig\"", true},
                {"\"use\":\"enc\"", false},
                {"\"use\":\"\"", false},
                {"\"use\":null", false},
                {"\"use\":[\"sig\"]", false},
                {"\"key_ops\":[\"verify\"]", true},
                {"\"key_ops\":[\"sign\",\"verify\"]", true},
                {"\"key_ops\":[\"sign\"]", false},
                {"\"key_ops\":[\"encrypt\"]", false},
                {"\"key_ops\":[]", false},
                {"\"key_ops\":\"verify\"", false},
                {"\"key_ops\":[\"verify\",1]", false},
                {"\"key_ops\":null", false},
                {"\"use\":\"sig\",\"key_ops\":[\"encrypt\"]", false},
                {"\"kid\":1", false},
                {"\"kid\":null", false},
                {"\"x5c\":[\"AAAA\"]", false},
                {"\"x5u\":\"http://127.0.0.1/\",\"x5t\":5,\"ext\":true", true}};

    for (size_t i = 0; i < COUNT(each); i++)
        assert_int_equal(accepts(*state, token_public(*state, KEY_P256, each[i].member)), each[i].good);
}

static void kid_has_a_size(void **state)
{
    const char *longest = arena_copy(*state, unit_repeat(*state, 'k', JWK_KID_MAX)).ptr;

    assert_true(
        accepts(*state, token_public(*state, KEY_P256,
                                     arena_copy(*state, unit_join(*state, "\"kid\":\"", longest, "\"", NULL)).ptr)));
    assert_false(
        accepts(*state, token_public(*state, KEY_P256,
                                     arena_copy(*state, unit_join(*state, "\"kid\":\"", longest, "k\"", NULL)).ptr)));
}

static void private_members_are_refused(void **state)
{
    static const char *const members[] = {"\"d\":\"AQ\"",  "\"p\":\"AQ\"",  "\"q\":\"AQ\"", "\"dp\":\"AQ\"",
                                          "\"dq\":\"AQ\"", "\"qi\":\"AQ\"", "\"oth\":[]",   "\"k\":\"AAAA\"",
                                          "\"d\":null",    "\"d\":\"\""};

    for (size_t i = 0; i < COUNT(members); i++) {
        assert_false(accepts(*state, token_public(*state, KEY_RSA, members[i])));
        assert_false(accepts(*state, token_public(*state, KEY_P256, members[i])));
        assert_false(accepts(*state, token_public(*state, KEY_ED25519, members[i])));
    }
    assert_false(accepts(*state, token_private(*state, KEY_RSA)));
    assert_false(accepts(*state, token_private(*state, KEY_ED25519)));
}

static void unknown_types_are_refused(void **state)
{
    jwk key;

    assert_false(accepts_text(*state, "{}"));
    assert_false(accepts_text(*state, "{\"kty\":null}"));
    assert_false(accepts_text(*state, "{\"kty\":\"oct\",\"k\":\"" RFC7515_A1_K "\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"rsa\",\"n\":\"" RFC7515_A2_N "\",\"e\":\"AQAB\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AAAA\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"RSA\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_X
                                      "\",\"y\":\"" RFC7515_A3_Y "\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"EC\",\"n\":\"" RFC7515_A2_N "\",\"e\":\"AQAB\"}"));
    assert_false(jwk_read_public(*state, NULL, &key));
    assert_false(jwk_read_public(*state, json_read_object(*state, STR("{\"a\":[]}"))->child, &key));
    jwk_drop(&key);
}

/* A modulus of `size` bytes ff, but for the first and the last. */
static gate_str rsa_key(arena *a, size_t size, int first, int last, const char *e)
{
    gate_str n = unit_repeat(a, (char)0xff, size);

    ((char *)n.ptr)[0] = (char)first;
    ((char *)n.ptr)[size - 1] = (char)last;
    return unit_join(a, "{\"kty\":\"RSA\",\"n\":\"", arena_copy(a, token_segment(a, n)).ptr, "\",\"e\":\"", e, "\"}",
                     NULL);
}

static void rsa_modulus(void **state)
{
    assert_true(accepts(*state, rsa_key(*state, 256, 0x80, 0xff, "AQAB")));
    assert_true(accepts(*state, rsa_key(*state, 257, 0x01, 0xff, "AQAB")));
    assert_true(accepts(*state, rsa_key(*state, 1024, 0xff, 0xff, "AQAB")));
    assert_false(accepts(*state, rsa_key(*state, 1025, 0x01, 0xff, "AQAB")));
    assert_false(accepts(*state, rsa_key(*state, 256, 0x7f, 0xff, "AQAB"))); /* 2047 bits */
    assert_false(accepts(*state, rsa_key(*state, 128, 0xff, 0xff, "AQAB")));
    assert_false(accepts(*state, rsa_key(*state, 64, 0xff, 0xff, "AQAB")));
    assert_false(accepts(*state, rsa_key(*state, 2049, 0xff, 0xff, "AQAB")));
    assert_false(accepts(*state, rsa_key(*state, 257, 0x00, 0xff, "AQAB")));
    assert_false(accepts(*state, rsa_key(*state, 256, 0x80, 0xfe, "AQAB")));
    assert_false(accepts_text(*state, "{\"kty\":\"RSA\",\"n\":\"AA\",\"e\":\"AQAB\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"RSA\",\"n\":5,\"e\":\"AQAB\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"RSA\",\"e\":\"AQAB\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N "==\",\"e\":\"AQAB\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N "\"}"));
}

static void rsa_exponent(void **state)
{
    static const char *const good[] = {"Aw", "EQ", "AQAB", "_____w"};
    static const char *const wrong[] = {"",    "AQ",     "AA",      "Ag",           "BA",    "AQAA",
                                        "AAM", "AAEAAQ", "AQAAAAE", "AQAAAAAAAAAB", "AQAB=", "Aw=="};

    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(accepts(*state, rsa_key(*state, 256, 0xff, 0xff, good[i])));
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(accepts(*state, rsa_key(*state, 256, 0xff, 0xff, wrong[i])));
    assert_false(accepts_text(*state, "{\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N "\",\"e\":\"" RFC7515_A2_N "\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N "\",\"e\":65537}"));
}

static gate_str ec_key(arena *a, const char *crv, gate_str x, gate_str y)
{
    return unit_join(a, "{\"kty\":\"EC\",\"crv\":\"", crv, "\",\"x\":\"", arena_copy(a, token_segment(a, x)).ptr,
                     "\",\"y\":\"", arena_copy(a, token_segment(a, y)).ptr, "\"}", NULL);
}

static void ec_point(void **state)
{
    /* The prime of P-256: as a coordinate it would be zero. */
    static const char p[] =
        "\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
        "\xff\xff\xff\xff";
    gate_str zeros = unit_repeat(*state, 0, 32), ones = unit_repeat(*state, (char)0xff, 32), prime = {p, 32};

    assert_false(accepts(*state, ec_key(*state, "P-256", zeros, zeros)));
    assert_false(accepts(*state, ec_key(*state, "P-256", ones, ones)));
    assert_false(accepts(*state, ec_key(*state, "P-256", prime, prime)));
    assert_false(accepts(*state, ec_key(*state, "P-256", zeros, prime)));
    assert_false(accepts(*state, ec_key(*state, "P-256", unit_repeat(*state, 1, 32), unit_repeat(*state, 1, 32))));
    assert_false(accepts_text(*state, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_Y
                                      "\",\"y\":\"" RFC7515_A3_X "\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\",\"y\":\"\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_X "\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":\"" RFC7515_A3_Y "\"}"));
}

static void ec_coordinates_have_their_full_size(void **state)
{
    static const size_t sizes[] = {0, 1, 31, 33, 48, 64, 66, 500};

    for (size_t i = 0; i < COUNT(sizes); i++) {
        gate_str right = unit_repeat(*state, 1, 32), wrong = unit_repeat(*state, 1, sizes[i]);
        assert_false(accepts(*state, ec_key(*state, "P-256", right, wrong)));
        assert_false(accepts(*state, ec_key(*state, "P-256", wrong, right)));
        assert_false(accepts(*state, ec_key(*state, "P-256", wrong, wrong)));
    }
}

static void ec_curves(void **state)
{
    static const char *const wrong[] = {"P-384",      "P-521",     "p-256",  "P256", "secp256r1",
                                        "prime256v1", "secp256k1", "P-256K", "",     "P-256 "};

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(accepts(*state, unit_join(*state, "{\"kty\":\"EC\",\"crv\":\"", wrong[i], "\",\"x\":\"",
                                               RFC7515_A3_X, "\",\"y\":\"", RFC7515_A3_Y, "\"}", NULL)));
    assert_false(accepts_text(*state, "{\"kty\":\"EC\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y "\"}"));
}

static bool accepts_okp(arena *a, const char *crv, gate_str x)
{
    return accepts(a, unit_join(a, "{\"kty\":\"OKP\",\"crv\":\"", crv, "\",\"x\":\"",
                                arena_copy(a, token_segment(a, x)).ptr, "\"}", NULL));
}

/* y of every point of small order, and what stands for a value past the prime: each with both signs of x. */
static void edwards_points_of_small_order(void **state)
{
    static const char order8[2][33] = {
        "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
        "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a"};
    char x[32];

    for (int sign = 0; sign <= 0x80; sign += 0x80) {
        for (int y = 0; y < 2; y++) {
            memset(x, 0, sizeof x);
            x[0] = (char)y;
            x[31] = (char)sign;
            assert_false(accepts_okp(*state, "Ed25519", (gate_str){x, 32}));
            memcpy(x, order8[y], 32);
            x[31] = (char)(x[31] | sign);
            assert_false(accepts_okp(*state, "Ed25519", (gate_str){x, 32}));
        }
        for (int low = 0xec; low <= 0xff; low++) { /* p - 1, p, p + 1 ... 2^255 - 1 */
            memset(x, 0xff, sizeof x);
            x[0] = (char)low;
            x[31] = (char)(0x7f | sign);
            assert_false(accepts_okp(*state, "Ed25519", (gate_str){x, 32}));
        }
    }
    memset(x, 0xff, sizeof x);
    x[0] = (char)0xeb; /* p - 2 is the largest that may stand */
    x[31] = 0x7f;
    assert_true(accepts_okp(*state, "Ed25519", (gate_str){x, 32}));
}

static void edwards448_points_of_small_order(void **state)
{
    char x[57];

    for (int sign = 0; sign <= 0x80; sign += 0x80) {
        for (int y = 0; y < 2; y++) {
            memset(x, 0, sizeof x);
            x[0] = (char)y;
            x[56] = (char)sign;
            assert_false(accepts_okp(*state, "Ed448", (gate_str){x, 57}));
        }
        for (int low = 0xfe; low <= 0xff; low++) {
            memset(x, 0xff, sizeof x);
            x[0] = (char)low;
            x[28] = (char)0xfe;
            x[56] = (char)sign;
            assert_false(accepts_okp(*state, "Ed448", (gate_str){x, 57}));
        }
        memset(x, 1, sizeof x);
        x[56] = (char)(1 | sign); /* bits that must be zero */
        assert_false(accepts_okp(*state, "Ed448", (gate_str){x, 57}));
    }
}

static void edwards_sizes_and_curves(void **state)
{
    static const size_t sizes[] = {0, 1, 31, 33, 56, 57, 58, 64};
    gate_str good = unit_repeat(*state, 9, 32);

    for (size_t i = 0; i < COUNT(sizes); i++)
        assert_false(accepts_okp(*state, "Ed25519", unit_repeat(*state, 9, sizes[i])));
    assert_false(accepts_okp(*state, "Ed448", good));
    assert_false(accepts_okp(*state, "X25519", good));
    assert_false(accepts_okp(*state, "X448", unit_repeat(*state, 9, 56)));
    assert_false(accepts_okp(*state, "ed25519", good));
    assert_true(accepts_okp(*state, "Ed25519", good));
    assert_false(accepts_text(*state, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}"));
    assert_false(accepts_text(*state, "{\"kty\":\"OKP\",\"x\":\"" RFC8037_A1_X "\"}"));
}

static void secret_must_be_as_long_as_its_hash(void **state)
{
    static const struct {
        size_t size;
        alg_set algs;
    } each[] = {{0, 0},         {1, 0},         {31, 0}, {32, ALG_HS256}, {47, ALG_HS256}, {48, ALG_HS256 | ALG_HS384},
                {64, ALG_HMAC}, {500, ALG_HMAC}};

    for (size_t i = 0; i < COUNT(each); i++) {
        gate_str octets = unit_repeat(*state, 's', each[i].size);
        jwk key;
        assert_int_equal(jwk_read_secret(octets, &key), each[i].algs != 0);
        assert_int_equal(key.algs, each[i].algs);
        assert_null(key.key);
        jwk_drop(&key);
    }
}

static void short_memory_fails(void **state)
{
    const json *node = json_read_object(*state, token_public(*state, KEY_RSA, ""));
    arena tiny;
    jwk key;

    arena_open(&tiny, 16);
    assert_false(jwk_read_public(&tiny, node, &key));
    assert_null(key.key);
    arena_close(&tiny);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_type_knows_its_algs),
        TEST(alg_of_the_key_binds),
        TEST(use_and_key_ops_must_allow_verifying),
        TEST(kid_has_a_size),
        TEST(private_members_are_refused),
        TEST(unknown_types_are_refused),
        TEST(rsa_modulus),
        TEST(rsa_exponent),
        TEST(ec_point),
        TEST(ec_coordinates_have_their_full_size),
        TEST(ec_curves),
        TEST(edwards_points_of_small_order),
        TEST(edwards448_points_of_small_order),
        TEST(edwards_sizes_and_curves),
        TEST(secret_must_be_as_long_as_its_hash),
        TEST(short_memory_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
