/* SPDX-License-Identifier: Apache-2.0 */
#include "jwe.h"

#include "../base/base64url.h"
#include "../base/secret.h"
#include "jwe_wrap.h"

#include <openssl/err.h>
#include <openssl/rand.h>

enum { SEGMENTS = 5, STRING_MAX = 1024, HEADER_MAX = 4 * 1024 };

bool jwe_is_one(gate_str token)
{
    size_t dots = 0;

    for (size_t i = 0; i < token.len; i++)
        dots += token.ptr[i] == '.';
    return dots == SEGMENTS - 1;
}

static bool split(gate_str token, gate_str segments[SEGMENTS])
{
    size_t n = 0;

    while (n < SEGMENTS && str_cut(&token, '.', &segments[n]))
        n++;
    return n == SEGMENTS && !token.ptr && segments[0].len;
}

static bool read_name(const json *header, gate_str member, gate_str *value)
{
    *value = STR_NONE;
    return json_get_string(header, member, value) != JSON_WRONG && value->len <= STRING_MAX;
}

/* RFC 7516 sections 4.1.13 and 4.1.3: we understand no extension, and inflate nothing. */
static bool is_extended(const json *header)
{
    return json_find(header, STR("crit")) || json_find(header, STR("zip"));
}

static bool read_header(arena *a, gate_str bytes, jwe_alg_set algs, jwe_enc_set encs, jwe *t, refusal *why)
{
    gate_str alg, enc, cty;

    t->header = json_read_object(a, bytes);
    if (!t->header || !read_name(t->header, STR("kid"), &t->kid) || !read_name(t->header, STR("typ"), &t->typ) ||
        !read_name(t->header, STR("cty"), &cty))
        return refuse(why, REFUSAL_jwe_malformed);
    if (is_extended(t->header))
        return refuse(why, REFUSAL_jwe_crit);
    if (json_get_string(t->header, STR("alg"), &alg) != JSON_GOOD ||
        json_get_string(t->header, STR("enc"), &enc) != JSON_GOOD)
        return refuse(why, REFUSAL_jwe_alg);
    t->is_nested = str_equal_nocase(cty, STR("JWT")) || str_equal_nocase(cty, STR("application/jwt"));
    t->alg = jwe_alg_read(alg) & algs;
    t->enc = jwe_content_read(enc) & encs;
    return (t->alg && t->enc) || refuse(why, REFUSAL_jwe_alg);
}

/* What is public about the token and wrong whoever reads it. */
static bool sizes_are_right(const jwe *t)
{
    if (t->iv.len != jwe_content_iv_size(t->enc) || t->tag.len != jwe_content_tag_size(t->enc))
        return false;
    if ((t->enc & JWE_CBC) && (!t->ciphertext.len || t->ciphertext.len % 16))
        return false;
    return jwe_alg_is_direct(t->alg) == !t->encrypted_key.len;
}

/* Decodes a segment at *room, which moves behind it. */
static bool decode(gate_str segment, unsigned char **room, gate_str *bytes)
{
    if (!base64url_read_at(segment, *room, &bytes->len))
        return false;
    bytes->ptr = (char *)*room;
    *room += bytes->len;
    return true;
}

bool jwe_read(arena *a, gate_str token, jwe_alg_set algs, jwe_enc_set encs, jwe *out, refusal *why)
{
    gate_str segments[SEGMENTS], header;
    unsigned char *room;

    *out = (jwe){0};
    if (token.len > JWE_SIZE_MAX || !token.ptr || !split(token, segments))
        return refuse(why, REFUSAL_jwe_malformed);
    room = arena_alloc(a, token.len + SEGMENTS); /* more than the five need: base64url shrinks */
    if (!room)
        return refuse(why, REFUSAL_internal);
    if (!decode(segments[0], &room, &header) || !decode(segments[1], &room, &out->encrypted_key) ||
        !decode(segments[2], &room, &out->iv) || !decode(segments[3], &room, &out->ciphertext) ||
        !decode(segments[4], &room, &out->tag))
        return refuse(why, REFUSAL_jwe_malformed);
    out->aad = segments[0];
    return read_header(a, header, algs, encs, out, why) && (sizes_are_right(out) || refuse(why, REFUSAL_jwe_malformed));
}

static bool key_fits(const jwe_key *key, const jwe *token)
{
    return key->alg == token->alg && (key->encs & token->enc) &&
           (!key->kid.ptr || !token->kid.ptr || str_equal(key->kid, token->kid));
}

