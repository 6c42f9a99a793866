/* SPDX-License-Identifier: Apache-2.0 */
/* What libcrypto must be told of an alg before it signs or verifies. */
#ifndef GATE_SIGNATURE_PARAMS_H
#define GATE_SIGNATURE_PARAMS_H

#include "alg.h"

#include <openssl/core.h>

enum { SIGNATURE_PARAMS_MAX = 5 };

/* For RSA and EC; ends with its end mark. */
void signature_params_write(alg_set alg, OSSL_PARAM params[SIGNATURE_PARAMS_MAX]);

#endif
