/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator wrote, inherited as nginx inherits, and the rules that
 * come of it.
 */

#include "ngx_http_oidc.h"


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


/*
 * The place is open.  An option of a location's own, other than those that
 * opened it, would then protect nothing.
 */

static char *
ngx_http_oidc_open(ngx_conf_t *cf, ngx_http_oidc_loc_conf_t *conf,
    ngx_uint_t own)
{
    ngx_uint_t                i;
    ngx_http_oidc_setting_t  *setting;

    if (conf->location.data == NULL) {
        return NGX_CONF_OK;
    }

    setting = conf->settings->elts;

    for (i = 0; i < own; i++) {

        if (ngx_http_oidc_is_off(&setting[i])) {
            continue;
        }

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "oidc: %V: \"auth_oidc_%V\" protects nothing without "
                      "\"auth_oidc\" or \"auth_oidc_bearer\"",
                      &setting[i].place, &setting[i].name);

        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
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
            return ngx_http_oidc_open(cf, conf, own);
        }

        return ngx_http_oidc_add_rule(cf, conf, site);
    }

    bearer = ngx_http_oidc_find_setting(conf->settings, conf->settings->nelts,
                                        &bearer_name);

    if (provider == NULL && (bearer == NULL || ngx_http_oidc_is_off(bearer))) {
        return ngx_http_oidc_open(cf, conf, own);
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
