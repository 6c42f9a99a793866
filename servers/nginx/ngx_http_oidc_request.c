/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request and its transaction: begun where a place or an address of ours
 * demands it, stepped, suspended and resumed until the verdict.
 */

#include "ngx_http_oidc.h"


static void ngx_http_oidc_resume(ngx_http_oidc_job_t *job);


static void
ngx_http_oidc_cleanup(void *data)
{
    ngx_http_oidc_ctx_t *ctx = data;

    fetch_cancel(ctx->job.fetch);
    gate_end(ctx->job.tx);
    ctx->conf->live--;
}


/*
 * nginx forgets a module's context at an internal redirect, but not the
 * cleanups of the request's pool, which subrequests share.  The newest stands
 * first.
 */

ngx_http_oidc_ctx_t *
ngx_http_oidc_find(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t   *cln;
    ngx_http_oidc_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oidc_module);
    if (ctx != NULL) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        ctx = cln->data;

        if (cln->handler == ngx_http_oidc_cleanup && ctx->request == r) {
            return ctx;
        }
    }

    return NULL;
}


/*
 * A subrequest is not where the person goes: it must not begin a sign-in,
 * however the request looks that it is a part of.
 */

static ngx_flag_t
ngx_http_oidc_is_of_navigation(ngx_table_elt_t *header)
{
    return (header->key.len == sizeof("Accept") - 1
            && ngx_strncasecmp(header->key.data, (u_char *) "Accept",
                               sizeof("Accept") - 1)
               == 0)
           || (header->key.len > sizeof("Sec-Fetch-") - 1
               && ngx_strncasecmp(header->key.data, (u_char *) "Sec-Fetch-",
                                  sizeof("Sec-Fetch-") - 1)
                  == 0);
}


/* The engine sees nginx's own strings; it copies what it keeps. */

static ngx_int_t
ngx_http_oidc_headers(ngx_http_request_t *r, ngx_list_t *list,
    gate_request *request)
{
    size_t            n;
    ngx_uint_t        i;
    gate_header      *headers;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    n = 0;

    for (part = &list->part; part; part = part->next) {
        n += part->nelts;
    }

    headers = ngx_palloc(r->pool, (n + 1) * sizeof(gate_header));
    if (headers == NULL) {
        return NGX_ERROR;
    }

    request->headers = headers;

    for (part = &list->part; part; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (r != r->main && ngx_http_oidc_is_of_navigation(&header[i])) {
                continue;
            }

            headers->name = ngx_http_oidc_str(&header[i].key);
            headers->value = ngx_http_oidc_str(&header[i].value);
            headers++;
        }
    }

    request->header_count = headers - request->headers;

    return NGX_OK;
}


/*
 * Host with its port.  Where the request line names another host, nginx has
 * chosen the server by that one (RFC 9112, 3.2.2), and Host says nothing.
 */

static gate_str
ngx_http_oidc_authority(ngx_http_request_t *r)
{
    ngx_str_t  *server, *host;

    server = &r->headers_in.server;

    if (r->headers_in.host == NULL) {
        return ngx_http_oidc_str(server);
    }

    host = &r->headers_in.host->value;

    if (host->len < server->len
        || ngx_strncasecmp(host->data, server->data, server->len) != 0
        || (host->len > server->len
            && host->data[server->len] != ':'
            && host->data[server->len] != '.'))
    {
        return ngx_http_oidc_str(server);
    }

    return ngx_http_oidc_str(host);
}


