/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directives, phases, and the life of the module.
 */

#include "ngx_http_oidc.h"


static ngx_int_t ngx_http_oidc_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_oidc_postconfiguration(ngx_conf_t *cf);


/*
 * A line in options.def is a directive here: an option of the engine is
 * "oidc_NAME", one of a rule "auth_oidc_NAME"; those of a provider are read
 * within its block.  A secret can also be named by its file.
 */

#define ngx_http_oidc_args_TEXT    NGX_CONF_TAKE1
#define ngx_http_oidc_args_SECRET  NGX_CONF_TAKE1
#define ngx_http_oidc_args_URL     NGX_CONF_TAKE1
#define ngx_http_oidc_args_FLAG    NGX_CONF_TAKE1
#define ngx_http_oidc_args_TIME    NGX_CONF_TAKE1
#define ngx_http_oidc_args_NUMBER  NGX_CONF_TAKE1
#define ngx_http_oidc_args_CHOICE  NGX_CONF_TAKE1
#define ngx_http_oidc_args_WORDS   NGX_CONF_1MORE

#define ngx_http_oidc_from_TEXT(name)
#define ngx_http_oidc_from_URL(name)
#define ngx_http_oidc_from_FLAG(name)
#define ngx_http_oidc_from_TIME(name)
#define ngx_http_oidc_from_NUMBER(name)
#define ngx_http_oidc_from_CHOICE(name)
#define ngx_http_oidc_from_WORDS(name)
#define ngx_http_oidc_from_SECRET(name)                                       \
    { ngx_string("oidc_" name "_file"),                                       \
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,                                      \
      ngx_http_oidc_set_engine_file,                                          \
      NGX_HTTP_MAIN_CONF_OFFSET,                                              \
      0,                                                                      \
      (void *) name },                                                        \
    { ngx_string("oidc_" name "_env"),                                        \
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,                                      \
      ngx_http_oidc_set_engine_env,                                           \
      NGX_HTTP_MAIN_CONF_OFFSET,                                              \
      0,                                                                      \
      (void *) name },

#define ngx_http_oidc_scope_PROVIDER(name, type)
#define ngx_http_oidc_scope_ENGINE(name, type)                                \
    { ngx_string("oidc_" name),                                               \
      NGX_HTTP_MAIN_CONF|ngx_http_oidc_args_##type,                           \
      ngx_http_oidc_set_engine,                                               \
      NGX_HTTP_MAIN_CONF_OFFSET,                                              \
      0,                                                                      \
      (void *) name },                                                        \
    ngx_http_oidc_from_##type(name)
#define ngx_http_oidc_scope_RULE(name, type)                                  \
    { ngx_string("auth_oidc_" name),                                          \
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF                  \
                        |NGX_HTTP_LMT_CONF|ngx_http_oidc_args_##type,         \
      ngx_http_oidc_set_rule,                                                 \
      NGX_HTTP_LOC_CONF_OFFSET,                                               \
      0,                                                                      \
      (void *) name },

#define OPTION(scope, name, type, fallback, bounds, help)                     \
    ngx_http_oidc_scope_##scope(#name, type)


