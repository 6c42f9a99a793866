/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator wrote: options kept as texts with their places, in the
 * engine's words, and inherited as nginx inherits.  What they mean is the
 * engine's business.
 */

#include "ngx_http_oidc.h"


static char *ngx_http_oidc_provider_line(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


void *
ngx_http_oidc_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_oidc_main_conf_t  *omcf;

    omcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_oidc_main_conf_t));
    if (omcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&omcf->settings, cf->pool, 4,
                       sizeof(ngx_http_oidc_setting_t))
        != NGX_OK
        || ngx_array_init(&omcf->providers, cf->pool, 2,
                          sizeof(ngx_http_oidc_provider_t))
           != NGX_OK
        || ngx_array_init(&omcf->rules, cf->pool, 8,
                          sizeof(ngx_http_oidc_rule_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return omcf;
}


void *
ngx_http_oidc_create_srv_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_oidc_srv_conf_t));
}


void *
ngx_http_oidc_create_loc_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_oidc_loc_conf_t));
}


static ngx_int_t
ngx_http_oidc_place(ngx_conf_t *cf, ngx_str_t *place)
{
    size_t  len;

    len = cf->conf_file->file.name.len + 1 + NGX_INT_T_LEN;

    place->data = ngx_pnalloc(cf->pool, len);
    if (place->data == NULL) {
        return NGX_ERROR;
    }

    place->len = ngx_snprintf(place->data, len, "%V:%ui",
                              &cf->conf_file->file.name, cf->conf_file->line)
                 - place->data;

    return NGX_OK;
}


/* The arguments after the directive's name, joined by spaces. */

