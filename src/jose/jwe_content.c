/* SPDX-License-Identifier: Apache-2.0 */
#include "jwe_content.h"

#include "../base/secret.h"
#include "jwe_cipher.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

typedef struct jwe_enc_entry {
    gate_str name;
    size_t key_size;
    size_t iv_size;
    size_t tag_size;
    const char *digest; /* of the MAC; NULL for GCM */
} jwe_enc_entry;

/* In the order of the bits. */
static const jwe_enc_entry TABLE[] = {
    {STR_INIT("A128CBC-HS256"), 32, 16, 16, "SHA256"}, {STR_INIT("A192CBC-HS384"), 48, 16, 24, "SHA384"},
    {STR_INIT("A256CBC-HS512"), 64, 16, 32, "SHA512"}, {STR_INIT("A128GCM"), 16, 12, 16, NULL},
    {STR_INIT("A192GCM"), 24, 12, 16, NULL},           {STR_INIT("A256GCM"), 32, 12, 16, NULL},
};

enum { COUNT = sizeof TABLE / sizeof TABLE[0] };

jwe_enc_set jwe_content_read(gate_str name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (str_equal(TABLE[i].name, name))
            return (jwe_enc_set)1 << i;
    return 0;
}

static const jwe_enc_entry *entry_find(jwe_enc_set one)
{
    static const jwe_enc_entry none = {STR_INIT(""), 0, 0, 0, NULL};

    for (size_t i = 0; i < COUNT; i++)
        if (one == (jwe_enc_set)1 << i)
            return &TABLE[i];
    return &none;
}

gate_str jwe_content_name(jwe_enc_set one)
{
    return entry_find(one)->name;
}

size_t jwe_content_key_size(jwe_enc_set one)
{
    return entry_find(one)->key_size;
}

size_t jwe_content_iv_size(jwe_enc_set one)
{
    return entry_find(one)->iv_size;
}

size_t jwe_content_tag_size(jwe_enc_set one)
{
    return entry_find(one)->tag_size;
}

static bool mac_add(EVP_MAC_CTX *context, gate_str s)
{
    return EVP_MAC_update(context, (const unsigned char *)(s.ptr ? s.ptr : ""), s.len) == 1;
}

/* RFC 7518 section 5.2.2.1: over the additional data, the iv, the ciphertext, and the bit length of the first in 64 bits. */
static bool mac_make(const jwe_content *c, const char *digest, gate_str sealed, unsigned char mac[EVP_MAX_MD_SIZE])
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    OSSL_PARAM params[2] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
                            OSSL_PARAM_construct_end()};
    uint64_t bits = (uint64_t)c->aad.len * 8;
    char al[8];
    size_t n;
    bool good;

    for (size_t i = sizeof al; i-- > 0; bits >>= 8)
        al[i] = (char)(bits & 0xff);
    good = context && EVP_MAC_init(context, (const unsigned char *)c->key.ptr, c->key.len / 2, params) == 1 &&
           mac_add(context, c->aad) && mac_add(context, c->iv) && mac_add(context, sealed) &&
           mac_add(context, (gate_str){al, sizeof al}) && EVP_MAC_final(context, mac, &n, EVP_MAX_MD_SIZE) == 1 &&
           n == c->key.len;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(hmac);
    return good;
}

/* The first half of the key is for the MAC, the second for AES; the tag is the first half of the MAC. */
static gate_str aes_key(const jwe_content *c)
{
    return str_from(c->key, c->key.len / 2);
}

static bool sizes_are_right(const jwe_content *c)
{
    const jwe_enc_entry *e = entry_find(c->enc);

    return e->key_size && c->key.len == e->key_size && c->iv.len == e->iv_size;
}

bool jwe_content_seal(const jwe_content *c, gate_str plain, unsigned char *out, size_t *n,
                      unsigned char tag[JWE_CONTENT_TAG_MAX])
{
    const jwe_enc_entry *e = entry_find(c->enc);
    unsigned char mac[EVP_MAX_MD_SIZE];

    if (!sizes_are_right(c))
        return false;
    if (!e->digest) {
        *n = plain.len;
        return jwe_cipher_gcm_seal(c->key, c->iv, c->aad, plain, out, tag);
    }
    if (!jwe_cipher_cbc_seal(aes_key(c), c->iv, plain, out, n) ||
        !mac_make(c, e->digest, (gate_str){(char *)out, *n}, mac))
        return false;
    memcpy(tag, mac, e->tag_size);
    return true;
}

bool jwe_content_open(const jwe_content *c, gate_str sealed, gate_str tag, unsigned char *out, size_t *n)
{
    const jwe_enc_entry *e = entry_find(c->enc);
    unsigned char mac[EVP_MAX_MD_SIZE];
    bool good;

    if (!sizes_are_right(c) || tag.len != e->tag_size)
        return false;
    if (!e->digest) {
        *n = sealed.len;
        return jwe_cipher_gcm_open(c->key, c->iv, c->aad, sealed, tag, out);
    }
    good = mac_make(c, e->digest, sealed, mac) && secret_equal((gate_str){(char *)mac, e->tag_size}, tag) &&
           jwe_cipher_cbc_open(aes_key(c), c->iv, sealed, out, n);
    secret_wipe(mac, sizeof mac);
    return good;
}
