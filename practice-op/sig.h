/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_SIG_H
#define PRACTICE_SIG_H

#include "text.h"
#include <openssl/evp.h>

/*
 * JWS signatures (RFC 7518 section 3, RFC 8037): RS256, RS384, RS512, PS256, ES256, ES384, EdDSA, Ed25519.
 * The key must be of the algorithm's type, but an EC key may be of any curve: faults need it.
 */

/* Appends the raw signature; false when key and algorithm do not go together. */
bool sig_make(text *out, EVP_PKEY *key, const char *alg, const char *input, size_t n);

/* Strict: the algorithm's exact signature length, and the curve that it names. */
bool sig_check(EVP_PKEY *key, const char *alg, const char *input, size_t n, const unsigned char *sig, size_t length);

#endif
