/* SPDX-License-Identifier: Apache-2.0 */
/* What jwk.c shares with the files of the key types, and with those of encryption keys (jwe_). Nothing else includes this. */
#ifndef GATE_JWK_KINDS_H
#define GATE_JWK_KINDS_H

#include "jwk.h"

#include <openssl/core.h>

/* Each reads one kty (RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3), checks it before libcrypto sees it, and sets key, algs and
 * signature_size. With `own` the private members must be there too; without, the caller has made sure that there are none. */
bool jwk_rsa_read(arena *a, const json *node, bool own, jwk *key);
bool jwk_ec_read(arena *a, const json *node, bool own, jwk *key);
bool jwk_okp_read(arena *a, const json *node, bool own, jwk *key);
bool jwk_akp_read(arena *a, const json *node, bool own, jwk *key);

/* The same checks for a key that libcrypto read from PEM. Set algs and signature_size. */
bool jwk_rsa_accept(arena *a, jwk *key);
bool jwk_ec_accept(jwk *key);
bool jwk_okp_accept(jwk *key);
bool jwk_akp_accept(jwk *key);

/* A whole JWK that is our own: jwk_read_public's mirror. */
bool jwk_read_own(arena *a, const json *node, jwk *key);

/* A private key from PEM as libcrypto reads it, at most INT_MAX bytes of it; nothing is asked at a terminal. NULL: there is none. */
EVP_PKEY *jwk_own_read_pem(gate_str document);

/* A certificate in x5c is of this very key, and x5t, x5t#S256 are its digests (jwk_x5c.c); true where there is none. */
bool jwk_x5c_fits(arena *a, const json *node, const jwk *key);

/* A base64url member of at most `max` bytes, not empty. */
bool jwk_bytes(arena *a, const json *node, const char *name, size_t max, gate_str *bytes);

/* A parameter that is a number, from big-endian bytes; its memory lies in the arena. */
bool jwk_number(arena *a, const char *name, gate_str bytes, OSSL_PARAM *param);

/* Builds key->key; `type` as libcrypto names it. */
bool jwk_import(const char *type, OSSL_PARAM *params, bool own, jwk *key);

#endif
