/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <openssl/crypto.h>

bool secret_equal(gate_str a, gate_str b)
{
    return a.len == b.len && CRYPTO_memcmp(a.ptr ? a.ptr : "", b.ptr ? b.ptr : "", a.len) == 0;
}

void secret_wipe(void *bytes, size_t n)
{
    if (bytes && n)
        OPENSSL_cleanse(bytes, n);
}
