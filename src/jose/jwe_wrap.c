/* SPDX-License-Identifier: Apache-2.0 */
#include "jwe_wrap.h"

#include "../base/base64url.h"
#include "../base/secret.h"
#include "jwe_agree.h"
#include "jwe_cipher.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rand.h>

enum { RSA_MAX = 8192 / 8, WRAPPED_MAX = JWE_CONTENT_KEY_MAX + JWE_WRAP_MORE, KEK_MAX = 32 };

static OSSL_PARAM param_text(const char *name, const char *value)
{
    return OSSL_PARAM_construct_utf8_string(name, (char *)value, 0);
}

/* RFC 7518 section 4.3: MGF1 uses the hash of OAEP. */
static void oaep_params(jwe_alg_set alg, OSSL_PARAM params[4])
{
    const char *digest = alg == JWE_RSA_OAEP ? "SHA1" : "SHA256";

    params[0] = param_text(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, OSSL_PKEY_RSA_PAD_MODE_OAEP);
    params[1] = param_text(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, digest);
    params[2] = param_text(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, digest);
    params[3] = OSSL_PARAM_construct_end();
}

static bool rsa_seal(arena *a, const jwe_key *key, gate_str cek, gate_str *encrypted)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);
    unsigned char *out = arena_alloc(a, key->modulus_size);
    size_t n = key->modulus_size;
    OSSL_PARAM params[4];
    bool good;

    oaep_params(key->alg, params);
    good = context && out && EVP_PKEY_encrypt_init_ex(context, params) == 1 &&
           EVP_PKEY_encrypt(context, out, &n, (const unsigned char *)cek.ptr, cek.len) == 1 && n == key->modulus_size;
    EVP_PKEY_CTX_free(context);
    *encrypted = (gate_str){(char *)out, n};
    return good;
}

static bool rsa_open(const jwe_key *key, gate_str encrypted, size_t size, unsigned char *cek)
{
    EVP_PKEY_CTX *context =
        encrypted.len == key->modulus_size ? EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL) : NULL;
    unsigned char out[RSA_MAX];
    size_t n = sizeof out;
    OSSL_PARAM params[4];
    bool good;

    oaep_params(key->alg, params);
    good = context && EVP_PKEY_decrypt_init_ex(context, params) == 1 &&
           EVP_PKEY_decrypt(context, out, &n, (const unsigned char *)encrypted.ptr, encrypted.len) == 1 && n == size;
    if (good)
        memcpy(cek, out, size);
    secret_wipe(out, sizeof out);
    EVP_PKEY_CTX_free(context);
    return good;
}

static bool kw_seal(arena *a, gate_str kek, gate_str cek, gate_str *encrypted)
{
    unsigned char *out = arena_alloc(a, WRAPPED_MAX);

    *encrypted = (gate_str){(char *)out, cek.len + JWE_WRAP_MORE};
    return out && jwe_cipher_wrap(kek, cek, out);
}

/* The length first: libcrypto would unwrap any, into room for one. */
static bool kw_open(gate_str kek, gate_str encrypted, size_t size, unsigned char *cek)
{
    return encrypted.len == size + JWE_WRAP_MORE && jwe_cipher_unwrap(kek, encrypted, cek);
}

/* RFC 7518 section 4.7: iv and tag stand in the header. */
static bool gcmkw_seal(arena *a, gate_str kek, gate_str cek, text *header, gate_str *encrypted)
{
    unsigned char iv[JWE_GCM_IV_SIZE], tag[JWE_GCM_TAG_SIZE];
    unsigned char *out = arena_alloc(a, cek.len);

    if (!out || RAND_bytes(iv, sizeof iv) != 1 ||
        !jwe_cipher_gcm_seal(kek, (gate_str){(char *)iv, sizeof iv}, STR_NONE, cek, out, tag))
        return false;
    json_add_bytes(header, STR("iv"), (gate_str){(char *)iv, sizeof iv});
    json_add_bytes(header, STR("tag"), (gate_str){(char *)tag, sizeof tag});
    *encrypted = (gate_str){(char *)out, cek.len};
    return true;
}

static bool read_exact(arena *a, const json *header, gate_str name, size_t size, gate_str *bytes)
{
    gate_str encoded;

    return json_get_string(header, name, &encoded) == JSON_GOOD && encoded.len == BASE64URL_SIZE(size) &&
           base64url_read(a, encoded, bytes) && bytes->len == size;
}

static bool gcmkw_open(arena *a, gate_str kek, const json *header, gate_str encrypted, size_t size, unsigned char *cek)
{
    gate_str iv, tag;

    return encrypted.len == size && read_exact(a, header, STR("iv"), JWE_GCM_IV_SIZE, &iv) &&
           read_exact(a, header, STR("tag"), JWE_GCM_TAG_SIZE, &tag) &&
           jwe_cipher_gcm_open(kek, iv, STR_NONE, encrypted, tag, cek);
}

