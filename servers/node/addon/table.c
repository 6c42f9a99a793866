/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's tables and versions. */
#include "functions.h"

#include <openssl/crypto.h>
#include <string.h>

typedef struct member {
    const char *name;
    const char *text; /* NULL: null */
} member;

static bool set_text(napi_env env, napi_value object, const member *m)
{
    napi_value value;

    if (m->text ? napi_create_string_utf8(env, m->text, NAPI_AUTO_LENGTH, &value) != napi_ok
                : napi_get_null(env, &value) != napi_ok)
        return false;
    return napi_set_named_property(env, object, m->name, value) == napi_ok;
}

static bool set_number(napi_env env, napi_value object, const char *name, unsigned number)
{
    napi_value value;

    return napi_create_uint32(env, number, &value) == napi_ok &&
           napi_set_named_property(env, object, name, value) == napi_ok;
}

static bool add_object(napi_env env, napi_value array, uint32_t at, const member *members, size_t count,
                       napi_value *object)
{
    if (napi_create_object(env, object) != napi_ok)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!set_text(env, *object, &members[i]))
            return false;
    return napi_set_element(env, array, at, *object) == napi_ok;
}

napi_value addon_options(napi_env env, napi_callback_info info)
{
    static const char *const scopes[] = {"engine", "provider", "rule"};
    static const char *const types[] = {"text", "secret", "url", "flag", "time", "number", "choice", "words"};
    const gate_option *o;
    napi_value array, object;

    (void)info;
    if (napi_create_array(env, &array) != napi_ok)
        return NULL;
    for (uint32_t i = 0; (o = gate_option_at(i)); i++) {
        const member members[] = {{"scope", scopes[o->scope]}, {"name", o->name},     {"type", types[o->type]},
                                  {"fallback", o->fallback},   {"bounds", o->bounds}, {"help", o->help}};
        if (!add_object(env, array, i, members, sizeof members / sizeof members[0], &object))
            return NULL;
    }
    return array;
}

napi_value addon_refusals(napi_env env, napi_callback_info info)
{
    const gate_refusal *r;
    napi_value array, object;

    (void)info;
    if (napi_create_array(env, &array) != napi_ok)
        return NULL;
    for (uint32_t i = 0; (r = gate_refusal_at(i)); i++) {
        const member members[] = {
            {"id", r->id}, {"oauth", r->oauth}, {"clause", r->clause}, {"log", r->log}, {"page", r->page}};
        if (!add_object(env, array, i, members, sizeof members / sizeof members[0], &object) ||
            !set_number(env, object, "status", r->status))
            return NULL;
    }
    return array;
}

static napi_value text_value(napi_env env, const char *text)
{
    napi_value value = NULL;

    napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
    return value;
}

napi_value addon_version(napi_env env, napi_callback_info info)
{
    (void)info;
    return text_value(env, gate_version());
}

napi_value addon_openssl(napi_env env, napi_callback_info info)
{
    (void)info;
    return text_value(env, OpenSSL_version(OPENSSL_VERSION_STRING));
}

napi_value addon_counts(napi_env env, napi_callback_info info)
{
    state *s = state_of(env);
    list l;

    (void)info;
    if (!s)
        return NULL;
    l = list_begin(env, 3);
    list_number(&l, 0, s->engines);
    list_number(&l, 1, s->transactions);
    list_number(&l, 2, s->sealers);
    return list_end(&l);
}
