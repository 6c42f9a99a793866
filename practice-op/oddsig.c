/* SPDX-License-Identifier: Apache-2.0 */
#include "oddsig.h"

#include "jwk.h"
#include "sig.h"
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <string.h>

typedef struct input {
    const char *data;
    size_t length;
    const char *secret;
} input;

typedef bool maker(text *out, const issuer *is, const input *in);

static EVP_PKEY *own_pair(const issuer *is)
{
    return keys_pair(keys_role_of(is->alg), is->generation);
}

static bool put_hmac(text *out, const void *key, size_t key_length, const input *in)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)in->data, in->length, mac, &n);
    text_add(out, mac, n);
    return true;
}

static bool sign_none(text *out, const issuer *is, const input *in)
{
    (void)out, (void)is, (void)in;
    return true;
}

static bool sign_garbage(text *out, const issuer *is, const input *in)
{
    (void)is, (void)in;
    text_fill(out, 'G', 256);
    return true;
}

static bool sign_zeros(text *out, const issuer *is, const input *in)
{
    (void)is, (void)in;
    text_fill(out, '\0', 64);
    return true;
}

/* r = s = the order of P-256: zero again, after reduction. */
static bool sign_order(text *out, const issuer *is, const input *in)
{
    (void)is, (void)in;
    static const char N[] = "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
                            "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
    text_add(out, N, 32);
    text_add(out, N, 32);
    return true;
}

/* R = the identity, S = 0: verifies any message under a public key that is the identity. */
static bool sign_identity(text *out, const issuer *is, const input *in)
{
    (void)is, (void)in;
    text_fill(out, '\1', 1);
    text_fill(out, '\0', 63);
    return true;
}

static bool sign_stranger(text *out, const issuer *is, const input *in)
{
    static const keys_role STRANGERS[] = {[KEYS_RS256] = KEYS_STRANGER_RSA,
                                          [KEYS_PS256] = KEYS_STRANGER_RSA,
                                          [KEYS_ES256] = KEYS_STRANGER_EC,
                                          [KEYS_EDDSA] = KEYS_STRANGER_ED25519};
    return sig_make(out, keys_pair(STRANGERS[keys_role_of(is->alg)], 0), is->alg, in->data, in->length);
}

static bool sign_encrypt_key(text *out, const issuer *is, const input *in)
{
    return sig_make(out, keys_pair(KEYS_ENCRYPT, is->generation), "RS256", in->data, in->length);
}

static bool sign_rsa_1024(text *out, const issuer *is, const input *in)
{
    (void)is;
    return sig_make(out, keys_pair(KEYS_RSA_1024, 0), "RS256", in->data, in->length);
}

static bool sign_rsa_e3(text *out, const issuer *is, const input *in)
{
    (void)is;
    return sig_make(out, keys_pair(KEYS_RSA_E3, 0), "RS256", in->data, in->length);
}

static bool sign_ed448(text *out, const issuer *is, const input *in)
{
    (void)is;
    return sig_make(out, keys_pair(KEYS_ED448, 0), "EdDSA", in->data, in->length);
}

static bool sign_es384_on_p256(text *out, const issuer *is, const input *in)
{
    return sig_make(out, keys_pair(KEYS_ES256, is->generation), "ES384", in->data, in->length);
}

static bool sign_ps256_on_rs256(text *out, const issuer *is, const input *in)
{
    return sig_make(out, keys_pair(KEYS_RS256, is->generation), "PS256", in->data, in->length);
}

/* RFC 8017 section 9.2: the padded hash, as long as the modulus. */
static void put_encoded_hash(unsigned char *em, size_t size, const input *in)
{
    static const unsigned char DIGEST_INFO[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    memset(em, 0xff, size);
    em[0] = 0;
    em[1] = 1;
    em[size - 32 - sizeof DIGEST_INFO - 1] = 0;
    memcpy(em + size - 32 - sizeof DIGEST_INFO, DIGEST_INFO, sizeof DIGEST_INFO);
    SHA256((const unsigned char *)in->data, in->length, em + size - 32);
}

/* Under the exponent 1 the padded hash is its own signature. */
static bool sign_rsa_e1(text *out, const issuer *is, const input *in)
{
    unsigned char em[256];
    (void)is;
    put_encoded_hash(em, sizeof em, in);
    text_add(out, em, sizeof em);
    return true;
}

/* The published exponent is the private one, so the public one signs. */
static bool sign_rsa_swapped(text *out, const issuer *is, const input *in)
{
    unsigned char em[256];
    BIGNUM *n = NULL, *e = NULL, *x = BN_new();
    BN_CTX *ctx = BN_CTX_new();
    EVP_PKEY *pair = keys_pair(KEYS_RS256, is->generation);
    put_encoded_hash(em, sizeof em, in);
    bool done = EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
                EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_bin2bn(em, sizeof em, x) != NULL &&
                BN_mod_exp(x, x, e, n, ctx) == 1 && BN_bn2binpad(x, em, sizeof em) == sizeof em;
    text_add(out, em, sizeof em);
    BN_CTX_free(ctx);
    BN_free(n);
    BN_free(e);
    BN_free(x);
    return done;
}

static bool sign_hs256_secret(text *out, const issuer *is, const input *in)
{
    (void)is;
    return put_hmac(out, in->secret, strlen(in->secret), in);
}

static bool sign_hs256_empty(text *out, const issuer *is, const input *in)
{
    (void)is;
    return put_hmac(out, "", 0, in);
}

/* The key that faults.def publishes as kty oct. */
static bool sign_hs256_oct(text *out, const issuer *is, const input *in)
{
    (void)is;
    return put_hmac(out, "0123456789abcdef0123456789abcdef", 32, in);
}

static bool put_hmac_of_pem(text *out, const issuer *is, const input *in, size_t less)
{
    char *pem = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, own_pair(is));
    long n = BIO_get_mem_data(bio, &pem);
    put_hmac(out, pem, (size_t)n - less, in);
    BIO_free(bio);
    return true;
}

