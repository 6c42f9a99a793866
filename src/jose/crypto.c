/* SPDX-License-Identifier: Apache-2.0 */
#define OPENSSL_SUPPRESS_DEPRECATED /* for SHA256_Init and its kin: see hash_two */
#include "crypto.h"

#include "../base/secret.h"

#include <openssl/err.h>
#include <openssl/sha.h>

/* The cipher is fetched and bound to the context once: later, NULL for it means the same one, and nothing is allocated. */
bool crypto_open(crypto *c)
{
    EVP_CIPHER *cipher;
    bool good;

    ERR_set_mark();
    cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    c->aes256gcm = EVP_CIPHER_CTX_new();
    good = cipher && c->aes256gcm && EVP_CipherInit_ex2(c->aes256gcm, cipher, NULL, NULL, 1, NULL) == 1;
    EVP_CIPHER_free(cipher);
    ERR_pop_to_mark();
    return good;
}

void crypto_close(crypto *c)
{
    EVP_CIPHER_CTX_free(c->aes256gcm);
    *c = (crypto){0};
}

/* SHA-256's own functions: behind EVP, libcrypto 3 allocates a new state for each digest, and this one is made for every request. */
static bool hash_two(gate_str a, gate_str b, unsigned char hash[SHA256_SIZE])
{
    SHA256_CTX state;
    bool good = SHA256_Init(&state) == 1 && SHA256_Update(&state, a.ptr ? a.ptr : "", a.len) == 1 &&
                SHA256_Update(&state, b.ptr ? b.ptr : "", b.len) == 1 && SHA256_Final(hash, &state) == 1;

    secret_wipe(&state, sizeof state);
    return good;
}

bool crypto_sha256(gate_str data, unsigned char hash[SHA256_SIZE])
{
    return hash_two(data, STR_NONE, hash);
}

/* RFC 2104, written out because EVP_MAC allocates on each use. */
bool crypto_hmac_sha256(gate_str key, gate_str data, unsigned char mac[SHA256_SIZE])
{
    enum { BLOCK = 64 };
    unsigned char pad[BLOCK] = {0}, inner[SHA256_SIZE];
    bool good = true;

    if (key.len > BLOCK)
        good = crypto_sha256(key, pad);
    else if (key.len)
        memcpy(pad, key.ptr, key.len);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36;
    good = good && hash_two((gate_str){(char *)pad, BLOCK}, data, inner);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    good = good && hash_two((gate_str){(char *)pad, BLOCK}, (gate_str){(char *)inner, sizeof inner}, mac);
    secret_wipe(pad, sizeof pad);
    secret_wipe(inner, sizeof inner);
    return good;
}

bool crypto_hkdf(gate_str material, gate_str info, unsigned char key[SHA256_SIZE])
{
    static const char no_salt[SHA256_SIZE];
    unsigned char prk[SHA256_SIZE];
    char block[256];
    bool good = info.len < sizeof block && crypto_hmac_sha256((gate_str){no_salt, sizeof no_salt}, material, prk);

    if (good) {
        if (info.len)
            memcpy(block, info.ptr, info.len);
        block[info.len] = 1;
        good = crypto_hmac_sha256((gate_str){(char *)prk, sizeof prk}, (gate_str){block, info.len + 1}, key);
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
static bool gcm_begin(crypto *c, const unsigned char *key, const unsigned char *iv, gate_str aad, gate_str data,
                      int encrypt)
{
    int n;

    return aad.len <= INT32_MAX && data.len <= INT32_MAX &&
           EVP_CipherInit_ex2(c->aes256gcm, NULL, key, iv, encrypt, NULL) == 1 &&
           EVP_CipherUpdate(c->aes256gcm, NULL, &n, (const unsigned char *)(aad.ptr ? aad.ptr : ""), (int)aad.len) == 1;
}

bool crypto_seal(crypto *c, const unsigned char key[SEAL_KEY_SIZE], const unsigned char iv[SEAL_IV_SIZE], gate_str aad,
                 gate_str plain, unsigned char *out, unsigned char tag[SEAL_TAG_SIZE])
{
    unsigned char rest[16];
    int n;
    bool good;

    ERR_set_mark();
    good = gcm_begin(c, key, iv, aad, plain, 1) &&
           EVP_CipherUpdate(c->aes256gcm, out, &n, (const unsigned char *)(plain.ptr ? plain.ptr : ""),
                            (int)plain.len) == 1 &&
           EVP_CipherFinal_ex(c->aes256gcm, rest, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(c->aes256gcm, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_SIZE, tag) == 1;
    ERR_pop_to_mark();
    return good;
}

bool crypto_unseal(crypto *c, const unsigned char key[SEAL_KEY_SIZE], const unsigned char iv[SEAL_IV_SIZE],
                   gate_str aad, gate_str sealed, const unsigned char tag[SEAL_TAG_SIZE], unsigned char *out)
{
    unsigned char rest[16], want[SEAL_TAG_SIZE];
    int n;
    bool good;

    memcpy(want, tag, sizeof want);
    ERR_set_mark();
    good = gcm_begin(c, key, iv, aad, sealed, 0) &&
           EVP_CipherUpdate(c->aes256gcm, out, &n, (const unsigned char *)(sealed.ptr ? sealed.ptr : ""),
                            (int)sealed.len) == 1 &&
           EVP_CIPHER_CTX_ctrl(c->aes256gcm, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_SIZE, want) == 1 &&
           EVP_CipherFinal_ex(c->aes256gcm, rest, &n) == 1;
    ERR_pop_to_mark();
    if (!good)
        secret_wipe(out, sealed.len);
    return good;
}
