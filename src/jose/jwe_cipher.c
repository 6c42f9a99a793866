/* SPDX-License-Identifier: Apache-2.0 */
#include "jwe_cipher.h"

#include "../base/secret.h"
#include "../base/text.h"

#include <openssl/evp.h>

static const unsigned char *bytes_of(gate_str s)
{
    return (const unsigned char *)(s.ptr ? s.ptr : "");
}

/* `mode` as libcrypto names it ("GCM"). NULL on failure. */
static EVP_CIPHER_CTX *begin(const char *mode, gate_str key, gate_str iv, int seal)
{
    char name[24] = {0};
    text t = text_begin_at(name, sizeof name - 1);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_CIPHER *cipher;
    bool good;

    text_add(&t, STR("AES-"));
    text_add_number(&t, (int64_t)key.len * 8);
    text_add_char(&t, '-');
    text_add(&t, str_of(mode));
    cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    if (context)
        EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    good = context && cipher && !t.failed && EVP_CIPHER_get_key_length(cipher) == (int)key.len &&
           (!iv.len || EVP_CIPHER_get_iv_length(cipher) == (int)iv.len) &&
           EVP_CipherInit_ex2(context, cipher, bytes_of(key), iv.len ? bytes_of(iv) : NULL, seal, NULL) == 1;
    EVP_CIPHER_free(cipher);
    if (good)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

/* The whole input through the cipher, and its end. `final` writes nothing for GCM and key wrap. */
static bool run(EVP_CIPHER_CTX *context, gate_str in, unsigned char *out, size_t *n)
{
    unsigned char rest[JWE_CBC_BLOCK];
    int first = 0, last = 0;
    bool good = in.len <= INT32_MAX - JWE_CBC_BLOCK &&
                EVP_CipherUpdate(context, out, &first, bytes_of(in), (int)in.len) == 1 && first >= 0 &&
                EVP_CipherFinal_ex(context, rest, &last) == 1 && last >= 0 && last <= JWE_CBC_BLOCK;

    if (good) {
        memcpy(out + first, rest, (size_t)last);
        *n = (size_t)first + (size_t)last;
    }
    secret_wipe(rest, sizeof rest);
    return good;
}

static bool add_aad(EVP_CIPHER_CTX *context, gate_str aad)
{
    int n;

    return aad.len <= INT32_MAX && EVP_CipherUpdate(context, NULL, &n, bytes_of(aad), (int)aad.len) == 1;
}

bool jwe_cipher_gcm_seal(gate_str key, gate_str iv, gate_str aad, gate_str plain, unsigned char *out,
                         unsigned char *tag)
{
    EVP_CIPHER_CTX *context = iv.len == JWE_GCM_IV_SIZE ? begin("GCM", key, iv, 1) : NULL;
    size_t n = 0;
    bool good = context && add_aad(context, aad) && run(context, plain, out, &n) && n == plain.len &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, JWE_GCM_TAG_SIZE, tag) == 1;

    EVP_CIPHER_CTX_free(context);
    return good;
}

/* A shorter tag would be taken by libcrypto, and could be guessed (NIST SP 800-38D appendix C). */
bool jwe_cipher_gcm_open(gate_str key, gate_str iv, gate_str aad, gate_str sealed, gate_str tag, unsigned char *out)
{
    bool fits = iv.len == JWE_GCM_IV_SIZE && tag.len == JWE_GCM_TAG_SIZE;
    EVP_CIPHER_CTX *context = fits ? begin("GCM", key, iv, 0) : NULL;
    unsigned char want[JWE_GCM_TAG_SIZE];
    size_t n = 0;
    bool good;

    if (fits)
        memcpy(want, tag.ptr, sizeof want);
    good = context && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, JWE_GCM_TAG_SIZE, want) == 1 &&
           add_aad(context, aad) && run(context, sealed, out, &n) && n == sealed.len;
    EVP_CIPHER_CTX_free(context);
    if (!good)
        secret_wipe(out, sealed.len);
    return good;
}

bool jwe_cipher_cbc_seal(gate_str key, gate_str iv, gate_str plain, unsigned char *out, size_t *n)
{
    EVP_CIPHER_CTX *context = iv.len == JWE_CBC_BLOCK ? begin("CBC", key, iv, 1) : NULL;
    bool good = context && run(context, plain, out, n);

    EVP_CIPHER_CTX_free(context);
    return good;
}

bool jwe_cipher_cbc_open(gate_str key, gate_str iv, gate_str sealed, unsigned char *out, size_t *n)
{
    bool fits = iv.len == JWE_CBC_BLOCK && sealed.len && sealed.len % JWE_CBC_BLOCK == 0;
    EVP_CIPHER_CTX *context = fits ? begin("CBC", key, iv, 0) : NULL;
    bool good = context && run(context, sealed, out, n);

    EVP_CIPHER_CTX_free(context);
    if (!good)
        secret_wipe(out, sealed.len);
    return good;
}

static bool wrap_fits(size_t plain)
{
    return plain >= 16 && plain % 8 == 0;
}

bool jwe_cipher_wrap(gate_str key, gate_str plain, unsigned char *out)
{
    EVP_CIPHER_CTX *context = wrap_fits(plain.len) ? begin("WRAP", key, STR_NONE, 1) : NULL;
    size_t n = 0;
    bool good = context && run(context, plain, out, &n) && n == plain.len + JWE_WRAP_MORE;

    EVP_CIPHER_CTX_free(context);
    return good;
}

bool jwe_cipher_unwrap(gate_str key, gate_str sealed, unsigned char *out)
{
    bool fits = sealed.len > JWE_WRAP_MORE && wrap_fits(sealed.len - JWE_WRAP_MORE);
    EVP_CIPHER_CTX *context = fits ? begin("WRAP", key, STR_NONE, 0) : NULL;
    size_t n = 0;
    bool good = context && run(context, sealed, out, &n) && n == sealed.len - JWE_WRAP_MORE;

    EVP_CIPHER_CTX_free(context);
    if (!good && fits)
        secret_wipe(out, sealed.len - JWE_WRAP_MORE);
    return good;
}
