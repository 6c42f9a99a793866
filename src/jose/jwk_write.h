/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of our own, written down for others. */
#ifndef GATE_JWK_WRITE_H
#define GATE_JWK_WRITE_H

#include "../base/text.h"
#include "crypto.h"
#include "jwk.h"

/* The public half as JWK (RFC 7517), with use, the given alg, and kid where the key has one. RSA, EC and OKP keys. */
bool jwk_write_public(arena *a, text *t, const jwk *key, alg_set alg);

/* RFC 7638: SHA-256 over the required members, base64url. */
bool jwk_thumbprint(arena *a, const jwk *key, gate_str *thumbprint);

#endif
