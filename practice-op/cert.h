/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_CERT_H
#define PRACTICE_CERT_H

#include "text.h"
#include <openssl/evp.h>

/* A self-signed certificate for a pair: DER in base64, as x5c wants it. */
void cert_write(text *out, EVP_PKEY *pair);

#endif
