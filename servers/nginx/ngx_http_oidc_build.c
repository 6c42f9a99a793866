/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what the operator wrote to the engine: one for each configuration
 * cycle, ended with it.  The engine checks; any complaint of it stops the
 * start, or leaves the old configuration running.
 */

#include "ngx_http_oidc.h"

#include <openssl/crypto.h>


static void
ngx_http_oidc_log(void *context, void *host, gate_log_level level,
    gate_str line)
{
    ngx_log_t           *log;
    ngx_uint_t           nginx_level;
    ngx_http_request_t  *r = host;

    log = (r != NULL) ? r->connection->log : ngx_cycle->log;

    switch (level) {

    case GATE_LOG_ERROR:
        nginx_level = NGX_LOG_ERR;
        break;

    case GATE_LOG_WARN:
        nginx_level = NGX_LOG_WARN;
        break;

    case GATE_LOG_INFO:
        nginx_level = NGX_LOG_INFO;
        break;

    default:
        ngx_log_debug2(NGX_LOG_DEBUG_HTTP, log, 0, "oidc: %*s",
                       line.len, line.ptr);
        return;
    }

    ngx_log_error(nginx_level, log, 0, "oidc: %*s", line.len, line.ptr);
}


static ngx_int_t
ngx_http_oidc_refuse(ngx_conf_t *cf, gate_error *error)
{
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "oidc: %s", error->text);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_oidc_build_settings(ngx_conf_t *cf, gate_config *config,
    gate_scope scope, int number, ngx_array_t *settings)
{
    gate_error                error;
    ngx_uint_t                i;
    ngx_http_oidc_setting_t  *s;

    s = settings->elts;

    for (i = 0; i < settings->nelts; i++) {

        if (!gate_config_set(config, scope, number,
                             ngx_http_oidc_str(&s[i].name),
                             ngx_http_oidc_str(&s[i].value),
                             ngx_http_oidc_str(&s[i].place), &error))
        {
            return ngx_http_oidc_refuse(cf, &error);
        }
    }

    return NGX_OK;
}


