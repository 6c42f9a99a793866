/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_HTTP_H
#define PRACTICE_HTTP_H

#include "members.h"

/* One request, complete with its body. Strings hold no NUL: a request with one inside is refused before it gets here. */
typedef struct http_request {
    arena *home;
    const char *method, *path;
    members query, form, headers, cookies;
    members violations; /* what a relying party should not have done: conduct.h */
    bool form_is_bad;   /* a body that is not well form-encoded */
} http_request;

typedef struct http_reply {
    unsigned status;
    text body;
    members headers;
    bool slow;        /* the body trickles, a byte a second */
    bool hang_up;     /* close the connection without an answer */
    const char *note; /* for the log: which client authentication was used; may be NULL */
} http_reply;

/* Answers a request. Called from many threads. */
typedef void http_handler(http_request *rq, http_reply *rp);

/* Listens on 127.0.0.1; port 0 takes any free one. Answers the port, or 0 with a message on stderr. */
unsigned http_open(unsigned port, http_handler *handler);
void http_close(void);

/* Sleeps, but not beyond http_close. */
void http_sleep(unsigned milliseconds);

/* Without regard to case; the value of the first, or NULL. */
const char *http_find_header(const http_request *rq, const char *name);

/* Replies. */
void http_reply_json(http_reply *rp, unsigned status, const char *json, size_t length);
void http_reply_redirect(http_reply *rp, unsigned status, const char *location);
void http_set_header(http_reply *rp, const char *name, const char *value);

#endif
