/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA signatures: r and s side by side in a token (RFC 7518 section 3.4), a DER sequence of two integers in libcrypto (RFC 3279). */
#ifndef GATE_SIGNATURE_DER_H
#define GATE_SIGNATURE_DER_H

#include "../base/str.h"

enum { SIGNATURE_DER_MAX = 2 * 66 + 9 }; /* P-521 */

/* Two numbers of equal size, at most 66 bytes each. Answers the bytes written; 0 when the size is none of these. */
size_t signature_der_write(gate_str pair, unsigned char der[SIGNATURE_DER_MAX]);

/* The reverse; `size` is that of the pair. */
bool signature_der_read(gate_str der, unsigned char *pair, size_t size);

#endif
