/* SPDX-License-Identifier: Apache-2.0 */
/* One signature, without the token around it (RFC 7518 section 3, RFC 8037 section 3.1). libcrypto's error queue is left as found. */
#ifndef GATE_SIGNATURE_H
#define GATE_SIGNATURE_H

#include "jwk.h"

enum { SIGNATURE_SIZE_MAX = 4627 }; /* ML-DSA-87; RSA has at most 1024 */

/* Prepares the verifiers of a key whose key and algs are set. False when memory is short. */
bool signature_prepare(jwk *key);
void signature_drop(jwk *key); /* also after a failed signature_prepare, and on zeroed memory */

/* A context of this verifier for one verification by one thread, and back (signature_prepare.c). NULL when memory is short. */
EVP_PKEY_CTX *signature_take(const jwk_verifier *v);
void signature_give(const jwk_verifier *v, EVP_PKEY_CTX *context);
EVP_MD_CTX *signature_take_message(const jwk_verifier *v); /* the same for Ed and ML-DSA */
void signature_give_message(const jwk_verifier *v, EVP_MD_CTX *context);

/* The key must know the alg (one bit), and the signature have its exact size. Safe for several threads with one key. */
bool signature_check(const jwk *key, alg_set alg, gate_str input, gate_str signature);

/* Bytes of a signature of this alg by this key; 0 when the key does not know the alg. */
size_t signature_size(const jwk *key, alg_set alg);

/* Writes signature_size bytes. False also when the key has no private part. */
bool signature_make(const jwk *key, alg_set alg, gate_str input, unsigned char signature[SIGNATURE_SIZE_MAX]);

#endif
