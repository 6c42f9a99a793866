/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bearer token costs. "verify ALG RAW FULL RATIO": microseconds of CPU for libcrypto's verification alone, as `openssl speed`
 * takes it (a prepared context, a given digest; for EdDSA 20 bytes of message), and for a whole token: read, key found, signature, claims.
 * "cached WHAT US": a request whose token is known, from gate_begin to gate_end, and the look into the cache alone.
 *
 * The two of a pair take turns, in spells shorter than what disturbs them. Of times the least of all rounds counts, since whatever
 * else runs on the machine only adds. The ratio is of two spells side by side, the median of a key's rounds and then of several keys:
 * the least of one and the least of the other may be from moments at which the clock of the processor was not the same.
 *
 * With the argument "raw" it measures on demand, for a bench that has other things to measure in between: for each line that it
 * reads it prints the microseconds of libcrypto's verification of RS256 alone, the median of a tenth of a second's spells.
 */
#include "bearer_world.h"
#include "jose/crypto.h"
#include "jose/jwk_write.h"
#include "jose/signature.h"
#include "jose/signature_der.h"
#include "oidc/access_token.h"
#include "session/token_cache.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    ROUNDS = 1600,
    PAIRS = 3200,
    KEYS_MAX = 128,
    VISITS = 250,
    TOKEN_SIZE = 900,
    NOW = 1800000000,
    SPEED_MESSAGE = 20,
    DEMANDED = 500
};

static const char ISSUER[] = "https://op.example", AUDIENCE[] = "https://api.example";
static const char CLAIMS[] =
    "{\"iss\":\"https://op.example\",\"sub\":\"person-ada\",\"aud\":\"https://api.example\",\"exp\":1800000300,\"iat\":1799999990,"
    "\"jti\":\"5Jx0fWqTgGmR3o1u\",\"client_id\":\"client-1\",\"scope\":\"openid profile orders.read\",\"email\":\"ada@example.org\","
    "\"email_verified\":true,\"groups\":[\"engineers\",\"admins\"],\"note\":\"";

typedef struct kind {
    const char *name, *type, *detail;
    alg_set alg;
    int checks; /* in one spell: some 200 microseconds */
    int keys;   /* RSA's are slow to make, and take the same time */
} kind;

static const kind KINDS[] = {
    {"RS256", "RSA", NULL, ALG_RS256, 12, 16},
    {"PS256", "RSA", NULL, ALG_PS256, 12, 16},
    {"ES256", "EC", "P-256", ALG_ES256, 3, 128},
    {"EdDSA", "ED25519", NULL, ALG_EDDSA, 2, 128},
};

enum { KIND_COUNT = sizeof KINDS / sizeof KINDS[0] };

/* One kind's key and token, and the same for libcrypto alone. */
typedef struct subject {
    arena kept, used; /* for all rounds; for one check */
    const kind *kind;
    jwk own;
    keyset *set;
    gate_str document, token;
    client client;
    EVP_PKEY_CTX *context; /* RSA and EC */
    EVP_MD_CTX *message;   /* Ed */
    unsigned char raw_signature[SIGNATURE_SIZE_MAX];
    unsigned char digest[SHA256_SIZE];
    size_t raw_size;
} subject;

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef bool (*operation)(void *of);

/* The microseconds that one operation took; less than zero when one failed. */
static double spell(operation each, void *of, int times)
{
    double begun = cpu_seconds();

    for (int i = 0; i < times; i++)
        if (!each(of))
            return -1;
    return (cpu_seconds() - begun) / times * 1e6;
}

