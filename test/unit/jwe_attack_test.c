/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on encrypted tokens, numbered as in the catalogue that the project keeps: 78 to 89. */
#include "base/base64url.h"
#include "jose/jwe.h"
#include "jose/jwe_cipher.h"
#include "jwe_token.h"
#include "rfc_jwe.h"
#include "token.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

static const unsigned char CEK[256] = {1, 2, 3};

static gate_str cek(size_t n)
{
    return (gate_str){(const char *)CEK, n};
}

static refusal why_of(arena *a, gate_str token, jwe_alg_set alg)
{
    return jwe_token_check(a, token, jwe_token_key(alg));
}

/* Decryption proves nothing about who wrote it: what comes out goes through jws_read, which takes no bare claims and no "none". */
static void attack_78_content_without_signature(void **state)
{
    static const char *const inner[] = {"{\"sub\":\"admin\"}", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
                                        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.AA"};

    for (size_t i = 0; i < COUNT(inner); i++) {
        gate_str plain, token = jwe_token_good(*state, jwe_token_key(JWE_RSA_OAEP), JWE_A128GCM, inner[i]);
        refusal why = REFUSAL_none;
        jws t;
        assert_int_equal(jwe_token_open(*state, token, jwe_token_key(JWE_RSA_OAEP), &plain), REFUSAL_none);
        assert_false(jws_read(*state, plain, ALG_RSA | ALG_EC | ALG_ED, &t, &why));
    }
}

static void attack_78_nested_is_verified(void **state)
{
    const jwe_key *key = jwe_token_key(JWE_ECDH_ES);
    const char *signed_token = arena_copy(*state, token_good(*state)).ptr;
    gate_str plain;

    assert_int_equal(jwe_token_open(*state, jwe_token_good(*state, key, JWE_A256GCM, signed_token), key, &plain),
                     REFUSAL_none);
    assert_int_equal(token_check(*state, plain, ALG_RS256, KEY_RSA), REFUSAL_none);
    assert_int_equal(token_check(*state, plain, ALG_RS256, KEY_RSA_OTHER), REFUSAL_jwt_signature);
}

static void attack_79_alg_and_enc_not_allowed(void **state)
{
    gate_str token = jwe_token_good(*state, jwe_token_key(JWE_RSA_OAEP), JWE_A128GCM, "x");
    refusal why = REFUSAL_none;
    jwe t;

    assert_false(jwe_read(*state, token, JWE_ALG_ALL & ~(jwe_alg_set)JWE_RSA_OAEP, JWE_ENC_ALL, &t, &why));
    assert_int_equal(why, REFUSAL_jwe_alg);
    why = REFUSAL_none;
    assert_false(jwe_read(*state, token, JWE_ALG_ALL, JWE_ENC_ALL & ~(jwe_enc_set)JWE_A128GCM, &t, &why));
    assert_int_equal(why, REFUSAL_jwe_alg);
}

static void attack_79_alg_and_enc_unknown(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"RSA1_5\",\"enc\":\"A128GCM\"}",
        "{\"alg\":\"none\",\"enc\":\"A128GCM\"}",
        "{\"alg\":\"rsa-oaep\",\"enc\":\"A128GCM\"}",
        "{\"alg\":\"RSA-OAEP-512\",\"enc\":\"A128GCM\"}",
        "{\"alg\":\"RS256\",\"enc\":\"A128GCM\"}",
        "{\"alg\":null,\"enc\":\"A128GCM\"}",
        "{\"enc\":\"A128GCM\"}",
        "{\"alg\":[\"A128KW\"],\"enc\":\"A128GCM\"}",
        "{\"alg\":\"A128KW\"}",
        "{\"alg\":\"A128KW\",\"enc\":\"a128gcm\"}",
        "{\"alg\":\"A128KW\",\"enc\":\"A128CBC\"}",
        "{\"alg\":\"A128KW\",\"enc\":1}",
        "{\"alg\":\"A128KW \",\"enc\":\"A128GCM\"}",
        "{\"alg\":\"A128KW\",\"enc\":\"XC20P\"}",
    };

    for (size_t i = 0; i < COUNT(headers); i++)
        assert_int_equal(
            why_of(*state, jwe_token_make(*state, headers[i], cek(256), cek(16), JWE_A128GCM, "x"), JWE_A128KW),
            REFUSAL_jwe_alg);
}