static bool ecdh_seal(arena *a, const jwe_key *key, gate_str cek, text *header, gate_str *encrypted)
{
    size_t size = jwe_alg_wrap_size(key->alg);
    unsigned char kek[KEK_MAX];
    bool good = jwe_agree_make(a, key, header, jwe_alg_name(key->alg), size, kek) &&
                kw_seal(a, (gate_str){(char *)kek, size}, cek, encrypted);

    secret_wipe(kek, sizeof kek);
    return good;
}

static bool ecdh_open(arena *a, const jwe_key *key, const json *header, gate_str encrypted, size_t cek_size,
                      unsigned char *cek)
{
    size_t size = jwe_alg_wrap_size(key->alg);
    unsigned char kek[KEK_MAX];
    bool good = jwe_agree_read(a, key, header, jwe_alg_name(key->alg), size, kek) &&
                kw_open((gate_str){(char *)kek, size}, encrypted, cek_size, cek);

    secret_wipe(kek, sizeof kek);
    return good;
}

/* dir and ECDH-ES: both sides know the content's key, and the token carries none. */
static bool make_direct(arena *a, const jwe_key *key, jwe_enc_set enc, text *header, unsigned char *cek)
{
    size_t size = jwe_content_key_size(enc);

    if (key->alg == JWE_ECDH_ES)
        return jwe_agree_make(a, key, header, jwe_content_name(enc), size, cek);
    if (key->octets.len != size)
        return false;
    memcpy(cek, key->octets.ptr, size);
    return true;
}

static bool seal(arena *a, const jwe_key *key, gate_str cek, text *header, gate_str *encrypted)
{
    if (key->alg & JWE_RSA)
        return rsa_seal(a, key, cek, encrypted);
    if (key->alg & JWE_ECDH_KW)
        return ecdh_seal(a, key, cek, header, encrypted);
    if (key->alg & JWE_GCMKW)
        return gcmkw_seal(a, key->octets, cek, header, encrypted);
    return (key->alg & JWE_KW) && kw_seal(a, key->octets, cek, encrypted);
}

bool jwe_wrap_make(arena *a, const jwe_key *key, jwe_enc_set enc, text *header, unsigned char cek[JWE_CONTENT_KEY_MAX],
                   gate_str *encrypted)
{
    size_t size = jwe_content_key_size(enc);
    bool good;

    *encrypted = STR("");
    if (!size || !(key->encs & enc))
        return false;
    ERR_set_mark();
    if (jwe_alg_is_direct(key->alg))
        good = make_direct(a, key, enc, header, cek);
    else
        good = RAND_priv_bytes(cek, (int)size) == 1 && seal(a, key, (gate_str){(char *)cek, size}, header, encrypted);
    ERR_pop_to_mark();
    return good;
}

static bool open_direct(arena *a, const jwe_key *key, jwe_enc_set enc, const json *header, size_t size,
                        unsigned char *cek)
{
    if (key->alg == JWE_ECDH_ES)
        return jwe_agree_read(a, key, header, jwe_content_name(enc), size, cek);
    if (key->octets.len != size)
        return false;
    memcpy(cek, key->octets.ptr, size);
    return true;
}

static bool open_key(arena *a, const jwe_key *key, jwe_enc_set enc, const json *header, gate_str encrypted,
                     unsigned char *cek)
{
    size_t size = jwe_content_key_size(enc);

    if (jwe_alg_is_direct(key->alg))
        return !encrypted.len && open_direct(a, key, enc, header, size, cek);
    if (key->alg & JWE_RSA)
        return rsa_open(key, encrypted, size, cek);
    if (key->alg & JWE_ECDH_KW)
        return ecdh_open(a, key, header, encrypted, size, cek);
    if (key->alg & JWE_GCMKW)
        return gcmkw_open(a, key->octets, header, encrypted, size, cek);
    return (key->alg & JWE_KW) && kw_open(key->octets, encrypted, size, cek);
}

bool jwe_wrap_open(arena *a, const jwe_key *key, jwe_enc_set enc, const json *header, gate_str encrypted,
                   unsigned char cek[JWE_CONTENT_KEY_MAX])
{
    unsigned char found[JWE_CONTENT_KEY_MAX];
    size_t size = jwe_content_key_size(enc);
    bool good;

    ERR_set_mark();
    good = size && RAND_priv_bytes(cek, (int)size) == 1;
    if (good && (key->encs & enc) && open_key(a, key, enc, header, encrypted, found))
        memcpy(cek, found, size);
    ERR_pop_to_mark();
    secret_wipe(found, sizeof found);
    return good;
}
