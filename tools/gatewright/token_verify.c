/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright token verify: what the engine would say of a token. */
#include "fetch_wait.h"
#include "key_file.h"
#include "oidc/access_token.h"
#include "oidc/id_token.h"
#include "token_open.h"

#include <time.h>

enum { SKEW = 60, SKEW_MAX = 300 };

typedef struct demand {
    client client; /* issuer, client_id (the audience), skew */
    alg_set algs;
    token_kinds kinds;
    int64_t now;
    gate_str nonce;
    bool any_audience, signature_only;
} demand;

static bool read_number(const tool *t, const char *name, int64_t max, int64_t *number)
{
    gate_str s = args_text(&t->args, name);

    return !s.ptr || str_number(s, max, number);
}

/* The algorithms: what --alg says, never both kinds of key at once. */
static bool read_algs(const tool *t, demand *d)
{
    gate_str words = args_text(&t->args, "alg");
    alg_set fitting = args_has(&t->args, "secret") ? ALG_HMAC : ~(alg_set)ALG_HMAC;

    d->algs = args_has(&t->args, "secret") ? ALG_HMAC : ALG_RSA | (ALG_EC & ~(alg_set)ALG_ES256K) | ALG_ED | ALG_ML_DSA;
    return !words.ptr || (alg_read_set(words, &d->algs) && (d->algs & ~fitting) == 0);
}

static const char *read_demand(const tool *t, demand *d)
{
    gate_str type = args_text(&t->args, "type");

    *d = (demand){.kinds = TOKEN_JWT | TOKEN_ID_TOKEN, .now = (int64_t)time(NULL)};
    d->client =
        (client){.issuer = args_text(&t->args, "issuer"), .client_id = args_text(&t->args, "audience"), .skew = SKEW};
    d->nonce = args_text(&t->args, "nonce");
    d->any_audience = args_has(&t->args, "any-audience");
    d->signature_only = args_has(&t->args, "signature-only");
    if (!d->client.client_id.ptr && !d->any_audience && !d->signature_only)
        return "say for whom the token must be: --audience NAME (or --any-audience, or --signature-only)";
    if (args_has(&t->args, "jwks") + args_has(&t->args, "secret") > 1 ||
        (!args_has(&t->args, "jwks") && !args_has(&t->args, "secret") && !d->client.issuer.ptr))
        return "say with which keys: --jwks FILE, --issuer URL or --secret FILE";
    if (!read_algs(t, d))
        return "--alg: an unknown name, or one that does not go with the kind of key";
    if (type.ptr && (!token_kinds_read(type, &d->kinds) || (d->kinds & TOKEN_OPAQUE)))
        return "--type: at+jwt, jwt or id_token";
    if (!read_number(t, "skew", SKEW_MAX, &d->client.skew) || !read_number(t, "at", INT64_MAX, &d->now))
        return "--skew wants at most 300 seconds, --at a time in seconds since 1970";
    return NULL;
}

/* By the provider's own keys where none are given. */
static tool_exit find_set(tool *t, const demand *d, keyset **set, refusal *why)
{
    provider_found found;
    tool_exit status;

    *set = NULL;
    if (args_has(&t->args, "jwks"))
        return key_file_read_set(t, args_value(&t->args, "jwks"), set) ? TOOL_GOOD : TOOL_IO;
    status = fetch_provider(t, d->client.issuer, &found, why);
    if (status != TOOL_GOOD)
        return status;
    *set = keyset_read(found.keys);
    return *set ? TOOL_GOOD : (refuse(why, REFUSAL_keys_malformed), TOOL_REFUSED);
}

static tool_exit check_signature(tool *t, const demand *d, const jws *token, refusal *why)
{
    keyset *set;
    jwk shared;
    tool_exit status;

    if (args_has(&t->args, "secret")) {
        if (!key_file_read_secret(t, args_value(&t->args, "secret"), &shared))
            return TOOL_IO;
        return jws_verify(token, &shared) ? TOOL_GOOD : (refuse(why, REFUSAL_jwt_signature), TOOL_REFUSED);
    }
    status = find_set(t, d, &set, why);
    if (status == TOOL_GOOD && !jws_verify_with_set(token, set, why))
        status = TOOL_REFUSED;
    keyset_release(set);
    return status;
}

/* Where the command line waives a check, the token's own word stands in for what would be demanded; the report says so. */
static void waive(demand *d, const claims *c)
{
    if (!d->client.issuer.ptr && c->iss.ptr)
        d->client.issuer = c->iss;
    if (d->any_audience && c->aud)
        d->client.client_id = c->aud->type == JSON_STRING ? c->aud->text : c->aud->child->text;
}

static bool check_claims(tool *t, demand *d, const jws *token, refusal *why)
{
    id_token_demand as_id_token = {.nonce = d->nonce, .max_age = -1, .now = d->now};
    access_demand as_access = {.kinds = d->kinds, .now = d->now};
    claims c;

    if (!claims_read(&t->memory, token->payload, &c))
        return refuse(why, REFUSAL_token_claims);
    waive(d, &c);
    as_access.audiences = d->client.client_id;
    if (d->nonce.ptr || d->kinds == TOKEN_ID_TOKEN)
        return id_token_check(&d->client, token, &c, &as_id_token, why);
    return access_token_check(&d->client, token, &c, &as_access, why);
}

static void add_checks(tool *t, const demand *d)
{
    text list = text_begin(&t->memory, 256);
    gate_str s;

    text_add(&list, STR("[\"signature\""));
    if (!d->signature_only)
        text_add(&list, STR(",\"times\",\"type\""));
    if (!d->signature_only && args_has(&t->args, "issuer"))
        text_add(&list, STR(",\"issuer\""));
    if (!d->signature_only && !d->any_audience)
        text_add(&list, STR(",\"audience\""));
    if (!d->signature_only && d->nonce.ptr)
        text_add(&list, STR(",\"nonce\""));
    text_add_char(&list, ']');
    if (text_end(&list, &s))
        json_add_raw(&t->report, STR("checked"), s);
}

static void add_token(tool *t, const jws *token)
{
    if (!token->header)
        return;
    json_add_raw(&t->report, STR("header"), token->header->text);
    token_open_add(t, STR("claims"), token->payload);
}

tool_exit token_verify(tool *t)
{
    refusal why = REFUSAL_none;
    const char *wrong;
    tool_exit status;
    gate_str token;
    jws read = {0};
    demand d;

    wrong = read_demand(t, &d);
    if (wrong)
        return tool_usage(wrong);
    if (!token_open_source(t, &token))
        return TOOL_IO;
    status = token_open_envelope(t, true, &token, &why);
    if (status == TOOL_GOOD && !jws_read(&t->memory, token, d.algs, &read, &why))
        status = TOOL_REFUSED;
    if (status == TOOL_GOOD)
        status = check_signature(t, &d, &read, &why);
    if (status == TOOL_GOOD && !d.signature_only && !check_claims(t, &d, &read, &why))
        status = TOOL_REFUSED;
    if (status == TOOL_REFUSED)
        tool_refuse(t, why);
    if (status == TOOL_GOOD) {
        json_add_flag(&t->report, STR("good"), true);
        add_checks(t, &d);
    }
    add_token(t, &read);
    return status;
}
