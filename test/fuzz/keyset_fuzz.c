/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "jose/keyset.h"

static void check_key(const keyset *set, const jwk *key)
{
    const jwk *found[KEYSET_TRY_MAX];
    bool ambiguous;
    alg_set lowest = key->algs & (~key->algs + 1);
    size_t n;

    MUST(key->key != NULL && key->octets.ptr == NULL && lowest != 0 && !(key->algs & ALG_HMAC));
    MUST(key->signature_size >= 64 && key->signature_size <= 1024 && key->kid.len <= JWK_KID_MAX);
    MUST(!(key->algs & ALG_RSA) || (EVP_PKEY_get_bits(key->key) >= 2048 && EVP_PKEY_get_bits(key->key) <= 8192));
    n = keyset_find(set, lowest, key->kid, found, &ambiguous);
    MUST(ambiguous ? n == 0 : n >= 1 && n <= KEYSET_TRY_MAX);
    MUST(!key->kid.ptr || n <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    keyset *set = keyset_read(fuzz_input(data, size));

    if (set != NULL) {
        MUST(keyset_count(set) > 0 && keyset_count(set) <= KEYSET_MAX);
        for (size_t i = 0; i < keyset_count(set); i++)
            check_key(set, keyset_at(set, i));
    }
    keyset_release(set);
    return 0;
}
