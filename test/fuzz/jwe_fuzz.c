/* SPDX-License-Identifier: Apache-2.0
 * Encrypted tokens and the keys for them. The first byte says what the rest is: 0 a token, 1 a header (the token around it is made
 * here, so that mutations reach the keys), 2 a key of our own, 3 a public key. The second byte chooses the alg of 2 and 3.
 */
#include "../unit/rfc_jwe.h"
#include "base/base64url.h"
#include "jose/jwe.h"

#include <openssl/err.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS = 13, ROOM = 1 << 20 };

static arena forever;
static jwe_key keys[KEYS];

static gate_str document_for(jwe_alg_set alg)
{
    size_t size = alg == JWE_DIR ? 16 : jwe_alg_wrap_size(alg);

    if (alg & JWE_RSA)
        return STR("{" RFC7516_A1_OWN "}");
    if (alg & (JWE_ECDH_ES | JWE_ECDH_ES_A192KW))
        return STR("{" RFC7518_C_BOB ",\"d\":\"" RFC7518_C_BOB_D "\"}");
    if (alg & JWE_ECDH)
        return STR("{" RFC8037_A6_BOB ",\"d\":\"" RFC8037_A6_BOB_D "\"}");
    if (size == 16)
        return STR("{\"kty\":\"oct\",\"k\":\"" RFC7516_A3_K "\"}");
    if (size == 24)
        return STR("{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX\"}");
    return STR("{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}");
}

static void open_keys(void)
{
    if (forever.max)
        return;
    arena_open(&forever, ROOM);
    for (size_t i = 0; i < KEYS; i++) {
        jwe_alg_set alg = (jwe_alg_set)1 << i;
        if (!jwe_key_read_own(&forever, document_for(alg), jwe_alg_name(alg), &keys[i]))
            abort();
    }
}

static void run_token(arena *a, gate_str token)
{
    refusal why = REFUSAL_none;
    gate_str plain;
    jwe t;
    bool good = jwe_read(a, token, JWE_ALG_ALL, JWE_ENC_ALL, &t, &why) && jwe_decrypt(a, &t, keys, KEYS, &plain, &why);

    if (good != (why == REFUSAL_none) || (good && plain.len > token.len))
        abort();
}

static void run_header(arena *a, gate_str header)
{
    static const char bytes[256] = {1};
    text t = text_begin(a, ROOM);
    gate_str token;

    base64url_write(&t, header);
    text_add_char(&t, '.');
    base64url_write(&t, (gate_str){bytes, header.len % 2 ? 24 : 256});
    text_add_char(&t, '.');
    base64url_write(&t, (gate_str){bytes, 12});
    text_add_char(&t, '.');
    base64url_write(&t, (gate_str){bytes, 32});
    text_add_char(&t, '.');
    base64url_write(&t, (gate_str){bytes, 16});
    if (text_end(&t, &token))
        run_token(a, token);
}

/* A key that was taken must serve: what it encrypts can be written. */
static void run_key(arena *a, gate_str document, unsigned choice, bool own)
{
    jwe_alg_set alg = (jwe_alg_set)1 << choice % (KEYS + 1); /* the last is none */
    text t = text_begin(a, ROOM);
    jwe_key key;
    bool good = own ? jwe_key_read_own(a, document, jwe_alg_name(alg), &key)
                    : jwe_key_read_public(a, json_read_object(a, document), jwe_alg_name(alg), &key);
    jwe_enc_set enc = good ? key.encs & (~key.encs + 1) : 0;

    if (good && !jwe_encrypt(a, &t, &key, enc, STR_NONE, STR_NONE, document) && own && document.len < 4096)
        abort();
    if (good)
        jwe_key_drop(&key);
    else if (key.key || key.octets.ptr || key.alg)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_str rest;
    arena a;

    open_keys();
    if (size < 2 || size > 64 * 1024)
        return 0;
    rest = (gate_str){(const char *)data + 2, size - 2};
    arena_open(&a, 8 * ROOM);
    switch (data[0] & 3) {
    case 0:
        run_token(&a, rest);
        break;
    case 1:
        run_header(&a, rest);
        break;
    default:
        run_key(&a, rest, data[1] & 15, (data[0] & 3) == 2);
    }
    arena_close(&a);
    if (ERR_peek_error())
        abort();
    return 0;
}
