/* SPDX-License-Identifier: Apache-2.0 */
/* The private parts of keys, written as JWK. Their public members are written by jose/jwk_write.h. */
#ifndef TOOL_KEY_WRITE_H
#define TOOL_KEY_WRITE_H

#include "base/json.h"

#include <openssl/evp.h>

/* All members of a key of our own: the public ones in the order of RFC 7638, the private ones behind them. */
bool key_write_own(text *t, const EVP_PKEY *key);

/* "k" and "kty" of a symmetric key. */
void key_write_octets(text *t, gate_str octets);

#endif
