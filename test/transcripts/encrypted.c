/* SPDX-License-Identifier: Apache-2.0 */
/* {{jwe ALG ENC KEY CTY TEXT}}: any text, encrypted. KEY is one of keys.h, or `secret`: what the transcripts give as client_secret. */
#include "base/base64url.h"
#include "jose/jwe.h"
#include "keys.h"
#include "world.h"

#include <openssl/evp.h>

enum { PEM_MAX = 8 * 1024 };

/* OIDC Core 10.2, for keys of up to 256 bits. */
static bool read_secret(world *w, gate_str alg, jwe_enc_set enc, jwe_key *key)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    unsigned char hash[EVP_MAX_MD_SIZE];
    jwe_alg_set one = jwe_alg_read(alg);
    size_t size = one == JWE_DIR ? jwe_content_key_size(enc) : jwe_alg_wrap_size(one);

    return EVP_Digest(secret, sizeof secret - 1, hash, NULL, EVP_sha256(), NULL) == 1 && size <= 32 &&
           jwe_key_read_octets(arena_copy(&w->memory, (gate_str){(char *)hash, size}), alg, key);
}

static bool read_key(world *w, gate_str name, gate_str alg, jwe_enc_set enc, jwe_key *key)
{
    text pem = text_begin(&w->memory, PEM_MAX);
    gate_str document;

    if (str_equal(name, STR("secret")))
        return read_secret(w, alg, enc, key);
    return keys_write_pem(&pem, name) && text_end(&pem, &document) && jwe_key_read_own(&w->memory, document, alg, key);
}

bool world_write_encrypted(world *w, text *out, gate_str arguments)
{
    gate_str alg = script_word(&arguments);
    jwe_enc_set enc = jwe_content_read(script_word(&arguments));
    gate_str name = script_word(&arguments), cty = script_word(&arguments);
    jwe_key key = {0};
    bool good = read_key(w, name, alg, enc, &key) &&
                jwe_encrypt(&w->memory, out, &key, enc, STR_NONE, str_equal(cty, STR("-")) ? STR_NONE : cty, arguments);

    jwe_key_drop(&key);
    return good;
}