static ngx_flag_t
ngx_http_oidc_has_cookie_secret(ngx_http_oidc_main_conf_t *omcf)
{
    ngx_uint_t                i;
    ngx_http_oidc_setting_t  *s;

    s = omcf->settings.elts;

    for (i = 0; i < omcf->settings.nelts; i++) {
        if (ngx_strcmp(s[i].name.data, "cookie_secret") == 0) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_oidc_build_engine(ngx_conf_t *cf, gate_config *config,
    ngx_http_oidc_main_conf_t *omcf)
{
    bool        set;
    ngx_str_t   secret;
    gate_error  error;

    static ngx_str_t  name = ngx_string("cookie_secret");

    if (ngx_http_oidc_build_settings(cf, config, GATE_SCOPE_ENGINE, 0,
                                     &omcf->settings)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_oidc_has_cookie_secret(omcf)) {
        return NGX_OK;
    }

    if (ngx_http_oidc_state_secret(cf, &omcf->state_path, &secret) != NGX_OK) {
        return NGX_ERROR;
    }

    set = gate_config_set(config, GATE_SCOPE_ENGINE, 0,
                          ngx_http_oidc_str(&name), ngx_http_oidc_str(&secret),
                          ngx_http_oidc_str(&omcf->state_path), &error);

    OPENSSL_cleanse(secret.data, secret.len);

    return set ? NGX_OK : ngx_http_oidc_refuse(cf, &error);
}


static ngx_int_t
ngx_http_oidc_build_providers(ngx_conf_t *cf, gate_config *config,
    ngx_http_oidc_main_conf_t *omcf)
{
    int                        number;
    gate_error                 error;
    ngx_uint_t                 i;
    ngx_http_oidc_provider_t  *provider;

    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {

        number = gate_config_provider(config,
                                      ngx_http_oidc_str(&provider[i].name),
                                      &error);
        if (number < 0) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "oidc: %V: %s",
                          &provider[i].place, error.text);
            return NGX_ERROR;
        }

        if (ngx_http_oidc_build_settings(cf, config, GATE_SCOPE_PROVIDER,
                                         number, &provider[i].settings)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_oidc_build_rules(ngx_conf_t *cf, gate_config *config,
    ngx_http_oidc_main_conf_t *omcf)
{
    gate_error              error;
    ngx_uint_t              i;
    ngx_http_oidc_rule_t  **rule;

    rule = omcf->rules.elts;

    for (i = 0; i < omcf->rules.nelts; i++) {

        rule[i]->number = gate_config_rule(config, (int) rule[i]->site,
                                           &error);
        if (rule[i]->number < 0) {
            return ngx_http_oidc_refuse(cf, &error);
        }

        if (ngx_http_oidc_build_settings(cf, config, GATE_SCOPE_RULE,
                                         rule[i]->number, rule[i]->settings)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_oidc_build_config(ngx_conf_t *cf, gate_config *config,
    ngx_http_oidc_main_conf_t *omcf)
{
    gate_error  error;
    ngx_uint_t  i;

    if (ngx_http_oidc_build_engine(cf, config, omcf) != NGX_OK
        || ngx_http_oidc_build_providers(cf, config, omcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < omcf->sites; i++) {
        if (gate_config_site(config, &error) != (int) i) {
            return ngx_http_oidc_refuse(cf, &error);
        }
    }

    return ngx_http_oidc_build_rules(cf, config, omcf);
}


static ngx_flag_t
ngx_http_oidc_is_secret(ngx_str_t *name)
{
    size_t              i;
    const gate_option  *option;

    for (i = 0; (option = gate_option_at(i)) != NULL; i++) {
        if (option->type == GATE_TYPE_SECRET
            && ngx_strcmp(option->name, name->data) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* What the engine has taken over need not stay in the configuration's pool. */

static void
ngx_http_oidc_wipe_secrets(ngx_array_t *settings)
{
    ngx_uint_t                i;
    ngx_http_oidc_setting_t  *s;

    s = settings->elts;

    for (i = 0; i < settings->nelts; i++) {
        if (ngx_http_oidc_is_secret(&s[i].name)) {
            OPENSSL_cleanse(s[i].value.data, s[i].value.len);
        }
    }
}


static void
ngx_http_oidc_wipe(ngx_http_oidc_main_conf_t *omcf)
{
    ngx_uint_t                 i;
    ngx_http_oidc_provider_t  *provider;

    ngx_http_oidc_wipe_secrets(&omcf->settings);

    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {
        ngx_http_oidc_wipe_secrets(&provider[i].settings);
    }
}


static void
ngx_http_oidc_close(void *data)
{
    ngx_http_oidc_main_conf_t *omcf = data;

    /*
     * A worker that must leave while requests are still open does not end
     * them; then the engine, too, ends with the process.
     */

    if (omcf->engine != NULL && omcf->live == 0) {
        gate_close(omcf->engine);
        omcf->engine = NULL;
    }
}


ngx_int_t
ngx_http_oidc_build(ngx_conf_t *cf, ngx_http_oidc_main_conf_t *omcf)
{
    gate_hooks           hooks;
    gate_error           error;
    gate_config         *config;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_oidc_state_path(cf, &omcf->state_path) != NGX_OK) {
        return NGX_ERROR;
    }

    config = gate_config_begin();
    if (config == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_oidc_build_config(cf, config, omcf) != NGX_OK) {
        gate_config_drop(config);
        return NGX_ERROR;
    }

    ngx_memzero(&hooks, sizeof(gate_hooks));
    hooks.log = ngx_http_oidc_log;

    omcf->engine = gate_open(config, &hooks, &error);
    if (omcf->engine == NULL) {
        return ngx_http_oidc_refuse(cf, &error);
    }

    cln->handler = ngx_http_oidc_close;
    cln->data = omcf;

    ngx_http_oidc_wipe(omcf);

    return gate_needs_store(omcf->engine)
           ? ngx_http_oidc_state_folder(cf, &omcf->state_path)
           : NGX_OK;
}
