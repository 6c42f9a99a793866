/* SPDX-License-Identifier: Apache-2.0 */
/* Key agreement, ECDH-ES (RFC 7518 section 4.6, RFC 8037 section 3.2), on P-256, P-384, P-521 and X25519. */
#ifndef GATE_JWE_AGREE_H
#define GATE_JWE_AGREE_H

#include "../base/text.h"
#include "jwe_key.h"

/*
 * The key that both sides come to, of `size` bytes, at most JWE_CONTENT_KEY_MAX: the content's, or the one that wraps it. `id` is the
 * name that goes into it (enc's for ECDH-ES, else alg's). Reading takes epk, apu and apv from the header. False when epk is missing, is
 * on another curve than the key, off it, or of small order; when it has a private part; when apu or apv are no base64url.
 */
bool jwe_agree_read(arena *a, const jwe_key *key, const json *header, gate_str id, size_t size, unsigned char *agreed);

/* Makes a fresh key pair, writes epk into the header, and agrees. */
bool jwe_agree_make(arena *a, const jwe_key *key, text *header, gate_str id, size_t size, unsigned char *agreed);

#endif
