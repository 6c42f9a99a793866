/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates beside a key (RFC 7517 sections 4.7 to 4.9). Nothing is trusted for their sake; but a key whose own certificate is of
 * another key is a mistake or a trick, and not used. */
#include "../base/base64url.h"
#include "crypto.h"
#include "jwk_kinds.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>

enum { CERTIFICATE_MAX = 16 * 1024 };

/* Plain base64 with its padding, as x5c has it (RFC 7517 section 4.7), by way of the strict reader of the other alphabet. */
static bool read_base64(arena *a, gate_str s, gate_str *bytes)
{
    char *same = arena_alloc(a, s.len + 1);
    size_t n = s.len;

    if (!same || s.len % 4)
        return false;
    for (int i = 0; i < 2 && n && s.ptr[n - 1] == '='; i++)
        n--;
    for (size_t i = 0; i < n; i++) {
        char c = s.ptr[i];
        if (c == '-' || c == '_')
            return false;
        same[i] = (char)(c == '+' ? '-' : c == '/' ? '_' : c);
    }
    return base64url_read(a, (gate_str){same, n}, bytes);
}

static bool is_same_number(const EVP_PKEY *a, const EVP_PKEY *b, const char *param)
{
    BIGNUM *one = NULL, *two = NULL;
    bool same = EVP_PKEY_get_bn_param(a, param, &one) == 1 && EVP_PKEY_get_bn_param(b, param, &two) == 1 &&
                BN_cmp(one, two) == 0;

    BN_free(one);
    BN_free(two);
    return same;
}

/* A certificate may bind an RSA key to PSS, which libcrypto takes for another type of key. */
static bool is_same_key(const EVP_PKEY *a, const EVP_PKEY *b)
{
    return EVP_PKEY_eq(a, b) == 1 ||
           (is_same_number(a, b, OSSL_PKEY_PARAM_RSA_N) && is_same_number(a, b, OSSL_PKEY_PARAM_RSA_E));
}

static bool is_certificate_of(gate_str der, const EVP_PKEY *key)
{
    const unsigned char *at = (const unsigned char *)der.ptr;
    X509 *certificate;
    EVP_PKEY *theirs;
    bool same;

    ERR_set_mark();
    certificate = d2i_X509(NULL, &at, (long)der.len);
    theirs = certificate && at == (const unsigned char *)der.ptr + der.len ? X509_get0_pubkey(certificate) : NULL;
    same = theirs && is_same_key(theirs, key);
    X509_free(certificate);
    ERR_pop_to_mark();
    return same;
}

static bool thumbprint_fits(arena *a, const json *node, const char *member, const char *digest, gate_str der)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    gate_str encoded, bytes;
    size_t n;

    switch (json_get_string(node, str_of(member), &encoded)) {
    case JSON_ABSENT:
        return true;
    case JSON_GOOD:
        return base64url_read(a, encoded, &bytes) && crypto_digest(digest, der, hash, &n) && n == bytes.len &&
               memcmp(hash, bytes.ptr, n) == 0;
    default:
        return false;
    }
}

bool jwk_x5c_fits(arena *a, const json *node, const jwk *key)
{
    const json *chain = json_find(node, STR("x5c"));
    gate_str der;

    if (!chain)
        return true; /* a thumbprint alone says nothing that could be checked */
    return json_is_strings(chain) && chain->child && chain->child->text.len <= CERTIFICATE_MAX && key->key &&
           read_base64(a, chain->child->text, &der) && is_certificate_of(der, key->key) &&
           thumbprint_fits(a, node, "x5t", "SHA1", der) && thumbprint_fits(a, node, "x5t#S256", "SHA256", der);
}
