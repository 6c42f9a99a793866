/* SPDX-License-Identifier: Apache-2.0 */
/* The signature algorithms (RFC 7518, 8037, 9864, 9964) as a set of bits. Names are compared exactly (RFC 8725). */
#ifndef GATE_ALG_H
#define GATE_ALG_H

#include "../base/str.h"

typedef uint32_t alg_set;

enum {
    ALG_RS256 = 1 << 0,
    ALG_RS384 = 1 << 1,
    ALG_RS512 = 1 << 2,
    ALG_PS256 = 1 << 3,
    ALG_PS384 = 1 << 4,
    ALG_PS512 = 1 << 5,
    ALG_ES256 = 1 << 6,
    ALG_ES384 = 1 << 7,
    ALG_ES512 = 1 << 8,
    ALG_ES256K = 1 << 9,
    ALG_EDDSA = 1 << 10,   /* the old name: Ed25519 or Ed448 by the key */
    ALG_ED25519 = 1 << 11, /* RFC 9864 */
    ALG_ED448 = 1 << 12,
    ALG_HS256 = 1 << 13,
    ALG_HS384 = 1 << 14,
    ALG_HS512 = 1 << 15,
    ALG_ML_DSA_44 = 1 << 16, /* RFC 9964; only where libcrypto has it */
    ALG_ML_DSA_65 = 1 << 17,
    ALG_ML_DSA_87 = 1 << 18
};

#define ALG_RSA (ALG_RS256 | ALG_RS384 | ALG_RS512 | ALG_PS256 | ALG_PS384 | ALG_PS512)
#define ALG_PSS (ALG_PS256 | ALG_PS384 | ALG_PS512)
#define ALG_EC (ALG_ES256 | ALG_ES384 | ALG_ES512 | ALG_ES256K)
#define ALG_ED (ALG_EDDSA | ALG_ED25519 | ALG_ED448)
#define ALG_ML_DSA (ALG_ML_DSA_44 | ALG_ML_DSA_65 | ALG_ML_DSA_87)
#define ALG_HMAC (ALG_HS256 | ALG_HS384 | ALG_HS512)

alg_set alg_read(gate_str name);                 /* one bit; 0 for any other name */
gate_str alg_name(alg_set one);                  /* empty for anything but one bit */
bool alg_read_set(gate_str words, alg_set *set); /* names separated by spaces; false on an unknown one or none */

/* The digest's name for libcrypto ("SHA256"), and its size in bytes: that of the signature, and of at_hash (OIDC Core 3.1.3.6).
 * EdDSA hashes for itself; for at_hash with EdDSA and Ed25519 it is SHA-512. NULL and 0 for Ed448 and ML-DSA, and for anything but one bit. */
const char *alg_digest(alg_set one);
size_t alg_digest_size(alg_set one);

#endif
