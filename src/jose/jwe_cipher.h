/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES in the three modes of encrypted tokens, over libcrypto. Keys have 16, 24 or 32 bytes. `out` never overlaps the input; what stands
 * in it after a failure is wiped. libcrypto's error queue is left as found by the callers' marks.
 */
#ifndef GATE_JWE_CIPHER_H
#define GATE_JWE_CIPHER_H

#include "../base/str.h"

enum { JWE_GCM_IV_SIZE = 12, JWE_GCM_TAG_SIZE = 16, JWE_CBC_BLOCK = 16, JWE_WRAP_MORE = 8 };

/* GCM (NIST SP 800-38D): as many bytes out as in. The iv and the tag have exactly the sizes above. */
bool jwe_cipher_gcm_seal(gate_str key, gate_str iv, gate_str aad, gate_str plain, unsigned char *out,
                         unsigned char *tag);
bool jwe_cipher_gcm_open(gate_str key, gate_str iv, gate_str aad, gate_str sealed, gate_str tag, unsigned char *out);

/* CBC with PKCS #7 padding; out holds in.len + JWE_CBC_BLOCK bytes. To open only what a MAC has vouched for. */
bool jwe_cipher_cbc_seal(gate_str key, gate_str iv, gate_str plain, unsigned char *out, size_t *n);
bool jwe_cipher_cbc_open(gate_str key, gate_str iv, gate_str sealed, unsigned char *out, size_t *n);

/* Key wrap (RFC 3394): sealed is JWE_WRAP_MORE bytes longer than plain, which is a multiple of 8 and at least 16. */
bool jwe_cipher_wrap(gate_str key, gate_str plain, unsigned char *out);
bool jwe_cipher_unwrap(gate_str key, gate_str sealed, unsigned char *out);

#endif
