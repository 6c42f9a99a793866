/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_params.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

static OSSL_PARAM param_text(const char *name, const char *value)
{
    return OSSL_PARAM_construct_utf8_string(name, (char *)value, 0);
}

/* All that decides how a signature is read is said: a context that is initialised again forgets PSS, and the default length of its salt
 * is "any". RFC 7518 section 3.5: the salt is as long as the hash, MGF1 uses the same hash. */
void signature_params_write(alg_set alg, OSSL_PARAM params[SIGNATURE_PARAMS_MAX])
{
    const char *digest = alg_digest(alg),
               *rsa_pad = alg & ALG_PSS ? OSSL_PKEY_RSA_PAD_MODE_PSS : OSSL_PKEY_RSA_PAD_MODE_PKCSV15;
    size_t n = 0;

    params[n++] = param_text(OSSL_SIGNATURE_PARAM_DIGEST, digest);
    if (alg & ALG_RSA)
        params[n++] = param_text(OSSL_SIGNATURE_PARAM_PAD_MODE, rsa_pad);
    if (alg & ALG_PSS) {
        params[n++] = param_text(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST);
        params[n++] = param_text(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, digest);
    }
    params[n] = OSSL_PARAM_construct_end();
}
