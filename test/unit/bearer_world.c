/* SPDX-License-Identifier: Apache-2.0 */
#include "bearer_world.h"

#include "base/base64url.h"
#include "base/header.h"
#include "session/session.h"

#include <stdio.h>
#include <stdlib.h>

static void keep(char *to, size_t size, gate_str from)
{
    size_t n = from.len < size - 1 ? from.len : size - 1;

    if (n)
        memcpy(to, from.ptr, n);
    to[n] = '\0';
}

/* ---- the engine ---- */

static bool add_option(gate_config *config, gate_scope scope, int number, gate_str line, gate_error *error)
{
    gate_str name;

    return str_word(&line, &name) && gate_config_set(config, scope, number, name, str_trim(line), STR("test"), error);
}

static bool add_options(gate_config *config, gate_str options, gate_error *error)
{
    gate_scope scope = GATE_SCOPE_ENGINE;
    int number = 0;
    gate_str line;

    while (str_cut(&options, '\n', &line)) {
        if (!line.len)
            continue;
        if (line.ptr[0] == '!') {
            if (!add_option(config, GATE_SCOPE_ENGINE, 0, str_from(line, 1), error))
                return false;
        } else if (line.ptr[0] != '+') {
            if (!add_option(config, scope, number, line, error))
                return false;
        } else if (str_has_prefix(line, STR("+provider "))) {
            scope = GATE_SCOPE_PROVIDER;
            number = gate_config_provider(config, str_from(line, 10), error);
        } else {
            scope = GATE_SCOPE_RULE;
            number = gate_config_rule(config, 0, error);
        }
        if (number < 0)
            return false;
    }
    return true;
}

static void remember_line(void *context, void *host, gate_log_level level, gate_str line)
{
    bearer_world *w = context;

    (void)host, (void)level;
    keep(w->logged, sizeof w->logged, line);
}

gate_engine *world_engine(const char *options, const gate_hooks *hooks, gate_error *error)
{
    gate_config *config = gate_config_begin();

    if (!config)
        return NULL;
    if (gate_config_site(config, error) == 0 && add_options(config, str_of(options), error))
        return gate_open(config, hooks, error);
    gate_config_drop(config);
    return NULL;
}

bool world_open(bearer_world *w, const char *options)
{
    gate_hooks hooks = {.context = w, .log = remember_line};

    *w = (bearer_world){
        .now = 1800000000,
        .ops = {{.issuer = "https://op.example"}, {.issuer = "https://two.example"}},
    };
    w->engine = world_engine(options, &hooks, &w->error);
    return w->engine != NULL;
}

void world_close(bearer_world *w)
{
    gate_close(w->engine);
    w->engine = NULL;
}

/* ---- the providers ---- */

static gate_reply answer_metadata(world_op *op, char *room, size_t size)
{
    int n = snprintf(
        room, size,
        "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/authorize\",\"token_endpoint\":\"%s/token\",\"jwks_uri\":\"%s/jwks\"",
        op->issuer, op->issuer, op->issuer, op->issuer);

    if (!op->no_introspection)
        n += snprintf(room + n, size - (size_t)n, ",\"introspection_endpoint\":\"%s/introspect\"", op->issuer);
    n += snprintf(room + n, size - (size_t)n, "}");
    op->metadata_fetches++;
    return (gate_reply){.outcome = GATE_OK, .status = 200, .body = {room, (size_t)n}};
}

static gate_reply answer_introspection(bearer_world *w, world_op *op, const gate_fetch_need *need, gate_header *type)
{
    gate_str value = STR_NONE;

    op->questions++;
    keep(w->question, sizeof w->question, need->body);
    header_find(need->headers, need->header_count, STR("Authorization"), &value);
    keep(w->credentials, sizeof w->credentials, value);
    header_find(need->headers, need->header_count, STR("Accept"), &value);
    keep(w->accepted, sizeof w->accepted, value);
    keep(w->shared_as, sizeof w->shared_as, need->share ? need->share_as : STR_NONE);
    if (!op->status)
        return (gate_reply){.outcome = GATE_FAILED, .why = "connection refused"};
    *type = (gate_header){STR("Content-Type"), str_of(op->type)};
    return (gate_reply){
        .outcome = GATE_OK, .status = op->status, .body = op->answer, .headers = type, .header_count = 1};
}

static gate_reply answer_fetch(bearer_world *w, const gate_fetch_need *need, char *room, size_t size, gate_header *type)
{
    gate_reply nothing = {.outcome = GATE_FAILED, .why = "connection refused"};

    for (size_t i = 0; i < WORLD_OPS; i++) {
        world_op *op = &w->ops[i];
        gate_str path;
        if (!str_has_prefix(need->url, str_of(op->issuer)) || op->down)
            continue;
        path = str_from(need->url, strlen(op->issuer));
        if (str_equal(path, STR("/.well-known/openid-configuration")))
            return answer_metadata(op, room, size);
        if (str_equal(path, STR("/introspect")))
            return answer_introspection(w, op, need, type);
        if (!str_equal(path, STR("/jwks")))
            continue;
        op->keys_fetches++;
        return (gate_reply){.outcome = GATE_OK, .status = 200, .body = op->keys};
    }
    return nothing;
}

/* ---- a request ---- */

static gate_reply meet(bearer_world *w, const gate_need *need, char *room, size_t size, gate_header *type)
{
    switch (need->kind) {
    case GATE_FETCH:
        w->promise.made = false;
        return answer_fetch(w, &need->fetch, room, size, type);
    case GATE_STORE:
        w->store_asks++;
        return (gate_reply){.outcome = GATE_OK, .values = {w->record}};
    default:
        return (gate_reply){.outcome = w->form.ptr ? GATE_OK : GATE_FAILED, .body = w->form};
    }
}