/* A key has the one alg that it was read with: the same bytes serve no other. */
static void attack_80_alg_swapped_for_the_same_key(void **state)
{
    static const struct {
        jwe_alg_set made, read;
    } swaps[] = {{JWE_A256KW, JWE_A256GCMKW},
                 {JWE_A256GCMKW, JWE_A256KW},
                 {JWE_RSA_OAEP, JWE_RSA_OAEP_256},
                 {JWE_RSA_OAEP_256, JWE_RSA_OAEP},
                 {JWE_ECDH_ES, JWE_ECDH_ES_A256KW},
                 {JWE_ECDH_ES_A128KW, JWE_ECDH_ES_A192KW},
                 {JWE_DIR, JWE_A256KW},
                 {JWE_A256KW, JWE_DIR}};

    for (size_t i = 0; i < COUNT(swaps); i++) {
        gate_str token = jwe_token_good(*state, jwe_token_key(swaps[i].made), JWE_A256GCM, "x");
        assert_int_equal(why_of(*state, token, swaps[i].made), REFUSAL_none);
        assert_int_equal(why_of(*state, token, swaps[i].read), REFUSAL_jwe_key_unknown);
    }
}

static gate_str ecdh_token(arena *a, const char *epk)
{
    gate_str header = unit_join(a, "{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\"", epk, "}", NULL);

    return jwe_token_make(a, arena_copy(a, header).ptr, STR_NONE, cek(16), JWE_A128GCM, "x");
}

#define P256(x, y) ",\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" x "\",\"y\":\"" y "\"}"
#define ZERO "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define BOB_X "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"
#define BOB_Y "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"

static void attack_81_epk_wrong(void **state)
{
    static const char *const wrong[] = {
        "",
        ",\"epk\":null",
        ",\"epk\":\"x\"",
        ",\"epk\":{}",
        P256(ZERO, ZERO),
        P256(BOB_X, BOB_X),                                         /* off the curve */
        P256(BOB_X, "__________________________________________8"), /* outside the field */
        P256(BOB_X, "AA"),
        P256("", ""),
        P256(BOB_X, BOB_Y "AA"),
        ",\"epk\":{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" BOB_X "\",\"y\":\"" BOB_Y "\"}",
        ",\"epk\":{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" BOB_X "\",\"y\":\"" BOB_Y "\"}",
        ",\"epk\":{" RFC8037_A6_BOB "}",
        ",\"epk\":{" RFC7516_A1_OPEN "}",
        ",\"epk\":{" RFC7518_C_ALICE ",\"d\":\"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo\"}",
        ",\"epk\":{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"YU4rRUzdmVqmRtWOs2OpDE_T5fsNIodcG8G5FWPrTPMyxpzsSOGaQLpe2FpxBmu2\","
        "\"y\":\"A8-yxCHxkfBz3hKZfI1jUYMjUhsEveZ9THuwFjH2sCNdtksRJU7D5-SkgaFL1ETP\"}",
        ",\"apu\":7,\"epk\":{" RFC7518_C_ALICE "}",
        ",\"apu\":\"A\",\"epk\":{" RFC7518_C_ALICE "}",
        ",\"epk\":{" RFC7518_C_ALICE "}", /* good, but the content was not encrypted so */
    };

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(why_of(*state, ecdh_token(*state, wrong[i]), JWE_ECDH_ES), REFUSAL_jwe_decrypt);
}

/* The points of small order, and their other spellings: agreement with any of them gives zero, which an attacker knows. */
static void attack_81_x25519_of_small_order(void **state)
{
    static const char *const points[] = {
        ZERO,
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA", /* order 8 */
        "X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc",
        "7P_______________________________________38", /* p - 1 */
        "7f_______________________________________38", /* p */
        "7v_______________________________________38", /* p + 1 */
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA",
    };
    jwe_key bob = jwe_token_read_key(*state, STR("{" RFC8037_A6_BOB ",\"d\":\"" RFC8037_A6_BOB_D "\"}"), "ECDH-ES"),
            low;

    for (size_t i = 0; i < COUNT(points); i++) {
        gate_str epk =
            unit_join(*state, ",\"epk\":{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"", points[i], "\"}", NULL);
        const json *node = json_read_object(
            *state, unit_join(*state, "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"", points[i], "\"}", NULL));
        text t = text_begin(*state, 4096);
        assert_int_equal(jwe_token_check(*state, ecdh_token(*state, arena_copy(*state, epk).ptr), &bob),
                         REFUSAL_jwe_decrypt);
        assert_true(jwe_key_read_public(*state, node, STR("ECDH-ES"), &low));
        assert_false(jwe_encrypt(*state, &t, &low, JWE_A128GCM, STR_NONE, STR_NONE, STR("x")));
        jwe_key_drop(&low);
    }
    jwe_key_drop(&bob);
}

