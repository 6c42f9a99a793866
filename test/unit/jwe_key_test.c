/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for encrypted tokens: the one alg of each is decided when it is read (attack 80 of the catalogue). */
#include "jose/jwe.h"
#include "jwe_token.h"
#include "rfc_jwe.h"

static const unsigned char CEK[JWE_CONTENT_KEY_MAX] = {1, 2, 3};

static gate_str cek(size_t n)
{
    return (gate_str){(const char *)CEK, n};
}

static void attack_80_alg_is_decided_at_import(void **state)
{
    static const struct {
        const char *members, *alg;
    } wrong[] = {{"", ""},
                 {"", "RSA1_5"},
                 {"", "A128KW"},
                 {"", "ECDH-ES"},
                 {"", "dir"},
                 {"", "A128GCM"},
                 {"\"alg\":\"RSA-OAEP\",", "RSA-OAEP-256"},
                 {"\"alg\":\"RS256\",", "RSA-OAEP"},
                 {"\"alg\":\"RS256\",", ""},
                 {"\"alg\":\"RSA1_5\",", ""},
                 {"\"alg\":null,", "RSA-OAEP"},
                 {"\"use\":\"sig\",", "RSA-OAEP"},
                 {"\"use\":1,", "RSA-OAEP"},
                 {"\"key_ops\":[\"sign\"],", "RSA-OAEP"},
                 {"\"key_ops\":[\"encrypt\"],", "RSA-OAEP"},
                 {"\"key_ops\":[],", "RSA-OAEP"},
                 {"\"key_ops\":\"decrypt\",", "RSA-OAEP"},
                 {"\"kid\":7,", "RSA-OAEP"}};
    static const char *const right[] = {"\"alg\":\"RSA-OAEP\",", "\"use\":\"enc\",", "\"key_ops\":[\"unwrapKey\"],",
                                        "\"key_ops\":[\"x\",\"decrypt\"],"};
    jwe_key key;

    for (size_t i = 0; i < COUNT(wrong); i++) {
        gate_str document = unit_join(*state, "{", wrong[i].members, RFC7516_A1_OWN "}", NULL);
        assert_false(jwe_key_read_own(*state, document, str_of(wrong[i].alg), &key));
        assert_null(key.key);
    }
    for (size_t i = 0; i < COUNT(right); i++) {
        assert_true(jwe_key_read_own(*state, unit_join(*state, "{", right[i], RFC7516_A1_OWN "}", NULL),
                                     STR("RSA-OAEP"), &key));
        jwe_key_drop(&key);
    }
}

static void attack_80_symmetric_keys_have_their_size(void **state)
{
    static const struct {
        size_t size;
        const char *alg;
        bool good;
    } each[] = {{16, "A128KW", true},     {24, "A128KW", false},  {15, "A128KW", false},   {32, "A256GCMKW", true},
                {16, "A256GCMKW", false}, {64, "dir", true},      {20, "dir", false},      {0, "dir", false},
                {16, "A128GCM", true},    {16, "A256GCM", false}, {16, "RSA-OAEP", false}, {16, "", false}};
    jwe_key key;
    (void)state;

    for (size_t i = 0; i < COUNT(each); i++)
        assert_int_equal(jwe_key_read_octets(cek(each[i].size), str_of(each[i].alg), &key), each[i].good);
    assert_true(jwe_key_read_octets(cek(32), STR("A128CBC-HS256"), &key));
    assert_int_equal(key.alg, JWE_DIR);
    assert_int_equal(key.encs, JWE_A128CBC_HS256);
}

/* A key set from outside holds no secrets (RFC 7517 section 9.2). */
static void attack_80_public_keys_only(void **state)
{
    static const char *const wrong[] = {
        "{\"kty\":\"oct\",\"alg\":\"A128KW\",\"k\":\"GawgguFyGrWKav7AX4VKUg\"}",
        "{\"alg\":\"RSA-OAEP\"," RFC7516_A1_OWN "}",
        "{\"alg\":\"ECDH-ES\"," RFC7518_C_BOB ",\"d\":\"" RFC7518_C_BOB_D "\"}",
        "{\"alg\":\"RSA-OAEP\"}",
        "{\"alg\":\"ECDH-ES\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC7518_C_BOB_D "\"}",
        "{\"alg\":\"ECDH-ES\",\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AAAA\"}",
        "{\"alg\":\"ECDH-ES\",\"kty\":\"OKP\",\"crv\":\"X25519\"}"};
    static const char *const right[] = {"{\"alg\":\"RSA-OAEP-256\"," RFC7516_A1_OPEN "}",
                                        "{\"alg\":\"ECDH-ES\"," RFC7518_C_BOB "}",
                                        "{\"alg\":\"ECDH-ES+A256KW\"," RFC8037_A6_BOB "}"};
    jwe_key key;

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(jwe_key_read_public(*state, json_read_object(*state, str_of(wrong[i])), STR_NONE, &key));
    assert_false(jwe_key_read_public(*state, NULL, STR("RSA-OAEP"), &key));
    for (size_t i = 0; i < COUNT(right); i++) {
        assert_true(jwe_key_read_public(*state, json_read_object(*state, str_of(right[i])), STR_NONE, &key));
        assert_int_not_equal(jwe_token_good(*state, &key, JWE_A128GCM, "x").len, 0);
        jwe_key_drop(&key);
    }
}

static void attack_80_private_part_must_fit(void **state)
{
    static const struct {
        const char *document, *alg;
    } wrong[] = {{"{" RFC7518_C_BOB ",\"d\":\"" RFC8037_A6_BOB_D "\"}", "ECDH-ES"},
                 {"{" RFC8037_A6_BOB ",\"d\":\"" RFC7518_C_BOB_D "\"}", "ECDH-ES"},
                 {"{" RFC8037_A6_BOB "}", "ECDH-ES"},
                 {"{" RFC8037_A6_BOB ",\"d\":\"AAAA\"}", "ECDH-ES"},
                 {"{" RFC7516_A1_OPEN "}", "RSA-OAEP"},
                 {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "RSA-OAEP"},
                 {"", "RSA-OAEP"}};
    jwe_key key;

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(jwe_key_read_own(*state, str_of(wrong[i].document), str_of(wrong[i].alg), &key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(attack_80_alg_is_decided_at_import),
        TEST(attack_80_symmetric_keys_have_their_size),
        TEST(attack_80_public_keys_only),
        TEST(attack_80_private_part_must_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
