/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include "base/base64url.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

enum { SIGNATURE_MAX = 512, COORDINATE = 32 };

static struct {
    const char *name;
    EVP_PKEY *key;
} keys[] = {{"rsa", NULL}, {"rsa2", NULL}, {"ec", NULL}, {"ed", NULL}};

typedef struct made {
    gate_str key, input, signature;
    struct made *next;
} made;

static arena forever;
static made *first;

bool keys_open(void)
{
    arena_open(&forever, 256 * 1024 * 1024);
    keys[0].key = EVP_RSA_gen(2048);
    keys[1].key = EVP_RSA_gen(2048);
    keys[2].key = EVP_EC_gen("P-256");
    keys[3].key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    return keys[0].key && keys[1].key && keys[2].key && keys[3].key;
}

void keys_close(void)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        EVP_PKEY_free(keys[i].key);
    arena_close(&forever);
}

void keys_forget(void)
{
    arena_close(&forever);
    first = NULL;
}

static EVP_PKEY *find(gate_str name)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (str_equal(str_of(keys[i].name), name))
            return keys[i].key;
    return NULL;
}

static bool add_number(text *t, const EVP_PKEY *key, const char *param, size_t size)
{
    unsigned char bytes[SIGNATURE_MAX];
    BIGNUM *n = NULL;
    bool good = EVP_PKEY_get_bn_param(key, param, &n) == 1;

    if (good && !size)
        size = (size_t)BN_num_bytes(n);
    good = good && BN_bn2binpad(n, bytes, (int)size) == (int)size;
    if (good)
        base64url_write(t, (gate_str){(char *)bytes, size});
    BN_free(n);
    return good;
}

static bool add_members(text *t, const EVP_PKEY *key)
{
    unsigned char raw[COORDINATE];
    size_t n = sizeof raw;

    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        text_add(t, STR("\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\""));
        return add_number(t, key, OSSL_PKEY_PARAM_RSA_N, 0);
    case EVP_PKEY_EC:
        text_add(t, STR("\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""));
        if (!add_number(t, key, OSSL_PKEY_PARAM_EC_PUB_X, COORDINATE))
            return false;
        text_add(t, STR("\",\"y\":\""));
        return add_number(t, key, OSSL_PKEY_PARAM_EC_PUB_Y, COORDINATE);
    default:
        text_add(t, STR("\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""));
        if (EVP_PKEY_get_raw_public_key(key, raw, &n) != 1)
            return false;
        base64url_write(t, (gate_str){(char *)raw, n});
        return true;
    }
}

bool keys_write_jwk(text *t, gate_str name)
{
    gate_str kid = name;
    EVP_PKEY *key;
    size_t at;

    if (str_find(name, '@', &at)) {
        kid = str_from(name, at + 1);
        name = str_part(name, 0, at);
    }
    key = find(name);
    text_add_char(t, '{');
    if (kid.len) {
        text_add(t, STR("\"kid\":\""));
        text_add(t, kid);
        text_add(t, STR("\","));
    }
    if (!key || !add_members(t, key))
        return false;
    text_add(t, STR("\"}"));
    return !t->failed;
}

/* RFC 7518 3.4: r and s side by side. */
static bool pair_of(const unsigned char *der, size_t n, unsigned char *pair)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
    bool good = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), pair, COORDINATE) == COORDINATE &&
                BN_bn2binpad(ECDSA_SIG_get0_s(sig), pair + COORDINATE, COORDINATE) == COORDINATE;

    ECDSA_SIG_free(sig);
    return good;
}

static bool make_signature(EVP_PKEY *key, gate_str alg, gate_str input, unsigned char *out, size_t *n)
{
    const char *digest = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : "SHA256";
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    bool good = md && EVP_DigestSignInit_ex(md, &how, digest, NULL, NULL, key, NULL) == 1;

    if (good && alg.len && alg.ptr[0] == 'P')
        good = EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1;
    *n = SIGNATURE_MAX;
    good = good && EVP_DigestSign(md, out, n, (const unsigned char *)input.ptr, input.len) == 1;
    EVP_MD_CTX_free(md);
    return good;
}

static bool sign(text *t, EVP_PKEY *key, gate_str alg, gate_str input)
{
    unsigned char signature[SIGNATURE_MAX], pair[2 * COORDINATE];
    size_t n = 0;

    if (!make_signature(key, alg, input, signature, &n))
        return false;
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
        base64url_write(t, (gate_str){(char *)signature, n});
    else if (pair_of(signature, n, pair))
        base64url_write(t, (gate_str){(char *)pair, sizeof pair});
    else
        return false;
    return !t->failed;
}

/* A transcript is played hundreds of times, with the same tokens: each is signed once. */
static gate_str sign_once(gate_str name, EVP_PKEY *key, gate_str alg, gate_str input)
{
    text t = text_begin(&forever, 2 * SIGNATURE_MAX);

    for (made *each = first; each; each = each->next)
        if (str_equal(each->input, input) && str_equal(each->key, name))
            return each->signature;
    if (!sign(&t, key, alg, input))
        return STR_NONE;
    made *m = ARENA_NEW(&forever, made);
    *m = (made){arena_copy(&forever, name), arena_copy(&forever, input), {t.bytes, t.len}, first};
    first = m;
    return m->signature;
}

/* HMAC with what the transcripts give as client_secret. */
static bool mac(text *t)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    size_t n = 0;

    if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret, sizeof secret - 1, (unsigned char *)t->bytes, t->len,
                   bytes, sizeof bytes, &n))
        return false;
    text_add_char(t, '.');
    base64url_write(t, (gate_str){(char *)bytes, n});
    return !t->failed;
}

bool keys_sign(text *t, gate_str name, gate_str alg)
{
    EVP_PKEY *key = str_equal(name, STR("secret")) ? NULL : find(name);
    gate_str signature = key ? sign_once(name, key, alg, (gate_str){t->bytes, t->len}) : STR_NONE;

    if (str_equal(name, STR("secret")))
        return mac(t);
    text_add_char(t, '.');
    text_add(t, signature);
    return signature.ptr && !t->failed;
}

bool keys_write_pem(text *t, gate_str name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    EVP_PKEY *key = find(name);
    char *bytes = NULL;
    long n = 0;

    if (bio && key && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
        n = BIO_get_mem_data(bio, &bytes);
    if (n > 0)
        text_add(t, (gate_str){bytes, (size_t)n});
    BIO_free(bio);
    return n > 0;
}
