/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request headers that tell the application who is there: what the client
 * sends by such a name goes, what the engine says comes in.
 */

#include "ngx_http_oidc.h"


static ngx_flag_t
ngx_http_oidc_is_named(const gate_done *done, ngx_str_t *name)
{
    size_t              i;
    const gate_header  *header;

    for (i = 0; i < done->identity_count; i++) {
        header = &done->identity[i];

        if (header->name.len == name->len
            && ngx_strncasecmp((u_char *) header->name.ptr, name->data,
                               name->len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_oidc_count_ours(ngx_http_request_t *r, const gate_engine *engine)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    n = 0;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            n += gate_header_is_ours(engine, ngx_http_oidc_str(&header[i].key));
        }
    }

    return n;
}


/*
 * nginx keeps pointers to the headers that it knows itself: with h NULL the
 * pointer goes with its header, else it is set where it is not.
 */

static void
ngx_http_oidc_point(ngx_http_request_t *r, ngx_table_elt_t *header,
    ngx_table_elt_t *h)
{
    u_char                     *known;
    ngx_http_header_t          *hh;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    hh = ngx_hash_find(&cmcf->headers_in_hash, header->hash,
                       header->lowcase_key, header->key.len);

    if (hh == NULL || hh->offset == 0) {
        return;
    }

    known = (u_char *) &r->headers_in + hh->offset;

#if (nginx_version < 1023000)

    if (hh->offset == offsetof(ngx_http_headers_in_t, cookies)
#if (NGX_HTTP_X_FORWARDED_FOR)
        || hh->offset == offsetof(ngx_http_headers_in_t, x_forwarded_for)
#endif
        )
    {
        if (h == NULL) {
            ((ngx_array_t *) known)->nelts = 0;
        }

        return;
    }

#endif

    if (h == NULL || *(ngx_table_elt_t **) known == NULL) {
        *(ngx_table_elt_t **) known = h;
    }
}


static ngx_int_t
ngx_http_oidc_copy_headers(ngx_http_request_t *r, const gate_engine *engine,
    ngx_list_t *from, const gate_done *done, ngx_list_t *to)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header, *copy;

    for (part = &from->part; part; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (gate_header_is_ours(engine, ngx_http_oidc_str(&header[i].key))
                || (done && ngx_http_oidc_is_named(done, &header[i].key)))
            {
                ngx_http_oidc_point(r, &header[i], NULL);
                continue;
            }

            copy = ngx_list_push(to);
            if (copy == NULL) {
                return NGX_ERROR;
            }

            *copy = header[i];
            ngx_http_oidc_point(r, copy, copy);
        }
    }

    return NGX_OK;
}


/*
 * A header that must go is not struck out in its place: the modules that pass
 * headers on read every element, and nginx points at elements.  So the list is
 * made anew, and the old elements stay where they are.
 */

static ngx_int_t
ngx_http_oidc_rebuild(ngx_http_request_t *r, const gate_engine *engine,
    ngx_list_t *from, const gate_done *done)
{
    ngx_list_t  list;

    if (ngx_list_init(&list, r->pool, 20, sizeof(ngx_table_elt_t)) != NGX_OK
        || ngx_http_oidc_copy_headers(r, engine, from, done, &list) != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_in.headers = list;

    if (list.last == &list.part) {
        r->headers_in.headers.last = &r->headers_in.headers.part;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_oidc_strip(ngx_http_request_t *r, const gate_engine *engine)
{
    if (ngx_http_oidc_count_ours(r, engine) == 0) {
        return NGX_OK;
    }

    return ngx_http_oidc_rebuild(r, engine, &r->headers_in.headers, NULL);
}


static ngx_int_t
ngx_http_oidc_add_identity(ngx_http_request_t *r, const gate_header *header)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_in.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->key.len = header->name.len;
    h->key.data = (u_char *) header->name.ptr;
    h->value.len = header->value.len;
    h->value.data = ngx_pnalloc(r->pool, header->value.len + 1);
    h->lowcase_key = ngx_pnalloc(r->pool, header->name.len);

    if (h->value.data == NULL || h->lowcase_key == NULL) {
        return NGX_ERROR;
    }

    /* nginx ends header values with a zero, and some modules count on it */
    ngx_memcpy(h->value.data, header->value.ptr, header->value.len);
    h->value.data[header->value.len] = '\0';

    h->hash = ngx_hash_strlow(h->lowcase_key, h->key.data, h->key.len);

    ngx_http_oidc_point(r, h, h);

    return NGX_OK;
}


/* From what the client sent: an earlier location may have said otherwise. */

ngx_int_t
ngx_http_oidc_identify(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx)
{
    size_t            i;
    const gate_done  *done;

    done = &ctx->job.need->done;

    if (done->identity_count == 0 && !ctx->follows) {
        return NGX_OK;
    }

    if (ngx_http_oidc_rebuild(r, ctx->conf->engine, &ctx->client, done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < done->identity_count; i++) {

        if (done->identity[i].value.len == 0) {
            continue;
        }

        if (ngx_http_oidc_add_identity(r, &done->identity[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
