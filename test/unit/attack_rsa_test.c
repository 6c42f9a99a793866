/* SPDX-License-Identifier: Apache-2.0 */
/* C37 and C38: RSA signatures whose padding is not exactly as RFC 8017 says. They are made with the private key, block by block. */
#include "token.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

enum { SIZE = 256 };

#define RS256 "{\"alg\":\"RS256\"}"
#define PS256 "{\"alg\":\"PS256\"}"

/* The DER of DigestInfo for SHA-256 (RFC 8017 section 9.2), before the hash. */
static const unsigned char INFO[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                     0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

static gate_str input_of(arena *a, const char *header)
{
    return unit_join(a, arena_copy(a, token_segment(a, str_of(header))).ptr, ".e30", NULL);
}

/* One operation of RSA without any padding. */
static void raw(bool private, const unsigned char in[SIZE], unsigned char out[SIZE])
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, token_key(KEY_RSA)->key, NULL);
    size_t n = SIZE;

    assert_int_equal(private ? EVP_PKEY_decrypt_init(c) : EVP_PKEY_encrypt_init(c), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(c, RSA_NO_PADDING), 1);
    assert_int_equal(private ? EVP_PKEY_decrypt(c, out, &n, in, SIZE) : EVP_PKEY_encrypt(c, out, &n, in, SIZE), 1);
    assert_int_equal(n, SIZE);
    EVP_PKEY_CTX_free(c);
}

static refusal check_block(arena *a, const char *header, const unsigned char block[SIZE])
{
    unsigned char signature[SIZE];

    raw(true, block, signature);
    return token_check(a, token_raw(a, header, "{}", (gate_str){(char *)signature, SIZE}), TOKEN_ALGS, KEY_RSA);
}

/* 00 01 ff ... ff 00 INFO HASH `behind`, with `info` bytes of DigestInfo. */
static void block_write(arena *a, unsigned char block[SIZE], const unsigned char *info, size_t info_size, size_t behind)
{
    gate_str input = input_of(a, RS256);
    size_t at = SIZE - behind - 32 - info_size;

    memset(block, 0xff, SIZE);
    block[0] = 0;
    block[1] = 1;
    block[at - 1] = 0;
    memcpy(block + at, info, info_size);
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, input.ptr, input.len, block + at + info_size, NULL), 1);
    memset(block + SIZE - behind, 0, behind);
}

static void c37_the_right_block(void **state)
{
    unsigned char block[SIZE];

    block_write(*state, block, INFO, sizeof INFO, 0);
    assert_int_equal(check_block(*state, RS256, block), REFUSAL_none);
}

static void c37_one_byte_of_the_padding(void **state)
{
    unsigned char block[SIZE];

    block_write(*state, block, INFO, sizeof INFO, 0);
    for (size_t i = 1; i < SIZE; i++) { /* byte 0 would make it larger than the modulus */
        block[i] ^= 1;
        assert_int_equal(check_block(*state, RS256, block), REFUSAL_jwt_signature);
        block[i] ^= 1;
    }
    block[1] = 2;
    assert_int_equal(check_block(*state, RS256, block), REFUSAL_jwt_signature);
    block[1] = 0;
    assert_int_equal(check_block(*state, RS256, block), REFUSAL_jwt_signature);
}

/* What a reader takes that stops at the end of the hash. */
static void c37_bytes_behind_the_hash(void **state)
{
    static const size_t behind[] = {1, 2, 8, 100, 190};
    unsigned char block[SIZE];

    for (size_t i = 0; i < COUNT(behind); i++) {
        block_write(*state, block, INFO, sizeof INFO, behind[i]);
        assert_int_equal(check_block(*state, RS256, block), REFUSAL_jwt_signature);
    }
}

