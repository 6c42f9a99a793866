/* SPDX-License-Identifier: Apache-2.0 */
#include "sig.h"

#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <string.h>

typedef struct sig_alg {
    const char *name, *type, *digest;
    int padding;
    size_t half; /* of an ECDSA signature */
} sig_alg;

static const sig_alg ALGS[] = {
    {"RS256", "RSA", "SHA256", RSA_PKCS1_PADDING, 0},
    {"RS384", "RSA", "SHA384", RSA_PKCS1_PADDING, 0},
    {"RS512", "RSA", "SHA512", RSA_PKCS1_PADDING, 0},
    {"PS256", "RSA", "SHA256", RSA_PKCS1_PSS_PADDING, 0},
    {"ES256", "EC", "SHA256", 0, 32},
    {"ES384", "EC", "SHA384", 0, 48},
    {"EdDSA", NULL, NULL, 0, 0},
    {"Ed25519", "ED25519", NULL, 0, 0},
};

static const sig_alg *find_alg(const char *name)
{
    for (size_t i = 0; i < sizeof ALGS / sizeof ALGS[0]; i++) {
        if (strcmp(ALGS[i].name, name) == 0)
            return &ALGS[i];
    }
    return NULL;
}

static bool set_padding(EVP_PKEY_CTX *ctx, const sig_alg *a)
{
    if (a->padding == 0)
        return true;
    if (EVP_PKEY_CTX_set_rsa_padding(ctx, a->padding) != 1)
        return false;
    return a->padding != RSA_PKCS1_PSS_PADDING || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool put_halves(text *out, const unsigned char *der, size_t n, size_t half)
{
    unsigned char both[132];
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)n);
    bool done = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), both, (int)half) >= 0 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), both + half, (int)half) >= 0;
    if (done)
        text_add(out, both, 2 * half);
    ECDSA_SIG_free(pair);
    return done;
}

bool sig_make(text *out, EVP_PKEY *key, const char *alg, const char *input, size_t n)
{
    const sig_alg *a = find_alg(alg);
    if (a == NULL || (a->type != NULL && !EVP_PKEY_is_a(key, a->type)))
        return false;
    unsigned char sig[1024];
    size_t length = sizeof sig;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_ctx = NULL;
    bool done = EVP_DigestSignInit_ex(ctx, &key_ctx, a->digest, NULL, NULL, key, NULL) == 1 &&
                set_padding(key_ctx, a) && EVP_DigestSign(ctx, sig, &length, (const unsigned char *)input, n) == 1;
    EVP_MD_CTX_free(ctx);
    if (done && a->half > 0)
        return put_halves(out, sig, length, (size_t)(EVP_PKEY_get_bits(key) + 7) / 8);
    if (done)
        text_add(out, sig, length);
    return done;
}

static int make_der(unsigned char **der, const unsigned char *sig, size_t half)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    ECDSA_SIG_set0(pair, BN_bin2bn(sig, (int)half, NULL), BN_bin2bn(sig + half, (int)half, NULL));
    int n = i2d_ECDSA_SIG(pair, der);
    ECDSA_SIG_free(pair);
    return n;
}

bool sig_check(EVP_PKEY *key, const char *alg, const char *input, size_t n, const unsigned char *sig, size_t length)
{
    const sig_alg *a = find_alg(alg);
    if (a == NULL || (a->type != NULL && !EVP_PKEY_is_a(key, a->type)))
        return false;
    unsigned char *der = NULL;
    if (a->half > 0) {
        if (length != 2 * a->half || (size_t)(EVP_PKEY_get_bits(key) + 7) / 8 != a->half)
            return false;
        int size = make_der(&der, sig, a->half);
        length = size > 0 ? (size_t)size : 0;
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_ctx = NULL;
    bool good = EVP_DigestVerifyInit_ex(ctx, &key_ctx, a->digest, NULL, NULL, key, NULL) == 1 &&
                set_padding(key_ctx, a) &&
                EVP_DigestVerify(ctx, der != NULL ? der : sig, length, (const unsigned char *)input, n) == 1;
    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);
    return good;
}
