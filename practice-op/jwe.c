/* SPDX-License-Identifier: Apache-2.0 */
#include "jwe.h"

#include "keys.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const jwe_sites JWE_ID_TOKEN = {"encrypt", ENC_HEADER, ENC_PLAIN, JWE};
const jwe_sites JWE_USERINFO = {"encrypt_info", INFO_ENC_HEADER, INFO_ENC_PLAIN, INFO_JWE};

enum { CEK = 32, IV_CBC = 16, IV_GCM = 12, TAG = 16, BLOCK = 16, RSA_ROOM = 1024 };

typedef struct sealing {
    arena *home;
    bool cbc;
    unsigned char cek[CEK], iv[IV_CBC], tag[TAG];
    text key, body;
    const char *aad;
} sealing;

static void stop(const char *what)
{
    fprintf(stderr, "practice-op: cannot encrypt: %s\n", what);
    exit(1);
}

const char *jwe_agreed(const issuer *is, const jwe_sites *sites)
{
    static const struct {
        const char *suffix, *how;
    } LABELS[] = {{"rsa-oaep", "RSA-OAEP A128CBC-HS256"},
                  {"rsa-oaep-256", "RSA-OAEP-256 A256GCM"},
                  {"a128kw", "A128KW A128CBC-HS256"},
                  {"dir", "dir A256GCM"}};
    for (size_t i = 0; i < sizeof LABELS / sizeof LABELS[0]; i++) {
        if (issuer_has_word(is, LABELS[i].suffix))
            return LABELS[i].how;
    }
    return fault_word(is->fault, ISSUER, sites->word);
}

/* OIDC Core 10.2, for keys of up to 256 bits. */
static void make_secret_key(unsigned char key[SHA256_DIGEST_LENGTH], const options_client *client)
{
    SHA256((const unsigned char *)client->secret, strlen(client->secret), key);
}

/* RFC 7518 section 4.4. */
static void wrap_aes(sealing *s, const options_client *client)
{
    unsigned char kek[SHA256_DIGEST_LENGTH], out[CEK + 8];
    int n = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    make_secret_key(kek, client);
    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (EVP_EncryptInit_ex(ctx, EVP_aes_128_wrap(), NULL, kek, NULL) != 1 ||
        EVP_EncryptUpdate(ctx, out, &n, s->cek, CEK) != 1)
        stop("A128KW");
    EVP_CIPHER_CTX_free(ctx);
    text_put_base64url(&s->key, out, (size_t)n);
}

static void wrap_rsa(sealing *s, const char *alg, EVP_PKEY *to)
{
    unsigned char out[RSA_ROOM];
    size_t n = sizeof out;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(to, NULL);
    bool old = strcmp(alg, "RSA1_5") == 0;
    const EVP_MD *md = strcmp(alg, "RSA-OAEP-256") == 0 ? EVP_sha256() : EVP_sha1();
    if (EVP_PKEY_encrypt_init(ctx) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(ctx, old ? RSA_PKCS1_PADDING : RSA_PKCS1_OAEP_PADDING) != 1 ||
        (!old && EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) != 1) || EVP_PKEY_encrypt(ctx, out, &n, s->cek, CEK) != 1)
        stop(alg);
    EVP_PKEY_CTX_free(ctx);
    text_put_base64url(&s->key, out, n);
}

static void make_key(sealing *s, const char *alg, const options_client *client, bool to_stranger)
{
    RAND_bytes(s->cek, CEK);
    RAND_bytes(s->iv, IV_CBC);
    if (strcmp(alg, "dir") == 0)
        make_secret_key(s->cek, client);
    else if (strcmp(alg, "A128KW") == 0)
        wrap_aes(s, client);
    else
        wrap_rsa(s, alg, to_stranger ? keys_pair(KEYS_STRANGER_RSA, 0) : client->encryption_key);
}

static void encrypt(sealing *s, const EVP_CIPHER *cipher, const unsigned char *key, const text *plain)
{
    unsigned char *out = arena_add(s->home, plain->length + BLOCK);
    int n = 0, last = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (EVP_EncryptInit_ex(ctx, cipher, NULL, key, s->iv) != 1 ||
        (!s->cbc && EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)s->aad, (int)strlen(s->aad)) != 1) ||
        EVP_EncryptUpdate(ctx, out, &n, (const unsigned char *)plain->data, (int)plain->length) != 1 ||
        EVP_EncryptFinal_ex(ctx, out + n, &last) != 1 ||
        (!s->cbc && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, s->tag) != 1))
        stop("the content");
    EVP_CIPHER_CTX_free(ctx);
    text_add(&s->body, out, (size_t)(n + last));
}

