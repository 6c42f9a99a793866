/* SPDX-License-Identifier: Apache-2.0 */
#include "signed_in.h"

#include "base/base64url.h"
#include "settings.h"

static const char SECRET[] = "0123456789abcdef0123456789abcdef";
static const char PAYLOAD[] =
    "{\"iss\":\"https://op.example\",\"sub\":\"person-ada\",\"aud\":\"client-1\",\"exp\":1800000300,\"iat\":1799999990,"
    "\"auth_time\":1799999980,\"nonce\":\"n-0S6_WzA2MjHk3bC1dZ9w\",\"at_hash\":\"MTIzNDU2Nzg5MDEyMzQ1Ng\",\"sid\":\"s-81c0d2\","
    "\"name\":\"Ada Lovelace\",\"given_name\":\"Ada\",\"family_name\":\"Lovelace\",\"email\":\"ada@example.org\","
    "\"email_verified\":true,\"groups\":[\"engineers\",\"admins\"]}";

static bool set(gate_config *config, gate_scope scope, const char *option, const char *value)
{
    gate_error error;

    return gate_config_set(config, scope, 0, str_of(option), str_of(value), STR("test"), &error);
}

static bool set_rule(gate_config *config, signed_in_kind kind)
{
    if (!set(config, GATE_SCOPE_RULE, "provider", "op"))
        return false;
    return kind != SIGNED_IN_CLAIMS ||
           (set(config, GATE_SCOPE_RULE, "require", "groups has \"admins\" and email_verified = true") &&
            set(config, GATE_SCOPE_RULE, "header", "X-User-Sub sub") &&
            set(config, GATE_SCOPE_RULE, "header", "X-User-Groups groups"));
}

static gate_config *make_config(signed_in_kind kind)
{
    gate_config *config = gate_config_begin();
    gate_error error;

    if (config && gate_config_provider(config, STR("op"), &error) == 0 && gate_config_site(config, &error) == 0 &&
        gate_config_rule(config, 0, &error) == 0 && set(config, GATE_SCOPE_ENGINE, "cookie_secret", SECRET) &&
        set(config, GATE_SCOPE_PROVIDER, "issuer", "https://op.example") &&
        set(config, GATE_SCOPE_PROVIDER, "client_id", "client-1") &&
        set(config, GATE_SCOPE_PROVIDER, "session_store", kind == SIGNED_IN_COOKIE ? "cookie" : "lmdb") &&
        set_rule(config, kind))
        return config;
    gate_config_drop(config);
    return NULL;
}

/* Which provider a session is of, the engine says itself. */
static bool make_head(signed_in_kind kind, session_head *head)
{
    gate_config *config = make_config(kind);
    gate_error error;
    settings known;
    bool good = config && settings_open(config, NULL, &known, &error);

    *head =
        (session_head){.created = SIGNED_IN_NOW - 10, .touched = SIGNED_IN_NOW - 10, .expires = SIGNED_IN_NOW + 86390};
    if (good)
        memcpy(head->provider, known.providers[0].tag, SESSION_TAG_SIZE);
    if (config)
        settings_close(&known);
    gate_config_drop(config);
    return good;
}

static bool make_body(arena *a, gate_str *body)
{
    text token = text_begin(a, 4096), t = text_begin(a, 4096);
    session_content content = {.access_token = STR("SlAV32hkKG_8xLOBeZQQSYZYpNdGEvYq"),
                               .expires_at = SIGNED_IN_NOW + 290};

    text_add(&token, STR("eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0."));
    base64url_write(&token, str_of(PAYLOAD));
    text_add_char(&token, '.');
    for (int i = 0; i < 342; i++)
        text_add_char(&token, 'A'); /* the length of an RS256 signature; a stored token is not verified again */
    return text_end(&token, &content.id_token) && session_content_write(&t, &content) && text_end(&t, body);
}

static bool keep(char *to, size_t size, gate_str what)
{
    if (what.len > size)
        return false;
    memcpy(to, what.ptr, what.len);
    return true;
}

