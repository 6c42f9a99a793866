/* SPDX-License-Identifier: Apache-2.0 */
#include "keyset.h"

#include "cert.h"
#include "conduct.h"
#include "jwk.h"
#include <openssl/core_names.h>
#include <string.h>

/* The keys so far, and what templates may say. */
typedef struct listing {
    const issuer *is;
    text keys;
    members known;
} listing;

static void put_jwk(listing *l, members *jwk)
{
    if (l->keys.length > 0)
        text_put(&l->keys, ",");
    members_write_json(jwk, &l->keys);
}

/* A key that must not be taken for the one whose kid it borrows. */
static void put_decoy(listing *l, keys_role role, const char *use, keys_role borrowed)
{
    members jwk = keys_jwk(l->keys.home, role, l->is->generation);
    members_set(&jwk, "use", use, strlen(use));
    members_drop(&jwk, "kid");
    members_put_string(&jwk, "kid", keys_kid(l->keys.home, borrowed, l->is->generation));
    put_jwk(l, &jwk);
}

static void put_decoys(listing *l)
{
    members odd = members_open(l->keys.home);
    members_put(&odd, "kty", "\"NEW\"");
    members_put(&odd, "pub", "\"AAAA\"");
    members_put_string(&odd, "kid", keys_kid(l->keys.home, KEYS_RS256, l->is->generation));
    put_decoy(l, KEYS_P384, "\"sig\"", KEYS_RS256);
    put_decoy(l, KEYS_ENCRYPT, "\"enc\"", KEYS_RS256);
    put_jwk(l, &odd);
    put_decoy(l, KEYS_X25519, "\"enc\"", KEYS_EDDSA);
    put_decoy(l, KEYS_ED448, "\"sig\"", KEYS_ES256);
}

/* The row's word `key` puts another pair in the place of the issuer's own. */
static members own_jwk(const issuer *is, arena *home)
{
    const char *key = fault_word(is->fault, KEY, "key");
    keys_role own = keys_role_of(is->alg), role = own;
    if (key != NULL)
        role = strcmp(key, "rsa-1024") == 0 ? KEYS_RSA_1024
               : strcmp(key, "rsa-e3") == 0 ? KEYS_RSA_E3
               : strcmp(key, "x25519") == 0 ? KEYS_X25519
               : strcmp(key, "ed448") == 0  ? KEYS_ED448
                                            : KEYS_ENCRYPT;
    members jwk = keys_jwk(home, role, is->generation);
    const char *kid = text_of(home, "\"%s\"", keys_kid(home, own, is->generation));
    members_set(&jwk, "kid", kid, strlen(kid));
    if (strcmp(is->alg, "Ed25519") == 0) /* RFC 9864: the key says so too */
        members_set(&jwk, "alg", "\"Ed25519\"", 9);
    return jwk;
}

static void put_signing_keys(listing *l)
{
    arena *home = l->keys.home;
    keys_role own = keys_role_of(l->is->alg);
    bool single = fault_word(l->is->fault, KEYSET, "single") != NULL;
    for (keys_role role = KEYS_RS256; role < KEYS_SIGNING; role++) {
        members jwk = role == own ? own_jwk(l->is, home) : keys_jwk(home, role, l->is->generation);
        if (role == own)
            fault_edit_members(l->is->fault, KEY, &jwk, &l->known, time(NULL));
        if (role == own || !single)
            put_jwk(l, &jwk);
    }
}

/* The modulus with a zero byte in front. */
static text pad_modulus(arena *home, EVP_PKEY *pair)
{
    text n = text_open(home), padded = text_open(home), bytes = text_open(home);
    size_t length = 0;
    jwk_write_number(&n, pair, OSSL_PKEY_PARAM_RSA_N);
    unsigned char *modulus = text_read_base64url(home, n.data, n.length, &length);
    text_fill(&bytes, '\0', 1);
    text_add(&bytes, modulus, length);
    text_put_base64url(&padded, bytes.data, bytes.length);
    return padded;
}

/* Words for keys: a stranger's modulus, our own with a zero in front, our private exponent, another key's certificate. */
static void know_keys(listing *l)
{
    EVP_PKEY *stranger = keys_pair(KEYS_STRANGER_RSA, 0), *ours = keys_pair(KEYS_RS256, l->is->generation);
    text n0 = pad_modulus(l->keys.home, ours), n = text_open(l->keys.home), d = text_open(l->keys.home),
         cert = text_open(l->keys.home);
    jwk_write_number(&n, stranger, OSSL_PKEY_PARAM_RSA_N);
    jwk_write_number(&d, ours, OSSL_PKEY_PARAM_RSA_D);
    cert_write(&cert, stranger);
    members_add(&l->known, "strangern", n.data, n.length);
    members_add(&l->known, "n0", n0.data, n0.length);
    members_add(&l->known, "d", d.data, d.length);
    members_add(&l->known, "x5c", cert.data, cert.length);
}

static bool mentions_keys(const fault *f)
{
    return fault_mentions(f, "$strangern") || fault_mentions(f, "$n0") || fault_mentions(f, "$d") ||
           fault_mentions(f, "$x5c");
}

static void write_keys(const issuer *is, text *out)
{
    listing l = {is, text_open(out->home), issuer_known(is, out->home, "")};
    if (mentions_keys(is->fault))
        know_keys(&l);
    if (fault_word(is->fault, KEYSET, "single") == NULL)
        put_decoys(&l);
    put_signing_keys(&l);
    members set = members_open(out->home);
    members_add(&l.known, "ours", l.keys.data, l.keys.length);
    members_put(&set, "keys", text_of(out->home, "[%s]", text_end(&l.keys)));
    fault_write_json(is->fault, KEYSET, &set, &l.known, time(NULL), out);
}

void keyset_answer(issuer *is, http_request *rq, http_reply *rp)
{
    conduct_check_public(rq);
    text json = text_open(rq->home);
    write_keys(is, &json);
    http_reply_json(rp, 200, json.data, json.length);
    http_set_header(rp, "Cache-Control", "public, max-age=60");
    issuer_edit_reply(is, KEYSET, rq, rp);
}

void keyset_answer_stranger(issuer *is, http_request *rq, http_reply *rp)
{
    (void)is;
    conduct_note(rq, "a URL out of a token's header was fetched");
    members jwk = keys_jwk(rq->home, KEYS_STRANGER_RSA, 0);
    text json = text_open(rq->home);
    text_put(&json, "{\"keys\":[");
    members_write_json(&jwk, &json);
    text_put(&json, "]}");
    http_reply_json(rp, 200, json.data, json.length);
}
