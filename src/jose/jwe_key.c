/* SPDX-License-Identifier: Apache-2.0 */
#include "jwe_key.h"

#include "../base/secret.h"
#include "jwe_wrap.h"
#include "jwk_kinds.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

enum { DOCUMENT_MAX = 32 * 1024, X25519_SIZE = 32, HEADER_MAX = 2048 };

static bool has_any(const json *array, const gate_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (json_has_string(array, words[i]))
            return true;
    return false;
}

/* RFC 7517 sections 4.2 and 4.3. A symmetric key of our own may say what either side does. */
static bool is_for_encryption(const json *node, bool own)
{
    static const gate_str words[] = {STR_INIT("deriveKey"), STR_INIT("deriveBits"), STR_INIT("decrypt"),
                                     STR_INIT("unwrapKey"), STR_INIT("encrypt"),    STR_INIT("wrapKey")};
    enum { WORDS = sizeof words / sizeof words[0], AGREE = 2, OPEN = 4 };
    const json *operations = json_find(node, STR("key_ops"));
    gate_str use = STR("enc");

    if (json_get_string(node, STR("use"), &use) == JSON_WRONG || !str_equal(use, STR("enc")))
        return false;
    if (!operations)
        return true;
    if (!json_is_strings(operations))
        return false;
    return has_any(operations, words, AGREE) || has_any(operations, words + (own ? AGREE : OPEN), OPEN - AGREE);
}

/* dir: the content's key is the key itself, so its size says with what it may be used. */
static bool octets_fit(jwe_key *key)
{
    jwe_enc_set fit = 0;

    if (key->alg != JWE_DIR)
        return (key->alg & JWE_OCT) && key->octets.len == jwe_alg_wrap_size(key->alg);
    for (jwe_enc_set one = 1; one & JWE_ENC_ALL; one <<= 1)
        if (jwe_content_key_size(one) == key->octets.len)
            fit |= one;
    key->encs &= fit;
    return key->encs != 0;
}

static bool set_alg(gate_str alg, jwe_key *key)
{
    jwe_enc_set enc = jwe_content_read(alg);

    key->alg = enc ? JWE_DIR : jwe_alg_read(alg);
    key->encs = enc ? enc : JWE_ENC_ALL;
    return key->alg != 0;
}

/* What the configuration says and what the key says; a key that says the content's alg agrees with a configured dir. */
static bool decide_alg(const json *node, gate_str alg, jwe_key *key)
{
    gate_str name = STR_NONE;
    json_got got = json_get_string(node, STR("alg"), &name);

    if (got == JSON_WRONG || (got == JSON_ABSENT && !alg.len))
        return false;
    if (!set_alg(got == JSON_GOOD ? name : alg, key))
        return false;
    return !alg.len || got == JSON_ABSENT || str_equal(name, alg) ||
           (key->alg == JWE_DIR && str_equal(alg, STR("dir")));
}

/* RFC 8037 section 2. No point is refused here: one of small order agrees on zero, which jwe_agree.c refuses. */
static bool read_x25519(arena *a, const json *node, bool own, jwk *key)
{
    OSSL_PARAM params[3];
    gate_str x, d;

    if (!json_is_string(json_find(node, STR("crv")), STR("X25519")) || !jwk_bytes(a, node, "x", X25519_SIZE, &x) ||
        x.len != X25519_SIZE)
        return false;
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)x.ptr, x.len);
    params[1] = OSSL_PARAM_construct_end();
    params[2] = OSSL_PARAM_construct_end();
    if (own) {
        if (!jwk_bytes(a, node, "d", X25519_SIZE, &d) || d.len != X25519_SIZE)
            return false;
        params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, (void *)d.ptr, d.len);
    }
    return jwk_import("X25519", params, own, key);
}

/* Takes over what was read, and the sizes. */
static bool accept(jwk *read, jwe_key *key)
{
    key->key = read->key;
    if (key->alg & JWE_RSA && EVP_PKEY_is_a(key->key, "RSA"))
        key->modulus_size = read->signature_size;
    else if (key->alg & JWE_ECDH && (read->algs & ALG_EC & ~(alg_set)ALG_ES256K) && EVP_PKEY_is_a(key->key, "EC"))
        key->shared_size = read->signature_size / 2; /* a coordinate */
    else if (key->alg & JWE_ECDH && EVP_PKEY_is_a(key->key, "X25519"))
        key->shared_size = X25519_SIZE;
    return key->modulus_size || key->shared_size;
}

