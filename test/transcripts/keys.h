/* SPDX-License-Identifier: Apache-2.0 */
/* The practice provider's keys, made when the runner starts: rsa, rsa2, ec, ed. The kid of each is its name. */
#ifndef GATE_TEST_KEYS_H
#define GATE_TEST_KEYS_H

#include "base/text.h"

bool keys_open(void);
void keys_close(void);
void keys_forget(void); /* the tokens signed so far */

/* Appends one JWK; `name` may be rsa@other to give another kid, and rsa@ for none. */
bool keys_write_jwk(text *t, gate_str name);

/* Appends HEADER.PAYLOAD.SIGNATURE; the segments before are in t already. alg as in the header; `name` is the key's. */
bool keys_sign(text *t, gate_str name, gate_str alg);

/* A private key in PEM. */
bool keys_write_pem(text *t, gate_str name);

#endif
