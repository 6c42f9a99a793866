/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include "options.h"
#include <stdlib.h>
#include <string.h>

static const char COOKIE[] = "practice_sso";

enum { SESSIONS_MAX = 5000 };

/* The plain issuer's cookie reaches every path, so two of one name may come. */
session *session_find(issuer *is, const http_request *rq)
{
    for (const member *c = rq->cookies.first; c != NULL; c = c->next) {
        for (session *s = is->sessions; strcmp(c->name, COOKIE) == 0 && s != NULL; s = s->next) {
            if (strcmp(s->id, c->value) == 0)
                return s;
        }
    }
    return NULL;
}

static void set_cookie(const issuer *is, const http_request *rq, http_reply *rp, const char *value, const char *life)
{
    const char *secure = strncmp(is->url, "https:", 6) == 0 ? "; Secure" : "";
    const char *path = is->url + strlen(options_get()->base);
    http_set_header(rp, "Set-Cookie",
                    text_of(rq->home, "%s=%s; Path=%s; HttpOnly; SameSite=Lax%s%s", COOKIE, value,
                            *path != '\0' ? path : "/", secure, life));
}

static void drop(issuer *is, const session *gone)
{
    for (session **at = &is->sessions; *at != NULL; at = &(*at)->next) {
        if (*at == gone) {
            session *next = (*at)->next;
            free(*at);
            *at = next;
            return;
        }
    }
}

static void drop_last(issuer *is)
{
    size_t count = 0;
    session *last = NULL;
    for (session *s = is->sessions; s != NULL; s = s->next, count++)
        last = s;
    if (count >= SESSIONS_MAX)
        drop(is, last);
}

session *session_begin(issuer *is, const http_request *rq, http_reply *rp, const person *who)
{
    drop(is, session_find(is, rq));
    drop_last(is);
    session *s = arena_forever(sizeof *s);
    random_write(s->id, sizeof s->id);
    random_write(s->sid, sizeof s->sid);
    s->who = who;
    s->auth_time = time(NULL);
    s->next = is->sessions;
    is->sessions = s;
    set_cookie(is, rq, rp, s->id, "");
    return s;
}

void session_end(issuer *is, const http_request *rq, http_reply *rp, const char *sid)
{
    drop(is, session_find(is, rq));
    for (session *s = is->sessions; sid != NULL && s != NULL; s = s->next) {
        if (strcmp(s->sid, sid) == 0) {
            drop(is, s);
            break;
        }
    }
    set_cookie(is, rq, rp, "", "; Max-Age=0");
}

void session_forget_all(issuer *is)
{
    while (is->sessions != NULL)
        drop(is, is->sessions);
}
