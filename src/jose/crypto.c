/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto.h"

#include "../base/secret.h"

#include <openssl/err.h>

bool crypto_open(crypto *c)
{
    ERR_set_mark();
    *c = (crypto){
        .sha256 = EVP_MD_fetch(NULL, "SHA256", NULL),
        .digest = EVP_MD_CTX_new(),
        .aes256gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL),
        .cipher = EVP_CIPHER_CTX_new(),
    };
    ERR_pop_to_mark();
    return c->sha256 && c->digest && c->aes256gcm && c->cipher;
}

void crypto_close(crypto *c)
{
    EVP_MD_CTX_free(c->digest);
    EVP_MD_free(c->sha256);
    EVP_CIPHER_CTX_free(c->cipher);
    EVP_CIPHER_free(c->aes256gcm);
    *c = (crypto){0};
}

static bool hash_two(crypto *c, gate_str a, gate_str b, unsigned char hash[SHA256_SIZE])
{
    bool good;

    ERR_set_mark();
    good = EVP_DigestInit_ex2(c->digest, c->sha256, NULL) == 1 && EVP_DigestUpdate(c->digest, a.ptr ? a.ptr : "", a.len) == 1 &&
           EVP_DigestUpdate(c->digest, b.ptr ? b.ptr : "", b.len) == 1 && EVP_DigestFinal_ex(c->digest, hash, NULL) == 1;
    ERR_pop_to_mark();
    return good;
}

bool crypto_sha256(crypto *c, gate_str data, unsigned char hash[SHA256_SIZE])
{
    return hash_two(c, data, STR_NONE, hash);
}

/* RFC 2104, written out because EVP_MAC allocates on each use. */
bool crypto_hmac_sha256(crypto *c, gate_str key, gate_str data, unsigned char mac[SHA256_SIZE])
{
    enum { BLOCK = 64 };
    unsigned char pad[BLOCK] = {0}, inner[SHA256_SIZE];
    bool good = true;

    if (key.len > BLOCK)
        good = crypto_sha256(c, key, pad);
    else if (key.len)
        memcpy(pad, key.ptr, key.len);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36;
    good = good && hash_two(c, (gate_str){(char *)pad, BLOCK}, data, inner);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    good = good && hash_two(c, (gate_str){(char *)pad, BLOCK}, (gate_str){(char *)inner, sizeof inner}, mac);
    secret_wipe(pad, sizeof pad);
    secret_wipe(inner, sizeof inner);
    return good;
}

bool crypto_hkdf(crypto *c, gate_str material, gate_str info, unsigned char key[SHA256_SIZE])
{
    static const char no_salt[SHA256_SIZE];
    unsigned char prk[SHA256_SIZE];
    char block[256];
    bool good = info.len < sizeof block && crypto_hmac_sha256(c, (gate_str){no_salt, sizeof no_salt}, material, prk);

    if (good) {
        if (info.len)
            memcpy(block, info.ptr, info.len);
        block[info.len] = 1;
        good = crypto_hmac_sha256(c, (gate_str){(char *)prk, sizeof prk}, (gate_str){block, info.len + 1}, key);
    }
    secret_wipe(prk, sizeof prk);
    return good;
}

bool crypto_digest(const char *name, gate_str data, unsigned char *hash, size_t *n)
{
    bool good;

    ERR_set_mark();
    good = EVP_Q_digest(NULL, name, NULL, data.ptr ? data.ptr : "", data.len, hash, n) == 1;
    ERR_pop_to_mark();
    return good;
}

/* The initialisation, with the additional data. */
static bool gcm_begin(crypto *c, const unsigned char *key, const unsigned char *iv, gate_str aad, gate_str data, int encrypt)
{
    int n;

    return aad.len <= INT32_MAX && data.len <= INT32_MAX &&
           EVP_CipherInit_ex2(c->cipher, c->aes256gcm, key, iv, encrypt, NULL) == 1 &&
           EVP_CipherUpdate(c->cipher, NULL, &n, (const unsigned char *)(aad.ptr ? aad.ptr : ""), (int)aad.len) == 1;
}

bool crypto_seal(crypto *c, const unsigned char key[SEAL_KEY_SIZE], const unsigned char iv[SEAL_IV_SIZE], gate_str aad, gate_str plain,
                 unsigned char *out, unsigned char tag[SEAL_TAG_SIZE])
{
    unsigned char rest[16];
    int n;
    bool good;

    ERR_set_mark();
    good = gcm_begin(c, key, iv, aad, plain, 1) &&
           EVP_CipherUpdate(c->cipher, out, &n, (const unsigned char *)(plain.ptr ? plain.ptr : ""), (int)plain.len) == 1 &&
           EVP_CipherFinal_ex(c->cipher, rest, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(c->cipher, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_SIZE, tag) == 1;
    ERR_pop_to_mark();
    return good;
}

bool crypto_unseal(crypto *c, const unsigned char key[SEAL_KEY_SIZE], const unsigned char iv[SEAL_IV_SIZE], gate_str aad,
                   gate_str sealed, const unsigned char tag[SEAL_TAG_SIZE], unsigned char *out)
{
    unsigned char rest[16], want[SEAL_TAG_SIZE];
    int n;
    bool good;

    memcpy(want, tag, sizeof want);
    ERR_set_mark();
    good = gcm_begin(c, key, iv, aad, sealed, 0) &&
           EVP_CipherUpdate(c->cipher, out, &n, (const unsigned char *)(sealed.ptr ? sealed.ptr : ""), (int)sealed.len) == 1 &&
           EVP_CIPHER_CTX_ctrl(c->cipher, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_SIZE, want) == 1 &&
           EVP_CipherFinal_ex(c->cipher, rest, &n) == 1;
    ERR_pop_to_mark();
    if (!good)
        secret_wipe(out, sealed.len);
    return good;
}
