/* SPDX-License-Identifier: Apache-2.0 */
#include "jwt.h"

#include "cert.h"
#include "oddsig.h"
#include "sig.h"
#include <string.h>
#include <time.h>

const jwt_sites JWT_ID_TOKEN = {HEADER, CLAIMS, JWS};
const jwt_sites JWT_USERINFO = {INFO_HEADER, INFO_CLAIMS, INFO_JWS};
const jwt_sites JWT_LOGOUT_TOKEN = {LOGOUT_HEADER, LOGOUT_CLAIMS, LOGOUT_JWS};
const jwt_sites JWT_INTROSPECTION = {SPECT_HEADER, SPECT_CLAIMS, SPECT_JWS};
const jwt_sites JWT_ACCESS_TOKEN = {ACCESS_HEADER, ACCESS_CLAIMS, ACCESS_JWS};

/* Words about the key that an attacker would bring along. */
static void know_stranger(members *known, const issuer *is)
{
    if (fault_mentions(is->fault, "$strangerjwk")) {
        members jwk = keys_jwk(known->home, KEYS_STRANGER_RSA, 0);
        text json = text_open(known->home);
        members_write_json(&jwk, &json);
        members_add(known, "strangerjwk", json.data, json.length);
    }
    if (fault_mentions(is->fault, "$x5c")) {
        text cert = text_open(known->home);
        cert_write(&cert, keys_pair(KEYS_STRANGER_RSA, 0));
        members_add(known, "x5c", cert.data, cert.length);
    }
}

static members make_header(const issuer *is, arena *home, const char *typ)
{
    members header = members_open(home);
    members_put_string(&header, "alg", is->alg);
    if (typ != NULL)
        members_put_string(&header, "typ", typ);
    members_put_string(&header, "kid", keys_kid(home, keys_role_of(is->alg), is->generation));
    return header;
}

static void put_encoded(text *out, const issuer *is, fault_site site, members *m, const members *known, time_t now)
{
    text json = text_open(out->home);
    fault_write_json(is->fault, site, m, known, now, &json);
    text_put_base64url(out, json.data, json.length);
}

static void sign(text *sig, const issuer *is, const jwt_sites *sites, const options_client *client, const text *input)
{
    const char *how = fault_word(is->fault, sites->jws, "sign");
    const char *damage = fault_word(is->fault, sites->jws, "break");
    const char *secret = client != NULL ? client->secret : "";
    if (how != NULL)
        oddsig_make(sig, is, how, secret, input->data, input->length);
    else
        sig_make(sig, keys_pair(keys_role_of(is->alg), is->generation), is->alg, input->data, input->length);
    if (damage != NULL)
        oddsig_break(sig, damage);
}

/* The same bytes, but bits that base64url must leave zero are set. */
static const char *loosen(arena *home, const text *encoded)
{
    char *loose = arena_copy(home, encoded->data, encoded->length);
    if (encoded->length % 4 != 0)
        loose[encoded->length - 1]++;
    return loose;
}

void jwt_write(text *out, const issuer *is, const jwt_sites *sites, const char *typ, members *claims,
               const members *known, const options_client *client)
{
    arena *home = out->home;
    time_t now = time(NULL);
    members words = issuer_known(is, home, client != NULL ? client->id : "");
    for (const member *k = known->first; k != NULL; k = k->next)
        members_add(&words, k->name, k->value, k->length);
    know_stranger(&words, is);
    members header = make_header(is, home, typ);
    text parts[3] = {text_open(home), text_open(home), text_open(home)};
    put_encoded(&parts[0], is, sites->header, &header, &words, now);
    put_encoded(&parts[1], is, sites->claims, claims, &words, now);
    text token = text_open(home), sig = text_open(home);
    text_print(&token, "%s.%s", text_end(&parts[0]), text_end(&parts[1]));
    sign(&sig, is, sites, client, &token);
    text_put_base64url(&parts[2], sig.data, sig.length);
    text_print(&token, ".%s", text_end(&parts[2]));
    members_put(&words, "header", parts[0].data);
    members_put(&words, "payload", parts[1].data);
    members_put(&words, "signature", parts[2].data);
    members_put(&words, "loose", loosen(home, &parts[2]));
    fault_edit_text(is->fault, sites->jws, &token, &words, now);
    text_add(out, token.data, token.length);
}

static json_t *read_part(arena *home, const char *part, size_t n)
{
    size_t length;
    unsigned char *json = text_read_base64url(home, part, n, &length);
    return json != NULL ? json_loadb((const char *)json, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

json_t *jwt_read(arena *home, const char *token, EVP_PKEY *key, const char **why)
{
    size_t header_length = strcspn(token, "."), signed_length = header_length;
    if (token[header_length] == '.')
        signed_length += 1 + strcspn(token + header_length + 1, ".");
    *why = "it is not three segments";
    if (token[signed_length] != '.' || strchr(token + signed_length + 1, '.') != NULL)
        return NULL;
    json_t *header = read_part(home, token, header_length);
    const char *alg = json_string_value(json_object_get(header, "alg"));
    const char *encoded = token + signed_length + 1;
    size_t length = 0;
    unsigned char *sig = text_read_base64url(home, encoded, strlen(encoded), &length);
    *why = "its signature does not verify";
    bool good = alg != NULL && sig != NULL && sig_check(key, alg, token, signed_length, sig, length);
    json_t *payload = good ? read_part(home, token + header_length + 1, signed_length - header_length - 1) : NULL;
    json_decref(header);
    return payload;
}
