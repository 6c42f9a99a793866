/* SPDX-License-Identifier: Apache-2.0 */
#include "encryption.h"

#include "../base/secret.h"
#include "../jose/crypto.h"
#include "../jose/jws.h"

bool encryption_open(arena *a, const encryption *e, gate_str token, gate_str *inner, refusal *why)
{
    jwe sealed;

    *inner = token;
    if (!e->alg)
        return !jwe_is_one(token) || refuse(why, REFUSAL_jwe_unexpected);
    if (!jwe_is_one(token))
        return refuse(why, REFUSAL_jwe_missing);
    if (!jwe_read(a, token, e->alg, e->enc, &sealed, why))
        return false;
    /* RFC 7519 5.2: cty must be there, and say JWT. */
    if (!sealed.is_nested)
        return refuse(why, REFUSAL_jwe_nested);
    if (!jwe_decrypt(a, &sealed, e->keys, e->count, inner, why))
        return false;
    return jws_has_form(*inner) || refuse(why, REFUSAL_jwe_nested);
}

bool encryption_secret_key(arena *a, gate_str client_secret, jwe_alg_set alg, jwe_enc_set enc, jwe_key *key)
{
    size_t size = alg == JWE_DIR ? jwe_content_key_size(enc) : jwe_alg_wrap_size(alg), hashed;
    const char *digest = size <= 32 ? "SHA256" : size <= 48 ? "SHA384" : "SHA512";
    unsigned char hash[EVP_MAX_MD_SIZE];
    gate_str octets = STR_NONE;

    if (!(alg & JWE_OCT))
        return false;
    if (crypto_digest(digest, client_secret, hash, &hashed) && hashed >= size)
        octets = arena_copy(a, (gate_str){(char *)hash, size});
    secret_wipe(hash, sizeof hash);
    return octets.ptr && jwe_key_read_octets(octets, jwe_alg_name(alg), key);
}