static bool read_kind(arena *a, const json *node, bool own, jwe_key *key)
{
    gate_str kty;
    jwk read = {0};
    bool good = false;

    if (json_get_string(node, STR("kty"), &kty) != JSON_GOOD)
        return false;
    if (str_equal(kty, STR("oct")))
        return own && jwk_bytes(a, node, "k", JWE_CONTENT_KEY_MAX, &key->octets) && octets_fit(key);
    if (str_equal(kty, STR("RSA")))
        good = jwk_rsa_read(a, node, own, &read);
    else if (str_equal(kty, STR("EC")))
        good = jwk_ec_read(a, node, own, &read);
    else if (str_equal(kty, STR("OKP")))
        good = read_x25519(a, node, own, &read);
    return good && accept(&read, key);
}

static bool read_node(arena *a, const json *node, gate_str alg, bool own, jwe_key *key)
{
    if (json_get_string(node, STR("kid"), &key->kid) == JSON_WRONG || key->kid.len > JWE_KID_MAX)
        return false;
    return is_for_encryption(node, own) && decide_alg(node, alg, key) && read_kind(a, node, own, key);
}

bool jwe_key_read_public(arena *a, const json *node, gate_str alg, jwe_key *key)
{
    *key = (jwe_key){0};
    if (node && node->type == JSON_OBJECT && !json_find(node, STR("d")) && !json_find(node, STR("k")) &&
        read_node(a, node, alg, false, key))
        return true;
    jwe_key_drop(key);
    return false;
}

bool jwe_key_read_octets(gate_str octets, gate_str alg, jwe_key *key)
{
    *key = (jwe_key){.octets = octets};
    if (set_alg(alg, key) && octets_fit(key))
        return true;
    *key = (jwe_key){0};
    return false;
}

static bool read_pem(arena *a, gate_str document, gate_str alg, jwe_key *key)
{
    jwk read = {0};

    if (!set_alg(alg, key))
        return false;
    key->key = read.key = jwk_own_read_pem(document);
    if (!read.key || (EVP_PKEY_is_a(read.key, "RSA") && !jwk_rsa_accept(a, &read)) ||
        (EVP_PKEY_is_a(read.key, "EC") && !jwk_ec_accept(&read)))
        return false;
    return accept(&read, key);
}

static bool read_json(arena *a, gate_str document, gate_str alg, jwe_key *key)
{
    const json *node = json_read_object(a, document);

    if (!node || !read_node(a, node, alg, true, key))
        return false;
    if (!key->kid.ptr)
        return true;
    key->kid = arena_copy(a, key->kid);
    return key->kid.ptr != NULL;
}

/* A private part that does not belong to the public one would open nothing: one content key is brought over and compared. */
static bool parts_fit(arena *a, const jwe_key *key)
{
    jwe_enc_set enc = key->encs & (~key->encs + 1); /* the lowest bit: any will do */
    unsigned char made[JWE_CONTENT_KEY_MAX], read[JWE_CONTENT_KEY_MAX];
    text t = text_begin(a, HEADER_MAX);
    gate_str encrypted, header;
    bool good;

    json_begin(&t);
    good = jwe_wrap_make(a, key, enc, &t, made, &encrypted);
    json_end(&t);
    good = good && text_end(&t, &header) && jwe_wrap_open(a, key, enc, json_read_object(a, header), encrypted, read) &&
           memcmp(made, read, jwe_content_key_size(enc)) == 0;
    secret_wipe(made, sizeof made);
    secret_wipe(read, sizeof read);
    return good;
}

bool jwe_key_read_own(arena *a, gate_str document, gate_str alg, jwe_key *key)
{
    bool good;

    *key = (jwe_key){0};
    if (!document.len || document.len > DOCUMENT_MAX)
        return false;
    good = jwk_is_json(document) ? read_json(a, document, alg, key) : read_pem(a, document, alg, key);
    if (good && parts_fit(a, key))
        return true;
    jwe_key_drop(key);
    return false;
}

void jwe_key_drop(jwe_key *key)
{
    EVP_PKEY_free(key->key);
    *key = (jwe_key){0};
}