static void attack_82_encrypted_key_of_any_length(void **state)
{
    static const jwe_alg_set algs[] = {JWE_A128KW, JWE_A256GCMKW, JWE_ECDH_ES_A128KW, JWE_RSA_OAEP, JWE_RSA_OAEP_256};
    static const size_t sizes[] = {1,  7,  8,  15,  16,  17,  23,  25,   32,   40,
                                   64, 72, 80, 128, 255, 257, 512, 1024, 4096, 16000};

    for (size_t i = 0; i < COUNT(algs); i++) {
        gate_str token = jwe_token_good(*state, jwe_token_key(algs[i]), JWE_A128GCM, "x");
        assert_int_equal(why_of(*state, jwe_token_with(*state, token, 1, STR_NONE), algs[i]), REFUSAL_jwe_malformed);
        for (size_t j = 0; j < COUNT(sizes); j++) {
            gate_str key = token_segment(*state, unit_repeat(*state, 'k', sizes[j]));
            assert_int_equal(why_of(*state, jwe_token_with(*state, token, 1, key), algs[i]), REFUSAL_jwe_decrypt);
        }
    }
}

static void attack_82_direct_with_an_encrypted_key(void **state)
{
    static const jwe_alg_set algs[] = {JWE_DIR, JWE_ECDH_ES};

    for (size_t i = 0; i < COUNT(algs); i++) {
        gate_str token = jwe_token_good(*state, jwe_token_key(algs[i]), JWE_A256GCM, "x");
        assert_int_equal(why_of(*state, token, algs[i]), REFUSAL_none);
        assert_int_equal(why_of(*state, jwe_token_with(*state, token, 1, STR("AAAA")), algs[i]), REFUSAL_jwe_malformed);
    }
}

static gate_str oaep(arena *a, size_t size)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, jwe_token_key(JWE_RSA_OAEP)->key, NULL);
    unsigned char *out = arena_alloc(a, 256);
    size_t n = 256;

    assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_encrypt(context, out, &n, CEK, size), 1);
    EVP_PKEY_CTX_free(context);
    return (gate_str){(char *)out, n};
}

/* What was wrapped well but is no key for enc: the content is tried with a random one, and nobody can tell. */
static void attack_83_content_key_of_another_size(void **state)
{
    static const char rsa[] = "{\"alg\":\"RSA-OAEP\",\"enc\":\"A128GCM\"}",
                      kw[] = "{\"alg\":\"A128KW\",\"enc\":\"A128GCM\"}";
    static const size_t sizes[] = {1, 8, 15, 17, 24, 32, 48, 64, 214};

    assert_int_equal(
        why_of(*state, jwe_token_make(*state, rsa, oaep(*state, 16), cek(16), JWE_A128GCM, "x"), JWE_RSA_OAEP),
        REFUSAL_none);
    for (size_t i = 0; i < COUNT(sizes); i++)
        assert_int_equal(why_of(*state, jwe_token_make(*state, rsa, oaep(*state, sizes[i]), cek(16), JWE_A128GCM, "x"),
                                JWE_RSA_OAEP),
                         REFUSAL_jwe_decrypt);
    for (size_t n = 16; n <= 64; n += 8) {
        unsigned char out[JWE_CONTENT_KEY_MAX + JWE_WRAP_MORE];
        gate_str token;
        assert_true(jwe_cipher_wrap(jwe_token_key(JWE_A128KW)->octets, cek(n), out));
        token = jwe_token_make(*state, kw, (gate_str){(char *)out, n + JWE_WRAP_MORE}, cek(16), JWE_A128GCM, "x");
        assert_int_equal(why_of(*state, token, JWE_A128KW), n == 16 ? REFUSAL_none : REFUSAL_jwe_decrypt);
    }
}

