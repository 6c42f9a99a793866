/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on the signature, C32 to C41. */
#include "rfc.h"
#include "token.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include <stdio.h>

#define HEADER(alg) "{\"alg\":\"" alg "\"}"

static refusal check_raw(arena *a, const char *header, gate_str signature, key_name name)
{
    return token_check(a, token_raw(a, header, "{}", signature), TOKEN_ALGS, name);
}

/* The signature of a good token over "{}". */
static gate_str good_signature(arena *a, key_name name, alg_set alg, const char *header)
{
    gate_str token = unit_exact(token_make(a, name, alg, header, "{}"));
    refusal why = REFUSAL_none;
    jws t;

    assert_true(jws_read(a, token, alg, &t, &why));
    assert_true(jws_verify(&t, token_key(name)));
    return t.signature;
}

static gate_str pair(arena *a, gate_str r, gate_str s)
{
    char *bytes = arena_alloc(a, r.len + s.len);

    memcpy(bytes, r.ptr, r.len);
    memcpy(bytes + r.len, s.ptr, s.len);
    return (gate_str){bytes, r.len + s.len};
}

static const char ORDER[] =
    "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";

static void c32_numbers_out_of_range(void **state)
{
    gate_str zero = unit_repeat(*state, 0, 32), order = {ORDER, 32}, ones = unit_repeat(*state, (char)0xff, 32);
    gate_str good = good_signature(*state, KEY_P256, ALG_ES256, HEADER("ES256")), r = str_part(good, 0, 32),
             s = str_from(good, 32);
    const gate_str bad[] = {zero, order, ones};

    assert_int_equal(check_raw(*state, HEADER("ES256"), pair(*state, r, s), KEY_P256), REFUSAL_none);
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(check_raw(*state, HEADER("ES256"), pair(*state, bad[i], s), KEY_P256), REFUSAL_jwt_signature);
        assert_int_equal(check_raw(*state, HEADER("ES256"), pair(*state, r, bad[i]), KEY_P256), REFUSAL_jwt_signature);
        for (size_t k = 0; k < COUNT(bad); k++)
            assert_int_equal(check_raw(*state, HEADER("ES256"), pair(*state, bad[i], bad[k]), KEY_P256),
                             REFUSAL_jwt_signature);
    }
    assert_int_equal(check_raw(*state, HEADER("ES384"), unit_repeat(*state, 0, 96), KEY_P384), REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("ES512"), unit_repeat(*state, 0, 132), KEY_P521), REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("ES512"), unit_repeat(*state, (char)0xff, 132), KEY_P521),
                     REFUSAL_jwt_signature);
}

static void c33_ecdsa_of_another_size(void **state)
{
    static const size_t sizes[] = {1, 2, 32, 62, 63, 65, 66, 96, 128, 132};
    gate_str good = good_signature(*state, KEY_P256, ALG_ES256, HEADER("ES256")), padded;
    char r[33] = {0}, s[33] = {0};

    for (size_t i = 0; i < COUNT(sizes); i++) {
        gate_str other = unit_repeat(*state, 0, sizes[i]);
        memcpy((char *)other.ptr, good.ptr, other.len < 64 ? other.len : 64);
        assert_int_equal(check_raw(*state, HEADER("ES256"), other, KEY_P256), REFUSAL_jwt_signature);
    }
    memcpy(r + 1, good.ptr, 32);
    memcpy(s + 1, good.ptr + 32, 32);
    padded = pair(*state, (gate_str){r, 33}, (gate_str){s, 33});
    assert_int_equal(check_raw(*state, HEADER("ES256"), padded, KEY_P256), REFUSAL_jwt_signature);
}

static void c33_ecdsa_as_der(void **state)
{
    gate_str good = good_signature(*state, KEY_P256, ALG_ES256, HEADER("ES256"));
    ECDSA_SIG *both = ECDSA_SIG_new();
    unsigned char *der = NULL;
    int n;

    assert_int_equal(ECDSA_SIG_set0(both, BN_bin2bn((const unsigned char *)good.ptr, 32, NULL),
                                    BN_bin2bn((const unsigned char *)good.ptr + 32, 32, NULL)),
                     1);
    n = i2d_ECDSA_SIG(both, &der);
    assert_true(n > 0);
    assert_int_equal(check_raw(*state, HEADER("ES256"), (gate_str){(char *)der, (size_t)n}, KEY_P256),
                     REFUSAL_jwt_signature);
    OPENSSL_free(der);
    ECDSA_SIG_free(both);
}

