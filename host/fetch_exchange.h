/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_exchange: one HTTP exchange as libcurl sees it: what is sent, what is received within bounds. For fetch_curl.c alone.
 */
#ifndef FETCH_EXCHANGE_H
#define FETCH_EXCHANGE_H

#include "gate.h"

#include <curl/curl.h>

#define FETCH_HEADERS_MAX 64               /* response headers */
#define FETCH_HEADER_BYTES_MAX (32 * 1024) /* all of them together */

typedef struct fetch_exchange {
    CURL *easy;
    struct curl_slist *sent_headers;
    char *url;
    char *sent; /* body of the request */
    size_t sent_len;
    char *body;
    size_t body_len;
    size_t body_room;
    size_t body_max;
    char *header_bytes;
    size_t header_len;
    gate_header headers[FETCH_HEADERS_MAX];
    size_t header_count;
    const char *why; /* what we refused ourselves; constant */
} fetch_exchange;

/* Prepares everything but the multi handle. False with *why (constant); then there is nothing to end. */
bool fetch_exchange_begin(fetch_exchange *x, const gate_fetch_need *need, const char **why);

/* The reply to give once libcurl has ended with `code`; it points into *x. */
void fetch_exchange_reply(const fetch_exchange *x, CURLcode code, gate_reply *reply);

/* Wipes and frees; the handle must be out of its multi handle. */
void fetch_exchange_end(fetch_exchange *x);

#endif
