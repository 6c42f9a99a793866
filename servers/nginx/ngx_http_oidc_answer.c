/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict, as nginx carries it out.
 */

#include "ngx_http_oidc.h"


static ngx_int_t
ngx_http_oidc_add_header(ngx_http_request_t *r, const gate_header *header)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.len = header->name.len;
    h->key.data = (u_char *) header->name.ptr;
    h->value.len = header->value.len;
    h->value.data = (u_char *) header->value.ptr;

    return NGX_OK;
}


static ngx_flag_t
ngx_http_oidc_is_header(const gate_header *header, const char *name,
    size_t len)
{
    return header->name.len == len
           && ngx_strncasecmp((u_char *) header->name.ptr, (u_char *) name,
                              len)
              == 0;
}


static void
ngx_http_oidc_set_type(ngx_http_request_t *r, const gate_header *header)
{
    r->headers_out.content_type.len = header->value.len;
    r->headers_out.content_type.data = (u_char *) header->value.ptr;
    r->headers_out.content_type_len = header->value.len;
    r->headers_out.content_type_lowcase = NULL;
}


/*
 * They live in the transaction, which ends with the request's pool.  nginx
 * sends the list with any status; a second verdict of one transaction, after
 * an internal redirect, finds them there.  What a part of the page was let
 * pass with (a renewed cookie) goes with the whole.
 */

static ngx_int_t
ngx_http_oidc_add_headers(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx)
{
    size_t            i;
    const gate_done  *done;

    if (ctx->headers_added) {
        return NGX_OK;
    }

    ctx->headers_added = 1;
    done = &ctx->job.need->done;

    if (done->verdict == GATE_PASS) {
        r = r->main;
    }

    for (i = 0; i < done->header_count; i++) {

        if (ngx_http_oidc_is_header(&done->headers[i], "Content-Type", 12)
            || ngx_http_oidc_is_header(&done->headers[i], "Content-Length",
                                       14))
        {
            continue;
        }

        if (ngx_http_oidc_add_header(r, &done->headers[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_oidc_pass(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx)
{
    if (ctx->passed) {
        return NGX_OK;
    }

    ctx->passed = 1;

    if (ngx_http_oidc_add_headers(r, ctx) != NGX_OK
        || ngx_http_oidc_identify(r, ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_OK;
}


/* Has the operator a page of his own for this status, and may it be used? */

static ngx_flag_t
ngx_http_oidc_has_error_page(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_uint_t                 i;
    ngx_http_err_page_t       *page;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (status < NGX_HTTP_BAD_REQUEST
        || clcf->error_pages == NULL
        || r->error_page
        || r->uri_changes == 0)
    {
        return 0;
    }

    page = clcf->error_pages->elts;

    for (i = 0; i < clcf->error_pages->nelts; i++) {
        if (page[i].status == (ngx_int_t) status) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_oidc_send_body(ngx_http_request_t *r, gate_str body)
{
    ngx_buf_t    *b;
    ngx_chain_t   out;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = (u_char *) body.ptr;
    b->last = b->pos + body.len;
    b->memory = (body.len > 0);
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static ngx_int_t
ngx_http_oidc_send(ngx_http_request_t *r, const gate_done *done)
{
    size_t     i;
    ngx_int_t  rc;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    r->err_status = 0;
    r->headers_out.status = done->status;
    r->headers_out.status_line.len = 0;
    r->headers_out.content_length_n = (off_t) done->body.len;

    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    for (i = 0; i < done->header_count; i++) {
        if (ngx_http_oidc_is_header(&done->headers[i], "Content-Type", 12)) {
            ngx_http_oidc_set_type(r, &done->headers[i]);
        }
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_oidc_send_body(r, done->body);
}


/* A part of a page that is refused is left out; auth_request sees why. */

static ngx_int_t
ngx_http_oidc_send_nothing(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_int_t  rc;

    r->err_status = 0;
    r->headers_out.status = status;
    r->headers_out.content_length_n = 0;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_send_special(r, NGX_HTTP_LAST);
}


ngx_int_t
ngx_http_oidc_answer(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx)
{
    const gate_done  *done;

    done = &ctx->job.need->done;

    if (r != r->main) {
        ngx_http_finalize_request(r,
                                  ngx_http_oidc_send_nothing(r, done->status));
        return NGX_DONE;
    }

    /* "satisfy any": another module's challenge is for its own 401 */

    if (r->headers_out.www_authenticate
        && done->status != NGX_HTTP_UNAUTHORIZED)
    {
        r->headers_out.www_authenticate->hash = 0;
        r->headers_out.www_authenticate = NULL;
    }

    if (ngx_http_oidc_add_headers(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_oidc_has_error_page(r, done->status)) {
        ngx_http_finalize_request(r, done->status);
        return NGX_DONE;
    }

    ngx_http_finalize_request(r, ngx_http_oidc_send(r, done));

    return NGX_DONE;
}
