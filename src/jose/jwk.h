/* SPDX-License-Identifier: Apache-2.0 */
/* One key. It knows its algorithms from the moment it is read; nothing about it changes afterwards. */
#ifndef GATE_JWK_H
#define GATE_JWK_H

#include "../base/json.h"
#include "alg.h"

#include <openssl/evp.h>

enum { JWK_KID_MAX = 1024 };

/* How signatures of one alg (for Ed: of both of its names) are verified, prepared once: making a context anew costs a
 * fifth of an RSA verification. Threads may share it, since each verification takes a context of its own. */
typedef struct jwk_verifier {
    alg_set algs;
    EVP_PKEY_CTX *context; /* RSA and EC: takes the digest of the message */
    EVP_MD *digest;
    EVP_MD_CTX *message;     /* Ed and ML-DSA: takes the message itself */
    struct jwk_spare *spare; /* a copy of the context that is not in use, if there is one */
} jwk_verifier;

enum { JWK_VERIFIERS_MAX = 6 };

typedef struct jwk {
    gate_str kid;          /* lies in the arena or text it was read from; ptr NULL: none */
    alg_set algs;          /* the signatures that this key may verify or make */
    EVP_PKEY *key;         /* NULL for symmetric keys */
    gate_str octets;       /* symmetric keys: the secret */
    size_t signature_size; /* exact size of a signature in bytes, for all but symmetric keys */
    jwk_verifier verifiers[JWK_VERIFIERS_MAX];
} jwk;

/*
 * A public key from outside (RFC 7517), for verifying signatures. False when it cannot be used: unknown kty or crv, use other than
 * sig, key_ops without verify, private members (d, p, k ...), RSA outside 2048..8192 bits, even modulus or exponent, exponent below 3
 * or past 2^32, a modulus of CVE-2017-15361, coordinates of the wrong length, a point off the curve, small-order or non-canonical Ed25519, symmetric keys,
 * a certificate (x5c) that is of another key.
 * algs becomes what kty and crv allow, reduced to `alg` when the key names one.
 */
bool jwk_read_public(arena *a, const json *node, jwk *key);

/* Our own private key, PEM (PKCS#8 or traditional, without passphrase) or JWK text, for signing. The same gates, and the private part
 * must fit the public one. kid: from the JWK, copied into the arena, or none. */
bool jwk_read_private(arena *a, gate_str document, jwk *key);

/* A secret shared with the provider, for HMAC: algs become those whose hash is not longer than it (RFC 7518 section 3.2); false when
 * there is none. key->octets points at the caller's bytes. */
bool jwk_read_secret(gate_str octets, jwk *key);

/* Is it JSON, rather than PEM? */
bool jwk_is_json(gate_str document);

void jwk_drop(jwk *key); /* frees libcrypto's part; allowed on zeroed memory */

#endif
