/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps: STORE needs are met at once, FETCH needs later.  And what a worker
 * has for them, and upkeep: refreshing keys and metadata ahead of their end.
 */

#include "ngx_http_oidc.h"

#include <openssl/err.h>


#define NGX_HTTP_OIDC_UPKEEP_MIN   1000
#define NGX_HTTP_OIDC_UPKEEP_MAX   3600000


static void ngx_http_oidc_upkeep_run(ngx_http_oidc_job_t *job);


static fetch_driver               *ngx_http_oidc_driver;
static ngx_http_oidc_main_conf_t  *ngx_http_oidc_upkeep_conf;
static ngx_http_oidc_job_t         ngx_http_oidc_upkeep_job;
static ngx_event_t                 ngx_http_oidc_upkeep_timer;
static ngx_connection_t            ngx_http_oidc_upkeep_connection;


void
ngx_http_oidc_job_step(ngx_http_oidc_job_t *job, const gate_reply *reply)
{
    job->need = gate_step(job->tx, reply, ngx_time());

    /* an error left in the queue of libcrypto would be taken by nginx for one
     * of the client's connection; to look is much cheaper than to clear */

    if (ERR_peek_error() != 0) {
        ERR_clear_error();
    }
}


static void
ngx_http_oidc_fetch_done(void *data, const gate_reply *reply)
{
    ngx_http_oidc_job_t *job = data;

    job->fetch = NULL;

    ngx_http_oidc_job_step(job, reply);

    job->resume(job);
}


static void
ngx_http_oidc_fetch_begin(ngx_http_oidc_job_t *job)
{
    const char  *why;
    gate_reply   reply;

    why = "the worker has no client";

    if (ngx_http_oidc_driver != NULL) {
        job->fetch = fetch_begin(ngx_http_oidc_driver, &job->need->fetch,
                                 ngx_http_oidc_fetch_done, job, &why);
    }

    if (job->fetch != NULL) {
        return;
    }

    ngx_memzero(&reply, sizeof(gate_reply));
    reply.outcome = GATE_FAILED;
    reply.why = why;

    ngx_http_oidc_job_step(job, &reply);
}


static void
ngx_http_oidc_store_now(ngx_http_oidc_job_t *job)
{
    gate_reply  reply;

    ngx_http_oidc_store_do(&job->need->store, &reply);
    ngx_http_oidc_job_step(job, &reply);
    ngx_http_oidc_store_wipe();
}


/*
 * NGX_OK: the verdict is there.  NGX_AGAIN: job->resume will be called.
 * NGX_DECLINED: a body is needed.
 */

ngx_int_t
ngx_http_oidc_job_run(ngx_http_oidc_job_t *job)
{
    while (job->fetch == NULL) {

        switch (job->need->kind) {

        case GATE_STORE:
            ngx_http_oidc_store_now(job);
            break;

        case GATE_FETCH:
            ngx_http_oidc_fetch_begin(job);
            break;

        case GATE_BODY:
            return NGX_DECLINED;

        default: /* GATE_DONE */
            return NGX_OK;
        }
    }

    return NGX_AGAIN;
}


static void
ngx_http_oidc_upkeep_wait(void)
{
    int64_t  due, left;

    due = gate_upkeep_due(ngx_http_oidc_upkeep_conf->engine, ngx_time());
    left = ngx_min(due - ngx_time(), NGX_HTTP_OIDC_UPKEEP_MAX / 1000) * 1000;

    ngx_add_timer(&ngx_http_oidc_upkeep_timer,
                  (ngx_msec_t) ngx_max(left, NGX_HTTP_OIDC_UPKEEP_MIN));
}


static void
ngx_http_oidc_upkeep_end(void)
{
    fetch_cancel(ngx_http_oidc_upkeep_job.fetch);
    ngx_http_oidc_upkeep_job.fetch = NULL;

    gate_end(ngx_http_oidc_upkeep_job.tx);
    ngx_http_oidc_upkeep_job.tx = NULL;
}


static void
ngx_http_oidc_upkeep_run(ngx_http_oidc_job_t *job)
{
    switch (ngx_http_oidc_job_run(job)) {

    case NGX_AGAIN:
        return;

    default:
        ngx_http_oidc_upkeep_end();

        if (!ngx_exiting) {
            ngx_http_oidc_upkeep_wait();
        }
    }
}


static void
ngx_http_oidc_upkeep_handler(ngx_event_t *ev)
{
    ngx_http_oidc_job_t  *job;

    if (ngx_exiting) {
        return;
    }

    job = &ngx_http_oidc_upkeep_job;

    job->tx = gate_upkeep(ngx_http_oidc_upkeep_conf->engine, ngx_time());
    if (job->tx == NULL) {
        ngx_http_oidc_upkeep_wait();
        return;
    }

    ngx_http_oidc_job_step(job, NULL);
    ngx_http_oidc_upkeep_run(job);
}


static void
ngx_http_oidc_upkeep_begin(ngx_http_oidc_main_conf_t *omcf, ngx_cycle_t *cycle)
{
    ngx_http_oidc_upkeep_conf = omcf;
    ngx_http_oidc_upkeep_job.resume = ngx_http_oidc_upkeep_run;

    ngx_http_oidc_upkeep_connection.fd = (ngx_socket_t) -1;

    ngx_http_oidc_upkeep_timer.handler = ngx_http_oidc_upkeep_handler;
    ngx_http_oidc_upkeep_timer.data = &ngx_http_oidc_upkeep_connection;
    ngx_http_oidc_upkeep_timer.log = cycle->log;
    ngx_http_oidc_upkeep_timer.cancelable = 1;

    ngx_add_timer(&ngx_http_oidc_upkeep_timer, 1);
}


/* Not for the processes that look after caches. */

static ngx_http_oidc_main_conf_t *
ngx_http_oidc_conf_of_worker(ngx_cycle_t *cycle)
{
    ngx_http_oidc_main_conf_t  *omcf;

    if ((ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
        || ngx_get_conf(cycle->conf_ctx, ngx_http_module) == NULL)
    {
        return NULL;
    }

    omcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_oidc_module);

    return (omcf != NULL && omcf->engine != NULL) ? omcf : NULL;
}


ngx_int_t
ngx_http_oidc_init_process(ngx_cycle_t *cycle)
{
    ngx_http_oidc_main_conf_t  *omcf;

    omcf = ngx_http_oidc_conf_of_worker(cycle);
    if (omcf == NULL) {
        return NGX_OK;
    }

    if (gate_needs_store(omcf->engine)) {
        ngx_http_oidc_store_open(omcf, cycle);
    }

    ngx_http_oidc_driver = ngx_http_oidc_fetch_open(cycle);
    if (ngx_http_oidc_driver == NULL) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0,
                      "oidc: no memory for talking to providers");
    }

    ngx_http_oidc_upkeep_begin(omcf, cycle);

    return NGX_OK;
}


void
ngx_http_oidc_exit_process(ngx_cycle_t *cycle)
{
    if (ngx_http_oidc_upkeep_timer.timer_set) {
        ngx_del_timer(&ngx_http_oidc_upkeep_timer);
    }

    ngx_http_oidc_upkeep_end();

    if (ngx_http_oidc_driver != NULL) {
        ngx_http_oidc_fetch_close(ngx_http_oidc_driver);
        ngx_http_oidc_driver = NULL;
    }

    ngx_http_oidc_store_close();
}
