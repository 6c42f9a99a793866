/* SPDX-License-Identifier: Apache-2.0 */
#include "route.h"

#include "authorize.h"
#include "control.h"
#include "discovery.h"
#include "end_session.h"
#include "introspect.h"
#include "keyset.h"
#include "log.h"
#include "options.h"
#include "page.h"
#include "token.h"
#include "userinfo.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t world = PTHREAD_MUTEX_INITIALIZER;

void route_hold(void)
{
    pthread_mutex_lock(&world);
}

void route_release(void)
{
    pthread_mutex_unlock(&world);
}

typedef void answerer(issuer *is, http_request *rq, http_reply *rp);

typedef struct place {
    const char *path;
    issuer_endpoint endpoint;
    bool get, post;
    answerer *answer;
} place;

static const place PLACES[] = {
    {"/.well-known/openid-configuration", AT_DISCOVERY, true, false, discovery_answer},
    {"/jwks", AT_JWKS, true, false, keyset_answer},
    {"/authorize", AT_AUTHORIZE, true, true, authorize_answer},
    {"/token", AT_TOKEN, false, true, token_answer},
    {"/userinfo", AT_USERINFO, true, true, userinfo_answer},
    {"/introspect", AT_INTROSPECT, false, true, introspect_answer},
    {"/end_session", AT_END_SESSION, true, true, end_session_answer},
    {"/claims", AT_CLAIMS, true, true, userinfo_answer_distributed},
    {"/stranger-jwks", AT_STRANGER, true, false, keyset_answer_stranger},
};

/* "/f/<label>/rest", "/f/<label>" or "/rest". NULL when the label names no fault. */
static issuer *find_issuer(const char *path, const char **rest)
{
    *rest = path;
    if (strncmp(path, "/f/", 3) != 0)
        return issuer_find("", 0);
    size_t n = strcspn(path + 3, "/");
    *rest = path + 3 + n;
    return n > 0 ? issuer_find(path + 3, n) : NULL;
}

/* A key set may have any name below /jwks/, for issuers whose jwks_uri is never twice the same. */
static const place *find_place(const char *rest)
{
    if (strncmp(rest, "/moved/", 7) == 0)
        rest += 6;
    if (strncmp(rest, "/jwks/", 6) == 0)
        rest = "/jwks";
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        if (strcmp(PLACES[i].path, rest) == 0)
            return &PLACES[i];
    }
    return NULL;
}

/* The delay runs unlocked; what it was is read before, and the rest afterwards. */
static void wait_as_told(const issuer *is, issuer_endpoint e)
{
    unsigned delay = is->trouble[e].delay;
    if (delay == 0)
        return;
    pthread_mutex_unlock(&world);
    http_sleep(delay);
    pthread_mutex_lock(&world);
}

static void answer_place(issuer *is, const place *p, http_request *rq, http_reply *rp)
{
    bool get = strcmp(rq->method, "GET") == 0, post = strcmp(rq->method, "POST") == 0;
    wait_as_told(is, p->endpoint);
    const issuer_trouble *t = &is->trouble[p->endpoint];
    if (t->down) {
        rp->status = t->status;
        rp->hang_up = t->status == 0;
    } else if ((get && p->get) || (post && p->post)) {
        p->answer(is, rq, rp);
    } else {
        rp->status = 405;
    }
    log_add(is, p->endpoint, rq, rp);
}

static void answer(http_request *rq, http_reply *rp)
{
    const char *rest;
    issuer *is = find_issuer(rq->path, &rest);
    const place *p = is != NULL ? find_place(rest) : NULL;
    if (is == NULL)
        page_error(rp, 404, "No such issuer", "The path names a fault that is not in the table.");
    else if (p != NULL)
        answer_place(is, p, rq, rp);
    else if (strncmp(rest, "/control/", 9) == 0)
        control_answer(is, rest + 9, rq, rp);
    else if (rest[0] == '\0' || strcmp(rest, "/") == 0)
        page_front(is, rp);
    else
        page_error(rp, 404, "Nothing here", "This provider has no such page.");
}

void route_answer(http_request *rq, http_reply *rp)
{
    pthread_mutex_lock(&world);
    answer(rq, rp);
    if (!options_get()->quiet)
        fprintf(stderr, "%s %s %u\n", rq->method, rq->path, rp->status);
    for (const member *v = rq->violations.first; v != NULL && !options_get()->quiet; v = v->next)
        fprintf(stderr, "  relying party: %s\n", v->value);
    pthread_mutex_unlock(&world);
}