/* A zero key, and no key at all, are what a reader falls back to that forgets that unwrapping failed (CVE-2026-53939). */
static void attack_83_fallback_key_is_not_known(void **state)
{
    static const char zero[JWE_CONTENT_KEY_MAX];
    gate_str key = {zero, 16};

    for (size_t n = 1; n <= 256; n += 15) {
        gate_str bad = unit_repeat(*state, (char)n, n == 256 ? 256 : 24);
        assert_int_equal(
            why_of(*state,
                   jwe_token_make(*state, "{\"alg\":\"A128KW\",\"enc\":\"A128GCM\"}", bad, key, JWE_A128GCM, "x"),
                   JWE_A128KW),
            REFUSAL_jwe_decrypt);
        assert_int_equal(why_of(*state,
                                jwe_token_make(*state, "{\"alg\":\"RSA-OAEP\",\"enc\":\"A128GCM\"}",
                                               unit_repeat(*state, 1, 256), key, JWE_A128GCM, "x"),
                                JWE_RSA_OAEP),
                         REFUSAL_jwe_decrypt);
    }
}

static void attack_84_tag_and_iv_of_another_length(void **state)
{
    const jwe_key *key = jwe_token_key(JWE_A128KW);

    for (jwe_enc_set enc = 1; enc & JWE_ENC_ALL; enc <<= 1) {
        gate_str token = jwe_token_good(*state, key, enc, "x"), iv, tag;
        assert_true(base64url_read(*state, jwe_token_segment(token, 2), &iv));
        assert_true(base64url_read(*state, jwe_token_segment(token, 4), &tag));
        for (size_t n = 0; n <= 40; n++) {
            char bytes[40] = {0};
            refusal want_iv = n == iv.len ? REFUSAL_none : REFUSAL_jwe_malformed;
            refusal want_tag = n == tag.len ? REFUSAL_none : REFUSAL_jwe_malformed;
            memcpy(bytes, iv.ptr, iv.len);
            assert_int_equal(why_of(*state,
                                    jwe_token_with(*state, token, 2, token_segment(*state, (gate_str){bytes, n})),
                                    JWE_A128KW),
                             want_iv);
            memset(bytes, 0, sizeof bytes);
            memcpy(bytes, tag.ptr, tag.len);
            assert_int_equal(why_of(*state,
                                    jwe_token_with(*state, token, 4, token_segment(*state, (gate_str){bytes, n})),
                                    JWE_A128KW),
                             want_tag);
        }
    }
}

static void attack_84_tag_and_iv_in_the_header(void **state)
{
    static const char *const wrong[] = {"",
                                        ",\"iv\":\"AAAAAAAAAAAAAAAA\"",
                                        ",\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":\"\"",
                                        ",\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":\"AAAAAA\"",
                                        ",\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":\"AAAAAAAAAAAAAAAAAAAAAAA\"",
                                        ",\"iv\":\"AAAAAAAAAAAAAAAAAAAA\",\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA\"",
                                        ",\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA\"",
                                        ",\"iv\":\"AAAAAAAAAAAAAAA=\",\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA\"",
                                        ",\"iv\":7,\"tag\":null"};

    for (size_t i = 0; i < COUNT(wrong); i++) {
        gate_str header = unit_join(*state, "{\"alg\":\"A128GCMKW\",\"enc\":\"A128GCM\"", wrong[i], "}", NULL);
        gate_str token = jwe_token_make(*state, arena_copy(*state, header).ptr, cek(16), cek(16), JWE_A128GCM, "x");
        assert_int_equal(why_of(*state, token, JWE_A128GCMKW), REFUSAL_jwe_decrypt);
    }
}

/* The MAC comes first: with a wrong one, or one that was cut, no padding is ever looked at. */
static void attack_85_cbc_content(void **state)
{
    const jwe_key *key = jwe_token_key(JWE_A256KW);

    for (jwe_enc_set enc = JWE_A128CBC_HS256; enc & JWE_CBC; enc <<= 1) {
        gate_str token = jwe_token_good(*state, key, enc, "0123456789abcdef0123"), sealed;
        assert_true(base64url_read(*state, jwe_token_segment(token, 3), &sealed));
        for (size_t n = 0; n <= sealed.len + 16; n++) {
            gate_str other = unit_repeat(*state, 'x', n);
            refusal want = n && n % 16 == 0 ? REFUSAL_jwe_decrypt : REFUSAL_jwe_malformed;
            assert_int_equal(why_of(*state, jwe_token_with(*state, token, 3, token_segment(*state, other)), JWE_A256KW),
                             want);
        }
        for (size_t i = 0; i < sealed.len; i++) {
            gate_str other = arena_copy(*state, sealed);
            ((char *)other.ptr)[i] ^= 1;
            assert_int_equal(why_of(*state, jwe_token_with(*state, token, 3, token_segment(*state, other)), JWE_A256KW),
                             REFUSAL_jwe_decrypt);
        }
    }
}

