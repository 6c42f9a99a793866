/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of ngx_http_oidc_module and what they share.
 */
#ifndef _NGX_HTTP_OIDC_H_INCLUDED_
#define _NGX_HTTP_OIDC_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <gate.h>
#include <fetch_curl.h>


/* One option as the operator wrote it. */
typedef struct {
    ngx_str_t                    name;      /* as in options.def */
    ngx_str_t                    value;
    ngx_str_t                    place;     /* file:line */
} ngx_http_oidc_setting_t;


typedef struct {
    ngx_str_t                    name;
    ngx_str_t                    place;
    ngx_array_t                  settings;  /* ngx_http_oidc_setting_t */
} ngx_http_oidc_provider_t;


/* Where a secret is read from: a file, or a variable of the environment. */
typedef ngx_int_t (*ngx_http_oidc_read_pt)(ngx_conf_t *cf, ngx_str_t *from,
    ngx_str_t *secret);


/* What one place demands; shared by the places that inherit it unchanged. */
typedef struct {
    ngx_uint_t                   site;
    ngx_array_t                 *settings;  /* ngx_http_oidc_setting_t */
    int                          number;    /* the engine's */
} ngx_http_oidc_rule_t;


typedef struct {
    ngx_array_t                  settings;  /* ngx_http_oidc_setting_t */
    ngx_array_t                  providers; /* ngx_http_oidc_provider_t */
    ngx_array_t                  rules;     /* ngx_http_oidc_rule_t * */
    ngx_uint_t                   sites;
    ngx_str_t                    state_path;
    ngx_uint_t                   live;      /* transactions of this process */
    gate_engine                 *engine;    /* NULL: nothing is configured */
} ngx_http_oidc_main_conf_t;


typedef struct {
    ngx_uint_t                   site;
} ngx_http_oidc_srv_conf_t;


typedef struct {
    ngx_array_t                 *settings;  /* ngx_http_oidc_setting_t */
    ngx_http_oidc_rule_t        *rule;      /* NULL: open to everybody */
    ngx_str_t                    location;  /* first option in a location */
    unsigned                     merged:1;
} ngx_http_oidc_loc_conf_t;


/* A transaction on its way, of a request or of upkeep. */
typedef struct ngx_http_oidc_job_s  ngx_http_oidc_job_t;

struct ngx_http_oidc_job_s {
    gate_tx                     *tx;
    const gate_need             *need;
    fetch                       *fetch;     /* under way */
    void                       (*resume)(ngx_http_oidc_job_t *job);
};


/* What a request has of ours; ends with the request's pool. */
typedef struct {
    ngx_http_oidc_job_t          job;       /* first: resume gets it */
    ngx_http_request_t          *request;
    ngx_http_oidc_main_conf_t   *conf;
    int                          rule;
    ngx_list_t                   client;    /* its headers, without ours */
    unsigned                     headers_added:1;
    unsigned                     passed:1;
    unsigned                     follows:1; /* another has passed before */
} ngx_http_oidc_ctx_t;


/* _conf: directives */
void *ngx_http_oidc_create_main_conf(ngx_conf_t *cf);
void *ngx_http_oidc_create_srv_conf(ngx_conf_t *cf);
void *ngx_http_oidc_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_oidc_set_engine(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_oidc_set_engine_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_oidc_set_engine_env(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_oidc_set_provider(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_oidc_set_rule(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* _merge: inheritance, rules */
char *ngx_http_oidc_merge_srv_conf(ngx_conf_t *cf, void *parent, void *child);
char *ngx_http_oidc_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child);

/* _build: configuration to engine */
ngx_int_t ngx_http_oidc_build(ngx_conf_t *cf, ngx_http_oidc_main_conf_t *mcf);

/* _state: the folder for the session store and the cookie secret */
ngx_int_t ngx_http_oidc_state_path(ngx_conf_t *cf, ngx_str_t *path);
ngx_int_t ngx_http_oidc_state_folder(ngx_conf_t *cf, ngx_str_t *path);
ngx_int_t ngx_http_oidc_state_secret(ngx_conf_t *cf, ngx_str_t *path,
    ngx_str_t *secret);
ngx_int_t ngx_http_oidc_read_secret(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *secret);
ngx_int_t ngx_http_oidc_read_env(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret);

/* _request: request to transaction */
ngx_int_t ngx_http_oidc_guard(ngx_http_request_t *r, int rule);
ngx_http_oidc_ctx_t *ngx_http_oidc_find(ngx_http_request_t *r);

/* _body: the request's body */
ngx_int_t ngx_http_oidc_read_body(ngx_http_request_t *r,
    ngx_http_oidc_ctx_t *ctx);

/* _answer: verdict to response */
ngx_int_t ngx_http_oidc_answer(ngx_http_request_t *r,
    ngx_http_oidc_ctx_t *ctx);
ngx_int_t ngx_http_oidc_pass(ngx_http_request_t *r, ngx_http_oidc_ctx_t *ctx);

/* _identity: request headers that are ours */
ngx_int_t ngx_http_oidc_strip(ngx_http_request_t *r,
    const gate_engine *engine);
ngx_int_t ngx_http_oidc_identify(ngx_http_request_t *r,
    ngx_http_oidc_ctx_t *ctx);

/* _job: steps, STORE and FETCH needs, upkeep; one set for each worker */
ngx_int_t ngx_http_oidc_job_run(ngx_http_oidc_job_t *job);
void ngx_http_oidc_job_step(ngx_http_oidc_job_t *job, const gate_reply *reply);
ngx_int_t ngx_http_oidc_init_process(ngx_cycle_t *cycle);
void ngx_http_oidc_exit_process(ngx_cycle_t *cycle);

/* _fetch: libcurl on nginx's events */
fetch_driver *ngx_http_oidc_fetch_open(ngx_cycle_t *cycle);
void ngx_http_oidc_fetch_close(fetch_driver *driver);

/* _store: the session store of the worker */
void ngx_http_oidc_store_open(ngx_http_oidc_main_conf_t *mcf,
    ngx_cycle_t *cycle);
void ngx_http_oidc_store_close(void);
void ngx_http_oidc_store_do(const gate_store_need *need, gate_reply *reply);
void ngx_http_oidc_store_wipe(void);

/* _variable */
ngx_int_t ngx_http_oidc_add_variables(ngx_conf_t *cf);


extern ngx_module_t  ngx_http_oidc_module;


#define ngx_http_oidc_str(s)                                                  \
    (gate_str) { (const char *) (s)->data, (s)->len }


#endif /* _NGX_HTTP_OIDC_H_INCLUDED_ */
