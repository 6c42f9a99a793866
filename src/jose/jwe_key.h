/* SPDX-License-Identifier: Apache-2.0 */
/* One key for encrypted tokens. It has exactly one alg from the moment it is read (RFC 8725 section 3.1); nothing changes afterwards. */
#ifndef GATE_JWE_KEY_H
#define GATE_JWE_KEY_H

#include "../base/json.h"
#include "jwe_alg.h"
#include "jwe_content.h"

#include <openssl/evp.h>

enum { JWE_KID_MAX = 1024 };

typedef struct jwe_key {
    gate_str kid;        /* lies in the arena or text it was read from; ptr NULL: none */
    jwe_alg_set alg;     /* one bit */
    jwe_enc_set encs;    /* what it may be used with: all, but for dir those of its size */
    EVP_PKEY *key;       /* RSA, EC, X25519; NULL for symmetric keys */
    gate_str octets;     /* symmetric keys: the secret */
    size_t modulus_size; /* RSA: exact size of an encrypted key in bytes */
    size_t shared_size;  /* ECDH: exact size of the agreed secret in bytes */
} jwe_key;

/*
 * Our own key, for decryption: PEM (without passphrase) or JWK text; RSA, EC on P-256, P-384 or P-521, X25519, or symmetric (oct, JWK
 * only). `alg` is what the configuration says, or empty; a JWK's own "alg" must then be there, and where both are, they must be equal.
 * A JWK whose "alg" is the name of a content encryption is for dir with that alone. use must be enc or absent; key_ops must fit. The
 * gates are those of jwk.h, symmetric keys have exactly the size that their alg wants, and the private part must fit the public one,
 * which is tried. The document may go; the key's memory lies in the arena.
 */
bool jwe_key_read_own(arena *a, gate_str document, gate_str alg, jwe_key *key);

/* A public key from outside, for encryption to its owner: RSA, EC, X25519; no private members. `alg` as above. */
bool jwe_key_read_public(arena *a, const json *node, gate_str alg, jwe_key *key);

/* A secret shared with the provider. It points at the caller's bytes. False when its size is not what alg wants. */
bool jwe_key_read_octets(gate_str octets, gate_str alg, jwe_key *key);

void jwe_key_drop(jwe_key *key); /* frees libcrypto's part; allowed on zeroed memory */

#endif
