/* SPDX-License-Identifier: Apache-2.0 */
#include "jwe_agree.h"

#include "../base/base64url.h"
#include "../base/secret.h"
#include "jwk_kinds.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

enum { PARTY_MAX = 512, SHARED_MAX = 66, EPK_MAX = 512, HASH_SIZE = 32, POINT_MAX = 1 + 2 * SHARED_MAX };

/* apu and apv: what the two parties call themselves. */
static bool read_party(arena *a, const json *header, gate_str name, gate_str *party)
{
    gate_str encoded = STR("");

    *party = STR_NONE;
    return json_get_string(header, name, &encoded) != JSON_WRONG && encoded.len <= BASE64URL_SIZE(PARTY_MAX) &&
           base64url_read(a, encoded, party);
}

typedef struct derivation {
    gate_str shared; /* Z */
    gate_str id, apu, apv;
    size_t size; /* wanted, in bytes */
} derivation;

static void add_number(text *t, size_t n)
{
    const char bytes[4] = {(char)(n >> 24 & 0xff), (char)(n >> 16 & 0xff), (char)(n >> 8 & 0xff), (char)(n & 0xff)};

    text_add(t, (gate_str){bytes, sizeof bytes});
}

static void add_counted(text *t, gate_str s)
{
    add_number(t, s.len);
    text_add(t, s);
}

/* The Concat KDF of NIST SP 800-56A with SHA-256, as RFC 7518 section 4.6.2 fills it in. */
static bool derive(arena *a, const derivation *d, unsigned char *agreed)
{
    unsigned char hash[HASH_SIZE];
    bool good = true;

    for (size_t done = 0, round = 1; good && done < d->size; done += HASH_SIZE, round++) {
        size_t n = d->size - done < HASH_SIZE ? d->size - done : HASH_SIZE;
        text t = text_begin(a, 4096);
        gate_str input;
        add_number(&t, round);
        text_add(&t, d->shared);
        add_counted(&t, d->id);
        add_counted(&t, d->apu);
        add_counted(&t, d->apv);
        add_number(&t, d->size * 8);
        good = text_end(&t, &input) && EVP_Q_digest(NULL, "SHA256", NULL, input.ptr, input.len, hash, NULL) == 1;
        if (good)
            memcpy(agreed + done, hash, n);
        secret_wipe(t.bytes, t.len);
    }
    secret_wipe(hash, sizeof hash);
    return good;
}

/* On X25519 a zero secret comes of a point of small order (RFC 7748 section 6.1); libcrypto refuses that too. The other curves have no such
 * points, and zero is a coordinate like any other. */
static bool share(EVP_PKEY *own, EVP_PKEY *other, size_t size, unsigned char *shared)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    size_t n = SHARED_MAX;
    unsigned char any = !EVP_PKEY_is_a(own, "X25519");
    bool good = context && EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, other) == 1 &&
                EVP_PKEY_derive(context, shared, &n) == 1 && n == size;

    for (size_t i = 0; good && i < n; i++)
        any |= shared[i];
    EVP_PKEY_CTX_free(context);
    return good && any != 0;
}

static bool agree(arena *a, EVP_PKEY *own, EVP_PKEY *other, size_t shared_size, derivation *d, unsigned char *agreed)
{
    unsigned char shared[SHARED_MAX];
    bool good = share(own, other, shared_size, shared);

    d->shared = (gate_str){(char *)shared, shared_size};
    good = good && derive(a, d, agreed);
    secret_wipe(shared, sizeof shared);
    return good;
}

/* The sender's key for this one token. Its alg is ours by definition, so it is read as a key for ECDH-ES; the curve must be ours. */
static bool read_epk(arena *a, const jwe_key *key, const json *header, jwe_key *epk)
{
    const json *node = json_find(header, STR("epk"));

    *epk = (jwe_key){0};
    return node && !json_find(node, STR("alg")) && jwe_key_read_public(a, node, STR("ECDH-ES"), epk) &&
           epk->shared_size == key->shared_size && EVP_PKEY_is_a(epk->key, "EC") == EVP_PKEY_is_a(key->key, "EC");
}

bool jwe_agree_read(arena *a, const jwe_key *key, const json *header, gate_str id, size_t size, unsigned char *agreed)
{
    derivation d = {.id = id, .size = size};
    jwe_key epk;
    bool good = read_party(a, header, STR("apu"), &d.apu) && read_party(a, header, STR("apv"), &d.apv);

    good = read_epk(a, key, header, &epk) && good && agree(a, key->key, epk.key, key->shared_size, &d, agreed);
    jwe_key_drop(&epk);
    return good;
}

static bool write_epk_ec(text *t, const EVP_PKEY *epk, size_t size)
{
    static const gate_str names[] = {STR_INIT("P-256"), STR_INIT("P-384"), STR_INIT("P-521")};
    unsigned char point[POINT_MAX];
    size_t n;

    if (EVP_PKEY_get_octet_string_param(epk, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, sizeof point, &n) != 1 ||
        n != 1 + 2 * size || point[0] != 4)
        return false;
    json_add_string(t, STR("kty"), STR("EC"));
    json_add_string(t, STR("crv"), names[size == 32 ? 0 : size == 48 ? 1 : 2]);
    json_add_bytes(t, STR("x"), (gate_str){(char *)(point + 1), size});
    json_add_bytes(t, STR("y"), (gate_str){(char *)(point + 1 + size), size});
    return true;
}

static bool write_epk_x25519(text *t, const EVP_PKEY *epk, size_t size)
{
    unsigned char x[SHARED_MAX];
    size_t n = sizeof x;

    if (EVP_PKEY_get_raw_public_key(epk, x, &n) != 1 || n != size)
        return false;
    json_add_string(t, STR("kty"), STR("OKP"));
    json_add_string(t, STR("crv"), STR("X25519"));
    json_add_bytes(t, STR("x"), (gate_str){(char *)x, n});
    return true;
}

static bool write_epk(arena *a, text *header, const EVP_PKEY *epk, size_t size)
{
    text t = text_begin(a, EPK_MAX);
    gate_str s;
    bool good;

    json_begin(&t);
    good = EVP_PKEY_is_a(epk, "EC") ? write_epk_ec(&t, epk, size) : write_epk_x25519(&t, epk, size);
    json_end(&t);
    if (!good || !text_end(&t, &s))
        return false;
    json_add_raw(header, STR("epk"), s);
    return true;
}

/* A fresh pair on the curve of `like`. */
static EVP_PKEY *generate(EVP_PKEY *like)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, like, NULL);
    EVP_PKEY *made = NULL;

    if (!context || EVP_PKEY_keygen_init(context) != 1 || EVP_PKEY_generate(context, &made) != 1)
        made = NULL;
    EVP_PKEY_CTX_free(context);
    return made;
}

bool jwe_agree_make(arena *a, const jwe_key *key, text *header, gate_str id, size_t size, unsigned char *agreed)
{
    derivation d = {.id = id, .size = size};
    EVP_PKEY *epk = generate(key->key);
    bool good =
        epk && write_epk(a, header, epk, key->shared_size) && agree(a, epk, key->key, key->shared_size, &d, agreed);

    EVP_PKEY_free(epk);
    return good;
}