/* Lowers *least. */
static bool run(operation each, void *of, int times, double *least)
{
    double took = spell(each, of, times);

    if (took >= 0 && (!*least || took < *least))
        *least = took;
    return took >= 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* ---- a key, a set, a token ---- */

static EVP_PKEY *make_key(const kind *k)
{
    if (k->alg & ALG_RSA)
        return EVP_RSA_gen(2048);
    return k->detail ? EVP_EC_gen(k->detail) : EVP_PKEY_Q_keygen(NULL, NULL, k->type);
}

static bool read_key(subject *s)
{
    EVP_PKEY *made = make_key(s->kind);
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes;
    bool good = made && bio && PEM_write_bio_PKCS8PrivateKey(bio, made, NULL, NULL, 0, NULL, NULL) == 1;

    if (good) {
        size_t n = (size_t)BIO_get_mem_data(bio, &bytes);
        good = jwk_read_private(&s->kept, (gate_str){bytes, n}, &s->own);
    }
    BIO_free(bio);
    EVP_PKEY_free(made);
    s->own.kid = STR("2026-11-a");
    return good;
}

static bool read_set(subject *s)
{
    text t = text_begin(&s->kept, 8192);

    text_add(&t, STR("{\"keys\":["));
    if (!jwk_write_public(&t, &s->own, s->kind->alg))
        return false;
    text_add(&t, STR("]}"));
    if (!text_end(&t, &s->document))
        return false;
    s->set = keyset_read(s->document);
    return s->set != NULL;
}

static bool sign(subject *s, size_t filler)
{
    text said = text_begin(&s->kept, 4096), token = text_begin(&s->kept, 4096);
    gate_str payload;

    text_add(&said, str_of(CLAIMS));
    for (size_t i = 0; i < filler; i++)
        text_add_char(&said, 'x');
    text_add(&said, STR("\"}"));
    return text_end(&said, &payload) && jws_sign(&s->kept, &token, &s->own, s->kind->alg, STR("at+jwt"), payload) &&
           text_end(&token, &s->token);
}

/* ---- libcrypto alone ---- */

static bool prepare_message(subject *s, EVP_PKEY *key)
{
    s->message = EVP_MD_CTX_new();
    s->raw_size = signature_size(&s->own, s->kind->alg);
    return s->message &&
           signature_make(&s->own, s->kind->alg, str_part(s->token, 0, SPEED_MESSAGE), s->raw_signature) &&
           EVP_DigestVerifyInit_ex(s->message, NULL, NULL, NULL, NULL, key, NULL) == 1;
}

static bool prepare_hashed(subject *s, EVP_PKEY *key, const jws *read)
{
    bool pss = (s->kind->alg & ALG_PSS) != 0;

    memcpy(s->raw_signature, read->signature.ptr, read->signature.len);
    s->raw_size = read->signature.len;
    if (s->kind->alg & ALG_EC)
        s->raw_size = signature_der_write(read->signature, s->raw_signature);
    s->context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    return s->context && EVP_PKEY_verify_init(s->context) == 1 &&
           (!pss || (EVP_PKEY_CTX_set_rsa_padding(s->context, RSA_PKCS1_PSS_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(s->context, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
           EVP_PKEY_CTX_set_signature_md(s->context, EVP_sha256()) == 1 &&
           EVP_Digest(read->input.ptr, read->input.len, s->digest, NULL, EVP_sha256(), NULL) == 1;
}

static bool prepare_raw(subject *s)
{
    EVP_PKEY *key = keyset_at(s->set, 0)->key;
    refusal why = REFUSAL_none;
    jws read;

    if (s->kind->alg & ALG_ED)
        return prepare_message(s, key);
    return jws_read(&s->kept, s->token, s->kind->alg, &read, &why) && prepare_hashed(s, key, &read);
}

static bool check_raw(void *of)
{
    subject *s = of;

    if (s->message)
        return EVP_DigestVerify(s->message, s->raw_signature, s->raw_size, (const unsigned char *)s->token.ptr,
                                SPEED_MESSAGE) == 1;
    return EVP_PKEY_verify(s->context, s->raw_signature, s->raw_size, s->digest, sizeof s->digest) == 1;
}

/* ---- the whole token, as the flow does it ---- */

static bool check_full(void *of)
{
    subject *s = of;
    access_demand demand = {.audiences = str_of(AUDIENCE), .kinds = TOKEN_AT_JWT, .now = NOW};
    refusal why = REFUSAL_none;
    claims known;
    jws read;

    arena_reset(&s->used);
    return jws_read(&s->used, s->token, s->client.access_token_algs, &read, &why) &&
           claims_read(&s->used, read.payload, &known) && jws_verify_with_set(&read, s->set, &why) &&
           access_token_check(&s->client, &read, &known, &demand, &why);
}

static void subject_close(subject *s)
{
    EVP_PKEY_CTX_free(s->context);
    EVP_MD_CTX_free(s->message);
    keyset_release(s->set);
    jwk_drop(&s->own);
    arena_close(&s->used);
    arena_close(&s->kept);
}

static bool subject_open(subject *s, const kind *k)
{
    *s = (subject){.kind = k};
    arena_open(&s->kept, 1 << 20);
    arena_open(&s->used, 1 << 20);
    s->client = (client){.issuer = str_of(ISSUER),
                         .client_id = STR("api"),
                         .access_token_algs = ALG_RSA | ALG_EC | ALG_EDDSA | ALG_ED25519,
                         .skew = 60};
    /* Filled up to the size: three bytes of claims are four of the token. */
    return read_key(s) && read_set(s) && sign(s, 0) && s->token.len < TOKEN_SIZE &&
           sign(s, (TOKEN_SIZE - s->token.len) / 4 * 3) && prepare_raw(s);
}

/* The two take turns in being the first. */
static bool measure_pair(subject *s, bool raw_first, double *raw, double *full, double *ratio)
{
    double a = raw_first ? spell(check_raw, s, s->kind->checks) : 0;
    double b = spell(check_full, s, s->kind->checks);

    if (!raw_first)
        a = spell(check_raw, s, s->kind->checks);
    if (a <= 0 || b <= 0)
        return false;
    *raw = !*raw || a < *raw ? a : *raw;
    *full = !*full || b < *full ? b : *full;
    *ratio = b / a;
    return true;
}

static bool measure_key(const kind *k, double *raw, double *full, double *ratio)
{
    double ratios[PAIRS];
    int pairs = PAIRS / k->keys;
    subject s;
    bool good = subject_open(&s, k);

    for (int i = 0; i < pairs && good; i++)
        good = measure_pair(&s, i % 2 == 0, raw, full, &ratios[i]);
    if (good)
        *ratio = median(ratios, (size_t)pairs);
    subject_close(&s);
    return good;
}

/* With several keys and messages: how long Ed25519 and ECDSA take depends on the numbers, by a hundredth and more. */
static bool measure_verify(const kind *k)
{
    double ratios[KEYS_MAX], raw = 0, full = 0;

    for (int i = 0; i < k->keys; i++)
        if (!measure_key(k, &raw, &full, &ratios[i]))
            return false;
    printf("verify %s %.3f %.3f %.4f\n", k->name, raw, full, median(ratios, (size_t)k->keys));
    return true;
}

static bool measure_on_demand(void)
{
    static double took[DEMANDED];
    char line[16];
    subject s;
    bool good = subject_open(&s, &KINDS[0]);

    while (good && fgets(line, sizeof line, stdin)) {
        for (int i = 0; i < DEMANDED && good; i++)
            good = (took[i] = spell(check_raw, &s, s.kind->checks)) > 0;
        printf("%.3f\n", median(took, DEMANDED));
        fflush(stdout);
    }
    subject_close(&s);
    return good;
}

/* ---- a token that is known ---- */

typedef struct known {
    bearer_world world;
    gate_request request;
    gate_header headers[4];
    char authorization[2048];
    token_cache *cache;
    arena memory;
    gate_str token;
} known;

static bool visit(void *of)
{
    known *k = of;
    gate_tx *tx = gate_begin(k->world.engine, &k->request);
    const gate_need *need = tx ? gate_step(tx, NULL, NOW) : NULL;
    bool let_in = need && need->kind == GATE_DONE && need->done.verdict == GATE_PASS && need->done.signed_in;

    gate_end(tx);
    return let_in;
}

static bool look(void *of)
{
    known *k = of;
    token_policy policy = {.place = 1, .kind = 1, .generation = 1};
    token_hit hit;

    arena_reset(&k->memory);
    return token_cache_find(k->cache, &k->memory, k->token, &policy, NOW, &hit);
}

/* The first request fetches the keys and verifies; the others find the token known. */
static bool open_visits(known *k, const subject *s, int rule)
{
    world_request first = {.rule = rule};
    world_answer *answer = ARENA_NEW(&k->memory, world_answer);
    int n = snprintf(k->authorization, sizeof k->authorization, "Bearer %.*s", (int)s->token.len, s->token.ptr);

    k->headers[0] = (gate_header){STR("Host"), STR("app.example")};
    k->headers[1] = (gate_header){STR("User-Agent"), STR("service/1.0")};
    k->headers[2] = (gate_header){STR("Accept"), STR("application/json")};
    k->headers[3] = (gate_header){STR("Authorization"), {k->authorization, (size_t)n}};
    k->request = (gate_request){.rule = rule,
                                .method = STR("GET"),
                                .scheme = STR("https"),
                                .authority = STR("app.example"),
                                .target = STR("/"),
                                .path = STR("/"),
                                .headers = k->headers,
                                .header_count = sizeof k->headers / sizeof k->headers[0]};
    first.headers[0] = k->headers[3];
    k->world.ops[0].keys = s->document;
    if (!answer)
        return false;
    world_visit(&k->world, &first, answer);
    return answer->passed;
}

static bool open_lookup(known *k, const subject *s)
{
    static const siphash_key key = {0x0123456789abcdef, 0x1032547698badcfe};
    token_policy policy = {.place = 1, .kind = 1, .generation = 1};

    k->token = s->token;
    k->cache = token_cache_open(4 << 20, &key);
    if (!k->cache)
        return false;
    token_cache_add(k->cache, s->token, &policy, (token_span){NOW, NOW + 300}, str_of(CLAIMS));
    return true;
}

static bool measure_known(known *k, const subject *s)
{
    static const char OPTIONS[] = "+provider op\nissuer https://op.example\nclient_id api\n"
                                  "+rule\nbearer op\naudience https://api.example\n"
                                  "+rule\nbearer op\naudience https://api.example\nbearer_scope orders.read\n"
                                  "require groups has \"admins\"\nheader X-User-Sub sub\n";
    double plain = 0, claimed = 0, lookup = 0;
    bool good = world_open(&k->world, OPTIONS) && open_lookup(k, s) && open_visits(k, s, 0);

    for (int i = 0; i < ROUNDS && good; i++)
        good = run(visit, k, VISITS, &plain) && run(look, k, VISITS, &lookup);
    good = good && open_visits(k, s, 1);
    for (int i = 0; i < ROUNDS && good; i++)
        good = run(visit, k, VISITS, &claimed);
    if (good)
        printf("cached request %.3f\ncached claims %.3f\ncached lookup %.3f\n", plain, claimed, lookup);
    return good;
}

static bool measure_cached(void)
{
    static known k;
    subject s;
    bool good;

    arena_open(&k.memory, 1 << 20);
    good = subject_open(&s, &KINDS[0]) && measure_known(&k, &s);
    token_cache_close(k.cache);
    world_close(&k.world);
    arena_close(&k.memory);
    subject_close(&s);
    return good;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "raw") == 0)
        return measure_on_demand() ? 0 : 1;
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (!measure_verify(&KINDS[i]))
            return 1;
    return measure_cached() ? 0 : 1;
}
