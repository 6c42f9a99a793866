/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/alg.h"
#include "unit.h"

static const struct {
    gate_str name;
    alg_set alg;
    const char *digest;
    size_t size;
} EACH[] = {
    {STR_INIT("RS256"), ALG_RS256, "SHA256", 32}, {STR_INIT("RS384"), ALG_RS384, "SHA384", 48},
    {STR_INIT("RS512"), ALG_RS512, "SHA512", 64}, {STR_INIT("PS256"), ALG_PS256, "SHA256", 32},
    {STR_INIT("PS384"), ALG_PS384, "SHA384", 48}, {STR_INIT("PS512"), ALG_PS512, "SHA512", 64},
    {STR_INIT("ES256"), ALG_ES256, "SHA256", 32}, {STR_INIT("ES384"), ALG_ES384, "SHA384", 48},
    {STR_INIT("ES512"), ALG_ES512, "SHA512", 64}, {STR_INIT("ES256K"), ALG_ES256K, "SHA256", 32},
    {STR_INIT("EdDSA"), ALG_EDDSA, "SHA512", 64}, {STR_INIT("Ed25519"), ALG_ED25519, "SHA512", 64},
    {STR_INIT("Ed448"), ALG_ED448, NULL, 0},      {STR_INIT("HS256"), ALG_HS256, "SHA256", 32},
    {STR_INIT("HS384"), ALG_HS384, "SHA384", 48}, {STR_INIT("HS512"), ALG_HS512, "SHA512", 64},
};

static void names_there_and_back(void **state)
{
    alg_set all = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(EACH); i++) {
        assert_int_equal(alg_read(unit_exact(EACH[i].name)), EACH[i].alg);
        assert_str(alg_name(EACH[i].alg), EACH[i].name);
        assert_int_equal(alg_digest_size(EACH[i].alg), EACH[i].size);
        if (EACH[i].digest == NULL)
            assert_null(alg_digest(EACH[i].alg));
        else
            assert_string_equal(alg_digest(EACH[i].alg), EACH[i].digest);
        assert_int_equal(all & EACH[i].alg, 0);
        all |= EACH[i].alg;
    }
    assert_int_equal(all, ALG_RSA | ALG_EC | ALG_ED | ALG_HMAC | ALG_ES256K);
}

static void other_names_are_none(void **state)
{
    static const gate_str wrong[] = {STR_INIT(""),       STR_INIT("none"),      STR_INIT("rs256"),
                                     STR_INIT("RS25"),   STR_INIT("RS2560"),    STR_INIT("RS256\0"),
                                     STR_INIT(" RS256"), STR_INIT("RSA-OAEP"),  STR_INIT("ED25519"),
                                     STR_INIT("eddsa"),  STR_INIT("ML-DSA-45"), STR_INIT("A256GCM")};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(alg_read(unit_exact(wrong[i])), 0);
    assert_int_equal(alg_read(STR_NONE), 0);
}

static void only_one_bit_has_a_name(void **state)
{
    static const alg_set wrong[] = {0, ALG_RS256 | ALG_RS384, ALG_RSA, (alg_set)1 << 30, (alg_set)1 << 31, (alg_set)-1};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(alg_name(wrong[i]).len, 0);
        assert_null(alg_digest(wrong[i]));
        assert_int_equal(alg_digest_size(wrong[i]), 0);
    }
}

static void sets(void **state)
{
    alg_set set;

    (void)state;
    assert_true(alg_read_set(STR("RS256  ES256 EdDSA RS256"), &set));
    assert_int_equal(set, ALG_RS256 | ALG_ES256 | ALG_EDDSA);
    assert_false(alg_read_set(STR("RS256 none"), &set));
    assert_false(alg_read_set(STR("RS256,ES256"), &set));
    assert_false(alg_read_set(STR(""), &set));
    assert_false(alg_read_set(STR("  "), &set));
    assert_false(alg_read_set(STR_NONE, &set));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_there_and_back),
        TEST(other_names_are_none),
        TEST(only_one_bit_has_a_name),
        TEST(sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
