/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_JWK_H
#define PRACTICE_JWK_H

#include "members.h"
#include <openssl/evp.h>

/* kty and the public members (RFC 7518 section 6, RFC 8037). */
void jwk_write(members *jwk, EVP_PKEY *pair);

/* base64url of an RSA number: OSSL_PKEY_PARAM_RSA_N and the like. */
void jwk_write_number(text *out, EVP_PKEY *pair, const char *param);

/* A public key from a PEM or JWK file; NULL after a message on stderr. The caller frees it. */
EVP_PKEY *jwk_read_file(const char *path);

#endif