/* Content that is authentic but has no right padding: made by who has the key. The answer is the same. */
static void attack_85_padding(void **state)
{
    const gate_str key = cek(32), iv = cek(16);
    unsigned char sealed[64], mac[64], out[64];
    size_t n, mac_size;
    (void)state;

    assert_true(jwe_cipher_cbc_seal(str_from(key, 16), iv, STR("0123456789abcdef"), sealed, &n));
    assert_int_equal(n, 32);
    for (size_t blocks = 1; blocks <= 2; blocks++) {
        unsigned char input[128] = {0};
        memcpy(input, iv.ptr, 16);
        memcpy(input + 16, sealed, 16 * blocks); /* without its last block there is no padding */
        assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.ptr, 16, input, 16 + 16 * blocks + 8, mac,
                                  sizeof mac, &mac_size));
        assert_int_equal(jwe_content_open(&(jwe_content){.enc = JWE_A128CBC_HS256, .key = key, .iv = iv},
                                          (gate_str){(char *)sealed, 16 * blocks}, (gate_str){(char *)mac, 16}, out,
                                          &n),
                         blocks == 2);
    }
    ERR_clear_error(); /* jwe_decrypt leaves none */
}

static void attack_86_pbes2(void **state)
{
    static const char *const counts[] = {"2147483647", "0", "-1", "1.5", "1000"};

    for (size_t i = 0; i < COUNT(counts); i++) {
        gate_str header = unit_join(
            *state, "{\"alg\":\"PBES2-HS256+A128KW\",\"enc\":\"A128GCM\",\"p2s\":\"AAAAAAAAAAA\",\"p2c\":", counts[i],
            "}", NULL);
        gate_str token = jwe_token_make(*state, arena_copy(*state, header).ptr, cek(24), cek(16), JWE_A128GCM, "x");
        assert_int_equal(why_of(*state, token, JWE_A128KW), REFUSAL_jwe_alg);
    }
}

static void attack_87_zip(void **state)
{
    static const char *const members[] = {",\"zip\":\"DEF\"", ",\"zip\":null", ",\"zip\":\"\"",
                                          ",\"\\u007aip\":\"DEF\""};

    for (size_t i = 0; i < COUNT(members); i++) {
        gate_str header = unit_join(*state, "{\"alg\":\"dir\",\"enc\":\"A256GCM\"", members[i], "}", NULL);
        gate_str token = jwe_token_make(*state, arena_copy(*state, header).ptr, STR_NONE,
                                        jwe_token_key(JWE_DIR)->octets, JWE_A256GCM, "x");
        assert_int_equal(why_of(*state, token, JWE_DIR), REFUSAL_jwe_crit);
    }
}

static refusal dir_header(arena *a, const char *header)
{
    return why_of(a, jwe_token_make(a, header, STR_NONE, jwe_token_key(JWE_DIR)->octets, JWE_A256GCM, "x"), JWE_DIR);
}

static void attack_88_header(void **state)
{
    static const char *const malformed[] = {"{\"alg\":\"dir\",\"alg\":\"dir\",\"enc\":\"A256GCM\"}",
                                            "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"\\u0065nc\":\"A256GCM\"}",
                                            "[\"dir\"]",
                                            "\"dir\"",
                                            "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}x",
                                            " ",
                                            "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"kid\":7}",
                                            "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"typ\":null}",
                                            "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"cty\":[]}"};
    static const char *const extended[] = {"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"crit\":[\"exp\"],\"exp\":1}",
                                           "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"crit\":[]}",
                                           "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"crit\":null}",
                                           "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"crit\":[\"alg\"]}"};

    for (size_t i = 0; i < COUNT(malformed); i++)
        assert_int_equal(dir_header(*state, malformed[i]), REFUSAL_jwe_malformed);
    for (size_t i = 0; i < COUNT(extended); i++)
        assert_int_equal(dir_header(*state, extended[i]), REFUSAL_jwe_crit);
    assert_int_equal(
        dir_header(*state, "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"jku\":\"https://a.example\",\"jwk\":{},\"x\":1}"),
        REFUSAL_none);
}

