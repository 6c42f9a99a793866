/* SPDX-License-Identifier: Apache-2.0 */
/* The encryption of an encrypted token's content (RFC 7518 section 5): "enc", as a set of bits. Names are compared exactly. */
#ifndef GATE_JWE_CONTENT_H
#define GATE_JWE_CONTENT_H

#include "../base/str.h"

typedef uint32_t jwe_enc_set;

enum {
    JWE_A128CBC_HS256 = 1 << 0,
    JWE_A192CBC_HS384 = 1 << 1,
    JWE_A256CBC_HS512 = 1 << 2,
    JWE_A128GCM = 1 << 3,
    JWE_A192GCM = 1 << 4,
    JWE_A256GCM = 1 << 5
};

#define JWE_CBC (JWE_A128CBC_HS256 | JWE_A192CBC_HS384 | JWE_A256CBC_HS512)
#define JWE_GCM (JWE_A128GCM | JWE_A192GCM | JWE_A256GCM)
#define JWE_ENC_ALL (JWE_CBC | JWE_GCM)

enum { JWE_CONTENT_KEY_MAX = 64, JWE_CONTENT_IV_MAX = 16, JWE_CONTENT_TAG_MAX = 32, JWE_CONTENT_MORE = 16 };

jwe_enc_set jwe_content_read(gate_str name); /* one bit; 0 for any other name */
gate_str jwe_content_name(jwe_enc_set one);  /* empty for anything but one bit */

/* Exact sizes in bytes; 0 for anything but one bit. */
size_t jwe_content_key_size(jwe_enc_set one);
size_t jwe_content_iv_size(jwe_enc_set one);
size_t jwe_content_tag_size(jwe_enc_set one);

/* What is sealed or opened: everything but the content itself. key, iv and tag must have their exact sizes. */
typedef struct jwe_content {
    jwe_enc_set enc; /* one bit */
    gate_str key;
    gate_str iv;
    gate_str aad;
} jwe_content;

/* `out` holds in.len + JWE_CONTENT_MORE bytes; *n: bytes written. Opening writes nothing that may be used unless it answers true; with
 * CBC the MAC is checked before anything is decrypted (RFC 7518 section 5.2.2.2). */
bool jwe_content_seal(const jwe_content *c, gate_str plain, unsigned char *out, size_t *n,
                      unsigned char tag[JWE_CONTENT_TAG_MAX]);
bool jwe_content_open(const jwe_content *c, gate_str sealed, gate_str tag, unsigned char *out, size_t *n);

#endif