static bool write_session(signed_in *s, signed_in_kind kind, arena *a, crypto *c, text *line)
{
    static const char handle_bytes[] = "abcdefghijklmnopqrstuvwxyz012345";
    static const unsigned char iv[SEAL_IV_SIZE] = {1, 2, 3};
    gate_str handle = {handle_bytes, SESSION_HANDLE_SIZE}, body, record;
    session_head head;
    seal_ring ring = {0};

    if (!make_head(kind, &head) || !make_body(a, &body))
        return false;
    text_add(line, STR("theme=light; __Host-oidc_op="));
    if (kind == SIGNED_IN_COOKIE)
        return seal_ring_add(&ring, str_of(SECRET), STR("JWE CEK")) &&
               session_cookie_write(a, c, &ring, iv, &head, body, line);
    base64url_write(line, handle);
    if (!session_record_write(a, c, handle, iv, &head, body, &record) || !keep(s->record, sizeof s->record, record))
        return false;
    s->record_size = record.len;
    return true;
}

static void fill_request(signed_in *s, gate_str line)
{
    const gate_header headers[] = {
        {STR("Host"), STR("app.example")},
        {STR("User-Agent"),
         STR("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36")},
        {STR("Accept"), STR("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")},
        {STR("Accept-Language"), STR("en-GB,en;q=0.8")},
        {STR("Accept-Encoding"), STR("gzip, deflate, br")},
        {STR("Sec-Fetch-Mode"), STR("navigate")},
        {STR("Sec-Fetch-Site"), STR("same-origin")},
        {STR("Cookie"), line},
    };

    memcpy(s->headers, headers, sizeof headers);
    s->request = (gate_request){
        .method = STR("GET"),
        .scheme = STR("https"),
        .authority = STR("app.example"),
        .target = STR("/reports/2026?month=11"),
        .path = STR("/reports/2026"),
        .headers = s->headers,
        .header_count = sizeof headers / sizeof headers[0],
    };
}

bool signed_in_open(signed_in *s, signed_in_kind kind)
{
    text line = text_begin_at(s->cookie, sizeof s->cookie);
    crypto c = {0};
    gate_config *config;
    gate_error error;
    gate_str value;
    arena a;
    bool good;

    s->reads = s->writes = 0;
    s->record_size = 0;
    arena_open(&a, 1 << 20);
    good = crypto_open(&c) && write_session(s, kind, &a, &c, &line) && text_end(&line, &value);
    crypto_close(&c);
    arena_close(&a);
    config = good ? make_config(kind) : NULL;
    s->engine = config ? gate_open(config, NULL, &error) : NULL;
    if (s->engine)
        fill_request(s, value);
    return s->engine != NULL;
}

void signed_in_close(signed_in *s)
{
    gate_close(s->engine);
    s->engine = NULL;
}

static gate_reply answer_store(signed_in *s, const gate_store_need *need)
{
    gate_reply reply = {.outcome = GATE_OK};

    if (need->op != GATE_GET)
        s->writes++;
    else if (++s->reads && need->key_count > 0)
        reply.values[0] = (gate_str){s->record, s->record_size};
    return reply;
}

bool signed_in_visit(signed_in *s, size_t *identity)
{
    gate_tx *tx = gate_begin(s->engine, &s->request);
    const gate_need *need;
    bool let_in;

    if (!tx)
        return false;
    for (need = gate_step(tx, NULL, SIGNED_IN_NOW); need->kind == GATE_STORE;) {
        gate_reply reply = answer_store(s, &need->store);
        need = gate_step(tx, &reply, SIGNED_IN_NOW);
    }
    let_in = need->kind == GATE_DONE && need->done.verdict == GATE_PASS && need->done.signed_in &&
             need->done.header_count == 0;
    *identity = let_in ? need->done.identity_count : 0;
    gate_end(tx);
    return let_in;
}
