/* SPDX-License-Identifier: Apache-2.0 */
#include "key_file.h"

#include "base/base64url.h"
#include "input.h"
#include "jose/jwk_write.h"

#include <openssl/err.h>
#include <openssl/pem.h>

enum { OCTETS_MAX = 4096, DOCUMENT_MAX = 16 * 1024 };

static const json *json_of(tool *t, gate_str document)
{
    return jwk_is_json(document) ? json_read_object(&t->memory, document) : NULL;
}

static bool read_octets(tool *t, const json *node, gate_str *octets)
{
    gate_str k;

    return json_is_string(json_find(node, STR("kty")), STR("oct")) &&
           json_get_string(node, STR("k"), &k) == JSON_GOOD && k.len <= BASE64URL_SIZE(OCTETS_MAX) &&
           base64url_read(&t->memory, k, octets) && octets->len;
}

/* A symmetric JWK; its alg binds, and one for encryption makes no MAC. */
static bool secret_of(tool *t, const json *node, jwk *key)
{
    gate_str octets, alg, use = STR("sig"), kid = STR_NONE;

    if (!read_octets(t, node, &octets) || !jwk_read_secret(octets, key))
        return false;
    if (json_get_string(node, STR("use"), &use) == JSON_WRONG || !str_equal(use, STR("sig")) ||
        json_get_string(node, STR("kid"), &kid) == JSON_WRONG)
        return false;
    key->kid = kid;
    switch (json_get_string(node, STR("alg"), &alg)) {
    case JSON_WRONG:
        return false;
    case JSON_GOOD:
        key->algs &= alg_read(alg);
        break;
    default:
        break;
    }
    return key->algs != 0;
}

bool key_file_read_signer(tool *t, const char *path, jwk *key)
{
    gate_str document;

    *key = (jwk){0};
    if (!input_read(t, path, &document))
        return false;
    if (secret_of(t, json_of(t, document), key) || jwk_read_private(&t->memory, document, key))
        return true;
    tool_fail("no private key that may sign (PEM or JWK; see gatewright keys show)", path);
    return false;
}

bool key_file_read_secret(tool *t, const char *path, jwk *key)
{
    gate_str document;

    *key = (jwk){0};
    if (!input_read(t, path, &document))
        return false;
    if (secret_of(t, json_of(t, document), key))
        return true;
    while (document.len && (document.ptr[document.len - 1] == '\n' || document.ptr[document.len - 1] == '\r'))
        document.len--;
    if (!json_of(t, document) && jwk_read_secret(document, key))
        return true;
    tool_fail("too short for HS256, which wants 32 bytes (RFC 7518 3.2), or not for signatures", path);
    return false;
}

static EVP_PKEY *read_public_pem(gate_str document)
{
    BIO *source;
    EVP_PKEY *key;

    ERR_set_mark();
    source = BIO_new_mem_buf(document.ptr, (int)document.len);
    key = source ? PEM_read_bio_PUBKEY(source, NULL, NULL, NULL) : NULL;
    BIO_free(source);
    ERR_pop_to_mark();
    return key;
}

/* {"keys":[...]} around one key. */
static keyset *set_around(tool *t, gate_str one)
{
    text whole = text_begin(&t->memory, INPUT_MAX);
    gate_str document;

    text_add(&whole, STR("{\"keys\":["));
    text_add(&whole, one);
    text_add(&whole, STR("]}"));
    return text_end(&whole, &document) ? keyset_read(document) : NULL;
}

/* A public key in PEM as the JWK that it would be, so that it meets the same gates. */
static bool jwk_of_pem(tool *t, gate_str document, gate_str *written)
{
    text one = text_begin(&t->memory, DOCUMENT_MAX);
    EVP_PKEY *key = read_public_pem(document);
    bool good;

    json_begin(&one);
    good = key && jwk_write_members(&one, key);
    json_end(&one);
    EVP_PKEY_free(key);
    return good && text_end(&one, written);
}

static keyset *set_of_pem(tool *t, gate_str document)
{
    gate_str one;

    return jwk_of_pem(t, document, &one) ? set_around(t, one) : NULL;
}

keyset *key_file_set_of(tool *t, gate_str document)
{
    const json *node = json_of(t, document);

    if (node && json_find(node, STR("kty")))
        return set_around(t, document);
    return node ? keyset_read(document) : set_of_pem(t, document);
}

bool key_file_read_set(tool *t, const char *path, keyset **set)
{
    gate_str document;

    *set = NULL;
    if (!input_read(t, path, &document))
        return false;
    *set = key_file_set_of(t, document);
    if (!*set)
        tool_fail("no public key in it that may verify (JWK, key set or PEM; see gatewright keys show)", path);
    return *set != NULL;
}

bool key_file_read_opener(tool *t, const char *path, gate_str alg, jwe_key *key)
{
    gate_str document;

    *key = (jwe_key){0};
    if (!input_read(t, path, &document))
        return false;
    if (jwe_key_read_own(&t->memory, document, alg, key))
        return true;
    tool_fail("no private key that may decrypt, or neither it nor the command line names its alg", path);
    return false;
}

bool key_file_read_recipient(tool *t, const char *path, gate_str alg, jwe_key *key)
{
    gate_str document, written;
    const json *node;

    *key = (jwe_key){0};
    if (!input_read(t, path, &document))
        return false;
    node = jwk_of_pem(t, document, &written) ? json_of(t, written) : json_of(t, document);
    if (jwe_key_read_public(&t->memory, node, alg, key) || jwe_key_read_own(&t->memory, document, alg, key))
        return true;
    tool_fail("no key to encrypt to, or neither it nor the command line names its alg", path);
    return false;
}

/* What it can wrap: a JWK's alg decides, and each that would fit is tried where it says none. */
static void find_wraps(tool *t, gate_str document, key_any *any)
{
    for (jwe_alg_set one = 1; one & JWE_ALG_ALL; one <<= 1) {
        jwe_key key;
        bool own = jwe_key_read_own(&t->memory, document, jwe_alg_name(one), &key);
        bool good = own || (any->node && jwe_key_read_public(&t->memory, any->node, jwe_alg_name(one), &key));
        if (!good)
            continue;
        any->wraps |= one;
        any->is_own |= own;
        if (!any->key && key.key && EVP_PKEY_up_ref(key.key))
            any->key = key.key;
        if (!any->octets.ptr)
            any->octets = key.octets;
        jwe_key_drop(&key);
    }
}

static void find_algs(tool *t, gate_str document, key_any *any)
{
    jwk key = {0};
    bool own = secret_of(t, any->node, &key) || jwk_read_private(&t->memory, document, &key);
    bool good = own || (any->node && jwk_read_public(&t->memory, any->node, &key));

    if (!good)
        return;
    any->algs = key.algs;
    any->is_own = own;
    any->octets = key.octets;
    if (key.key && EVP_PKEY_up_ref(key.key))
        any->key = key.key;
    jwk_drop(&key);
}

bool key_file_read_any(tool *t, gate_str document, const json *node, key_any *any)
{
    gate_str written;

    *any = (key_any){.node = node ? node : jwk_of_pem(t, document, &written) ? json_of(t, written) : NULL};
    find_algs(t, document, any);
    find_wraps(t, document, any);
    any->node = node;
    return any->key || any->octets.ptr;
}

void key_file_drop_any(key_any *any)
{
    EVP_PKEY_free(any->key);
    *any = (key_any){0};
}
