/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider encrypts to us, and with which keys we open it. */
#include "provider_state.h"

enum { KEYS_MAX = 4, SECRET_MIN = 16 };

typedef struct kind {
    option_id alg;
    option_id enc;
    encryption *to;
} kind;

enum { KINDS = 3 };

typedef struct reader {
    arena *arena;
    const option_set *options;
    gate_error *error;
    gate_str client_secret;
    kind kinds[KINDS];
} reader;

static bool fail(reader *r, option_id id, const char *wrong, const char *remedy)
{
    return option_fail_at(r->error, r->options, id, wrong, remedy);
}

static bool read_names(reader *r, const kind *k)
{
    gate_str alg = option_text(r->options, k->alg), enc = option_text(r->options, k->enc);

    if (!alg.len)
        return !option_given(r->options, k->enc) ||
               fail(r, k->enc, "is given without its _alg", "give both, or none (OIDC Registration 2)");
    k->to->alg = jwe_alg_read(alg);
    k->to->enc = jwe_content_read(enc);
    if (!k->to->alg)
        return fail(r, k->alg, "names an algorithm that is not accepted here",
                    "choose among RSA-OAEP-256 RSA-OAEP ECDH-ES ECDH-ES+A128KW A128KW A128GCMKW dir (or A192, A256)");
    if (!k->to->enc)
        return fail(r, k->enc, "names an algorithm that is not accepted here",
                    "choose among A128CBC-HS256 A192CBC-HS384 A256CBC-HS512 A128GCM A192GCM A256GCM");
    k->to->keys = ARENA_ARRAY(r->arena, jwe_key, KEYS_MAX + 1);
    return k->to->keys || fail(r, k->alg, "does not fit into memory", NULL);
}

/* A key has one alg. The same document may serve several kinds of token, with the alg of each. */
static bool add_key(reader *r, const kind *k, gate_str document)
{
    encryption *to = k->to;
    jwe_key *key;

    if (!to->alg || to->count >= KEYS_MAX)
        return false;
    key = &to->keys[to->count];
    if (!jwe_key_read_own(r->arena, document, jwe_alg_name(to->alg), key))
        return false;
    if (key->encs & to->enc) {
        to->count++;
        return true;
    }
    jwe_key_drop(key);
    return false;
}

static bool read_key(reader *r, const option_value *v)
{
    bool used = false;

    for (size_t i = 0; i < KINDS; i++)
        used |= add_key(r, &r->kinds[i], v->text);
    return used || option_fail(r->error, v->place, STR("decryption_key"),
                               "is no private key for any of the encryption algorithms named here",
                               "give a PEM or JWK file: RSA from 2048 bits for RSA-OAEP-256, P-256 for ECDH-ES ...");
}

static bool read_keys(reader *r)
{
    const option_value *v = &r->options->values[OPTION_decryption_key];
    size_t n = 0;

    if (!v->given)
        return true;
    if (!r->kinds[0].to->alg && !r->kinds[1].to->alg && !r->kinds[2].to->alg)
        return fail(r, OPTION_decryption_key, "is given, but nothing is to be encrypted",
                    "add: id_token_encrypted_response_alg RSA-OAEP-256");
    for (; v; v = v->next) {
        if (n++ >= KEYS_MAX)
            return option_fail(r->error, v->place, STR("decryption_key"), "is given too often", "keep at most four");
        if (!read_key(r, v))
            return false;
    }
    return true;
}

static bool add_secret(reader *r, const kind *k)
{
    encryption *to = k->to;

    if (r->client_secret.len < SECRET_MIN)
        return fail(r, k->alg, "is made with the client_secret, which is shorter than 16 bytes",
                    "use RSA-OAEP-256 and a decryption_key, or a longer secret (OIDC Core 16.19)");
    if (!encryption_secret_key(r->arena, r->client_secret, to->alg, to->enc, &to->keys[to->count]))
        return fail(r, k->alg, "does not fit into memory", NULL);
    to->count++;
    return true;
}

static bool complete(reader *r, const kind *k)
{
    bool symmetric = k->to->alg & JWE_OCT;

    if (symmetric && r->client_secret.len && !add_secret(r, k))
        return false;
    return !k->to->alg || k->to->count ||
           fail(r, k->alg, symmetric ? "needs the client_secret" : "needs a decryption_key that fits it",
                symmetric ? "add: client_secret_file FILE" : "add: decryption_key_file FILE");
}

bool provider_encryption_read(arena *a, const option_set *options, provider *p, gate_error *error)
{
    client *c = &p->client;
    reader r = {
        .arena = a,
        .options = options,
        .error = error,
        .client_secret = c->client_secret.bytes,
        .kinds = {
            {OPTION_id_token_encrypted_response_alg, OPTION_id_token_encrypted_response_enc, &c->id_token_encryption},
            {OPTION_userinfo_encrypted_response_alg, OPTION_userinfo_encrypted_response_enc, &c->userinfo_encryption},
            {OPTION_access_token_encryption_alg, OPTION_access_token_encryption_enc, &c->access_token_encryption}}};

    for (size_t i = 0; i < KINDS; i++)
        if (!read_names(&r, &r.kinds[i]))
            return false;
    if (!read_keys(&r))
        return false;
    for (size_t i = 0; i < KINDS; i++)
        if (!complete(&r, &r.kinds[i]))
            return false;
    return true;
}

static void drop(encryption *e)
{
    for (size_t i = 0; i < e->count; i++)
        jwe_key_drop(&e->keys[i]);
    e->count = 0;
}

void provider_encryption_drop(provider *p)
{
    drop(&p->client.id_token_encryption);
    drop(&p->client.userinfo_encryption);
    drop(&p->client.access_token_encryption);
}
