/* SPDX-License-Identifier: Apache-2.0 */
/* base64url without padding (RFC 7515 section 2), and plain base64 for HTTP Basic. */
#ifndef GATE_BASE64URL_H
#define GATE_BASE64URL_H

#include "text.h"

#define BASE64URL_SIZE(n) (((n)*4 + 2) / 3)

/* Strict: the 64 characters only, no padding, no length of 1 mod 4, unused bits zero. The result lies in `a`. */
bool base64url_read(arena *a, gate_str s, gate_str *bytes);

/* Into the caller's memory of at least s.len / 4 * 3 + 2 bytes; *n: bytes written. */
bool base64url_read_at(gate_str s, unsigned char *bytes, size_t *n);

void base64url_write(text *t, gate_str bytes);
void base64_write(text *t, gate_str bytes);

#endif
