/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed.h"

#include "../base/base64url.h"

enum { HEADER_MAX = 1024 };

bool sealed_write(arena *a, crypto *c, text *out, const sealed_key *key, const unsigned char iv[SEAL_IV_SIZE],
                  gate_str members, gate_str plain)
{
    text header = text_begin(a, HEADER_MAX), protected = text_begin(a, 2 * HEADER_MAX);
    unsigned char *sealed = arena_alloc(a, plain.len);
    unsigned char tag[SEAL_TAG_SIZE];
    gate_str json_text, aad;

    text_add(&header, STR("{\"alg\":\"dir\",\"enc\":\"A256GCM\""));
    text_add(&header, members);
    text_add_char(&header, '}');
    if (!sealed || !text_end(&header, &json_text))
        return false;
    base64url_write(&protected, json_text);
    if (!text_end(&protected, &aad) || !crypto_seal(c, key->bytes, iv, aad, plain, sealed, tag))
        return false;
    text_add(out, aad);
    text_add(out, STR("..")); /* "dir" has no encrypted key */
    base64url_write(out, (gate_str){(const char *)iv, SEAL_IV_SIZE});
    text_add_char(out, '.');
    base64url_write(out, (gate_str){(char *)sealed, plain.len});
    text_add_char(out, '.');
    base64url_write(out, (gate_str){(char *)tag, SEAL_TAG_SIZE});
    return !out->failed;
}

typedef struct parts {
    gate_str aad, iv, sealed, tag;
} parts;

static bool split(arena *a, gate_str s, parts *p)
{
    gate_str piece[5];
    size_t n = 0;

    while (n < 5 && str_cut(&s, '.', &piece[n]))
        n++;
    if (n != 5 || s.ptr || piece[1].len || piece[0].len > 2 * HEADER_MAX)
        return false;
    p->aad = piece[0];
    return base64url_read(a, piece[2], &p->iv) && p->iv.len == SEAL_IV_SIZE &&
           base64url_read(a, piece[3], &p->sealed) && base64url_read(a, piece[4], &p->tag) &&
           p->tag.len == SEAL_TAG_SIZE;
}

static const json *read_header(arena *a, gate_str aad)
{
    gate_str bytes;
    const json *header = base64url_read(a, aad, &bytes) ? json_read_object(a, bytes) : NULL;

    if (!json_is_string(json_find(header, STR("alg")), STR("dir")) ||
        !json_is_string(json_find(header, STR("enc")), STR("A256GCM")) || json_find(header, STR("crit")) ||
        json_find(header, STR("zip")))
        return NULL;
    return header;
}

bool sealed_read(arena *a, crypto *c, gate_str sealed, const sealed_key *keys, size_t key_count, const json **header,
                 gate_str *plain)
{
    unsigned char *out;
    parts p;

    if (!split(a, sealed, &p))
        return false;
    *header = read_header(a, p.aad);
    out = *header ? arena_alloc(a, p.sealed.len) : NULL;
    if (!out)
        return false;
    for (size_t i = 0; i < key_count; i++) {
        if (crypto_unseal(c, keys[i].bytes, (const unsigned char *)p.iv.ptr, p.aad, p.sealed,
                          (const unsigned char *)p.tag.ptr, out)) {
            *plain = (gate_str){(char *)out, p.sealed.len};
            return true;
        }
    }
    return false;
}
