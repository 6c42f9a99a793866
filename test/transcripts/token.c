/* SPDX-License-Identifier: Apache-2.0 */
/* {{id_token ARGUMENTS}}: good unless the arguments make it otherwise. */
#include "base/base64url.h"
#include "base/json.h"
#include "keys.h"
#include "world.h"

#include <openssl/evp.h>

enum { SEGMENT_MAX = 64 * 1024 };

typedef struct making {
    world *world;
    keeper members; /* claims as JSON text */
    keeper header;
    gate_str alg, key, at_hash, signature;
    gate_str claims; /* the whole payload, where given */
} making;

static void set_string(making *m, keeper *where, const char *name, gate_str value)
{
    text t = text_begin(&m->world->memory, SEGMENT_MAX);
    gate_str quoted;

    json_write_string(&t, value);
    if (text_end(&t, &quoted))
        keeper_set(where, str_of(name), quoted, INT64_MAX);
}

static void set_number(making *m, gate_str name, int64_t number)
{
    text t = text_begin(&m->world->memory, 32);
    gate_str digits;

    text_add_number(&t, number);
    if (text_end(&t, &digits))
        keeper_set(&m->members, name, digits, INT64_MAX);
}

static void set_defaults(making *m)
{
    gate_str nonce = world_named(m->world, STR("nonce"));

    m->alg = STR("RS256");
    set_string(m, &m->members, "iss", world_named(m->world, STR("issuer")));
    set_string(m, &m->members, "sub", STR("alice"));
    set_string(m, &m->members, "aud", STR(WORLD_CLIENT));
    set_number(m, STR("exp"), m->world->now + 300);
    set_number(m, STR("iat"), m->world->now);
    if (nonce.ptr)
        set_string(m, &m->members, "nonce", nonce);
}

/* exp=+300 counts from now. */
static bool set_time(making *m, gate_str name, gate_str value)
{
    bool before = value.len && value.ptr[0] == '-';
    int64_t n;

    if (!value.len || (value.ptr[0] != '+' && !before) || !str_number(str_from(value, 1), INT32_MAX, &n))
        return false;
    set_number(m, name, m->world->now + (before ? -n : n));
    return true;
}

static gate_str *special(making *m, gate_str name)
{
    return str_equal(name, STR("alg"))       ? &m->alg
           : str_equal(name, STR("key"))     ? &m->key
           : str_equal(name, STR("at_hash")) ? &m->at_hash
           : str_equal(name, STR("sig"))     ? &m->signature
           : str_equal(name, STR("claims"))  ? &m->claims
                                             : NULL;
}

static bool read_argument(making *m, gate_str argument)
{
    gate_str name, value;
    bool raw;
    size_t at;

    if (argument.ptr[0] == '-') {
        keeper_remove(&m->members, str_from(argument, 1));
        return true;
    }
    if (!str_find(argument, '=', &at) || at == 0)
        return false;
    raw = argument.ptr[at - 1] == ':';
    name = arena_copy(&m->world->memory, str_part(argument, 0, raw ? at - 1 : at));
    value = str_from(argument, at + 1);
    if (special(m, name))
        *special(m, name) = value;
    else if (str_equal(name, STR("kid")) || str_equal(name, STR("typ")))
        set_string(m, &m->header, name.ptr, value);
    else if (str_equal(name, STR("crit")) || str_equal(name, STR("jwk")))
        keeper_set(&m->header, name, value, INT64_MAX);
    else if (raw)
        keeper_set(&m->members, name, value, INT64_MAX);
    else if (!set_time(m, name, value))
        set_string(m, &m->members, name.ptr, value);
    return true;
}

static void add_object(text *t, const keeper *members)
{
    const char *comma = "";

    text_add_char(t, '{');
    for (const item *each = members->first; each; each = each->next) {
        if (!each->value.ptr)
            continue;
        text_add(t, str_of(comma));
        json_write_string(t, each->name);
        text_add_char(t, ':');
        text_add(t, each->value);
        comma = ",";
    }
    text_add_char(t, '}');
}

static void add_segment(making *m, text *t, const keeper *members, gate_str given)
{
    text plain = text_begin(&m->world->memory, SEGMENT_MAX);

    if (given.ptr)
        text_add(&plain, given);
    else
        add_object(&plain, members);
    base64url_write(t, (gate_str){plain.bytes, plain.len});
}

static void choose_key(making *m)
{
    char first = m->alg.len ? m->alg.ptr[0] : 'R';

    if (!m->key.ptr)
        m->key = str_equal(m->alg, STR("ES256")) ? STR("ec")
                 : first == 'E'                  ? STR("ed")
                 : first == 'H'                  ? STR("secret")
                                                 : STR("rsa");
    set_string(m, &m->header, "alg", m->alg);
    if (!keeper_find(&m->header, STR("kid"), 0))
        set_string(m, &m->header, "kid", m->key);
    if (str_equal(world_named(m->world, STR("no_kid")), STR("yes")) ||
        str_equal(keeper_find(&m->header, STR("kid"), 0)->value, STR("\"\"")))
        keeper_remove(&m->header, STR("kid"));
}

/* at_hash=good, or any text. */
static void add_at_hash(making *m)
{
    const EVP_MD *md = m->alg.len && str_equal(m->key, STR("ed")) ? EVP_sha512() : EVP_sha256();
    unsigned char hash[EVP_MAX_MD_SIZE];
    text t = text_begin(&m->world->memory, 128);
    gate_str value = m->at_hash;
    unsigned n = 0;

    if (!m->at_hash.ptr)
        return;
    if (str_equal(m->at_hash, STR("good"))) {
        EVP_Digest(WORLD_ACCESS_TOKEN, strlen(WORLD_ACCESS_TOKEN), hash, &n, md, NULL);
        base64url_write(&t, (gate_str){(char *)hash, n / 2});
        text_end(&t, &value);
    }
    set_string(m, &m->members, "at_hash", value);
}

bool world_write_token(world *w, text *out, gate_str arguments)
{
    making m = {.world = w, .members.arena = &w->memory, .header.arena = &w->memory};
    text t = text_begin(&w->memory, 4 * SEGMENT_MAX);
    gate_str argument;

    set_defaults(&m);
    while (str_word(&arguments, &argument))
        if (!read_argument(&m, argument))
            return false;
    choose_key(&m);
    add_at_hash(&m);
    add_segment(&m, &t, &m.header, STR_NONE);
    text_add_char(&t, '.');
    add_segment(&m, &t, &m.members, m.claims);
    if (str_equal(m.signature, STR("none")))
        text_add_char(&t, '.');
    else if (!keys_sign(&t, m.key, m.alg))
        return false;
    if (str_equal(m.signature, STR("bad")))
        t.bytes[t.len - 20] = t.bytes[t.len - 20] == 'A' ? 'B' : 'A';
    text_add(out, (gate_str){t.bytes, t.len});
    return !t.failed && !out->failed;
}
