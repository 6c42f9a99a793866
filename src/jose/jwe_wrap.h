/* SPDX-License-Identifier: Apache-2.0 */
/* The content's key on its way between sender and reader (RFC 7516 sections 5.1 and 5.2, RFC 7518 section 4). */
#ifndef GATE_JWE_WRAP_H
#define GATE_JWE_WRAP_H

#include "../base/text.h"
#include "jwe_key.h"

/*
 * Makes the content's key for `enc` (one bit, of key->encs; its exact size goes into cek) and the encrypted key that the token carries,
 * empty for dir and ECDH-ES. Adds to the header what the alg wants there (epk; iv and tag).
 */
bool jwe_wrap_make(arena *a, const jwe_key *key, jwe_enc_set enc, text *header, unsigned char cek[JWE_CONTENT_KEY_MAX],
                   gate_str *encrypted);

/*
 * The reverse. Where anything about the encrypted key is wrong, cek is random, so that the content then fails in the same way as with a
 * wrong tag, and nobody learns which it was (RFC 7516 section 11.5). False only when randomness is short.
 */
bool jwe_wrap_open(arena *a, const jwe_key *key, jwe_enc_set enc, const json *header, gate_str encrypted,
                   unsigned char cek[JWE_CONTENT_KEY_MAX]);

#endif