static ngx_int_t
ngx_http_oidc_value(ngx_conf_t *cf, ngx_str_t *joined)
{
    size_t       len;
    u_char      *p;
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    if (cf->args->nelts == 2) {
        *joined = value[1];
        return NGX_OK;
    }

    len = 0;

    for (i = 1; i < cf->args->nelts; i++) {
        len += value[i].len + 1;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    joined->data = p;
    joined->len = len - 1;

    for (i = 1; i < cf->args->nelts; i++) {
        p = ngx_cpymem(p, value[i].data, value[i].len);
        *p++ = ' ';
    }

    return NGX_OK;
}


static char *
ngx_http_oidc_add_setting(ngx_conf_t *cf, ngx_array_t *settings,
    const char *name, ngx_str_t *value)
{
    ngx_http_oidc_setting_t  *setting;

    setting = ngx_array_push(settings);
    if (setting == NULL) {
        return NGX_CONF_ERROR;
    }

    setting->name.data = (u_char *) name;
    setting->name.len = ngx_strlen(name);
    setting->value = *value;

    if (ngx_http_oidc_place(cf, &setting->place) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_oidc_set_engine(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oidc_main_conf_t *omcf = conf;

    ngx_str_t  value;

    if (ngx_http_oidc_value(cf, &value) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_strcmp(cmd->post, "state_path") == 0) {

        if (omcf->state_path.data) {
            return "is duplicate";
        }

        if (ngx_conf_full_name(cf->cycle, &value, 0) != NGX_OK) {
            return NGX_CONF_ERROR;
        }

        omcf->state_path = value;
    }

    return ngx_http_oidc_add_setting(cf, &omcf->settings, cmd->post, &value);
}


char *
ngx_http_oidc_set_engine_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oidc_main_conf_t *omcf = conf;

    ngx_str_t  *value, secret;

    value = cf->args->elts;

    if (ngx_http_oidc_read_secret(cf, &value[1], &secret) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_oidc_add_setting(cf, &omcf->settings, cmd->post, &secret);
}


char *
ngx_http_oidc_set_engine_env(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oidc_main_conf_t *omcf = conf;

    ngx_str_t  *value, secret;

    value = cf->args->elts;

    if (ngx_http_oidc_read_env(cf, &value[1], &secret) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_oidc_add_setting(cf, &omcf->settings, cmd->post, &secret);
}


char *
ngx_http_oidc_set_rule(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oidc_loc_conf_t *olcf = conf;

    ngx_str_t  *name, value;

    name = cf->args->elts;

    if (ngx_strcmp(name->data, "auth_oidc_provider") == 0) {
        return "is spelled \"auth_oidc\"";
    }

    if (olcf->settings == NULL) {
        olcf->settings = ngx_array_create(cf->pool, 4,
                                          sizeof(ngx_http_oidc_setting_t));
        if (olcf->settings == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (olcf->location.data == NULL
        && (cf->cmd_type & (NGX_HTTP_LOC_CONF|NGX_HTTP_LMT_CONF)))
    {
        olcf->location = *name;
    }

    if (ngx_http_oidc_value(cf, &value) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_oidc_add_setting(cf, olcf->settings, cmd->post, &value);
}


static ngx_http_oidc_provider_t *
ngx_http_oidc_add_provider(ngx_conf_t *cf, ngx_http_oidc_main_conf_t *omcf,
    ngx_str_t *name)
{
    ngx_http_oidc_provider_t  *provider;

    provider = ngx_array_push(&omcf->providers);
    if (provider == NULL) {
        return NULL;
    }

    provider->name = *name;

    if (ngx_array_init(&provider->settings, cf->pool, 8,
                       sizeof(ngx_http_oidc_setting_t))
        != NGX_OK
        || ngx_http_oidc_place(cf, &provider->place) != NGX_OK)
    {
        return NULL;
    }

    return provider;
}


char *
ngx_http_oidc_set_provider(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                      *rv;
    ngx_str_t                 *value;
    ngx_conf_t                 save;
    ngx_http_oidc_provider_t  *provider;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        return "cannot be named \"off\"";
    }

    provider = ngx_http_oidc_add_provider(cf, conf, &value[1]);
    if (provider == NULL) {
        return NGX_CONF_ERROR;
    }

    save = *cf;
    cf->handler = ngx_http_oidc_provider_line;
    cf->handler_conf = (void *) provider;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv;
}


static ngx_http_oidc_read_pt
ngx_http_oidc_reader(u_char *suffix)
{
    if (ngx_strcmp(suffix, "_file") == 0) {
        return ngx_http_oidc_read_secret;
    }

    return ngx_strcmp(suffix, "_env") == 0 ? ngx_http_oidc_read_env : NULL;
}


/* NULL when there is none.  "NAME_file", "NAME_env" find a secret called NAME. */

static const gate_option *
ngx_http_oidc_provider_option(ngx_str_t *name, ngx_http_oidc_read_pt *read)
{
    size_t              len, i;
    const gate_option  *option;

    for (i = 0; (option = gate_option_at(i)) != NULL; i++) {

        len = ngx_strlen(option->name);

        if (option->scope != GATE_SCOPE_PROVIDER
            || name->len < len
            || ngx_strncmp(name->data, option->name, len) != 0)
        {
            continue;
        }

        *read = NULL;

        if (name->len == len) {
            return option;
        }

        if (option->type == GATE_TYPE_SECRET) {
            *read = ngx_http_oidc_reader(name->data + len);
        }

        if (*read) {
            return option;
        }
    }

    return NULL;
}


/* nginx's own habit: files are named from the folder of the configuration. */

static ngx_int_t
ngx_http_oidc_provider_value(ngx_conf_t *cf, const gate_option *option,
    ngx_http_oidc_read_pt read, ngx_str_t *value)
{
    ngx_str_t  *arg;

    arg = cf->args->elts;

    if (read) {
        return read(cf, &arg[1], value);
    }

    if (ngx_http_oidc_value(cf, value) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_strncmp(option->name, "ssl_", 4) == 0) {
        return ngx_conf_full_name(cf->cycle, value, 1);
    }

    return NGX_OK;
}


static char *
ngx_http_oidc_provider_line(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oidc_provider_t *provider = conf;

    ngx_str_t               *name, value;
    const gate_option       *option;
    ngx_http_oidc_read_pt    read;

    name = cf->args->elts;

    if (ngx_strcmp(name->data, "include") == 0 && cf->args->nelts == 2) {
        return ngx_conf_include(cf, cmd, conf);
    }

    option = ngx_http_oidc_provider_option(name, &read);

    if (option == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown directive \"%V\" in oidc_provider \"%V\"",
                           name, &provider->name);
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts < 2
        || (cf->args->nelts > 2 && option->type != GATE_TYPE_WORDS))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number of arguments in \"%V\" directive",
                           name);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_oidc_provider_value(cf, option, read, &value) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_oidc_add_setting(cf, &provider->settings, option->name,
                                     &value);
}


char *
ngx_http_oidc_merge_srv_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_oidc_srv_conf_t *conf = child;

    ngx_http_oidc_main_conf_t  *omcf;

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oidc_module);
    conf->site = omcf->sites++;

    return NGX_CONF_OK;
}


static ngx_http_oidc_setting_t *
ngx_http_oidc_find_setting(ngx_array_t *settings, ngx_uint_t n,
    ngx_str_t *name)
{
    ngx_uint_t                i;
    ngx_http_oidc_setting_t  *setting;

    setting = settings->elts;

    for (i = 0; i < n; i++) {
        if (setting[i].name.len == name->len
            && ngx_strncmp(setting[i].name.data, name->data, name->len) == 0)
        {
            return &setting[i];
        }
    }

    return NULL;
}


/* Each option by itself: what is not set at this level comes from above. */

static ngx_int_t
ngx_http_oidc_inherit(ngx_array_t *from, ngx_array_t *to)
{
    ngx_uint_t                i, own;
    ngx_http_oidc_setting_t  *setting, *copy;

    setting = from->elts;
    own = to->nelts;

    for (i = 0; i < from->nelts; i++) {

        if (ngx_http_oidc_find_setting(to, own, &setting[i].name)) {
            continue;
        }

        copy = ngx_array_push(to);
        if (copy == NULL) {
            return NGX_ERROR;
        }

        *copy = setting[i];
    }

    return NGX_OK;
}


static ngx_flag_t
ngx_http_oidc_is_off(ngx_http_oidc_setting_t *setting)
{
    return setting->value.len == 3
           && ngx_strncmp(setting->value.data, "off", 3) == 0
           && (ngx_strcmp(setting->name.data, "provider") == 0
               || ngx_strcmp(setting->name.data, "bearer") == 0);
}


/* What is off is for those who inherit; the engine knows nothing of it. */

static ngx_array_t *
ngx_http_oidc_without_off(ngx_conf_t *cf, ngx_array_t *settings)
{
    ngx_uint_t                i;
    ngx_array_t              *kept;
    ngx_http_oidc_setting_t  *setting, *copy;

    kept = ngx_array_create(cf->pool, settings->nelts + 1,
                            sizeof(ngx_http_oidc_setting_t));
    if (kept == NULL) {
        return NULL;
    }

    setting = settings->elts;

    for (i = 0; i < settings->nelts; i++) {

        if (ngx_http_oidc_is_off(&setting[i])) {
            continue;
        }

        copy = ngx_array_push(kept);
        if (copy == NULL) {
            return NULL;
        }

        *copy = setting[i];
    }

    return kept;
}


static char *
ngx_http_oidc_add_rule(ngx_conf_t *cf, ngx_http_oidc_loc_conf_t *conf,
    ngx_uint_t site)
{
    ngx_http_oidc_rule_t       *rule, **slot;
    ngx_http_oidc_main_conf_t  *omcf;

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oidc_module);

    rule = ngx_pcalloc(cf->pool, sizeof(ngx_http_oidc_rule_t));
    slot = ngx_array_push(&omcf->rules);

    if (rule == NULL || slot == NULL) {
        return NGX_CONF_ERROR;
    }

    rule->site = site;
    rule->settings = ngx_http_oidc_without_off(cf, conf->settings);
    if (rule->settings == NULL) {
        return NGX_CONF_ERROR;
    }

    rule->number = GATE_NO_RULE;

    conf->rule = rule;
    *slot = rule;

    return NGX_CONF_OK;
}


static char *
ngx_http_oidc_check_location(ngx_conf_t *cf, ngx_http_oidc_loc_conf_t *conf)
{
    if (conf->location.data == NULL) {
        return NGX_CONF_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "oidc: %V: \"%V\" protects nothing without \"auth_oidc\" "
                  "or \"auth_oidc_bearer\"",
                  &((ngx_http_oidc_setting_t *) conf->settings->elts)->place,
                  &conf->location);

    return NGX_CONF_ERROR;
}


/*
 * "auth_oidc off" opens a place, also to those whom a level above asks for a
 * bearer token; beside "auth_oidc_bearer" on the same level it says that
 * nobody signs in here.
 */

static char *
ngx_http_oidc_merge_rule(ngx_conf_t *cf, ngx_http_oidc_loc_conf_t *conf,
    ngx_uint_t own, ngx_uint_t site)
{
    static ngx_str_t          provider_name = ngx_string("provider");
    static ngx_str_t          bearer_name = ngx_string("bearer");
    ngx_http_oidc_setting_t  *provider, *bearer;

    provider = ngx_http_oidc_find_setting(conf->settings,
                                          conf->settings->nelts,
                                          &provider_name);

    if (provider && ngx_http_oidc_is_off(provider)) {
        bearer = ngx_http_oidc_find_setting(conf->settings, own, &bearer_name);

        if (bearer == NULL || ngx_http_oidc_is_off(bearer)) {
            return NGX_CONF_OK;
        }

        return ngx_http_oidc_add_rule(cf, conf, site);
    }

    bearer = ngx_http_oidc_find_setting(conf->settings, conf->settings->nelts,
                                        &bearer_name);

    if (provider == NULL && bearer == NULL) {
        return ngx_http_oidc_check_location(cf, conf);
    }

    if (provider == NULL && ngx_http_oidc_is_off(bearer)) {
        return NGX_CONF_OK;
    }

    return ngx_http_oidc_add_rule(cf, conf, site);
}


char *
ngx_http_oidc_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_oidc_loc_conf_t *prev = parent;
    ngx_http_oidc_loc_conf_t *conf = child;

    ngx_uint_t                 own;
    ngx_http_oidc_srv_conf_t  *oscf;

    oscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_oidc_module);

    conf->merged = 1;

    if (conf->settings == NULL) {
        conf->settings = prev->settings;

        /* within one server; of the level above servers each makes its own */

        if (prev->merged) {
            conf->rule = prev->rule;
            return NGX_CONF_OK;
        }

        own = conf->settings ? conf->settings->nelts : 0;

    } else {
        own = conf->settings->nelts;

        if (prev->settings
            && ngx_http_oidc_inherit(prev->settings, conf->settings) != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (conf->settings == NULL) {
        return NGX_CONF_OK;
    }

    return ngx_http_oidc_merge_rule(cf, conf, own, oscf->site);
}
