/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch_curl.h"

#include "fetch_exchange.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 256L /* at one moment; more wait for their turn */
#define HOST_MAX 64L         /* of these to one provider, so that a slow one does not keep the others waiting */
#define IDLE_MAX 16L         /* connections kept for later */
#define TRANSFERS_MAX 1024   /* at one moment; more are refused */

typedef struct transfer transfer;

/* One who waits for an exchange. */
struct fetch {
    transfer *of;
    fetch *next;
    fetch_done done;
    void *data;
};

struct transfer {
    fetch_driver *driver;
    transfer *next;
    fetch *waiting;
    bool ended; /* its waiters are being told */
    char *key;  /* what makes fetches equal; NULL: not shared */
    size_t key_len;
    fetch_exchange exchange;
};

struct fetch_driver {
    fetch_loop loop;
    CURLM *multi;
    transfer *transfers;
    unsigned count;
};

/* ---- the key of equal fetches ---- */

static size_t write_part(char *to, size_t at, gate_str part)
{
    if (to != NULL) {
        memcpy(to + at, &part.len, sizeof part.len);
        memcpy(to + at + sizeof part.len, part.len > 0 ? part.ptr : "", part.len);
    }
    return at + sizeof part.len + part.len;
}

static size_t write_request(char *to, size_t at, const gate_fetch_need *need)
{
    at = write_part(to, at, need->method);
    at = write_part(to, at, need->body);
    for (size_t i = 0; i < need->header_count; i++) {
        at = write_part(to, at, need->headers[i].name);
        at = write_part(to, at, need->headers[i].value);
    }
    return at;
}

/* Every part with its length before it, so that no two needs have one key. With `to` NULL: only the length. */
static size_t write_key(char *to, const gate_fetch_need *need)
{
    size_t at = write_part(to, 0, need->url);
    at = write_part(to, at, need->share_as);
    at = write_part(to, at, need->ca_file);
    at = write_part(to, at, need->crl_file);
    at = write_part(to, at, (gate_str){(const char *)&need->max_bytes, sizeof need->max_bytes});
    return need->share_as.len > 0 ? at : write_request(to, at, need);
}

static bool add_key(transfer *t, const gate_fetch_need *need)
{
    if (!need->share) {
        return true;
    }
    t->key_len = write_key(NULL, need);
    t->key = malloc(t->key_len);
    if (t->key != NULL) {
        write_key(t->key, need);
    }
    return t->key != NULL;
}

static void drop_key(transfer *t)
{
    if (t->key != NULL) {
        OPENSSL_cleanse(t->key, t->key_len);
        free(t->key);
        t->key = NULL;
    }
}

static transfer *find_equal(fetch_driver *driver, const transfer *wanted)
{
    for (transfer *t = driver->transfers; t != NULL && wanted->key != NULL; t = t->next) {
        if (!t->ended && t->key != NULL && t->key_len == wanted->key_len &&
            memcmp(t->key, wanted->key, t->key_len) == 0) {
            return t;
        }
    }
    return NULL;
}

/* ---- transfers ---- */

static void free_transfer(transfer *t)
{
    drop_key(t);
    fetch_exchange_end(&t->exchange);
    free(t);
}

static void remove_transfer(transfer *t)
{
    fetch_driver *driver = t->driver;
    transfer **link = &driver->transfers;
    while (*link != t) {
        link = &(*link)->next;
    }
    *link = t->next;
    driver->count--;
    curl_multi_remove_handle(driver->multi, t->exchange.easy);
    free_transfer(t);
    ERR_clear_error();
}

static bool start(fetch_driver *driver, transfer *t, const gate_fetch_need *need, const char **why)
{
    if (driver->count >= TRANSFERS_MAX) {
        *why = "too many exchanges at once";
        return false;
    }
    if (!fetch_exchange_begin(&t->exchange, need, why)) {
        return false;
    }
    curl_easy_setopt(t->exchange.easy, CURLOPT_PRIVATE, t);
    if (curl_multi_add_handle(driver->multi, t->exchange.easy) != CURLM_OK) {
        *why = "out of memory";
        return false;
    }
    t->driver = driver;
    t->next = driver->transfers;
    driver->transfers = t;
    driver->count++;
    return true;
}

/* The transfer that is under way already, or a new one. */
static transfer *find_transfer(fetch_driver *driver, const gate_fetch_need *need, const char **why)
{
    transfer *t = calloc(1, sizeof *t);
    *why = "out of memory";
    if (t == NULL || !add_key(t, need)) {
        free(t);
        return NULL;
    }
    transfer *equal = find_equal(driver, t);
    if (equal != NULL || !start(driver, t, need, why)) {
        free_transfer(t);
        return equal;
    }
    return t;
}

