/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/crypto.h"
#include "unit.h"

#include <openssl/err.h>

#define BYTES(literal) ((const unsigned char *)(literal))

static crypto c;

static int open_crypto(void **state)
{
    (void)state;
    return crypto_open(&c) ? 0 : -1;
}

static int close_crypto(void **state)
{
    (void)state;
    crypto_close(&c);
    crypto_close(&c); /* allowed once more */
    return 0;
}

/* FIPS 180-4, examples. */
static void sha256(void **state)
{
    unsigned char hash[SHA256_SIZE];

    assert_true(crypto_sha256(STR("abc"), hash));
    assert_memory_equal(
        hash,
        "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad",
        32);
    assert_true(crypto_sha256(STR_NONE, hash));
    assert_memory_equal(
        hash,
        "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55",
        32);
    assert_true(crypto_sha256(unit_repeat(*state, 'a', 1000000), hash));
    assert_memory_equal(
        hash,
        "\xcd\xc7\x6e\x5c\x99\x14\xfb\x92\x81\xa1\xc7\xe2\x84\xd7\x3e\x67\xf1\x80\x9a\x48\xa4\x97\x20\x0e\x04\x6d\x39\xcc\xc7\x11\x2c\xd0",
        32);
}

/* RFC 4231 test cases 1, 2 and 6 (a key longer than a block). */
static void hmac_sha256(void **state)
{
    unsigned char mac[SHA256_SIZE];

    assert_true(crypto_hmac_sha256(unit_repeat(*state, 0x0b, 20), STR("Hi There"), mac));
    assert_memory_equal(
        mac,
        "\xb0\x34\x4c\x61\xd8\xdb\x38\x53\x5c\xa8\xaf\xce\xaf\x0b\xf1\x2b\x88\x1d\xc2\x00\xc9\x83\x3d\xa7\x26\xe9\x37\x6c\x2e\x32\xcf\xf7",
        32);
    assert_true(crypto_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), mac));
    assert_memory_equal(
        mac,
        "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43",
        32);
    assert_true(crypto_hmac_sha256(unit_repeat(*state, (char)0xaa, 131),
                                   STR("Test Using Larger Than Block-Size Key - Hash Key First"), mac));
    assert_memory_equal(
        mac,
        "\x60\xe4\x31\x59\x1e\xe0\xb6\x7f\x0d\x8a\x26\xaa\xcb\xf5\xb7\x7f\x8e\x0b\xc6\x21\x37\x28\xc5\x14\x05\x46\x04\x0f\x0e\xe3\x7f\x54",
        32);
    assert_true(crypto_hmac_sha256(STR_NONE, STR_NONE, mac));
    assert_memory_equal(
        mac,
        "\xb6\x13\x67\x9a\x08\x14\xd9\xec\x77\x2f\x95\xd7\x78\xc3\x5f\xc5\xff\x16\x97\xc4\x93\x71\x56\x53\xc6\xc7\x12\x14\x42\x92\xc5\xad",
        32);
}

/* RFC 5869 appendix A.3, the first 32 bytes. */
static void hkdf(void **state)
{
    unsigned char key[SHA256_SIZE], other[SHA256_SIZE];
    gate_str material = unit_repeat(*state, 0x0b, 22);

    assert_true(crypto_hkdf(material, STR_NONE, key));
    assert_memory_equal(
        key,
        "\x8d\xa4\xe7\x75\xa5\x63\xc1\x8f\x71\x5f\x80\x2a\x06\x3c\x5a\x31\xb8\xa1\x1f\x5c\x5e\xe1\x87\x9e\xc3\x45\x4e\x5f\x3c\x73\x8d\x2d",
        32);
    assert_true(crypto_hkdf(material, STR("cookie"), other));
    assert_memory_not_equal(key, other, 32);
    assert_true(crypto_hkdf(material, unit_repeat(*state, 'i', 255), other));
    assert_false(crypto_hkdf(material, unit_repeat(*state, 'i', 256), other));
}

static void digest_by_name(void **state)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    size_t n = 0;

    (void)state;
    assert_true(crypto_digest("SHA384", STR("abc"), hash, &n));
    assert_int_equal(n, 48);
    assert_memory_equal(hash, "\xcb\x00\x75\x3f\x45\xa3\x5e\x8b\xb5\xa0\x3d\x69\x9a\xc6\x50\x07", 16);
    assert_true(crypto_digest("SHA512", STR_NONE, hash, &n));
    assert_int_equal(n, 64);
    assert_memory_equal(hash, "\xcf\x83\xe1\x35\x7e\xef\xb8\xbd\xf1\x54\x28\x50\xd6\x6d\x80\x07", 16);
    assert_false(crypto_digest("NONSENSE", STR("abc"), hash, &n));
    assert_int_equal(ERR_peek_error(), 0);
}

typedef struct gcm_case {
    const char *key, *iv;
    gate_str aad, plain, sealed;
    const char *tag;
} gcm_case;