static void c34_very_long_signature(void **state)
{
    assert_int_equal(check_raw(*state, HEADER("ES256"), unit_repeat(*state, 1, 12000), KEY_P256),
                     REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("ES256"), unit_repeat(*state, 1, 16122), KEY_P256),
                     REFUSAL_jwt_malformed); /* 21830 characters, more or less */
    assert_int_equal(check_raw(*state, HEADER("ES512"), unit_repeat(*state, (char)0xff, 12000), KEY_P521),
                     REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("RS256"), unit_repeat(*state, 1, 12000), KEY_RSA), REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("EdDSA"), unit_repeat(*state, 1, 12000), KEY_ED25519),
                     REFUSAL_jwt_signature);
}

/* Whoever has (r, s) has (r, n - s): nothing may take a signature for the name of a token. */
static void c35_the_other_ecdsa_signature(void **state)
{
    gate_str good = good_signature(*state, KEY_P256, ALG_ES256, HEADER("ES256"));
    BIGNUM *n = BN_bin2bn((const unsigned char *)ORDER, 32, NULL),
           *s = BN_bin2bn((const unsigned char *)good.ptr + 32, 32, NULL);
    unsigned char other[32];

    assert_int_equal(BN_sub(s, n, s), 1);
    assert_int_equal(BN_bn2binpad(s, other, 32), 32);
    assert_int_equal(check_raw(*state, HEADER("ES256"),
                               pair(*state, str_part(good, 0, 32), (gate_str){(char *)other, 32}), KEY_P256),
                     REFUSAL_none);
    BN_free(n);
    BN_free(s);
}

static void c36_rsa_of_another_size(void **state)
{
    static const size_t sizes[] = {1, 128, 255, 257, 384, 512, 1024, 1025};

    for (size_t i = 0; i < COUNT(sizes); i++)
        assert_int_equal(check_raw(*state, HEADER("RS256"), unit_repeat(*state, 1, sizes[i]), KEY_RSA),
                         REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("RS256"), unit_repeat(*state, 0, 256), KEY_RSA), REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("PS256"), unit_repeat(*state, 0, 256), KEY_RSA), REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("RS256"), unit_repeat(*state, (char)0xff, 256), KEY_RSA),
                     REFUSAL_jwt_signature);
}

/* Among some hundred signatures one begins with a zero byte. */
static void c36_rsa_leading_zero(void **state)
{
    for (int i = 0; i < 5000; i++) {
        char payload[32];
        gate_str token, longer, shorter;
        refusal why = REFUSAL_none;
        jws t;
        snprintf(payload, sizeof payload, "{\"n\":%d}", i);
        token = unit_exact(token_make(*state, KEY_RSA, ALG_RS256, HEADER("RS256"), payload));
        assert_true(jws_read(*state, token, ALG_RS256, &t, &why));
        if (t.signature.ptr[0] != 0)
            continue;
        assert_int_equal(token_check(*state, token, ALG_RS256, KEY_RSA), REFUSAL_none);
        shorter = token_raw(*state, HEADER("RS256"), payload, str_from(t.signature, 1));
        assert_int_equal(token_check(*state, shorter, ALG_RS256, KEY_RSA), REFUSAL_jwt_signature);
        longer = pair(*state, STR("\0"), t.signature);
        assert_int_equal(token_check(*state, token_raw(*state, HEADER("RS256"), payload, longer), ALG_RS256, KEY_RSA),
                         REFUSAL_jwt_signature);
        return;
    }
    fail();
}

static void c39_edwards(void **state)
{
    /* The order of the group, little-endian. */
    static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                            0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                            0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    static const size_t sizes[] = {1, 32, 63, 65, 96, 114, 128};
    gate_str good = good_signature(*state, KEY_ED25519, ALG_EDDSA, HEADER("EdDSA")), changed;
    unsigned carry = 0;

    for (size_t i = 0; i < COUNT(sizes); i++) {
        gate_str other = unit_repeat(*state, 0, sizes[i]);
        memcpy((char *)other.ptr, good.ptr, other.len < 64 ? other.len : 64);
        assert_int_equal(check_raw(*state, HEADER("EdDSA"), other, KEY_ED25519), REFUSAL_jwt_signature);
    }
    changed = arena_copy(*state, good);
    for (size_t i = 0; i < 32; i++) { /* S + L means the same S */
        carry += (unsigned char)changed.ptr[32 + i] + order[i];
        ((char *)changed.ptr)[32 + i] = (char)carry;
        carry >>= 8;
    }
    assert_int_equal(check_raw(*state, HEADER("EdDSA"), changed, KEY_ED25519), REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("EdDSA"), unit_repeat(*state, 0, 64), KEY_ED25519),
                     REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("EdDSA"), unit_repeat(*state, (char)0xff, 64), KEY_ED25519),
                     REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("EdDSA"), good, KEY_ED25519), REFUSAL_none);
    assert_int_equal(check_raw(*state, HEADER("Ed448"), unit_repeat(*state, 0, 114), KEY_ED448), REFUSAL_jwt_signature);
    assert_int_equal(check_raw(*state, HEADER("Ed448"), unit_repeat(*state, 0, 113), KEY_ED448), REFUSAL_jwt_signature);
}