static bool sign_hs256_pem(text *out, const issuer *is, const input *in)
{
    return put_hmac_of_pem(out, is, in, 0);
}

static bool sign_hs256_pem_no_newline(text *out, const issuer *is, const input *in)
{
    return put_hmac_of_pem(out, is, in, 1);
}

static bool sign_hs256_der(text *out, const issuer *is, const input *in)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(own_pair(is), &der);
    put_hmac(out, der, (size_t)n, in);
    OPENSSL_free(der);
    return true;
}

static bool sign_hs256_modulus(text *out, const issuer *is, const input *in)
{
    text n = text_open(out->home);
    size_t length;
    jwk_write_number(&n, own_pair(is), OSSL_PKEY_PARAM_RSA_N);
    unsigned char *bytes = text_read_base64url(out->home, n.data, n.length, &length);
    return put_hmac(out, bytes, length, in);
}

static bool sign_hs256_jwk(text *out, const issuer *is, const input *in)
{
    members jwk = keys_jwk(out->home, keys_role_of(is->alg), is->generation);
    text json = text_open(out->home);
    members_write_json(&jwk, &json);
    return put_hmac(out, json.data, json.length, in);
}

static const struct {
    const char *how;
    maker *make;
} MAKERS[] = {
    {"none", sign_none},
    {"garbage", sign_garbage},
    {"zeros", sign_zeros},
    {"order", sign_order},
    {"identity", sign_identity},
    {"stranger", sign_stranger},
    {"encrypt-key", sign_encrypt_key},
    {"rsa-1024", sign_rsa_1024},
    {"rsa-e1", sign_rsa_e1},
    {"rsa-e3", sign_rsa_e3},
    {"rsa-swapped", sign_rsa_swapped},
    {"ed448", sign_ed448},
    {"es384-on-p256", sign_es384_on_p256},
    {"ps256-on-rs256", sign_ps256_on_rs256},
    {"hs256-secret", sign_hs256_secret},
    {"hs256-empty", sign_hs256_empty},
    {"hs256-oct", sign_hs256_oct},
    {"hs256-pem", sign_hs256_pem},
    {"hs256-pem-no-newline", sign_hs256_pem_no_newline},
    {"hs256-der", sign_hs256_der},
    {"hs256-modulus", sign_hs256_modulus},
    {"hs256-jwk", sign_hs256_jwk},
};

bool oddsig_make(text *out, const issuer *is, const char *how, const char *secret, const char *data, size_t n)
{
    input in = {data, n, secret};
    for (size_t i = 0; i < sizeof MAKERS / sizeof MAKERS[0]; i++) {
        if (strcmp(MAKERS[i].how, how) == 0)
            return MAKERS[i].make(out, is, &in);
    }
    return sig_make(out, keys_pair(keys_role_of(how), is->generation), how, data, n);
}

static void make_der(text *sig)
{
    size_t half = sig->length / 2;
    const unsigned char *bytes = (const unsigned char *)sig->data;
    unsigned char *der = NULL;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    ECDSA_SIG_set0(pair, BN_bin2bn(bytes, (int)half, NULL), BN_bin2bn(bytes + half, (int)half, NULL));
    int n = i2d_ECDSA_SIG(pair, &der);
    text_set(sig, (const char *)der, (size_t)n);
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
}

void oddsig_break(text *sig, const char *how)
{
    if (strcmp(how, "flip") == 0) {
        sig->data[sig->length / 2] = (char)(sig->data[sig->length / 2] ^ 1);
    } else if (strcmp(how, "truncate") == 0) {
        sig->length--;
    } else if (strcmp(how, "zero-behind") == 0) {
        text_fill(sig, '\0', 1);
    } else if (strcmp(how, "zero-before") == 0) {
        text longer = text_open(sig->home);
        text_fill(&longer, '\0', 1);
        text_add(&longer, sig->data, sig->length);
        *sig = longer;
    } else if (strcmp(how, "der") == 0) {
        make_der(sig);
    }
}