/* The test cases 13, 14 and 16 of the GCM specification by McGrew and Viega. */
static const gcm_case GCM[] = {
    {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
     "\0\0\0\0\0\0\0\0\0\0\0",
     {NULL, 0},
     {NULL, 0},
     {NULL, 0},
     "\x53\x0f\x8a\xfb\xc7\x45\x36\xb9\xa9\x63\xb4\xf1\xc4\xcb\x73\x8b"},
    {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
     "\0\0\0\0\0\0\0\0\0\0\0",
     {NULL, 0},
     STR_INIT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
     STR_INIT("\xce\xa7\x40\x3d\x4d\x60\x6b\x6e\x07\x4e\xc5\xd3\xba\xf3\x9d\x18"),
     "\xd0\xd1\xc8\xa7\x99\x99\x6b\xf0\x26\x5b\x98\xb5\xd4\x8a\xb9\x19"},
    {"\xfe\xff\xe9\x92\x86\x65\x73\x1c\x6d\x6a\x8f\x94\x67\x30\x83\x08\xfe\xff\xe9\x92\x86\x65\x73\x1c\x6d\x6a\x8f\x94\x67\x30\x83\x08",
     "\xca\xfe\xba\xbe\xfa\xce\xdb\xad\xde\xca\xf8\x88",
     STR_INIT("\xfe\xed\xfa\xce\xde\xad\xbe\xef\xfe\xed\xfa\xce\xde\xad\xbe\xef\xab\xad\xda\xd2"),
     STR_INIT(
         "\xd9\x31\x32\x25\xf8\x84\x06\xe5\xa5\x59\x09\xc5\xaf\xf5\x26\x9a\x86\xa7\xa9\x53\x15\x34\xf7\xda\x2e\x4c\x30\x3d\x8a\x31\x8a\x72"
         "\x1c\x3c\x0c\x95\x95\x68\x09\x53\x2f\xcf\x0e\x24\x49\xa6\xb5\x25\xb1\x6a\xed\xf5\xaa\x0d\xe6\x57\xba\x63\x7b\x39"),
     STR_INIT(
         "\x52\x2d\xc1\xf0\x99\x56\x7d\x07\xf4\x7f\x37\xa3\x2a\x84\x42\x7d\x64\x3a\x8c\xdc\xbf\xe5\xc0\xc9\x75\x98\xa2\xbd\x25\x55\xd1\xaa"
         "\x8c\xb0\x8e\x48\x59\x0d\xbb\x3d\xa7\xb0\x8b\x10\x56\x82\x88\x38\xc5\xf6\x1e\x63\x93\xba\x7a\x0a\xbc\xc9\xf6\x62"),
     "\x76\xfc\x6e\xce\x0f\x4e\x17\x68\xcd\xdf\x88\x53\xbb\x2d\x55\x1b"},
};

static void gcm_vectors(void **state)
{
    for (size_t i = 0; i < COUNT(GCM); i++) {
        const gcm_case *v = &GCM[i];
        gate_str out = unit_exact(unit_repeat(*state, 'x', v->plain.len)), back = unit_exact(out);
        unsigned char tag[SEAL_TAG_SIZE];
        assert_true(crypto_seal(&c, BYTES(v->key), BYTES(v->iv), v->aad, v->plain, (unsigned char *)out.ptr, tag));
        assert_str(out, v->sealed);
        assert_memory_equal(tag, v->tag, SEAL_TAG_SIZE);
        assert_true(crypto_unseal(&c, BYTES(v->key), BYTES(v->iv), v->aad, v->sealed, tag, (unsigned char *)back.ptr));
        assert_str(back, v->plain);
    }
}

static void gcm_refuses_any_change(void **state)
{
    const gcm_case *v = &GCM[2];
    gate_str sealed = arena_copy(*state, v->sealed), aad = arena_copy(*state, v->aad);
    unsigned char tag[SEAL_TAG_SIZE], key[SEAL_KEY_SIZE], iv[SEAL_IV_SIZE], out[60];
    struct {
        unsigned char *bytes;
        size_t n;
    } parts[] = {{(unsigned char *)sealed.ptr, sealed.len},
                 {(unsigned char *)aad.ptr, aad.len},
                 {tag, sizeof tag},
                 {key, sizeof key},
                 {iv, sizeof iv}};

    memcpy(tag, v->tag, sizeof tag);
    memcpy(key, v->key, sizeof key);
    memcpy(iv, v->iv, sizeof iv);
    for (size_t i = 0; i < COUNT(parts); i++) {
        for (size_t k = 0; k < parts[i].n; k++) {
            parts[i].bytes[k] ^= 0x10;
            memset(out, 0x55, sizeof out);
            assert_false(crypto_unseal(&c, key, iv, aad, sealed, tag, out));
            for (size_t b = 0; b < sizeof out; b++)
                assert_int_equal(out[b], 0); /* nothing is left that might be used */
            parts[i].bytes[k] ^= 0x10;
        }
    }
    assert_false(crypto_unseal(&c, key, iv, aad, str_part(sealed, 0, sealed.len - 1), tag, out));
    assert_false(crypto_unseal(&c, key, iv, STR_NONE, sealed, tag, out));
    assert_true(crypto_unseal(&c, key, iv, aad, sealed, tag, out));
    assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sha256),         TEST(hmac_sha256), TEST(hkdf),
        TEST(digest_by_name), TEST(gcm_vectors), TEST(gcm_refuses_any_change),
    };

    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