static gate_tx *
ngx_http_oidc_begin_tx(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx)
{
    gate_request               request;
    ngx_http_oidc_srv_conf_t  *oscf;

    oscf = ngx_http_get_module_srv_conf(r, ngx_http_oidc_module);

    ngx_memzero(&request, sizeof(gate_request));

    request.site = (int) oscf->site;
    request.rule = ctx->rule;
    request.method = ngx_http_oidc_str(&r->method_name);
    request.scheme = (gate_str) { "http", 4 };
    request.authority = ngx_http_oidc_authority(r);
    request.target = ngx_http_oidc_str(&r->unparsed_uri);
    request.path = ngx_http_oidc_str(&r->uri);
    request.host = r;

#if (NGX_HTTP_SSL)
    if (r->connection->ssl) {
        request.scheme = (gate_str) { "https", 5 };
    }
#endif

    if (ngx_http_oidc_headers(r, &ctx->client, &request) != NGX_OK) {
        return NULL;
    }

    return gate_begin(ctx->conf->engine, &request);
}


/*
 * After an internal redirect and in a subrequest, too, the engine sees what
 * the client sent.
 */

static void
ngx_http_oidc_follow(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx,
    ngx_http_oidc_ctx_t *before)
{
    if (before == NULL && r != r->main) {
        before = ngx_http_oidc_find(r->main);
    }

    if (before == NULL) {
        ctx->client = r->headers_in.headers;
        return;
    }

    ctx->client = before->client;
    ctx->follows = before->passed || before->follows;
}


static ngx_http_oidc_ctx_t *
ngx_http_oidc_begin(ngx_http_request_t *r, ngx_http_oidc_ctx_t *before,
    int rule)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_oidc_ctx_t        *ctx;
    ngx_http_oidc_main_conf_t  *omcf;

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oidc_module);

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_oidc_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_oidc_ctx_t));

    ctx->job.resume = ngx_http_oidc_resume;
    ctx->request = r;
    ctx->conf = omcf;
    ctx->rule = rule;

    ngx_http_oidc_follow(r, ctx, before);

    ctx->job.tx = ngx_http_oidc_begin_tx(r, ctx);
    if (ctx->job.tx == NULL) {
        return NULL;
    }

    omcf->live++;
    cln->handler = ngx_http_oidc_cleanup;

    ngx_http_set_ctx(r, ctx, ngx_http_oidc_module);
    ngx_http_oidc_job_step(&ctx->job, NULL);

    return ctx;
}


/*
 * Nothing but libcurl's timer and the client's leaving moves the request now;
 * if the client leaves, the pool's cleanup ends the exchange.
 */

static void
ngx_http_oidc_suspend(ngx_http_request_t *r)
{
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
}


static void
ngx_http_oidc_resume(ngx_http_oidc_job_t *job)
{
    ngx_connection_t     *c;
    ngx_http_request_t   *r;
    ngx_http_oidc_ctx_t  *ctx = (ngx_http_oidc_ctx_t *) job;

    r = ctx->request;
    c = r->connection;    /* r may be gone after its phases */

    ngx_http_set_log_request(c->log, r);

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
    ngx_http_run_posted_requests(c);
}


/*
 * NGX_OK: go on.  NGX_AGAIN, NGX_DONE: suspended, or answered.  Anything else
 * is for ngx_http_finalize_request().
 */

ngx_int_t
ngx_http_oidc_guard(ngx_http_request_t *r, int rule)
{
    ngx_http_oidc_ctx_t  *ctx;

    ctx = ngx_http_oidc_find(r);

    if (ctx == NULL || ctx->rule != rule) {
        ctx = ngx_http_oidc_begin(r, ctx, rule);

        if (ctx == NULL) {
            return NGX_HTTP_SERVICE_UNAVAILABLE;
        }
    }

    switch (ngx_http_oidc_job_run(&ctx->job)) {

    case NGX_AGAIN:
        ngx_http_oidc_suspend(r);
        return NGX_AGAIN;

    case NGX_DECLINED:
        return ngx_http_oidc_read_body(r, ctx);

    default:
        break;
    }

    if (ctx->job.need->done.verdict == GATE_PASS) {
        return ngx_http_oidc_pass(r, ctx);
    }

    return ngx_http_oidc_answer(r, ctx);
}
