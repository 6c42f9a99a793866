/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_parts.h"

#include "base/url.h"
#include "jose/jwk_write.h"

enum { JWKS_MAX = 16 * 1024 };

/* One algorithm for each key: the lowest that it knows, RS256 for RSA. */
static alg_set alg_of(const jwk *key)
{
    return key->algs & (~key->algs + 1);
}

static bool read_key(arena *a, const option_value *v, jwk *key, gate_error *error)
{
    if (!jwk_read_private(a, v->text, key))
        return option_fail(error, v->place, STR("signing_key"), "is no private key that can sign",
                           "make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    if (!key->kid.ptr && !jwk_thumbprint(a, key->key, &key->kid))
        return option_fail(error, v->place, STR("signing_key"), "does not fit into memory", NULL);
    key->algs = alg_of(key);
    return true;
}

static bool write_jwks(arena *a, signer *s)
{
    text t = text_begin(a, JWKS_MAX);

    text_add(&t, STR("{\"keys\":["));
    for (size_t i = 0; i < s->count; i++) {
        if (i)
            text_add_char(&t, ',');
        if (!jwk_write_public(&t, &s->keys[i], s->keys[i].algs))
            return false;
    }
    text_add(&t, STR("]}\n"));
    return text_end(&t, &s->jwks);
}

bool signer_open(arena *a, const option_set *engine, signer *s, gate_error *error)
{
    for (const option_value *v = &engine->values[OPTION_signing_key]; v && v->given; v = v->next) {
        if (s->count >= SIGNER_KEYS_MAX)
            return option_fail(error, v->place, STR("signing_key"), "is given too often", "keep at most four");
        if (!read_key(a, v, &s->keys[s->count], error))
            return false;
        s->count++;
    }
    if (!s->count)
        return true;
    s->issuer = arena_copy(a, option_text(engine, OPTION_signing_issuer));
    s->jwks_path = arena_copy(a, option_text(engine, OPTION_signing_jwks_path));
    if (!s->issuer.len)
        return option_fail(error, STR_NONE, STR("signing_issuer"), "is missing",
                           "give the https URL by which applications know this gate");
    if (!url_is_local(s->jwks_path))
        return option_fail_at(error, engine, OPTION_signing_jwks_path, "is no path", "give a path such as /oidc_jwks");
    return write_jwks(a, s) || option_fail(error, STR_NONE, STR("signing_key"), "cannot be published", NULL);
}

void signer_close(signer *s)
{
    for (size_t i = 0; i < s->count; i++)
        jwk_drop(&s->keys[i]);
    s->count = 0;
}
