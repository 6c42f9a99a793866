/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_op.h"

#include "jose/jws.h"

enum { ANSWER_MAX = 64 * 1024 };

/* RFC 8037 A.1, and a key that nobody vouches for under the same kid. */
#define OWN_PUBLIC \
    "\"kid\":\"k\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define OWN_PRIVATE "{" OWN_PUBLIC ",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}"
#define OTHER_PRIVATE                                                                                           \
    "{\"kid\":\"k\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw\"," \
    "\"d\":\"TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs\"}"

static const gate_str METADATA = STR_INIT("{\"issuer\":\"" OP_ISSUER "\",\"authorization_endpoint\":\"" OP_ISSUER
                                          "/a\",\"token_endpoint\":\"" OP_ISSUER "/token\",\"jwks_uri\":\"" OP_ISSUER
                                          "/jwks\",\"userinfo_endpoint\":\"" OP_ISSUER
                                          "/userinfo\",\"end_session_endpoint\":\"" OP_ISSUER "/end\"}");

/* What is wrong with a token's claims: nothing, or one of these. */
typedef enum {
    RIGHT,
    WRONG_KEY,
    WRONG_ISS,
    WRONG_AUD,
    WRONG_NONCE,
    WRONG_TIME,
    WRONG_AUTH_TIME,
    FREE,
    FLAW_COUNT
} flaw;

static void write_claims(world *w, text *t, flaw f)
{
    json_begin(t);
    json_add_string(t, STR("iss"), f == WRONG_ISS ? STR("https://other.example") : STR(OP_ISSUER));
    json_add_string(t, STR("sub"), STR("alice"));
    json_add_string(t, STR("aud"), f == WRONG_AUD ? STR("other") : STR("app"));
    json_add_number(t, STR("exp"), f == WRONG_TIME ? w->now - 100 : w->now + 300);
    json_add_number(t, STR("iat"), w->now);
    json_add_number(t, STR("auth_time"), f == WRONG_AUTH_TIME ? w->now - 1000 : w->now);
    json_add_raw(t, STR("groups"), STR("[\"staff\"]"));
    if (w->nonce.ptr)
        json_add_string(t, STR("nonce"), f == WRONG_NONCE ? STR("other") : w->nonce);
    json_end(t);
}

/* A claim that is free is one more member; nobody but the fuzzer knows what comes of it. */
static gate_str make_claims(world *w, flaw f)
{
    text t = text_begin(&w->memory, ANSWER_MAX);
    gate_str s;

    write_claims(w, &t, f);
    if (f == FREE && t.len) {
        t.len--;
        text_add_char(&t, ',');
        text_add(&t, world_text(w));
        text_add_char(&t, '}');
    }
    return text_end(&t, &s) ? s : STR("");
}

static bool sign(world *w, const char *document, gate_str claims, text *t)
{
    jwk key;
    bool good = jwk_read_private(&w->memory, str_of(document), &key);

    good = good && jws_sign(&w->memory, t, &key, ALG_EDDSA, STR_NONE, claims);
    jwk_drop(&key);
    return good;
}

static gate_str make_token(world *w)
{
    text t = text_begin(&w->memory, ANSWER_MAX);
    flaw f = world_byte(w) % FLAW_COUNT;
    gate_str token;

    if (!sign(w, f == WRONG_KEY ? OTHER_PRIVATE : OWN_PRIVATE, make_claims(w, f), &t) || !text_end(&t, &token))
        return STR("");
    /* A wrong nonce or age is right where none is demanded; what is free may be right. */
    if (f == RIGHT || f == FREE || (f == WRONG_NONCE && !w->nonce.ptr) || (f == WRONG_AUTH_TIME && !w->max_age))
        w->legitimate = true;
    return token;
}

static void write_token_response(world *w, text *t)
{
    json_begin(t);
    json_add_string(t, STR("access_token"), STR("at"));
    json_add_string(t, STR("token_type"), STR("Bearer"));
    json_add_string(t, STR("id_token"), make_token(w));
    json_end(t);
}

void op_answer(world *w, gate_str url, gate_reply *reply)
{
    text t = text_begin(&w->memory, ANSWER_MAX);

    w->headers[0] = (gate_header){STR("Content-Type"), STR("application/json")};
    reply->headers = w->headers;
    reply->header_count = 1;
    reply->status = 200;
    if (str_contains(url, STR("/.well-known/")))
        text_add(&t, METADATA);
    else if (str_has_suffix(url, STR("/jwks")))
        text_add(&t, STR("{\"keys\":[{" OWN_PUBLIC "}]}"));
    else if (str_has_suffix(url, STR("/token")))
        write_token_response(w, &t);
    else
        text_add(&t, STR("{\"sub\":\"alice\",\"email\":\"a@example.org\"}"));
    text_end(&t, &reply->body);
}
