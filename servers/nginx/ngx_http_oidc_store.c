/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's session store: asked at once, in the same call.
 */

#include "ngx_http_oidc.h"

#include <store_lmdb.h>


#define NGX_HTTP_OIDC_STORE_RETRY  5


static store_lmdb  *ngx_http_oidc_store;
static u_char       ngx_http_oidc_store_path[NGX_MAX_PATH];
static time_t       ngx_http_oidc_store_retry;

/* a worker asks one question at a time */
static char         ngx_http_oidc_scratch[STORE_LMDB_SCRATCH];
static size_t       ngx_http_oidc_scratch_used;


static void
ngx_http_oidc_store_try(void)
{
    store_lmdb_note  note;

    ngx_http_oidc_store_retry = ngx_time() + NGX_HTTP_OIDC_STORE_RETRY;

    ngx_http_oidc_store =
                     store_lmdb_open((char *) ngx_http_oidc_store_path, 0600,
                                     STORE_LMDB_MAP, ngx_time(), &note);

    if (note.text[0] != '\0') {
        ngx_log_error((ngx_http_oidc_store ? NGX_LOG_WARN : NGX_LOG_ALERT),
                      ngx_cycle->log, 0, "oidc: %s", note.text);
    }

    if (ngx_http_oidc_store && !store_lmdb_keep(ngx_http_oidc_store)) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "oidc: no thread for the session store: "
                      "it is not swept");
    }
}


/* A store that cannot be opened fails requests, not the worker. */

void
ngx_http_oidc_store_open(ngx_http_oidc_main_conf_t *omcf, ngx_cycle_t *cycle)
{
    ngx_snprintf(ngx_http_oidc_store_path, NGX_MAX_PATH - 1,
                 "%V/sessions.mdb%Z", &omcf->state_path);

    ngx_http_oidc_store_try();
}


void
ngx_http_oidc_store_close(void)
{
    store_lmdb_close(ngx_http_oidc_store);
    ngx_http_oidc_store = NULL;
}


void
ngx_http_oidc_store_do(const gate_store_need *need, gate_reply *reply)
{
    if (ngx_http_oidc_store == NULL
        && ngx_http_oidc_store_path[0] != '\0'
        && ngx_time() >= ngx_http_oidc_store_retry)
    {
        ngx_http_oidc_store_try();
    }

    if (ngx_http_oidc_store == NULL) {
        ngx_memzero(reply, sizeof(gate_reply));
        reply->outcome = GATE_FAILED;
        reply->why = "the session store is not open";
        return;
    }

    store_lmdb_do(ngx_http_oidc_store, need, ngx_time(), reply,
                  ngx_http_oidc_scratch, sizeof(ngx_http_oidc_scratch),
                  &ngx_http_oidc_scratch_used);
}


/* To be called when the engine has seen the reply. */

void
ngx_http_oidc_store_wipe(void)
{
    ngx_explicit_memzero(ngx_http_oidc_scratch, ngx_http_oidc_scratch_used);
    ngx_http_oidc_scratch_used = 0;
}