/* RFC 7518 section 5.2.2.1: over AAD, IV, ciphertext, and the AAD's length in bits. */
static void authenticate(sealing *s)
{
    unsigned char length[8] = {0}, mac[SHA256_DIGEST_LENGTH];
    size_t bits = strlen(s->aad) * 8;
    text input = text_open(s->home);
    for (size_t i = 0; i < sizeof length; i++)
        length[i] = (unsigned char)(bits >> (56 - 8 * i));
    text_put(&input, s->aad);
    text_add(&input, s->iv, IV_CBC);
    text_add(&input, s->body.data, s->body.length);
    text_add(&input, length, sizeof length);
    HMAC(EVP_sha256(), s->cek, CEK / 2, (const unsigned char *)input.data, input.length, mac, NULL);
    memcpy(s->tag, mac, TAG);
}

static members name_parts(const sealing *s)
{
    members words = members_open(s->home);
    text iv = text_open(s->home), body = text_open(s->home), tag = text_open(s->home);
    text_put_base64url(&iv, s->iv, s->cbc ? IV_CBC : IV_GCM);
    text_put_base64url(&body, s->body.data, s->body.length);
    text_put_base64url(&tag, s->tag, TAG);
    members_put(&words, "protected", s->aad);
    members_add(&words, "key", s->key.data, s->key.length);
    members_add(&words, "iv", iv.data, iv.length);
    members_add(&words, "text", body.data, body.length);
    members_add(&words, "tag", tag.data, tag.length);
    return words;
}

static const char *write_header(const issuer *is, const jwe_sites *sites, const char *alg, const char *enc, arena *home)
{
    members header = members_open(home), known = members_open(home);
    text json = text_open(home), encoded = text_open(home);
    members_put_string(&header, "alg", alg);
    members_put_string(&header, "enc", enc);
    members_put_string(&header, "cty", "JWT");
    fault_write_json(is->fault, sites->header, &header, &known, time(NULL), &json);
    text_put_base64url(&encoded, json.data, json.length);
    return text_end(&encoded);
}

static void seal(text *out, const issuer *is, const jwe_sites *sites, const options_client *client, const char *alg,
                 const char *enc, const text *plain)
{
    arena *home = out->home;
    sealing s = {.home = home, .cbc = strstr(enc, "CBC") != NULL, .key = text_open(home), .body = text_open(home)};
    s.aad = write_header(is, sites, alg, enc, home);
    make_key(&s, alg, client, fault_word(is->fault, sites->jwe, "stranger") != NULL);
    encrypt(&s, s.cbc ? EVP_aes_128_cbc() : EVP_aes_256_gcm(), s.cbc ? s.cek + CEK / 2 : s.cek, plain);
    if (s.cbc)
        authenticate(&s);
    if (fault_word(is->fault, sites->jwe, "flip") != NULL)
        s.tag[0] ^= 1;
    members words = name_parts(&s);
    text token = text_open(home);
    text_print(&token, "%s.%.*s.%s.%s.%s", s.aad, (int)s.key.length, s.key.length > 0 ? s.key.data : "",
               members_find(&words, "iv"), members_find(&words, "text"), members_find(&words, "tag"));
    fault_edit_text(is->fault, sites->jwe, &token, &words, time(NULL));
    text_add(out, token.data, token.length);
}

void jwe_write(text *out, const issuer *is, const jwe_sites *sites, const options_client *client, const text *token)
{
    const char *agreed = jwe_agreed(is, sites);
    const char *really = fault_word(is->fault, sites->jwe, "really"), *how = really != NULL ? really : agreed;
    bool symmetric = how != NULL && (how[0] == 'A' || how[0] == 'd');
    if (how == NULL || how[0] == '\0' || (symmetric ? client->secret[0] == '\0' : client->encryption_key == NULL)) {
        text_add(out, token->data, token->length);
        return;
    }
    members known = members_open(out->home);
    text plain = text_open(out->home);
    text_add(&plain, token->data, token->length);
    const char *space = strchr(how, ' ');
    const char *alg = arena_copy(out->home, how, (size_t)(space - how));
    if (fault_word(is->fault, sites->jwe, "twice") != NULL) {
        text inner = text_open(out->home);
        seal(&inner, is, sites, client, alg, space + 1, &plain);
        plain = inner;
    }
    fault_edit_text(is->fault, sites->plain, &plain, &known, time(NULL));
    seal(out, is, sites, client, alg, space + 1, &plain);
}
