/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator wrote: options kept as texts with their places, in the
 * engine's words.  What they mean is the engine's business.
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


/* Read by libcurl, at the first sign-in: better said now that it is missing. */

static ngx_int_t
ngx_http_oidc_provider_file(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_file_info_t  info;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_file_info(name->data, &info) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "oidc: cannot find \"%V\"", name);
        return NGX_ERROR;
    }

    return NGX_OK;
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
        return ngx_http_oidc_provider_file(cf, value);
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
