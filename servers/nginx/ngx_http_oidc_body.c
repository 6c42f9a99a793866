/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BODY need: the request's body, whole.
 */

#include "ngx_http_oidc.h"

#include <openssl/crypto.h>


static ngx_int_t
ngx_http_oidc_fail_body(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx,
    const char *why)
{
    gate_reply  reply;

    ngx_memzero(&reply, sizeof(gate_reply));
    reply.outcome = GATE_FAILED;
    reply.why = why;

    ngx_http_oidc_job_step(&ctx->job, &reply);

    return ngx_http_oidc_guard(r, ctx->rule);
}


static off_t
ngx_http_oidc_body_size(ngx_http_request_t *r)
{
    off_t         size;
    ngx_chain_t  *cl;

    size = 0;

    if (r->request_body != NULL) {
        for (cl = r->request_body->bufs; cl; cl = cl->next) {
            size += ngx_buf_size(cl->buf);
        }
    }

    return size;
}


/* Some of it may lie in a file. */

static ngx_int_t
ngx_http_oidc_copy_body(ngx_http_request_t *r, u_char *p)
{
    ssize_t       n, size;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for (cl = r->request_body ? r->request_body->bufs : NULL;
         cl;
         cl = cl->next)
    {
        b = cl->buf;

        if (!b->in_file) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);
            continue;
        }

        size = (ssize_t) (b->file_last - b->file_pos);

        n = ngx_read_file(b->file, p, (size_t) size, b->file_pos);
        if (n != size) {
            return NGX_ERROR;
        }

        p += n;
    }

    return NGX_OK;
}


static void
ngx_http_oidc_body_reply(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx)
{
    off_t       size;
    u_char     *copy;
    gate_reply  reply;

    size = ngx_http_oidc_body_size(r);

    ngx_memzero(&reply, sizeof(gate_reply));
    reply.outcome = GATE_FAILED;
    reply.why = "the body is too large";
    copy = NULL;

    if ((uint64_t) size <= ctx->job.need->body.max_bytes) {
        copy = ngx_palloc(r->pool, (size_t) size + 1);
        reply.why = "the body cannot be read";
    }

    if (copy != NULL && ngx_http_oidc_copy_body(r, copy) == NGX_OK) {
        reply.outcome = GATE_OK;
        reply.why = NULL;
        reply.body.ptr = (char *) copy;
        reply.body.len = (size_t) size;
    }

    ngx_http_oidc_job_step(&ctx->job, &reply);

    if (copy != NULL) {
        OPENSSL_cleanse(copy, (size_t) size);
    }
}


static void
ngx_http_oidc_body_ready(ngx_http_request_t *r)
{
    ngx_http_oidc_body_reply(r, ngx_http_oidc_find(r));

    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


ngx_int_t
ngx_http_oidc_read_body(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_http_core_loc_conf_t  *clcf;

    if (r != r->main) {
        return ngx_http_oidc_fail_body(r, ctx, "a subrequest has no body");
    }

    /* it was read before error_page led here, and not to its end */

    if (r->request_body != NULL && r->request_body->rest != 0) {
        return ngx_http_oidc_fail_body(r, ctx, "the body broke off");
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (r->headers_in.content_length_n > (off_t) ctx->job.need->body.max_bytes
        || (clcf->client_max_body_size
            && r->headers_in.content_length_n > clcf->client_max_body_size))
    {
        return ngx_http_oidc_fail_body(r, ctx, "the body is too large");
    }

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_oidc_body_ready);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        r->keepalive = 0;    /* what is left of the body is no request */
        return ngx_http_oidc_fail_body(r, ctx, "the body cannot be read");
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}