static ngx_command_t  ngx_http_oidc_commands[] = {

    { ngx_string("oidc_provider"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_oidc_set_provider,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("auth_oidc"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
                        |NGX_HTTP_LMT_CONF|NGX_CONF_TAKE1,
      ngx_http_oidc_set_rule,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      (void *) "provider" },

#include <gatewright/options.def>

      ngx_null_command
};


static ngx_http_module_t  ngx_http_oidc_module_ctx = {
    ngx_http_oidc_preconfiguration,        /* preconfiguration */
    ngx_http_oidc_postconfiguration,       /* postconfiguration */

    ngx_http_oidc_create_main_conf,        /* create main configuration */
    NULL,                                  /* init main configuration */

    ngx_http_oidc_create_srv_conf,         /* create server configuration */
    ngx_http_oidc_merge_srv_conf,          /* merge server configuration */

    ngx_http_oidc_create_loc_conf,         /* create location configuration */
    ngx_http_oidc_merge_loc_conf           /* merge location configuration */
};


ngx_module_t  ngx_http_oidc_module = {
    NGX_MODULE_V1,
    &ngx_http_oidc_module_ctx,             /* module context */
    ngx_http_oidc_commands,                /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_oidc_init_process,            /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_oidc_exit_process,            /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/*
 * The first of our hands on a request: what the client calls by the name of
 * an identity header goes, wherever the request will be served; and the
 * addresses that the engine answers itself are answered here, so that no
 * location has to be written for them.
 */

static ngx_int_t
ngx_http_oidc_post_read_handler(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_oidc_srv_conf_t   *oscf;
    ngx_http_oidc_main_conf_t  *omcf;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oidc_module);

    if (ngx_http_get_module_ctx(r, ngx_http_oidc_module) == NULL) {

        if (ngx_http_oidc_strip(r, omcf->engine) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        oscf = ngx_http_get_module_srv_conf(r, ngx_http_oidc_module);

        if (!gate_site_answers(omcf->engine, (int) oscf->site,
                               ngx_http_oidc_str(&r->uri)))
        {
            return NGX_DECLINED;
        }
    }

    rc = ngx_http_oidc_guard(r, GATE_NO_RULE);

    return (rc == NGX_OK) ? NGX_DECLINED : rc;
}


/*
 * A request that nginx itself refused early (a header that is too large, say)
 * reaches the location of its error_page without having been seen above.
 */

static ngx_int_t
ngx_http_oidc_rewrite_handler(ngx_http_request_t *r)
{
    ngx_http_oidc_main_conf_t  *omcf;

    if (r != r->main || !r->internal || ngx_http_oidc_find(r) != NULL) {
        return NGX_DECLINED;
    }

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oidc_module);

    if (ngx_http_oidc_strip(r, omcf->engine) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_oidc_access_handler(ngx_http_request_t *r)
{
    ngx_http_oidc_loc_conf_t  *olcf;

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_oidc_module);

    if (olcf->rule == NULL) {
        return NGX_DECLINED;
    }

    return ngx_http_oidc_guard(r, olcf->rule->number);
}


/*
 * nginx leaves the access phase out for subrequests.  But a part of a page
 * may be guarded otherwise than the page, and "auth_request" may ask us.
 */

static ngx_int_t
ngx_http_oidc_preaccess_handler(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_http_oidc_ctx_t       *ctx;
    ngx_http_oidc_loc_conf_t  *olcf;

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_oidc_module);

    if (r == r->main || olcf->rule == NULL) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_oidc_find(r->main);

    if (ctx != NULL && ctx->passed && ctx->rule == olcf->rule->number) {
        return NGX_DECLINED;
    }

    rc = ngx_http_oidc_guard(r, olcf->rule->number);

    return (rc == NGX_OK) ? NGX_DECLINED : rc;
}


static ngx_int_t
ngx_http_oidc_preconfiguration(ngx_conf_t *cf)
{
    return ngx_http_oidc_add_variables(cf);
}


static ngx_int_t
ngx_http_oidc_add_handler(ngx_conf_t *cf, ngx_uint_t phase,
    ngx_http_handler_pt handler)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[phase].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = handler;

    return NGX_OK;
}


static ngx_int_t
ngx_http_oidc_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_oidc_main_conf_t  *omcf;

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oidc_module);

    if (omcf->settings.nelts == 0
        && omcf->providers.nelts == 0
        && omcf->rules.nelts == 0)
    {
        return NGX_OK;
    }

    if (ngx_http_oidc_build(cf, omcf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_oidc_add_handler(cf, NGX_HTTP_POST_READ_PHASE,
                                  ngx_http_oidc_post_read_handler)
        != NGX_OK
        || ngx_http_oidc_add_handler(cf, NGX_HTTP_REWRITE_PHASE,
                                     ngx_http_oidc_rewrite_handler)
           != NGX_OK
        || ngx_http_oidc_add_handler(cf, NGX_HTTP_PREACCESS_PHASE,
                                     ngx_http_oidc_preaccess_handler)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_oidc_add_handler(cf, NGX_HTTP_ACCESS_PHASE,
                                     ngx_http_oidc_access_handler);
}