static void c37_digest_info_otherwise(void **state)
{
    static const unsigned char no_null[] = {0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                            0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 0x20};
    static const unsigned char long_form[] = {0x30, 0x81, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
                                              0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    static const unsigned char other_hash[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                               0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x20};
    static const unsigned char parameters[] = {0x30, 0x33, 0x30, 0x0f, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                                               0x03, 0x04, 0x02, 0x01, 0x04, 0x02, 0x41, 0x41, 0x04, 0x20};
    unsigned char block[SIZE];

    block_write(*state, block, no_null, sizeof no_null, 0);
    assert_int_equal(check_block(*state, RS256, block), REFUSAL_jwt_signature);
    block_write(*state, block, long_form, sizeof long_form, 0);
    assert_int_equal(check_block(*state, RS256, block), REFUSAL_jwt_signature);
    block_write(*state, block, other_hash, sizeof other_hash, 0);
    assert_int_equal(check_block(*state, RS256, block), REFUSAL_jwt_signature);
    block_write(*state, block, parameters, sizeof parameters, 0);
    assert_int_equal(check_block(*state, RS256, block), REFUSAL_jwt_signature);
    block_write(*state, block, INFO, 0, 0); /* the hash alone */
    assert_int_equal(check_block(*state, RS256, block), REFUSAL_jwt_signature);
}

/* A signature of PSS as these say. */
static refusal check_pss(arena *a, int salt, const char *mgf1)
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, token_key(KEY_RSA)->key, NULL);
    gate_str input = input_of(a, PS256);
    unsigned char digest[32], signature[SIZE];
    size_t n = SIZE;

    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, input.ptr, input.len, digest, NULL), 1);
    assert_int_equal(EVP_PKEY_sign_init(c), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md_name(c, mgf1, NULL), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(c, salt), 1);
    assert_int_equal(EVP_PKEY_sign(c, signature, &n, digest, sizeof digest), 1);
    EVP_PKEY_CTX_free(c);
    return token_check(a, token_raw(a, PS256, "{}", (gate_str){(char *)signature, n}), TOKEN_ALGS, KEY_RSA);
}

static void c38_salt_and_mask(void **state)
{
    static const int salts[] = {0, 1, 20, 31, 33, 48, 64, 222};

    assert_int_equal(check_pss(*state, 32, "SHA256"), REFUSAL_none);
    for (size_t i = 0; i < COUNT(salts); i++)
        assert_int_equal(check_pss(*state, salts[i], "SHA256"), REFUSAL_jwt_signature);
    assert_int_equal(check_pss(*state, 32, "SHA1"), REFUSAL_jwt_signature);
    assert_int_equal(check_pss(*state, 32, "SHA384"), REFUSAL_jwt_signature);
}

static void c38_trailer(void **state)
{
    gate_str token = token_make(*state, KEY_RSA, ALG_PS256, PS256, "{}");
    unsigned char block[SIZE];
    refusal why = REFUSAL_none;
    jws t;

    assert_true(jws_read(*state, token, ALG_PS256, &t, &why));
    raw(false, (const unsigned char *)t.signature.ptr, block);
    assert_int_equal(block[SIZE - 1], 0xbc);
    assert_int_equal(check_block(*state, PS256, block), REFUSAL_none);
    block[SIZE - 1] = 0xcc;
    assert_int_equal(check_block(*state, PS256, block), REFUSAL_jwt_signature);
    block[SIZE - 1] = 0xbc;
    block[SIZE - 2] ^= 1;
    assert_int_equal(check_block(*state, PS256, block), REFUSAL_jwt_signature);
}

/* The trap of a context used again: after PSS an RS256 signature must not pass as PS256, nor the other way round. */
static void c38_one_after_the_other(void **state)
{
    gate_str pss = token_make(*state, KEY_RSA, ALG_PS256, PS256, "{}"),
             as_pss = token_make(*state, KEY_RSA, ALG_RS256, PS256, "{}");
    gate_str as_pkcs1 = token_make(*state, KEY_RSA, ALG_PS256, RS256, "{}");
    gate_str public = token_public(*state, KEY_RSA, ""), set_text = token_set(*state, &public, NULL);
    const gate_str tokens[] = {
        pss, as_pss, pss, as_pkcs1, token_good(*state), as_pss, as_pkcs1, as_pkcs1, token_good(*state), pss, as_pss};
    const bool good[] = {true, false, true, false, true, false, false, false, true, true, false};
    keyset *set = keyset_read(set_text);

    for (size_t i = 0; i < COUNT(tokens); i++) {
        refusal why = REFUSAL_none;
        jws t;
        assert_true(jws_read(*state, tokens[i], ALG_RSA, &t, &why));
        assert_int_equal(jws_verify_with_set(&t, set, &why), good[i]);
    }
    keyset_release(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(c37_the_right_block),       TEST(c37_one_byte_of_the_padding), TEST(c37_bytes_behind_the_hash),
        TEST(c37_digest_info_otherwise), TEST(c38_salt_and_mask),           TEST(c38_trailer),
        TEST(c38_one_after_the_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
