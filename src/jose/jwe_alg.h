/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the key of an encrypted token's content is brought to its reader (RFC 7518 section 4, RFC 8037 section 3.2), as a set of bits.
 * Names are compared exactly. RSA1_5 and PBES2 are not here, on purpose.
 */
#ifndef GATE_JWE_ALG_H
#define GATE_JWE_ALG_H

#include "../base/str.h"

typedef uint32_t jwe_alg_set;

enum {
    JWE_RSA_OAEP = 1 << 0,
    JWE_RSA_OAEP_256 = 1 << 1,
    JWE_ECDH_ES = 1 << 2,
    JWE_ECDH_ES_A128KW = 1 << 3,
    JWE_ECDH_ES_A192KW = 1 << 4,
    JWE_ECDH_ES_A256KW = 1 << 5,
    JWE_A128KW = 1 << 6,
    JWE_A192KW = 1 << 7,
    JWE_A256KW = 1 << 8,
    JWE_A128GCMKW = 1 << 9,
    JWE_A192GCMKW = 1 << 10,
    JWE_A256GCMKW = 1 << 11,
    JWE_DIR = 1 << 12
};

#define JWE_RSA (JWE_RSA_OAEP | JWE_RSA_OAEP_256)
#define JWE_ECDH_KW (JWE_ECDH_ES_A128KW | JWE_ECDH_ES_A192KW | JWE_ECDH_ES_A256KW)
#define JWE_ECDH (JWE_ECDH_ES | JWE_ECDH_KW)
#define JWE_KW (JWE_A128KW | JWE_A192KW | JWE_A256KW)
#define JWE_GCMKW (JWE_A128GCMKW | JWE_A192GCMKW | JWE_A256GCMKW)
#define JWE_OCT (JWE_KW | JWE_GCMKW | JWE_DIR)
#define JWE_ALG_ALL (JWE_RSA | JWE_ECDH | JWE_OCT)

jwe_alg_set jwe_alg_read(gate_str name); /* one bit; 0 for any other name */
gate_str jwe_alg_name(jwe_alg_set one);  /* empty for anything but one bit */
bool jwe_alg_read_set(gate_str words,
                      jwe_alg_set *set); /* names separated by spaces; false on an unknown one or none */

/* Bytes of the AES key that wraps the content's key; 0 where none does (RSA-OAEP, ECDH-ES, dir). */
size_t jwe_alg_wrap_size(jwe_alg_set one);

/* True for dir and ECDH-ES, whose tokens have no encrypted key (RFC 7516 section 5.1 (5)). */
bool jwe_alg_is_direct(jwe_alg_set one);

#endif
