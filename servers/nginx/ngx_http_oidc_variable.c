/* SPDX-License-Identifier: Apache-2.0 */
/*
 * $oidc_claim_NAME, $oidc_id_token, $oidc_access_token: of the person who is
 * there, also in subrequests and after internal redirects; else empty.
 */

#include "ngx_http_oidc.h"


#define NGX_HTTP_OIDC_CLAIM  "oidc_claim_"


/* NULL: nobody is signed in. */

static gate_tx *
ngx_http_oidc_signed_in(ngx_http_request_t *r)
{
    const gate_need      *need;
    ngx_http_oidc_ctx_t  *ctx;

    ctx = ngx_http_oidc_find(r);

    if (ctx == NULL && r != r->main) {
        ctx = ngx_http_oidc_find(r->main);
    }

    if (ctx == NULL) {
        return NULL;
    }

    need = ctx->job.need;

    if (need->kind != GATE_DONE
        || need->done.verdict != GATE_PASS
        || !need->done.signed_in)
    {
        return NULL;
    }

    return ctx->job.tx;
}


static ngx_int_t
ngx_http_oidc_set_variable(ngx_http_variable_value_t *v, bool found,
    gate_str value)
{
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = 0;
    v->data = (u_char *) "";

    if (found && value.len > 0) {
        v->len = (unsigned) value.len;
        v->data = (u_char *) value.ptr;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_oidc_claim_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t *full = (ngx_str_t *) data;

    gate_tx   *tx;
    gate_str   name, value;

    name.ptr = (char *) full->data + sizeof(NGX_HTTP_OIDC_CLAIM) - 1;
    name.len = full->len - (sizeof(NGX_HTTP_OIDC_CLAIM) - 1);
    value.len = 0;

    tx = ngx_http_oidc_signed_in(r);

    return ngx_http_oidc_set_variable(v, tx && gate_claim(tx, name, &value),
                                      value);
}


static ngx_int_t
ngx_http_oidc_token_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    gate_tx   *tx;
    gate_str   value;

    value.len = 0;

    tx = ngx_http_oidc_signed_in(r);

    return ngx_http_oidc_set_variable(v, tx
                                      && gate_token(tx, (gate_token_kind) data,
                                                    &value),
                                      value);
}


static ngx_http_variable_t  ngx_http_oidc_variables[] = {

    { ngx_string(NGX_HTTP_OIDC_CLAIM), NULL, ngx_http_oidc_claim_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

    { ngx_string("oidc_id_token"), NULL, ngx_http_oidc_token_variable,
      GATE_ID_TOKEN, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oidc_access_token"), NULL, ngx_http_oidc_token_variable,
      GATE_ACCESS_TOKEN, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_oidc_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_oidc_variables; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
