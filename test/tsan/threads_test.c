/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight threads, one engine: bearer tokens that all know and that one knows, encrypted, forged and opaque ones, sessions, while keys come and go
 * and snapshots grow old. ThreadSanitizer watches; and every thread gets the answer that belongs to its own request.
 */
#include "bearer_world.h"
#include "jose/jwe.h"
#include "jose/jws.h"
#include "rfc.h"
#include "rfc_jwe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { THREADS = 8, VISITS = 6000, TOKENS = 24, TOKEN_MAX = 1024, BEGIN = 1800000000 };

#define KEY_A "\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y "\""
#define KEY_B "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"b\",\"x\":\"" RFC8037_A1_X "\""

#define DECRYPTION_KEY "{" RFC7518_C_BOB ",\"d\":\"" RFC7518_C_BOB_D "\"}"

static const char OPTIONS[] = "!cookie_secret 0123456789abcdef0123456789abcdef\n"
                              "!token_cache_size 65536\n"
                              "+provider op\nissuer https://op.example\nclient_id rs\nclient_secret s\n"
                              "+rule\nbearer op\naudience api\nbearer_type at+jwt opaque\nheader X-Sub sub\n"
                              "+rule\nprovider op\n"
                              "+provider sealed\nissuer https://op.example\nclient_id rs\nclient_secret s\n"
                              "access_token_encryption_alg ECDH-ES\ndecryption_key " DECRYPTION_KEY "\n"
                              "+rule\nbearer sealed\naudience api\n";
static const char METADATA[] = "{\"issuer\":\"https://op.example\",\"authorization_endpoint\":\"https://op.example/a\","
                               "\"token_endpoint\":\"https://op.example/t\",\"jwks_uri\":\"https://op.example/jwks\","
                               "\"introspection_endpoint\":\"https://op.example/i\"}";

typedef enum { GOOD_A, GOOD_B, FORGED, SEALED, KINDS } token_kind;

static char tokens[KINDS][TOKENS][TOKEN_MAX];
static bearer_world w;
static char record[1024], field[128];
static atomic_uint clock_of_all;
static atomic_uint rotations;
static atomic_uint wrong;

static bool write_token(arena *a, const jwk *key, alg_set alg, int number, char out[TOKEN_MAX])
{
    char payload[512];
    int n = snprintf(
        payload, sizeof payload,
        "{\"iss\":\"https://op.example\",\"sub\":\"person-%d\",\"aud\":\"api\",\"exp\":1900000000,\"iat\":1799999990,"
        "\"jti\":\"j\",\"client_id\":\"app\"}",
        number);
    text t = text_begin_at(out, TOKEN_MAX);

    return jws_sign(a, &t, key, alg, STR("at+jwt"), (gate_str){payload, (size_t)n}) &&
           (text_add_char(&t, '\0'), !t.failed);
}

/* The token of the first key, encrypted to ours. */
static bool seal_token(arena *a, const jwe_key *key, int number)
{
    text t = text_begin_at(tokens[SEALED][number], TOKEN_MAX);

    return jwe_encrypt(a, &t, key, JWE_A128CBC_HS256, STR_NONE, STR("JWT"), str_of(tokens[GOOD_A][number])) &&
           (text_add_char(&t, '\0'), !t.failed);
}

static bool write_tokens(arena *a)
{
    jwe_key wrap = {0};
    jwk one, two;
    bool good = jwk_read_private(a, STR("{" KEY_A ",\"d\":\"" RFC7515_A3_D "\"}"), &one) &&
                jwk_read_private(a, STR("{" KEY_B ",\"d\":\"" RFC8037_A1_D "\"}"), &two) &&
                jwe_key_read_own(a, STR(DECRYPTION_KEY), STR("ECDH-ES"), &wrap);

    for (int i = 0; i < TOKENS && good; i++) {
        good = write_token(a, &one, ALG_ES256, i, tokens[GOOD_A][i]) &&
               write_token(a, &two, ALG_EDDSA, i, tokens[GOOD_B][i]) &&
               write_token(a, &one, ALG_ES256, i, tokens[FORGED][i]) && seal_token(a, &wrap, i);
        tokens[FORGED][i][strlen(tokens[FORGED][i]) / 2] ^= 1; /* in the claims: still base64url, or not */
    }
    jwk_drop(&one);
    jwk_drop(&two);
    jwe_key_drop(&wrap);
    return good;
}

/* Every other set has the second key. */
static gate_reply answer_fetch(const gate_fetch_need *need)
{
    static const gate_header age = {STR_INIT("Cache-Control"), STR_INIT("max-age=60")};
    static const gate_header type = {STR_INIT("Content-Type"), STR_INIT("application/json")};
    gate_reply reply = {.outcome = GATE_OK, .status = 200, .headers = &age, .header_count = 1};

    if (str_has_suffix(need->url, STR("/jwks"))) {
        reply.body = atomic_fetch_add(&rotations, 1) % 2 ? STR("{\"keys\":[{" KEY_A "},{" KEY_B "}]}")
                                                         : STR("{\"keys\":[{" KEY_A "}]}");
    } else if (str_has_suffix(need->url, STR("/i"))) {
        reply.headers = &type;
        reply.body = STR("{\"active\":true,\"sub\":\"opaque\",\"aud\":\"api\"}");
    } else {
        reply.body = STR(METADATA);
    }
    return reply;
}

