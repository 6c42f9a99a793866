/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 5000 };

static bool is_secret(const char *name)
{
    static const char *const SECRETS[] = {"code",          "code_verifier", "client_secret", "client_assertion",
                                          "refresh_token", "access_token",  "id_token_hint", "token"};
    for (size_t i = 0; i < sizeof SECRETS / sizeof SECRETS[0]; i++) {
        if (strcmp(SECRETS[i], name) == 0)
            return true;
    }
    return false;
}

static json_t *shown(arena *home, const member *m)
{
    const char *value = is_secret(m->name) ? text_of(home, "(%zu characters)", m->length) : m->value;
    json_t *json = json_string(value);
    return json != NULL ? json : json_string("(not UTF-8)");
}

/* A name that occurs twice shows as an array of its values. */
static void show_params(json_t *into, arena *home, const members *params)
{
    for (const member *m = params->first; m != NULL; m = m->next) {
        json_t *before = json_object_get(into, m->name);
        if (json_is_array(before))
            json_array_append_new(before, shown(home, m));
        else if (before != NULL)
            json_object_set_new(into, m->name, json_pack("[O,o]", before, shown(home, m)));
        else
            json_object_set_new(into, m->name, shown(home, m));
    }
}

void log_add(issuer *is, issuer_endpoint e, const http_request *rq, const http_reply *rp)
{
    json_t *params = json_object(), *violations = json_array();
    show_params(params, rq->home, &rq->query);
    show_params(params, rq->home, &rq->form);
    for (const member *v = rq->violations.first; v != NULL; v = v->next)
        json_array_append_new(violations, json_string(v->value));
    json_t *entry = json_pack("{s:s,s:s,s:s,s:i,s:o,s:o}", "endpoint", issuer_endpoint_name(e), "method", rq->method,
                              "auth", rp->note != NULL ? rp->note : "", "status", (int)rp->status, "params", params,
                              "violations", violations);
    json_array_append_new(is->log, entry);
    if (json_array_size(is->log) > ENTRIES_MAX)
        json_array_remove(is->log, 0);
}

void log_write(const issuer *is, text *out)
{
    char *json = json_dumps(is->log, JSON_INDENT(1));
    text_put(out, json != NULL ? json : "[]");
    free(json);
}
