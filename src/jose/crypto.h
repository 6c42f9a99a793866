/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few primitives of symmetric cryptography, over libcrypto, with contexts that are made once and used again: no allocation
 * after crypto_open. A crypto belongs to one thread at a time. The error queue of libcrypto is left as it was found.
 */
#ifndef GATE_CRYPTO_H
#define GATE_CRYPTO_H

#include "../base/str.h"

#include <openssl/evp.h>

enum { SHA256_SIZE = 32, SEAL_KEY_SIZE = 32, SEAL_IV_SIZE = 12, SEAL_TAG_SIZE = 16 };

typedef struct crypto {
    EVP_CIPHER_CTX *aes256gcm;
} crypto;

bool crypto_open(crypto *c);
void crypto_close(crypto *c); /* also after a failed or no crypto_open on zeroed memory */

bool crypto_sha256(gate_str data, unsigned char hash[SHA256_SIZE]);
bool crypto_hmac_sha256(gate_str key, gate_str data, unsigned char mac[SHA256_SIZE]);

/* HKDF-SHA256 (RFC 5869) with an empty salt, one block of output. */
bool crypto_hkdf(gate_str material, gate_str info, unsigned char key[SHA256_SIZE]);

/* A digest by libcrypto's name for it ("SHA384"); hash holds EVP_MAX_MD_SIZE bytes. For what is rare: it allocates. */
bool crypto_digest(const char *name, gate_str data, unsigned char *hash, size_t *n);

/* AES-256-GCM. `out` holds plain.len bytes; decryption writes nothing that may be used unless it answers true. */
bool crypto_seal(crypto *c, const unsigned char key[SEAL_KEY_SIZE], const unsigned char iv[SEAL_IV_SIZE], gate_str aad,
                 gate_str plain, unsigned char *out, unsigned char tag[SEAL_TAG_SIZE]);
bool crypto_unseal(crypto *c, const unsigned char key[SEAL_KEY_SIZE], const unsigned char iv[SEAL_IV_SIZE],
                   gate_str aad, gate_str sealed, const unsigned char tag[SEAL_TAG_SIZE], unsigned char *out);

#endif