/* RFC 8032 5.1: the key of RFC 8037 A.1 over this very input, once as Ed25519, and as Ed25519ph and Ed25519ctx. */
static void c39_prehashed(void **state)
{
#define INPUT "eyJhbGciOiJFZERTQSJ9.e30."
    static const struct {
        const char *token;
        refusal why;
    } cases[] = {
        {INPUT "q2YtAzOI5D98FVaL9pIlZHuiZfAZWrwm0Ib43wXTdYuGWpMICzrAb8JTyNe_mFN_eRTD_Y0mSmXBOZZT0EUJDQ", REFUSAL_none},
        {INPUT "7VzW2PxUtOrr2sT-jLbYBFv0r23sey8TGeZiurUh4-FKFA8nDCg6fVQry6Lsg-y92-eY_n3hzPSieAEtJrKJAQ",
         REFUSAL_jwt_signature},
        {INPUT "nV4_FsOar8gruU3vETIDJZdwSz-2Ms_G6Q01peWRob582MF88GZGtpOKxsQ8_DH1O2h44egsB0S7U15hfE5vBQ",
         REFUSAL_jwt_signature},
    };
    gate_str key = STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\"}");

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(token_check_set(*state, str_of(cases[i].token), TOKEN_ALGS, token_set(*state, &key, NULL)),
                         cases[i].why);
}

static void c40_mac_of_another_size(void **state)
{
    static const size_t sizes[] = {1, 16, 31, 33, 48, 64};
    gate_str octets = unit_repeat(*state, 's', 64), token;
    jwk secret;

    assert_true(jwk_read_secret(octets, &secret));
    token = token_make_with(*state, &secret, ALG_HS256, STR(HEADER("HS256")), STR("{}"));
    for (size_t i = 0; i <= COUNT(sizes); i++) {
        refusal why = REFUSAL_none;
        gate_str other;
        jws t;
        assert_true(jws_read(*state, token, ALG_HMAC, &t, &why));
        assert_int_equal(t.signature.len, 32);
        if (i == COUNT(sizes)) {
            assert_true(jws_verify(&t, &secret));
            break;
        }
        other = unit_repeat(*state, 0, sizes[i]);
        memcpy((char *)other.ptr, t.signature.ptr, other.len < 32 ? other.len : 32);
        t.signature = unit_exact(other);
        assert_false(jws_verify(&t, &secret));
    }
}

static void c41_payload_encoded_otherwise(void **state)
{
    static const char *const payloads[] = {"e30=", "e30 ", " e30", "e30\n", "e31", "e30=="};
    gate_str header = token_segment(*state, STR(HEADER("RS256"))), token;

    for (size_t i = 0; i < COUNT(payloads); i++) {
        token = token_sign_segments(*state, token_key(KEY_RSA), ALG_RS256, header,
                                    str_of(payloads[i])); /* signed as it stands */
        assert_int_equal(token_check(*state, token, ALG_RS256, KEY_RSA), REFUSAL_jwt_malformed);
    }
    token = arena_copy(*state, token_sign_segments(*state, token_key(KEY_RSA), ALG_RS256, header, STR("e30")));
    assert_int_equal(token_check(*state, token, ALG_RS256, KEY_RSA), REFUSAL_none);
    ((char *)token.ptr)[header.len + 1] = 'f'; /* signed as {}, sent as something else */
    assert_int_equal(token_check(*state, token, ALG_RS256, KEY_RSA), REFUSAL_jwt_signature);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(c32_numbers_out_of_range),
        TEST(c33_ecdsa_of_another_size),
        TEST(c33_ecdsa_as_der),
        TEST(c34_very_long_signature),
        TEST(c35_the_other_ecdsa_signature),
        TEST(c36_rsa_of_another_size),
        TEST(c36_rsa_leading_zero),
        TEST(c39_edwards),
        TEST(c39_prehashed),
        TEST(c40_mac_of_another_size),
        TEST(c41_payload_encoded_otherwise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
