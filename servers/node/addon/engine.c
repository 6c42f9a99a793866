/* SPDX-License-Identifier: Apache-2.0 */
/* Engines: opened from a flat list of options, asked, closed. */
#include "functions.h"

#include <stdlib.h>

enum { PROVIDERS_MAX = 4096, RULES_MAX = 65536, OPTIONS_MAX = 1 << 20, OPTION_PARTS = 5 };

static void throw_line(napi_env env, const gate_error *error)
{
    napi_throw_error(env, "GATE_OPTION", error->text);
}

static bool add_providers(args *a, gate_config *config)
{
    gate_error error = {0};
    napi_value each;
    gate_str name;
    uint32_t count;

    if (!value_length(a->env, a->values[0], PROVIDERS_MAX, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (napi_get_element(a->env, a->values[0], i, &each) != napi_ok || !value_string(a, each, SCRATCH_TEXT, &name))
            return false;
        if (gate_config_provider(config, name, &error) < 0) {
            throw_line(a->env, &error);
            return false;
        }
    }
    return true;
}

static bool add_sites_and_rules(args *a, gate_config *config)
{
    gate_error error = {0};
    int64_t sites, site;
    napi_value each;
    uint32_t count;

    if (!args_number(a, 1, 0, RULES_MAX, &sites) || !value_length(a->env, a->values[2], RULES_MAX, &count))
        return false;
    for (int64_t i = 0; i < sites; i++)
        if (gate_config_site(config, &error) < 0) {
            throw_line(a->env, &error);
            return false;
        }
    for (uint32_t i = 0; i < count; i++) {
        if (napi_get_element(a->env, a->values[2], i, &each) != napi_ok ||
            !value_number(a->env, each, 0, RULES_MAX, &site))
            return false;
        if (gate_config_rule(config, (int)site, &error) < 0) {
            throw_line(a->env, &error);
            return false;
        }
    }
    return true;
}

/* One of [scope, number, option, value, place]. */
static bool set_option(args *a, gate_config *config, uint32_t at)
{
    napi_value parts[OPTION_PARTS];
    gate_error error = {0};
    int64_t scope, number;
    gate_str option, value, place;

    scratch_wipe(&a->state->scratch);
    for (uint32_t i = 0; i < OPTION_PARTS; i++)
        if (napi_get_element(a->env, a->values[3], at + i, &parts[i]) != napi_ok)
            return false;
    if (!value_number(a->env, parts[0], GATE_SCOPE_ENGINE, GATE_SCOPE_RULE, &scope) ||
        !value_number(a->env, parts[1], 0, RULES_MAX, &number) || !value_string(a, parts[2], SCRATCH_TEXT, &option) ||
        !value_string(a, parts[3], SCRATCH_TEXT, &value) || !value_string(a, parts[4], SCRATCH_TEXT, &place))
        return false;
    if (gate_config_set(config, (gate_scope)scope, (int)number, option, value, place, &error))
        return true;
    throw_line(a->env, &error);
    return false;
}

static bool set_options(args *a, gate_config *config)
{
    uint32_t length;

    if (!value_length(a->env, a->values[3], OPTIONS_MAX, &length))
        return false;
    if (length % OPTION_PARTS) {
        napi_throw_type_error(a->env, NULL, "options come as scope, number, option, value, place");
        return false;
    }
    for (uint32_t i = 0; i < length; i += OPTION_PARTS)
        if (!set_option(a, config, i))
            return false;
    return true;
}

static gate_config *read_config(args *a)
{
    gate_config *config = gate_config_begin();

    if (!config) {
        napi_throw_error(a->env, NULL, "memory is short");
        return NULL;
    }
    if (add_providers(a, config) && add_sites_and_rules(a, config) && set_options(a, config))
        return config;
    gate_config_drop(config);
    return NULL;
}

static void finalize_engine(napi_env env, void *data, void *hint)
{
    engine_box *box = data;

    (void)env;
    (void)hint;
    engine_close(box);
    engine_leave(box);
}

static engine_box *box_new(args *a)
{
    engine_box *box = calloc(1, sizeof *box);

    if (!box) {
        napi_throw_error(a->env, NULL, "memory is short");
        return NULL;
    }
    box->references = 1;
    box->state = a->state;
    state_keep(a->state);
    return box;
}

napi_value addon_open(napi_env env, napi_callback_info info)
{
    args a;
    gate_error error = {0};
    gate_config *config;
    engine_box *box;
    napi_value handle = NULL;

    if (!args_begin(&a, env, info))
        return NULL;
    config = read_config(&a);
    scratch_wipe(&a.state->scratch);
    box = config ? box_new(&a) : NULL;
    if (!box) {
        gate_config_drop(config);
        return NULL;
    }
    box->engine = gate_open(config, &(gate_hooks){.context = box, .log = log_hook}, &error);
    if (!box->engine)
        throw_line(env, &error);
    else
        box->state->engines++;
    if (!box->engine || !box_wrap(env, BOX_ENGINE, box, finalize_engine, &handle)) {
        if (!handle) /* else its finalizer comes */
            engine_leave(box);
        return NULL;
    }
    return handle;
}

napi_value addon_close(napi_env env, napi_callback_info info)
{
    args a;
    engine_box *box;

    if (args_begin(&a, env, info) && (box = box_open(env, BOX_ENGINE, a.values[0])))
        engine_close(box);
    return NULL;
}

/* An engine that was not closed. */
static gate_engine *engine_argument(args *a)
{
    engine_box *box = box_open(a->env, BOX_ENGINE, a->values[0]);

    if (!box)
        return NULL;
    if (box->closed || !box->engine) {
        napi_throw_error(a->env, "GATE_CLOSED", "the engine is closed");
        return NULL;
    }
    return box->engine;
}

static napi_value flag_value(napi_env env, bool flag)
{
    napi_value value = NULL;

    napi_get_boolean(env, flag, &value);
    return value;
}

napi_value addon_answers(napi_env env, napi_callback_info info)
{
    args a;
    gate_engine *engine;
    int64_t site;
    gate_str path;

    if (!args_begin(&a, env, info) || !(engine = engine_argument(&a)) || !args_number(&a, 1, 0, RULES_MAX, &site) ||
        !value_string(&a, a.values[2], SCRATCH_TEXT, &path))
        return NULL;
    return flag_value(env, gate_site_answers(engine, (int)site, path));
}

napi_value addon_header_is_ours(napi_env env, napi_callback_info info)
{
    args a;
    gate_engine *engine;
    gate_str name;

    if (!args_begin(&a, env, info) || !(engine = engine_argument(&a)) ||
        !value_string(&a, a.values[1], SCRATCH_BYTES, &name))
        return NULL;
    return flag_value(env, gate_header_is_ours(engine, name));
}

napi_value addon_needs_store(napi_env env, napi_callback_info info)
{
    args a;
    gate_engine *engine;

    if (!args_begin(&a, env, info) || !(engine = engine_argument(&a)))
        return NULL;
    return flag_value(env, gate_needs_store(engine));
}

napi_value addon_upkeep_due(napi_env env, napi_callback_info info)
{
    args a;
    gate_engine *engine;
    int64_t now;
    napi_value value = NULL;

    if (!args_begin(&a, env, info) || !(engine = engine_argument(&a)) || !args_time(&a, 1, &now))
        return NULL;
    napi_create_int64(env, gate_upkeep_due(engine, now), &value);
    return value;
}