/* The header is what the tag vouches for: another one, though it says the same, is another token. */
static void attack_88_header_altered(void **state)
{
    gate_str token = jwe_token_good(*state, jwe_token_key(JWE_DIR), JWE_A256GCM, "x");
    gate_str same = token_segment(*state, STR("{\"enc\":\"A256GCM\",\"alg\":\"dir\"}"));

    assert_int_equal(why_of(*state, jwe_token_with(*state, token, 0, same), JWE_DIR), REFUSAL_jwe_decrypt);
}

static void attack_88_serialization(void **state)
{
    gate_str token = jwe_token_good(*state, jwe_token_key(JWE_DIR), JWE_A256GCM, "x");
    const char *good = arena_copy(*state, token).ptr;
    const gate_str wrong[] = {STR_NONE,
                              STR(""),
                              STR("...."),
                              STR("{\"protected\":\"e30\",\"unprotected\":{\"alg\":\"dir\",\"enc\":\"A256GCM\"}}"),
                              token_good(*state),
                              unit_join(*state, good, ".", NULL),
                              unit_join(*state, ".", good, NULL),
                              unit_join(*state, good, "\n", NULL),
                              unit_join(*state, " ", good, NULL),
                              unit_join(*state, good, "=", NULL),
                              jwe_token_with(*state, token, 0, STR_NONE),
                              jwe_token_with(*state, token, 1, STR("=")),
                              jwe_token_with(*state, token, 3, STR("QR")), /* bits beyond the byte */
                              jwe_token_with(*state, token, 3, STR("A")),
                              unit_repeat(*state, '.', 1 << 20)};

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(why_of(*state, wrong[i], JWE_DIR), REFUSAL_jwe_malformed);
    for (size_t n = 0; n < token.len; n++)
        assert_int_not_equal(why_of(*state, str_part(token, 0, n), JWE_DIR), REFUSAL_none);
}

/* One answer for everything behind the key: each byte of key, iv, content and tag changed in turn. */
static void attack_89_one_answer(void **state)
{
    static const jwe_alg_set algs[] = {JWE_RSA_OAEP, JWE_ECDH_ES_A256KW, JWE_A128GCMKW, JWE_A192KW, JWE_DIR};
    static const jwe_enc_set encs[] = {JWE_A128CBC_HS256, JWE_A256GCM};

    for (size_t i = 0; i < COUNT(algs) * COUNT(encs); i++) {
        jwe_alg_set alg = algs[i / COUNT(encs)];
        gate_str token = jwe_token_good(*state, jwe_token_key(alg), encs[i % COUNT(encs)], "a secret");
        for (size_t segment = 1; segment < 5; segment++) {
            gate_str bytes;
            assert_true(base64url_read(*state, jwe_token_segment(token, segment), &bytes));
            for (size_t at = 0; at < bytes.len; at += segment == 1 && alg == JWE_RSA_OAEP ? 37 : 1) {
                gate_str plain = STR("untouched");
                ((char *)bytes.ptr)[at] ^= (char)0x80;
                assert_int_equal(jwe_token_open(*state,
                                                jwe_token_with(*state, token, segment, token_segment(*state, bytes)),
                                                jwe_token_key(alg), &plain),
                                 REFUSAL_jwe_decrypt);
                assert_null(plain.ptr);
                ((char *)bytes.ptr)[at] ^= (char)0x80;
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(attack_78_content_without_signature),
        TEST(attack_78_nested_is_verified),
        TEST(attack_79_alg_and_enc_not_allowed),
        TEST(attack_79_alg_and_enc_unknown),
        TEST(attack_80_alg_swapped_for_the_same_key),
        TEST(attack_81_epk_wrong),
        TEST(attack_81_x25519_of_small_order),
        TEST(attack_82_encrypted_key_of_any_length),
        TEST(attack_82_direct_with_an_encrypted_key),
        TEST(attack_83_content_key_of_another_size),
        TEST(attack_83_fallback_key_is_not_known),
        TEST(attack_84_tag_and_iv_of_another_length),
        TEST(attack_84_tag_and_iv_in_the_header),
        TEST(attack_85_cbc_content),
        TEST(attack_85_padding),
        TEST(attack_86_pbes2),
        TEST(attack_87_zip),
        TEST(attack_88_header),
        TEST(attack_88_header_altered),
        TEST(attack_88_serialization),
        TEST(attack_89_one_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
