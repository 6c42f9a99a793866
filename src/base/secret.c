/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <openssl/crypto.h>

bool secret_equal(gate_str a, gate_str b)
{
    return a.len == b.len && CRYPTO_memcmp(a.ptr ? a.ptr : "", b.ptr ? b.ptr : "", a.len) == 0;
}

/* Called through a pointer that may change, so that no compiler leaves it out; memset is much faster than OPENSSL_cleanse, and each
 * request's memory is wiped. */
static void *(*const volatile wipe)(void *, int, size_t) = memset;

void secret_wipe(void *bytes, size_t n)
{
    if (bytes && n)
        wipe(bytes, 0, n);
}
