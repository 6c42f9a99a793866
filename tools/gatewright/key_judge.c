/* SPDX-License-Identifier: Apache-2.0 */
#include "key_judge.h"

#include "base/base64url.h"
#include "jose/jwk_write.h"
#include "key_file.h"

/* Bytes of a base64url member; 0 when it is missing or badly written. */
static size_t size_of(tool *t, const json *node, const char *name)
{
    gate_str encoded, bytes;

    return json_get_string(node, str_of(name), &encoded) == JSON_GOOD && base64url_read(&t->memory, encoded, &bytes)
               ? bytes.len
               : 0;
}

static const char *why_rsa(tool *t, const json *node)
{
    size_t n = size_of(t, node, "n"), e = size_of(t, node, "e");

    if (!n || !e)
        return "n or e is missing or no base64url";
    if (n < 2048 / 8 || n > 8192 / 8)
        return "the modulus has not 2048 to 8192 bits";
    return "the modulus is even or has leading zeros, or the exponent is even, below 3 or past 2^32";
}

static const char *why_curve(tool *t, const json *node)
{
    static const struct {
        const char *crv;
        size_t size;
    } curves[] = {{"P-256", 32},   {"P-384", 48}, {"P-521", 66}, {"secp256k1", 32},
                  {"Ed25519", 32}, {"Ed448", 57}, {"X25519", 32}};

    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (!json_is_string(json_find(node, STR("crv")), str_of(curves[i].crv)))
            continue;
        if (size_of(t, node, "x") != curves[i].size || (i < 4 && size_of(t, node, "y") != curves[i].size))
            return "a coordinate is missing or has not the exact size of the curve";
        return "the point is not on the curve, of small order, or not written canonically; or the alg is of another curve";
    }
    return "crv is unknown or not taken";
}

static bool is_known_alg(const json *node)
{
    gate_str name;

    return json_get_string(node, STR("alg"), &name) != JSON_GOOD || alg_read(name) || jwe_alg_read(name) ||
           jwe_content_read(name);
}

/* The engine says yes or no; this finds the words for the no, in the order of its checks. */
static const char *why_not(tool *t, const json *node)
{
    gate_str kty;

    if (!node || node->type != JSON_OBJECT)
        return "not an object";
    if (json_get_string(node, STR("kty"), &kty) != JSON_GOOD)
        return "kty is missing";
    if (json_get_string(node, STR("kid"), &kty) == JSON_WRONG)
        return "kid is no string";
    if (json_is_string(json_find(node, STR("kty")), STR("oct")))
        return "a symmetric key, or too short for its alg";
    if (!is_known_alg(node))
        return "alg is unknown, or refused on purpose";
    if (json_find(node, STR("d")))
        return "a private key whose parts do not fit, or that its use, key_ops or alg forbids";
    if (json_find(node, STR("use")) || json_find(node, STR("key_ops")))
        if (!json_is_string(json_find(node, STR("use")), STR("sig")) &&
            !json_is_string(json_find(node, STR("use")), STR("enc")))
            return "use or key_ops allows neither verifying nor encrypting";
    if (json_is_string(json_find(node, STR("kty")), STR("RSA")))
        return why_rsa(t, node);
    if (json_is_string(json_find(node, STR("kty")), STR("EC")) ||
        json_is_string(json_find(node, STR("kty")), STR("OKP")))
        return why_curve(t, node);
    if (json_is_string(json_find(node, STR("kty")), STR("AKP")))
        return "alg is missing, pub has not its size, or libcrypto is older than 3.5 and has no ML-DSA";
    return "kty is unknown";
}

static void copy_member(text *out, const json *node, const char *name)
{
    gate_str value;

    if (json_get_string(node, str_of(name), &value) == JSON_GOOD)
        json_add_string(out, str_of(name), value);
}

static void add_name(text *list, gate_str name)
{
    if (list->len > 1)
        text_add_char(list, ',');
    json_write_string(list, name);
}

static void add_algorithms(tool *t, text *out, const key_any *key)
{
    text algs = text_begin(&t->memory, 1024), wraps = text_begin(&t->memory, 1024);
    gate_str s;

    text_add_char(&algs, '[');
    text_add_char(&wraps, '[');
    for (uint32_t one = 1; one; one <<= 1) {
        if (key->algs & one)
            add_name(&algs, alg_name(one));
        if (key->wraps & one)
            add_name(&wraps, jwe_alg_name(one));
    }
    text_add_char(&algs, ']');
    text_add_char(&wraps, ']');
    if (key->algs && text_end(&algs, &s))
        json_add_raw(out, STR("signatures"), s);
    if (key->wraps && text_end(&wraps, &s))
        json_add_raw(out, STR("encryption"), s);
}

/* What PEM does not say. */
static void add_type(tool *t, text *out, const key_any *key)
{
    text members = text_begin(&t->memory, 16 * 1024);
    const json *node;
    gate_str s;

    json_begin(&members);
    if (!key->key || !jwk_write_members(&members, key->key))
        return;
    json_end(&members);
    node = text_end(&members, &s) ? json_read_object(&t->memory, s) : NULL;
    copy_member(out, node, "kty");
    copy_member(out, node, "crv");
}

bool key_judge_write(tool *t, text *out, gate_str document, const json *node)
{
    static const char *const members[] = {"kid", "kty", "crv", "alg", "use"};
    gate_str thumbprint;
    key_any key;
    bool good = key_file_read_any(t, document, node, &key);

    json_begin(out);
    for (size_t i = 0; node && i < sizeof members / sizeof members[0]; i++)
        copy_member(out, node, members[i]);
    if (!node)
        add_type(t, out, &key);
    if (good) {
        json_add_number(out, STR("bits"), key.key ? EVP_PKEY_get_bits(key.key) : (int)key.octets.len * 8);
        json_add_flag(out, STR("private"), key.is_own);
        if (jwk_thumbprint(&t->memory, key.key, &thumbprint))
            json_add_string(out, STR("thumbprint"), thumbprint);
        add_algorithms(t, out, &key);
    }
    json_add_flag(out, STR("usable"), good);
    if (!good)
        json_add_string(out, STR("why"),
                        node ? str_of(why_not(t, node))
                             : STR("no key that is taken: see the man page for sizes and types"));
    json_end(out);
    key_file_drop_any(&key);
    return good;
}

/* One of somebody else's set: what is private or symmetric there is of no use, whatever it is. */
static bool write_remote(tool *t, text *out, const json *node)
{
    static const char *const members[] = {"kid", "kty", "crv", "alg", "use"};
    bool exposed = json_find(node, STR("d")) || json_find(node, STR("k")) || json_find(node, STR("priv"));
    jwk key;

    if (!exposed)
        return key_judge_write(t, out, node->text, node) && jwk_read_public(&t->memory, node, &key) &&
               (jwk_drop(&key), true);
    json_begin(out);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        copy_member(out, node, members[i]);
    json_add_flag(out, STR("usable"), false);
    json_add_string(out, STR("why"),
                    STR("it shows private or symmetric material to everybody: the provider must replace it"));
    json_end(out);
    return false;
}

bool key_judge_write_set(tool *t, text *out, const json *keys, size_t *usable)
{
    *usable = 0;
    if (!keys || keys->type != JSON_ARRAY)
        return false;
    text_add_char(out, '[');
    for (const json *node = keys->child; node; node = node->next) {
        *usable += write_remote(t, out, node);
        if (node->next)
            text_add_char(out, ',');
    }
    text_add_char(out, ']');
    return !out->failed;
}