static bool open_with(arena *a, const jwe *token, const jwe_key *key, unsigned char *out, size_t *n, refusal *why)
{
    unsigned char cek[JWE_CONTENT_KEY_MAX];
    jwe_content c = {
        .enc = token->enc, .key = {(char *)cek, jwe_content_key_size(token->enc)}, .iv = token->iv, .aad = token->aad};
    bool good;

    if (!jwe_wrap_open(a, key, token->enc, token->header, token->encrypted_key, cek))
        return refuse(why, REFUSAL_internal);
    ERR_set_mark();
    good = jwe_content_open(&c, token->ciphertext, token->tag, out, n);
    ERR_pop_to_mark();
    secret_wipe(cek, sizeof cek);
    return good;
}

bool jwe_decrypt(arena *a, const jwe *token, const jwe_key *keys, size_t count, gate_str *plain, refusal *why)
{
    unsigned char *out = arena_alloc(a, token->ciphertext.len + JWE_CONTENT_MORE);
    size_t tried = 0, n;

    *plain = STR_NONE;
    if (!out)
        return refuse(why, REFUSAL_internal);
    for (size_t i = 0; i < count && tried < JWE_TRY_MAX; i++) {
        if (!key_fits(&keys[i], token))
            continue;
        tried++;
        if (open_with(a, token, &keys[i], out, &n, why)) {
            *plain = (gate_str){(char *)out, n};
            return true;
        }
    }
    return refuse(why, tried ? REFUSAL_jwe_decrypt : REFUSAL_jwe_key_unknown);
}

/* The header, encoded: what the content's encryption also vouches for. And the key that it needed. */
static bool write_header(arena *a, const jwe_key *key, const jwe *t, gate_str cty, unsigned char *cek,
                         gate_str *encrypted, gate_str *aad)
{
    text header = text_begin(a, HEADER_MAX), encoded = text_begin(a, 2 * HEADER_MAX);
    gate_str s;
    bool good;

    json_begin(&header);
    json_add_string(&header, STR("alg"), jwe_alg_name(key->alg));
    json_add_string(&header, STR("enc"), jwe_content_name(t->enc));
    if (key->kid.ptr)
        json_add_string(&header, STR("kid"), key->kid);
    if (t->typ.len)
        json_add_string(&header, STR("typ"), t->typ);
    if (cty.len)
        json_add_string(&header, STR("cty"), cty);
    good = jwe_wrap_make(a, key, t->enc, &header, cek, encrypted);
    json_end(&header);
    if (!good || !text_end(&header, &s))
        return false;
    base64url_write(&encoded, s);
    return text_end(&encoded, aad);
}

static void write_segments(text *out, const jwe *t)
{
    text_add(out, t->aad);
    text_add_char(out, '.');
    base64url_write(out, t->encrypted_key);
    text_add_char(out, '.');
    base64url_write(out, t->iv);
    text_add_char(out, '.');
    base64url_write(out, t->ciphertext);
    text_add_char(out, '.');
    base64url_write(out, t->tag);
}

static bool seal_content(arena *a, jwe *t, const unsigned char *cek, gate_str plain)
{
    unsigned char *iv = arena_alloc(a, JWE_CONTENT_IV_MAX), *tag = arena_alloc(a, JWE_CONTENT_TAG_MAX);
    unsigned char *out = plain.len <= JWE_SIZE_MAX ? arena_alloc(a, plain.len + JWE_CONTENT_MORE) : NULL;
    jwe_content c = {.enc = t->enc, .key = {(const char *)cek, jwe_content_key_size(t->enc)}, .aad = t->aad};
    bool good;

    c.iv = t->iv = (gate_str){(char *)iv, jwe_content_iv_size(t->enc)};
    t->tag = (gate_str){(char *)tag, jwe_content_tag_size(t->enc)};
    t->ciphertext.ptr = (char *)out;
    ERR_set_mark();
    good = iv && tag && out && RAND_bytes(iv, (int)t->iv.len) == 1 &&
           jwe_content_seal(&c, plain, out, &t->ciphertext.len, tag);
    ERR_pop_to_mark();
    return good;
}

bool jwe_encrypt(arena *a, text *out, const jwe_key *key, jwe_enc_set enc, gate_str typ, gate_str cty, gate_str plain)
{
    jwe t = {.enc = enc, .typ = typ};
    unsigned char cek[JWE_CONTENT_KEY_MAX];
    bool good = write_header(a, key, &t, cty, cek, &t.encrypted_key, &t.aad) && seal_content(a, &t, cek, plain);

    secret_wipe(cek, sizeof cek);
    if (good)
        write_segments(out, &t);
    return good && !out->failed;
}
