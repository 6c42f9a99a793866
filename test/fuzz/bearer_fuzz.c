/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request with a bearer token through the whole engine, twice. The input: a byte that chooses, then parts that end in a zero byte:
 * token, query, cookie, form, and the provider's answers in their order, each with a byte for status and type in front; where there
 * are no more, honest ones come. With SIGNED the token's part is a payload that the provider's own key signs. At the PLAIN places a
 * verdict may stand: then a third request with this Authorization and nothing else of the first has the same one.
 */
#include "../unit/rfc.h"
#include "fuzz.h"
#include "jose/jws.h"

enum {
    TYPES = 4,
    RULES = 8,
    SIGNED = 1 << 2,
    FORM = 1 << 3,
    PLAIN = 1 << 4,
    NOW = 1800000000,
    ANSWERS_MAX = 16,
    ROOM = 64 * 1024
};

static const char OPTIONS[][3][80] = {
    {"E", "token_cache_size", "65536"},
    {"P", "issuer", "https://op.example"},
    {"P", "client_id", "rs"},
    {"P", "client_secret", "secret"},
    {"R", "bearer", "op"},
    {"R", "audience", "api other"},
    {"R", "bearer_scope", "read"},
    {"R", "require", "groups has \"staff\" or not level < 3 or sub present"},
    {"F", "bearer_from", "header query form cookie:t"},
    {"F", "header", "X-Sub sub"},
    {"F", "header", "X-Groups groups"},
};
static const char *const TYPE_NAMES[TYPES] = {"at+jwt", "jwt id_token", "opaque", "at+jwt jwt opaque"};
static const char METADATA[] = "{\"issuer\":\"https://op.example\",\"authorization_endpoint\":\"https://op.example/a\","
                               "\"token_endpoint\":\"https://op.example/t\",\"jwks_uri\":\"https://op.example/jwks\","
                               "\"introspection_endpoint\":\"https://op.example/i\"}";
#define PAIR "\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y "\""
#define PRIVATE "\"d\":\"" RFC7515_A3_D "\""

typedef struct input {
    unsigned choice;
    gate_str token, query, cookie, form, answers;
} input;

typedef struct outcome {
    bool done, let_in, stands;
    unsigned status;
    char sub[256];
    size_t sub_len;
    int64_t since, until;
    unsigned fetches;
    bool forged_answer; /* an answer was not an honest one */
} outcome;

static gate_str str(const char *s)
{
    return (gate_str){s, strlen(s)};
}

static bool set_all(gate_config *config, char scope, int number, gate_error *error)
{
    for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++) {
        gate_scope where = scope == 'E' ? GATE_SCOPE_ENGINE : scope == 'P' ? GATE_SCOPE_PROVIDER : GATE_SCOPE_RULE;
        if (OPTIONS[i][0][0] == scope &&
            !gate_config_set(config, where, number, str(OPTIONS[i][1]), str(OPTIONS[i][2]), str("fuzz"), error))
            return false;
    }
    return true;
}

static gate_engine *open_engine(void)
{
    gate_config *config = gate_config_begin();
    gate_error error;
    bool good = config && gate_config_site(config, &error) == 0 &&
                gate_config_provider(config, str("op"), &error) == 0 && set_all(config, 'E', 0, &error) &&
                set_all(config, 'P', 0, &error);

    for (int i = 0; i < RULES && good; i++)
        good = gate_config_rule(config, 0, &error) == i && set_all(config, 'R', i, &error) &&
               (i >= TYPES || set_all(config, 'F', i, &error)) &&
               gate_config_set(config, GATE_SCOPE_RULE, i, str("bearer_type"), str(TYPE_NAMES[i % TYPES]), str("fuzz"),
                               &error) &&
               (i != 2 || gate_config_set(config, GATE_SCOPE_RULE, i, str("upstream_token"), str("phantom"),
                                          str("fuzz"), &error));
    return good ? gate_open(config, NULL, &error) : NULL;
}

static gate_str next_part(gate_str *rest)
{
    gate_str part;

    return rest->ptr && str_cut(rest, '\0', &part) ? part : (gate_str){"", 0};
}

static gate_reply honest(const gate_fetch_need *need)
{
    static const gate_header json_type_header = {{"Content-Type", 12}, {"application/json", 16}};
    gate_reply reply = {.outcome = GATE_OK, .status = 200, .headers = &json_type_header, .header_count = 1};

    if (str_has_suffix(need->url, str("/jwks")))
        reply.body = str("{\"keys\":[{" PAIR "}]}");
    else if (str_has_suffix(need->url, str("/i")))
        reply.body = str("{\"active\":false}");
    else
        reply.body = str(METADATA);
    return reply;
}

/* Low bits of the first byte: no answer, a status, a type. */
static gate_reply answer(gate_str *answers, const gate_fetch_need *need, gate_header *type, outcome *o)
{
    static const unsigned statuses[] = {200, 200, 200, 401, 404, 500, 302, 0};
    static const char *const types[] = {"application/json", "application/token-introspection+jwt", "text/html", ""};
    gate_str part = next_part(answers);
    unsigned how = part.len ? (unsigned char)part.ptr[0] : 0;

    if (!part.len)
        return honest(need);
    o->forged_answer = true;
    if (statuses[how & 7] == 0)
        return (gate_reply){.outcome = GATE_FAILED};
    *type = (gate_header){str("content-type"), str(types[how >> 3 & 3])};
    return (gate_reply){
        .outcome = GATE_OK, .status = statuses[how & 7], .headers = type, .header_count = 1, .body = str_from(part, 1)};
}

