/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright discover ISSUER: what a provider says of itself, and what of it the engine would take. */
#include "fetch_wait.h"
#include "jose/jwe_alg.h"
#include "jose/keyset.h"
#include "key_judge.h"

static void copy_text(text *out, const json *document, const char *name)
{
    gate_str value;

    if (json_get_string(document, str_of(name), &value) == JSON_GOOD)
        json_add_string(out, str_of(name), value);
}

static void copy_raw(text *out, const json *document, const char *name)
{
    const json *node = json_find(document, str_of(name));

    if (node && node->type == JSON_ARRAY)
        json_add_raw(out, str_of(name), node->text);
}

static void add_endpoints(tool *t, const json *document)
{
    static const char *const texts[] = {"issuer",
                                        "authorization_endpoint",
                                        "token_endpoint",
                                        "jwks_uri",
                                        "userinfo_endpoint",
                                        "introspection_endpoint",
                                        "revocation_endpoint",
                                        "end_session_endpoint"};
    static const char *const lists[] = {"scopes_supported", "response_types_supported", "grant_types_supported",
                                        "token_endpoint_auth_methods_supported", "code_challenge_methods_supported"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        copy_text(&t->report, document, texts[i]);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        copy_raw(&t->report, document, lists[i]);
}

static void add_quoted(text *list, gate_str name)
{
    if (list->len > 1)
        text_add_char(list, ',');
    json_write_string(list, name);
}

/* For public keys: a secret has no place in a provider's set. */
static bool is_signature(gate_str name)
{
    return alg_read(name) & ~(alg_set)ALG_HMAC;
}

static bool is_encryption(gate_str name)
{
    return jwe_alg_read(name) != 0;
}

/* Which of the algorithms that the provider offers for ID Tokens the engine knows. */
static void add_algorithms(tool *t, const json *offered, bool (*knows)(gate_str), const char *taken_as,
                           const char *refused_as)
{
    text taken = text_begin(&t->memory, 4096), passed = text_begin(&t->memory, 64 * 1024);
    gate_str s;

    if (!offered || offered->type != JSON_ARRAY)
        return;
    text_add_char(&taken, '[');
    text_add_char(&passed, '[');
    for (const json *each = offered->child; each; each = each->next)
        if (each->type == JSON_STRING)
            add_quoted(knows(each->text) ? &taken : &passed, each->text);
    text_add_char(&taken, ']');
    text_add_char(&passed, ']');
    if (text_end(&taken, &s))
        json_add_raw(&t->report, str_of(taken_as), s);
    if (passed.len > 2 && text_end(&passed, &s))
        json_add_raw(&t->report, str_of(refused_as), s);
}

/* Words on what an operator will want to know before the first sign-in. */
static void add_notes(tool *t, const json *document, size_t usable)
{
    const json *challenges = json_find(document, STR("code_challenge_methods_supported"));
    text notes = text_begin(&t->memory, 4096);
    gate_str s;

    text_add_char(&notes, '[');
    if (!usable)
        add_quoted(&notes,
                   STR("no key of the set can verify a signature: no token of this provider would be believed"));
    if (challenges && !json_has_string(challenges, STR("S256")))
        add_quoted(&notes, STR("PKCE with S256 is not offered (RFC 7636)"));
    if (!json_find(document, STR("end_session_endpoint")))
        add_quoted(&notes, STR("no end_session_endpoint: signing out here leaves the person signed in there"));
    if (!json_find(document, STR("authorization_response_iss_parameter_supported")))
        add_quoted(&notes,
                   STR("responses carry no iss (RFC 9207): with several providers, give each its own callback"));
    text_add_char(&notes, ']');
    if (notes.len > 2 && text_end(&notes, &s))
        json_add_raw(&t->report, STR("notes"), s);
}

static tool_exit add_keys(tool *t, const json *document, gate_str keys_document)
{
    text keys = text_begin(&t->memory, 4 * 1024 * 1024);
    keyset *set = keyset_read(keys_document);
    bool good = set != NULL;
    size_t usable = 0;
    gate_str s;

    keyset_release(set);
    if (!good)
        tool_refuse(t, REFUSAL_keys_malformed);
    else
        json_add_flag(&t->report, STR("good"), true);
    add_endpoints(t, document);
    add_algorithms(t, json_find(document, STR("id_token_signing_alg_values_supported")), is_signature,
                   "id_token_algs_taken", "id_token_algs_refused");
    add_algorithms(t, json_find(document, STR("id_token_encryption_alg_values_supported")), is_encryption,
                   "id_token_encryption_algs_taken", "id_token_encryption_algs_refused");
    if (key_judge_write_set(t, &keys, json_find(json_read_object(&t->memory, keys_document), STR("keys")), &usable) &&
        text_end(&keys, &s))
        json_add_raw(&t->report, STR("keys"), s);
    add_notes(t, document, usable);
    return good ? TOOL_GOOD : TOOL_REFUSED;
}

tool_exit discover(tool *t)
{
    refusal why = REFUSAL_none;
    provider_found found;
    const json *document;
    tool_exit status;
    gate_str issuer;

    if (!t->args.word_count)
        return tool_usage("discover wants the issuer's address");
    issuer = (gate_str){t->args.words[0], strlen(t->args.words[0])};
    status = fetch_provider(t, issuer, &found, &why);
    if (status == TOOL_USAGE || status == TOOL_IO)
        return status;
    document = json_read_object(&t->memory, found.document);
    if (status == TOOL_GOOD)
        return add_keys(t, document, found.keys);
    tool_refuse(t, why);
    if (document)
        add_endpoints(t, document);
    return TOOL_REFUSED;
}