static void visit(const char *authorization, const char *cookie_field, int rule, char sub[64], char refused[64])
{
    gate_header headers[] = {{STR("Authorization"), str_of(authorization)}, {STR("Cookie"), str_of(cookie_field)}};
    gate_request request = {
        .rule = rule,
        .method = STR("GET"),
        .scheme = STR("https"),
        .authority = STR("app.example"),
        .target = STR("/"),
        .path = STR("/"),
        .headers = headers,
        .header_count = 2,
    };
    int64_t now = BEGIN + (int64_t)atomic_load(&clock_of_all);
    gate_tx *tx = gate_begin(w.engine, &request);
    const gate_need *need = tx ? gate_step(tx, NULL, now) : NULL;
    gate_str value;

    sub[0] = refused[0] = '\0';
    while (need && need->kind != GATE_DONE) {
        gate_reply reply = need->kind == GATE_FETCH ? answer_fetch(&need->fetch)
                                                    : (gate_reply){.outcome = GATE_OK, .values = {w.record}};
        need = gate_step(tx, &reply, now);
    }
    if (need && need->done.verdict == GATE_PASS && gate_claim(tx, STR("sub"), &value))
        snprintf(sub, 64, "%.*s", (int)value.len, value.ptr);
    if (need && need->done.refusal.len)
        snprintf(refused, 64, "%.*s", (int)need->done.refusal.len, need->done.refusal.ptr);
    gate_end(tx);
}

static void expect(bool good, const char *what, const char *sub, const char *refused)
{
    if (good)
        return;
    if (atomic_fetch_add(&wrong, 1) < 5)
        fprintf(stderr, "%s: sub \"%s\", refusal \"%s\"\n", what, sub, refused);
}

static void visit_token(token_kind kind, int number)
{
    char authorization[TOKEN_MAX + 8], own[64], sub[64], refused[64];

    snprintf(authorization, sizeof authorization, "Bearer %s", tokens[kind][number]);
    snprintf(own, sizeof own, "person-%d", number);
    visit(authorization, "", kind == SEALED ? 2 : 0, sub, refused);
    if (kind == GOOD_A || kind == SEALED)
        expect(strcmp(sub, own) == 0, kind == SEALED ? "encrypted" : "first key", sub, refused);
    else if (kind == GOOD_B) /* let in as who it is, or its key is not there just now */
        expect(strcmp(sub, own) == 0 || strcmp(refused, "jwt_key_unknown") == 0, "second key", sub, refused);
    else
        expect(!sub[0] && refused[0], "forged", sub, refused);
}

/* What is due of metadata and keys, as a host's timer does it. */
static void keep_up(void)
{
    int64_t now = BEGIN + (int64_t)atomic_load(&clock_of_all);
    gate_tx *tx = gate_upkeep(w.engine, now);
    const gate_need *need = tx ? gate_step(tx, NULL, now) : NULL;

    while (need && need->kind != GATE_DONE) {
        gate_reply reply = answer_fetch(&need->fetch);
        need = gate_step(tx, &reply, now);
    }
    gate_end(tx);
}

static void *run(void *arg)
{
    unsigned me = *(unsigned *)arg;
    char sub[64], refused[64];

    for (unsigned i = 0; i < VISITS; i++) {
        unsigned chance = (i * 2654435761u + me * 40503u) >> 8;
        switch (chance % 8) {
        case 0:
            visit_token(FORGED, (int)(chance / 8 % TOKENS));
            break;
        case 1:
            visit("Bearer opaque", "", 0, sub, refused);
            expect(strcmp(sub, "opaque") == 0, "opaque", sub, refused);
            break;
        case 2:
            visit("", field, 1, sub, refused);
            expect(strcmp(sub, "sam") == 0, "session", sub, refused);
            break;
        case 3:
            visit_token(GOOD_A, 0); /* one that all know */
            break;
        case 4:
            visit_token(SEALED, (int)(chance / 8 % TOKENS));
            break;
        case 5:
            visit_token(GOOD_B, (int)(chance / 8 % TOKENS));
            break;
        default:
            visit_token(GOOD_A, (int)(chance / 8 % TOKENS));
        }
        if (i % 64 == 0) {
            atomic_fetch_add(&clock_of_all, 3);
            keep_up();
        }
    }
    return NULL;
}

/* What libcrypto does with its own memory is its own business; its atomics are not seen from here. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:libcrypto.so\n";
}

int main(void)
{
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    arena a;
    bool good;

    arena_open(&a, 1 << 22);
    good = write_tokens(&a) && world_open(&w, "+provider op\nissuer https://op.example\n");
    world_close(&w);
    w.engine = world_engine(OPTIONS, NULL, &w.error);
    good = good && w.engine && world_sign_in(&w, "sam", record, field);
    if (!good)
        fprintf(stderr, "cannot begin: %s\n", w.error.text);
    for (unsigned i = 0; i < THREADS && good; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, run, &numbers[i]);
    }
    for (unsigned i = 0; i < THREADS && good; i++)
        pthread_join(threads[i], NULL);
    gate_close(w.engine);
    arena_close(&a);
    printf("%u visits, %u key sets, %u wrong\n", THREADS * VISITS, atomic_load(&rotations), atomic_load(&wrong));
    return good && atomic_load(&wrong) == 0 && atomic_load(&rotations) > 20 ? 0 : 1;
}
