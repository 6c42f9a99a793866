/* SPDX-License-Identifier: Apache-2.0 */
#include "jws.h"

#include "../base/base64url.h"
#include "signature.h"

enum { SEGMENTS = 3, STRING_MAX = 1024, HEADER_MAX = 4 * 1024 };

/* Exactly three, none empty (RFC 7515 section 3.1; a JWT always has a payload). */
static bool split(gate_str token, gate_str segments[SEGMENTS])
{
    size_t n = 0;

    while (n < SEGMENTS && str_cut(&token, '.', &segments[n])) {
        if (!segments[n].len)
            return false;
        n++;
    }
    return n == SEGMENTS && !token.ptr;
}

/* RFC 7515 section 4.1.11: we understand no extension. b64 (RFC 7797) and zip would change what the payload means. */
static bool is_extended(const json *header)
{
    return json_find(header, STR("crit")) || json_find(header, STR("b64")) || json_find(header, STR("zip"));
}

static bool read_name(const json *header, gate_str member, gate_str *value)
{
    *value = STR_NONE;
    return json_get_string(header, member, value) != JSON_WRONG && value->len <= STRING_MAX;
}

/* RFC 7519 section 5.2: a payload that is a token again, which we do not read. */
static bool is_nested(const json *header)
{
    const json *cty = json_find(header, STR("cty"));

    return cty && (cty->type != JSON_STRING || str_equal_nocase(cty->text, STR("JWT")) ||
                   str_equal_nocase(cty->text, STR("application/jwt")));
}

static bool read_header(arena *a, gate_str bytes, alg_set allowed, jws *t, refusal *why)
{
    gate_str alg;

    t->header = json_read_object(a, bytes);
    if (!t->header || !read_name(t->header, STR("kid"), &t->kid) || !read_name(t->header, STR("typ"), &t->typ) ||
        is_nested(t->header))
        return refuse(why, REFUSAL_jwt_malformed);
    if (is_extended(t->header))
        return refuse(why, REFUSAL_jwt_crit);
    if (json_get_string(t->header, STR("alg"), &alg) != JSON_GOOD)
        return refuse(why, REFUSAL_jwt_alg);
    t->alg = alg_read(alg) & allowed;
    return t->alg != 0 || refuse(why, REFUSAL_jwt_alg);
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

bool jws_read(arena *a, gate_str token, alg_set allowed, jws *token_out, refusal *why)
{
    gate_str segments[SEGMENTS], header;
    unsigned char *room;

    *token_out = (jws){0};
    if (token.len > JWS_SIZE_MAX || !split(token, segments))
        return refuse(why, REFUSAL_jwt_malformed);
    room = arena_alloc(a, token.len); /* more than the three need: base64url shrinks, and two dots go */
    if (!room)
        return refuse(why, REFUSAL_internal);
    if (!decode(segments[0], &room, &header) || !decode(segments[1], &room, &token_out->payload) ||
        !decode(segments[2], &room, &token_out->signature))
        return refuse(why, REFUSAL_jwt_malformed);
    token_out->input = str_part(token, 0, segments[0].len + 1 + segments[1].len);
    return read_header(a, header, allowed, token_out, why);
}

bool jws_has_form(gate_str token)
{
    gate_str segments[SEGMENTS];

    return token.len <= JWS_SIZE_MAX && str_is_visible_ascii(token) && split(token, segments);
}

bool jws_verify(const jws *token, const jwk *key)
{
    return signature_check(key, token->alg, token->input, token->signature);
}

bool jws_verify_with_set(const jws *token, const keyset *set, refusal *why)
{
    const jwk *found[KEYSET_TRY_MAX];
    bool ambiguous;
    size_t count = keyset_find(set, token->alg, token->kid, found, &ambiguous);

    if (!count)
        return refuse(why, ambiguous ? REFUSAL_jwt_key_ambiguous : REFUSAL_jwt_key_unknown);
    for (size_t i = 0; i < count; i++)
        if (jws_verify(token, found[i]))
            return true;
    return refuse(why, REFUSAL_jwt_signature);
}

static bool write_header(arena *a, const jwk *key, alg_set alg, gate_str typ, gate_str *header)
{
    text t = text_begin(a, HEADER_MAX);

    json_begin(&t);
    json_add_string(&t, STR("alg"), alg_name(alg));
    if (key->kid.ptr)
        json_add_string(&t, STR("kid"), key->kid);
    if (typ.len)
        json_add_string(&t, STR("typ"), typ);
    json_end(&t);
    return text_end(&t, header);
}

bool jws_sign(arena *a, text *out, const jwk *key, alg_set alg, gate_str typ, gate_str payload)
{
    text t = text_begin(a, JWS_SIZE_MAX);
    unsigned char signature[SIGNATURE_SIZE_MAX];
    gate_str header, input;

    if (!write_header(a, key, alg, typ, &header))
        return false;
    base64url_write(&t, header);
    text_add_char(&t, '.');
    base64url_write(&t, payload);
    if (!text_end(&t, &input) || !signature_make(key, alg, input, signature))
        return false;
    text_add(out, input);
    text_add_char(out, '.');
    base64url_write(out, (gate_str){(char *)signature, signature_size(key, alg)});
    return !out->failed;
}
