/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl's sockets and its timer on nginx's events.  The sockets stay
 * libcurl's own: nginx only watches them.
 */

#include "ngx_http_oidc.h"


static fetch_driver      *ngx_http_oidc_driver;
static ngx_event_t        ngx_http_oidc_timer;
static ngx_connection_t   ngx_http_oidc_timer_connection;


static void
ngx_http_oidc_socket_handler(ngx_event_t *ev)
{
    ngx_connection_t  *c = ev->data;

    fetch_ready(ngx_http_oidc_driver, c->fd,
                ev->write ? FETCH_WRITE : FETCH_READ);
}


static void
ngx_http_oidc_timer_handler(ngx_event_t *ev)
{
    fetch_timeout(ngx_http_oidc_driver);
}


/* ngx_delete_posted_event() is several statements */

static void
ngx_http_oidc_forget_event(ngx_event_t *ev, ngx_int_t what)
{
    if (ev->active) {
        ngx_del_event(ev, what, 0);
    }

    if (ev->posted) {
        ngx_delete_posted_event(ev);
    }
}


/* The descriptor is libcurl's to close: never ngx_close_connection() here. */

static void
ngx_http_oidc_unwatch(ngx_connection_t *c)
{
    ngx_http_oidc_forget_event(c->read, NGX_READ_EVENT);
    ngx_http_oidc_forget_event(c->write, NGX_WRITE_EVENT);

    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;
}


static ngx_connection_t *
ngx_http_oidc_new_watch(int fd)
{
    ngx_connection_t  *c;

    c = ngx_get_connection(fd, ngx_cycle->log);
    if (c == NULL) {
        return NULL;
    }

    c->log = ngx_cycle->log;
    c->read->log = c->log;
    c->write->log = c->log;
    c->read->handler = ngx_http_oidc_socket_handler;
    c->write->handler = ngx_http_oidc_socket_handler;

    return c;
}


/* Level-triggered: libcurl need not read until nothing is left. */

static void
ngx_http_oidc_watch_event(ngx_event_t *ev, ngx_int_t what, ngx_uint_t wanted)
{
    if (wanted && !ev->active) {
        ngx_add_event(ev, what, NGX_LEVEL_EVENT);

    } else if (!wanted && ev->active) {
        ngx_del_event(ev, what, 0);
    }
}


static void
ngx_http_oidc_watch(void *context, int fd, unsigned what, void **slot)
{
    ngx_connection_t  *c = *slot;

    if (what == 0) {
        if (c != NULL) {
            ngx_http_oidc_unwatch(c);
            *slot = NULL;
        }

        return;
    }

    if (c == NULL) {
        c = ngx_http_oidc_new_watch(fd);
        if (c == NULL) {
            return;    /* the exchange runs into its time */
        }

        *slot = c;
    }

    ngx_http_oidc_watch_event(c->read, NGX_READ_EVENT, what & FETCH_READ);
    ngx_http_oidc_watch_event(c->write, NGX_WRITE_EVENT, what & FETCH_WRITE);
}


/*
 * Deleted first: ngx_add_timer() overlooks a change of less than 300 ms.  Not
 * cancelable: a worker that is told to leave stays for who waits.
 */

static void
ngx_http_oidc_set_timer(void *context, long ms)
{
    if (ngx_http_oidc_timer.timer_set) {
        ngx_del_timer(&ngx_http_oidc_timer);
    }

    if (ms >= 0) {
        ngx_add_timer(&ngx_http_oidc_timer, (ngx_msec_t) ms);
    }
}


fetch_driver *
ngx_http_oidc_fetch_open(ngx_cycle_t *cycle)
{
    fetch_loop  loop;

    loop.context = NULL;
    loop.watch = ngx_http_oidc_watch;
    loop.timer = ngx_http_oidc_set_timer;

    /* the debug log of a timer looks at its connection */

    ngx_http_oidc_timer_connection.fd = (ngx_socket_t) -1;

    ngx_http_oidc_timer.handler = ngx_http_oidc_timer_handler;
    ngx_http_oidc_timer.data = &ngx_http_oidc_timer_connection;
    ngx_http_oidc_timer.log = cycle->log;

    ngx_http_oidc_driver = fetch_open(&loop);

    return ngx_http_oidc_driver;
}


void
ngx_http_oidc_fetch_close(fetch_driver *driver)
{
    fetch_close(driver);
    ngx_http_oidc_set_timer(NULL, -1);
    ngx_http_oidc_driver = NULL;
}