static void read_verdict(gate_tx *tx, const gate_done *done, world_answer *answer)
{
    gate_str value;

    answer->passed = done->verdict == GATE_PASS;
    answer->signed_in = done->signed_in;
    answer->status = done->status;
    keep(answer->refusal, sizeof answer->refusal, done->refusal);
    if (header_find(done->headers, done->header_count, STR("WWW-Authenticate"), &value))
        keep(answer->challenge, sizeof answer->challenge, value);
    answer->sets_authorization = header_find(done->identity, done->identity_count, STR("Authorization"), &value);
    if (answer->sets_authorization)
        keep(answer->authorization, sizeof answer->authorization, value);
    if (answer->passed && gate_claim(tx, STR("sub"), &value))
        keep(answer->sub, sizeof answer->sub, value);
    if (answer->passed && gate_token(tx, GATE_ACCESS_TOKEN, &value))
        keep(answer->token, sizeof answer->token, value);
    answer->stands = gate_stands(tx, &answer->since, &answer->until);
}

static gate_str only_authorization(const gate_request *request)
{
    gate_str found = STR_NONE;

    for (size_t i = 0; i < request->header_count; i++) {
        if (!str_equal_nocase(request->headers[i].name, STR("Authorization")))
            continue;
        if (found.ptr)
            return STR_NONE;
        found = request->headers[i].value;
    }
    return found;
}

static void check_promise(bearer_world *w, const gate_request *request, const world_answer *answer)
{
    world_promise *p = &w->promise;
    gate_str authorization = only_authorization(request);

    if (p->made && p->rule == request->rule && str_equal(str_of(p->authorization), authorization) &&
        p->since <= w->now && w->now < p->until &&
        !(answer->passed && answer->signed_in && !strcmp(answer->sub, p->sub))) {
        fprintf(stderr, "gate_stands said that %s is let in; another request was answered %u %s\n", p->sub,
                answer->status, answer->refusal);
        abort();
    }
    if (!answer->stands)
        return;
    *p = (world_promise){.made = true, .rule = request->rule, .since = answer->since, .until = answer->until};
    keep(p->authorization, sizeof p->authorization, authorization);
    keep(p->sub, sizeof p->sub, str_of(answer->sub));
}

void world_visit(bearer_world *w, const world_request *r, world_answer *answer)
{
    gate_request request = {
        .rule = r->rule,
        .method = str_of(r->method ? r->method : "GET"),
        .scheme = STR("https"),
        .authority = STR("app.example"),
        .target = str_of(r->target ? r->target : "/"),
        .path = STR("/"),
        .headers = r->headers,
    };
    char room[1024];
    gate_header type;
    gate_reply reply;
    const gate_need *need;
    gate_tx *tx;

    *answer = (world_answer){0};
    while (request.header_count < sizeof r->headers / sizeof r->headers[0] && r->headers[request.header_count].name.len)
        request.header_count++;
    tx = gate_begin(w->engine, &request);
    if (!tx)
        return;
    for (need = gate_step(tx, NULL, w->now); need->kind != GATE_DONE; need = gate_step(tx, &reply, w->now))
        reply = meet(w, need, room, sizeof room, &type);
    read_verdict(tx, &need->done, answer);
    check_promise(w, &request, answer);
    gate_end(tx);
}

/* ---- somebody who is signed in ---- */

static bool write_session(const bearer_world *w, const char *sub, arena *a, gate_str handle, gate_str *record)
{
    static const unsigned char iv[SEAL_IV_SIZE] = {3, 1, 2};
    char payload[512], hash_of[64], hash[SHA256_SIZE];
    session_head head = {.created = w->now, .touched = w->now, .expires = w->now + 3600};
    text token = text_begin(a, 1024), t = text_begin(a, 4096);
    session_content content = {.access_token = STR("opaque"), .expires_at = -1};
    size_t n = (size_t)snprintf(hash_of, sizeof hash_of, "%s%crs%cop", w->ops[0].issuer, 0, 0);
    gate_str body;
    crypto c = {0};
    bool good;

    snprintf(payload, sizeof payload, "{\"sub\":\"%s\"}", sub);
    text_add(&token, STR("e30."));
    base64url_write(&token, str_of(payload));
    text_add(&token, STR(".c2ln"));
    good = crypto_open(&c) && crypto_sha256((gate_str){hash_of, n}, (unsigned char *)hash) &&
           text_end(&token, &content.id_token) && session_content_write(&t, &content) && text_end(&t, &body);
    memcpy(head.provider, hash, SESSION_TAG_SIZE);
    good = good && session_record_write(a, &c, handle, iv, &head, body, record);
    crypto_close(&c);
    return good;
}

bool world_sign_in(bearer_world *w, const char *sub, char record[1024], char *field)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyz012345";
    gate_str handle = {bytes, SESSION_HANDLE_SIZE}, kept;
    text t = text_begin_at(field, 128);
    arena a;
    bool good;

    arena_open(&a, 1 << 20);
    text_add(&t, STR("__Host-oidc_op="));
    base64url_write(&t, handle);
    text_add_char(&t, '\0');
    good = write_session(w, sub, &a, handle, &kept) && kept.len <= 1024 && !t.failed;
    if (good) {
        memcpy(record, kept.ptr, kept.len);
        w->record = (gate_str){record, kept.len};
    }
    arena_close(&a);
    return good;
}