static gate_str join(arena *a, const char *before, gate_str part)
{
    text t = text_begin(a, ROOM);
    gate_str joined;

    text_add(&t, str(before));
    text_add(&t, part);
    return text_end(&t, &joined) ? joined : (gate_str){"", 0};
}

static gate_str sign(arena *a, gate_str payload)
{
    text t = text_begin(a, ROOM);
    gate_str token = {"", 0};
    jwk key;

    MUST(jwk_read_private(a, str("{" PAIR "," PRIVATE "}"), &key));
    if (!jws_sign(a, &t, &key, ALG_ES256, str("at+jwt"), payload) || !text_end(&t, &token))
        token = (gate_str){"", 0};
    jwk_drop(&key);
    return token;
}

static outcome run(gate_engine *engine, const input *in, const gate_request *request)
{
    gate_tx *tx = gate_begin(engine, request);
    const gate_need *need = tx ? gate_step(tx, NULL, NOW) : NULL;
    gate_str answers = in->answers, value;
    outcome o = {0};
    gate_header type;

    while (need && need->kind != GATE_DONE && o.fetches < ANSWERS_MAX) {
        gate_reply reply = {.outcome = in->choice & FORM ? GATE_OK : GATE_FAILED, .body = in->form};
        if (need->kind == GATE_FETCH) {
            reply = answer(&answers, &need->fetch, &type, &o);
            o.fetches++;
        }
        need = gate_step(tx, &reply, NOW);
    }
    if (need && need->kind == GATE_DONE) {
        o.done = true;
        o.let_in = need->done.verdict == GATE_PASS;
        o.status = need->done.status;
        for (size_t i = 0; i < need->done.identity_count; i++)
            MUST(!memchr(need->done.identity[i].value.ptr, '\n', need->done.identity[i].value.len));
    }
    if (o.let_in && gate_claim(tx, str("sub"), &value) && value.len <= sizeof o.sub) {
        memcpy(o.sub, value.ptr, value.len);
        o.sub_len = value.len;
    }
    o.stands = o.done && gate_stands(tx, &o.since, &o.until);
    gate_end(tx);
    return o;
}

static bool is_same_person(const outcome *a, const outcome *b)
{
    return a->sub_len == b->sub_len && memcmp(a->sub, b->sub, a->sub_len) == 0;
}

static void check(const input *in, const outcome *first, const outcome *second)
{
    bool jwt_only = (in->choice & 3) < 2;

    MUST(first->done && second->done); /* a token needs no more than a few answers */
    if (!first->let_in)
        return;
    MUST((in->choice & SIGNED) || !jwt_only || first->forged_answer); /* nobody here can sign */
    /* What is kept is the same person, and nothing turns a yes into a no by itself. */
    MUST(second->let_in || second->fetches > 0);
    MUST(!second->let_in || is_same_person(first, second));
}

static void check_stands(gate_engine *engine, const input *in, const gate_request *request, const outcome *known)
{
    gate_request other = {
        .rule = request->rule,
        .method = str("PUT"),
        .scheme = str("http"),
        .authority = str("other.example"),
        .target = str("//x?access_token=y"),
        .path = str("/x"),
        .headers = request->headers,
        .header_count = 1,
    };
    outcome third;

    MUST(known->let_in && (in->choice & PLAIN) && known->since <= NOW && NOW < known->until);
    third = run(engine, in, &other);
    MUST(third.let_in && third.fetches == 0 && is_same_person(known, &third));
}

static void visit_twice(gate_engine *engine, arena *a, const input *in)
{
    gate_str token = in->choice & SIGNED ? sign(a, in->token) : in->token;
    gate_header headers[] = {
        {str("Authorization"), join(a, "Bearer ", token)},
        {str("Cookie"), in->cookie},
        {str("Content-Type"), str("application/x-www-form-urlencoded")},
    };
    gate_request request = {
        .rule = (int)(in->choice & 3) + (in->choice & PLAIN ? TYPES : 0),
        .method = in->choice & FORM ? str("POST") : str("GET"),
        .scheme = str("https"),
        .authority = str("app.example"),
        .target = join(a, "/", in->query),
        .path = str("/"),
        .headers = token.len ? headers : headers + 1,
        .header_count = token.len ? 3 : 2,
    };
    outcome first = run(engine, in, &request), second = run(engine, in, &request);

    check(in, &first, &second);
    if (second.stands)
        check_stands(engine, in, &request, &second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_str rest = {(const char *)data + 1, size - 1};
    gate_engine *engine;
    input in;
    arena a;

    if (size < 2 || size > ROOM / 2)
        return 0;
    in.choice = data[0];
    in.token = next_part(&rest);
    in.query = next_part(&rest);
    in.cookie = next_part(&rest);
    in.form = next_part(&rest);
    in.answers = rest;
    engine = open_engine();
    MUST(engine);
    arena_open(&a, 1 << 22);
    visit_twice(engine, &a, &in);
    arena_close(&a);
    gate_close(engine);
    return 0;
}
