/* SPDX-License-Identifier: Apache-2.0 */
#include "jwe_token.h"

#include "base/base64url.h"
#include "rfc_jwe.h"

#include <openssl/err.h>

#include <stdlib.h>

enum { ALGS = 13, ROOM = 4 * 1024 * 1024 };

static arena forever;
static jwe_key made[ALGS];

static void forget(void)
{
    for (size_t i = 0; i < ALGS; i++)
        jwe_key_drop(&made[i]);
    arena_close(&forever);
}

static gate_str document_for(jwe_alg_set alg)
{
    static const char *const octets[] = {"GawgguFyGrWKav7AX4VKUg", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
                                         "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"};
    size_t size = alg == JWE_DIR ? 32 : jwe_alg_wrap_size(alg);

    if (alg & JWE_RSA)
        return STR("{" RFC7516_A1_OWN "}");
    if (alg & JWE_ECDH)
        return STR("{" RFC7518_C_BOB ",\"d\":\"" RFC7518_C_BOB_D "\"}");
    return unit_join(&forever, "{\"kty\":\"oct\",\"k\":\"", octets[size / 8 - 2], "\"}", NULL);
}

const jwe_key *jwe_token_key(jwe_alg_set alg)
{
    size_t i = 0;

    while ((jwe_alg_set)1 << i != alg)
        assert_true(++i < ALGS);
    if (forever.max == 0) {
        arena_open(&forever, ROOM);
        atexit(forget);
    }
    if (made[i].alg == 0)
        assert_true(jwe_key_read_own(&forever, document_for(alg), jwe_alg_name(alg), &made[i]));
    return &made[i];
}

jwe_key jwe_token_read_key(arena *a, gate_str document, const char *alg)
{
    jwe_key key;

    assert_true(jwe_key_read_own(a, unit_exact(document), str_of(alg), &key));
    assert_int_equal(ERR_peek_error(), 0);
    return key;
}

gate_str jwe_token_make(arena *a, const char *header, gate_str encrypted_key, gate_str cek, jwe_enc_set enc,
                        const char *plain)
{
    unsigned char out[4096], tag[JWE_CONTENT_TAG_MAX], iv[JWE_CONTENT_IV_MAX] = {7};
    text t = text_begin(a, ROOM), first = text_begin(a, ROOM);
    jwe_content c = {.enc = enc, .key = cek, .iv = {(char *)iv, jwe_content_iv_size(enc)}};
    gate_str token;
    size_t n;

    base64url_write(&first, str_of(header));
    assert_true(text_end(&first, &c.aad));
    assert_true(jwe_content_seal(&c, str_of(plain), out, &n, tag));
    text_add(&t, c.aad);
    text_add_char(&t, '.');
    base64url_write(&t, encrypted_key);
    text_add_char(&t, '.');
    base64url_write(&t, c.iv);
    text_add_char(&t, '.');
    base64url_write(&t, (gate_str){(char *)out, n});
    text_add_char(&t, '.');
    base64url_write(&t, (gate_str){(char *)tag, jwe_content_tag_size(enc)});
    assert_true(text_end(&t, &token));
    return token;
}

gate_str jwe_token_good(arena *a, const jwe_key *key, jwe_enc_set enc, const char *plain)
{
    text t = text_begin(a, ROOM);
    gate_str token;

    assert_true(jwe_encrypt(a, &t, key, enc, STR_NONE, STR_NONE, str_of(plain)));
    assert_true(text_end(&t, &token));
    return token;
}

gate_str jwe_token_segment(gate_str token, size_t segment)
{
    gate_str piece = STR_NONE;

    for (size_t i = 0; i <= segment; i++)
        assert_true(str_cut(&token, '.', &piece));
    return piece;
}

gate_str jwe_token_with(arena *a, gate_str token, size_t segment, gate_str s)
{
    text t = text_begin(a, ROOM);
    gate_str result;

    for (size_t i = 0; i < 5; i++) {
        if (i)
            text_add_char(&t, '.');
        text_add(&t, i == segment ? s : jwe_token_segment(token, i));
    }
    assert_true(text_end(&t, &result));
    return result;
}

refusal jwe_token_open(arena *a, gate_str token, const jwe_key *key, gate_str *plain)
{
    refusal why = REFUSAL_none;
    jwe t;
    bool good =
        jwe_read(a, unit_exact(token), JWE_ALG_ALL, JWE_ENC_ALL, &t, &why) && jwe_decrypt(a, &t, key, 1, plain, &why);

    assert_int_equal(good, why == REFUSAL_none);
    assert_int_equal(ERR_peek_error(), 0);
    return why;
}

refusal jwe_token_check(arena *a, gate_str token, const jwe_key *key)
{
    gate_str plain;

    return jwe_token_open(a, token, key, &plain);
}
