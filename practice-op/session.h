/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_SESSION_H
#define PRACTICE_SESSION_H

#include "issuer.h"
#include "people.h"
#include "random.h"

/* A person signed in at the provider itself: the next client need not ask again. */
typedef struct session {
    struct session *next;
    char id[RANDOM_LONG], sid[RANDOM_SHORT];
    const person *who;
    time_t auth_time;
} session;

/* By the request's cookie, or NULL. */
session *session_find(issuer *is, const http_request *rq);

/* Signs a person in, in place of whoever the request's cookie names, and sets the cookie. */
session *session_begin(issuer *is, const http_request *rq, http_reply *rp, const person *who);

/* Ends the session of the cookie, and of the sid unless NULL, and drops the cookie. */
void session_end(issuer *is, const http_request *rq, http_reply *rp, const char *sid);

#endif
