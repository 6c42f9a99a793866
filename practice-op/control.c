/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include "grant.h"
#include "id_token.h"
#include "log.h"
#include "mint.h"
#include <stdlib.h>
#include <string.h>

typedef bool action(issuer *is, const http_request *rq, http_reply *rp);

static issuer_trouble *find_trouble(issuer *is, const http_request *rq)
{
    issuer_endpoint e = issuer_find_endpoint(members_find(&rq->form, "endpoint"));
    return e < AT_ENDPOINTS ? &is->trouble[e] : NULL;
}

static bool read_number(const http_request *rq, const char *name, unsigned *number)
{
    const char *value = members_find(&rq->form, name);
    if (value == NULL || *value == '\0' || strlen(value) > 7 || value[strspn(value, "0123456789")] != '\0')
        return false;
    *number = (unsigned)strtoul(value, NULL, 10);
    return true;
}

static bool do_log(issuer *is, const http_request *rq, http_reply *rp)
{
    text json = text_open(rq->home);
    log_write(is, &json);
    http_reply_json(rp, 200, json.data, json.length);
    return true;
}

static bool do_reset(issuer *is, const http_request *rq, http_reply *rp)
{
    (void)rq, (void)rp;
    issuer_reset(is);
    return true;
}

static bool do_rotate(issuer *is, const http_request *rq, http_reply *rp)
{
    (void)rq, (void)rp;
    is->generation++;
    return true;
}

static bool do_delay(issuer *is, const http_request *rq, http_reply *rp)
{
    (void)rp;
    issuer_trouble *t = find_trouble(is, rq);
    return t != NULL && read_number(rq, "ms", &t->delay);
}

static bool do_down(issuer *is, const http_request *rq, http_reply *rp)
{
    (void)rp;
    issuer_trouble *t = find_trouble(is, rq);
    unsigned status;
    if (t == NULL || !read_number(rq, "status", &status) || (status != 0 && (status < 200 || status > 599)))
        return false;
    t->status = status;
    t->down = true;
    return true;
}

static bool do_up(issuer *is, const http_request *rq, http_reply *rp)
{
    (void)rq, (void)rp;
    memset(is->trouble, 0, sizeof is->trouble);
    return true;
}

static bool do_logout_token(issuer *is, const http_request *rq, http_reply *rp)
{
    const char *sub = members_find(&rq->form, "sub"), *sid = members_find(&rq->form, "sid");
    const grant *g = is->grants;
    while (g != NULL && !((sub != NULL && strcmp(g->who->sub, sub) == 0) || (sid != NULL && strcmp(g->sid, sid) == 0)))
        g = g->next;
    if (g == NULL)
        return false;
    id_token_write_logout(&rp->body, is, g);
    rp->status = 200;
    http_set_header(rp, "Content-Type", "text/plain");
    return true;
}

static const struct {
    const char *method, *name;
    action *act;
} ACTIONS[] = {
    {"GET", "log", do_log},
    {"POST", "reset", do_reset},
    {"POST", "rotate", do_rotate},
    {"POST", "delay", do_delay},
    {"POST", "down", do_down},
    {"POST", "up", do_up},
    {"POST", "logout_token", do_logout_token},
    {"POST", "mint", mint_answer},
    {"POST", "revoke", mint_revoke},
};

void control_answer(issuer *is, const char *what, http_request *rq, http_reply *rp)
{
    rp->status = 404;
    for (size_t i = 0; i < sizeof ACTIONS / sizeof ACTIONS[0]; i++) {
        if (strcmp(ACTIONS[i].name, what) != 0 || strcmp(ACTIONS[i].method, rq->method) != 0)
            continue;
        rp->status = 204;
        if (!ACTIONS[i].act(is, rq, rp))
            rp->status = 400;
        return;
    }
}