fetch *fetch_begin(fetch_driver *driver, const gate_fetch_need *need, fetch_done done, void *data, const char **why)
{
    fetch *f = malloc(sizeof *f);
    *why = "out of memory";
    transfer *t = f == NULL ? NULL : find_transfer(driver, need, why);
    if (t == NULL) {
        free(f);
        return NULL;
    }
    *f = (fetch){.of = t, .next = t->waiting, .done = done, .data = data};
    t->waiting = f;
    return f;
}

void fetch_cancel(fetch *f)
{
    if (f == NULL) {
        return;
    }
    transfer *t = f->of;
    fetch **link = &t->waiting;
    while (*link != f) {
        link = &(*link)->next;
    }
    *link = f->next;
    free(f);
    if (t->waiting == NULL && !t->ended) {
        remove_transfer(t);
    }
}

/* One who is told may begin and cancel others, also those who wait for the same answer. */
static void finish(transfer *t, CURLcode code)
{
    gate_reply reply;
    t->ended = true;
    fetch_exchange_reply(&t->exchange, code, &reply);
    while (t->waiting != NULL) {
        fetch *f = t->waiting;
        fetch_done done = f->done;
        void *data = f->data;
        t->waiting = f->next;
        free(f);
        done(data, &reply);
    }
    remove_transfer(t);
}

static void finish_ended(fetch_driver *driver)
{
    CURLMsg *message;
    int left;
    ERR_clear_error(); /* libcurl leaves its TLS errors in the thread's queue, where the host would take them for its own */
    while ((message = curl_multi_info_read(driver->multi, &left)) != NULL) {
        transfer *t = NULL;
        CURLcode code = message->data.result;
        if (message->msg == CURLMSG_DONE && curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t) == CURLE_OK) {
            finish(t, code);
        }
    }
}

/* ---- the loop ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *slot)
{
    fetch_driver *driver = data;
    unsigned wanted = 0;
    (void)easy;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) {
        wanted |= FETCH_READ;
    }
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) {
        wanted |= FETCH_WRITE;
    }
    void *kept = slot;
    driver->loop.watch(driver->loop.context, fd, wanted, &kept);
    if (wanted != 0) {
        curl_multi_assign(driver->multi, fd, kept);
    }
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *data)
{
    fetch_driver *driver = data;
    (void)multi;
    driver->loop.timer(driver->loop.context, ms);
    return 0;
}

void fetch_ready(fetch_driver *driver, int fd, unsigned what)
{
    int running;
    int bits = ((what & FETCH_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & FETCH_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(driver->multi, fd, bits, &running);
    finish_ended(driver);
}

void fetch_timeout(fetch_driver *driver)
{
    int running;
    curl_multi_socket_action(driver->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish_ended(driver);
}

unsigned fetch_count(const fetch_driver *driver)
{
    return driver->count;
}

fetch_driver *fetch_open(const fetch_loop *loop)
{
    fetch_driver *driver = calloc(1, sizeof *driver);
    if (driver == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(driver);
        return NULL;
    }
    driver->loop = *loop;
    driver->multi = curl_multi_init();
    if (driver->multi == NULL || curl_multi_setopt(driver->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
        curl_multi_setopt(driver->multi, CURLMOPT_SOCKETDATA, driver) != CURLM_OK ||
        curl_multi_setopt(driver->multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK ||
        curl_multi_setopt(driver->multi, CURLMOPT_TIMERDATA, driver) != CURLM_OK ||
        curl_multi_setopt(driver->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, CONNECTIONS_MAX) != CURLM_OK ||
        curl_multi_setopt(driver->multi, CURLMOPT_MAX_HOST_CONNECTIONS, HOST_MAX) != CURLM_OK ||
        curl_multi_setopt(driver->multi, CURLMOPT_MAXCONNECTS, IDLE_MAX) != CURLM_OK) {
        fetch_close(driver);
        return NULL;
    }
    return driver;
}

void fetch_close(fetch_driver *driver)
{
    if (driver == NULL) {
        return;
    }
    while (driver->transfers != NULL) {
        transfer *t = driver->transfers;
        while (t->waiting != NULL) {
            fetch *f = t->waiting;
            t->waiting = f->next;
            free(f);
        }
        remove_transfer(t);
    }
    curl_multi_cleanup(driver->multi);
    free(driver);
    curl_global_cleanup();
}
