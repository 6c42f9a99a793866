/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

enum { CONFIG_MEMORY = 64 * 1024 * 1024, NAME_MAX_BYTES = 64, SITES_MAX = 65536 };

GATE_API gate_config *gate_config_begin(void)
{
    arena a;
    gate_config *config;

    arena_open(&a, CONFIG_MEMORY);
    config = ARENA_NEW(&a, gate_config);
    if (!config || !option_set_begin(&a, &config->engine)) {
        arena_close(&a);
        return NULL;
    }
    config->arena = a;
    return config;
}

GATE_API void gate_config_drop(gate_config *config)
{
    arena a;

    if (!config)
        return;
    a = config->arena; /* the configuration lies in its own arena */
    arena_close(&a);
}

static int entry_add(gate_config *config, config_list *list, gate_str name, int site, gate_error *error)
{
    config_entry *entry = ARENA_NEW(&config->arena, config_entry);

    if (!entry || !option_set_begin(&config->arena, &entry->options)) {
        option_fail(error, STR_NONE, STR("configuration"), "does not fit into memory", NULL);
        return -1;
    }
    entry->name = name;
    entry->site = site;
    if (list->last)
        list->last->next = entry;
    else
        list->first = entry;
    list->last = entry;
    return list->count++;
}

/* It stands in cookies' names, in challenges and in the log. */
static bool is_name(gate_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = char_lower(name.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'))
            return false;
    }
    return name.len > 0 && name.len <= NAME_MAX_BYTES;
}

GATE_API int gate_config_provider(gate_config *config, gate_str name, gate_error *error)
{
    gate_str copy = arena_copy(&config->arena, name);

    if (!is_name(name) || !copy.ptr) {
        option_fail(error, STR_NONE, STR("provider"), "has no usable name",
                    "use up to 64 letters, digits, '_', '-' and '.'");
        return -1;
    }
    for (const config_entry *each = config->providers.first; each; each = each->next) {
        if (str_equal(each->name, name)) {
            option_fail(error, STR_NONE, copy, "is defined twice", "give each provider its own name");
            return -1;
        }
    }
    return entry_add(config, &config->providers, copy, -1, error);
}

GATE_API int gate_config_site(gate_config *config, gate_error *error)
{
    if (config->sites < SITES_MAX)
        return config->sites++;
    option_fail(error, STR_NONE, STR("configuration"), "has too many sites", NULL);
    return -1;
}

GATE_API int gate_config_rule(gate_config *config, int site, gate_error *error)
{
    if (site < 0 || site >= config->sites) {
        option_fail(error, STR_NONE, STR("rule"), "belongs to no site", NULL);
        return -1;
    }
    return entry_add(config, &config->rules, STR_NONE, site, error);
}

static option_set *set_for(gate_config *config, gate_scope scope, int number)
{
    config_list *list = scope == GATE_SCOPE_PROVIDER ? &config->providers : &config->rules;
    config_entry *entry = list->first;

    if (scope == GATE_SCOPE_ENGINE)
        return &config->engine;
    if (number < 0)
        return NULL;
    while (entry && number-- > 0)
        entry = entry->next;
    return entry ? &entry->options : NULL;
}

GATE_API bool gate_config_set(gate_config *config, gate_scope scope, int number, gate_str option, gate_str value,
                              gate_str place, gate_error *error)
{
    option_set *set = set_for(config, scope, number);
    option_id id;

    if (!set || !option_find(scope, option, &id))
        return option_fail(error, place, option, "is not an option here", "see docs/options.md");
    return option_set_value(&config->arena, set, id, value, place, error);
}
