/* SPDX-License-Identifier: Apache-2.0 */
#include "id_token.h"

#include "jwt.h"
#include <openssl/sha.h>
#include <string.h>

enum { LIFE_SECONDS = 300, LOGOUT_SECONDS = 120 };

/* OIDC Core 3.1.3.6: the left half of the hash. EdDSA over Ed25519 hashes with SHA-512. */
static const char *hash_of(arena *home, const char *alg, const char *token)
{
    unsigned char hash[SHA512_DIGEST_LENGTH];
    text out = text_open(home);
    bool wide = strncmp(alg, "Ed", 2) == 0;
    if (wide)
        SHA512((const unsigned char *)token, strlen(token), hash);
    else
        SHA256((const unsigned char *)token, strlen(token), hash);
    text_put_base64url(&out, hash, wide ? 32 : 16);
    return text_end(&out);
}

static void put_core(members *claims, const issuer *is, const grant *g, time_t now)
{
    members_put_string(claims, "iss", is->url);
    people_write_claims(g->who, g->scope, claims);
    members_put_string(claims, "aud", g->client->id);
    members_put_number(claims, "exp", now + LIFE_SECONDS);
    members_put_number(claims, "iat", now);
    members_put_number(claims, "auth_time", g->auth_time);
    members_put_string(claims, "sid", g->sid);
    members_put_string(claims, "acr", g->acr != NULL ? g->acr : "1");
    members_put(claims, "amr", "[\"pwd\"]");
}

static members make_known(const grant *g, arena *home)
{
    members known = members_open(home);
    members_put(&known, "nonce", g->nonce != NULL ? g->nonce : "");
    members_put(&known, "sub", g->who->sub);
    members_put(&known, "sid", g->sid);
    return known;
}

void id_token_write(text *out, const issuer *is, const grant *g, const char *access_token, bool refreshed)
{
    time_t now = time(NULL);
    members claims = members_open(out->home), known = make_known(g, out->home);
    put_core(&claims, is, g, now);
    members_put_string(&claims, "at_hash", hash_of(out->home, is->alg, access_token));
    if (g->nonce != NULL && !refreshed)
        members_put_string(&claims, "nonce", g->nonce);
    if (refreshed) {
        members words = issuer_known(is, out->home, g->client->id);
        for (const member *k = known.first; k != NULL; k = k->next)
            members_put(&words, k->name, k->value);
        fault_edit_members(is->fault, REFRESHED, &claims, &words, now);
    }
    jwt_write(out, is, &JWT_ID_TOKEN, "JWT", &claims, &known, g->client);
}

void id_token_write_logout(text *out, const issuer *is, const grant *g)
{
    time_t now = time(NULL);
    char jti[RANDOM_SHORT];
    members claims = members_open(out->home), known = make_known(g, out->home);
    random_write(jti, sizeof jti);
    members_put_string(&claims, "iss", is->url);
    members_put_string(&claims, "sub", g->who->sub);
    members_put_string(&claims, "aud", g->client->id);
    members_put_number(&claims, "iat", now);
    members_put_number(&claims, "exp", now + LOGOUT_SECONDS);
    members_put_string(&claims, "jti", jti);
    members_put_string(&claims, "sid", g->sid);
    members_put(&claims, "events", "{\"http://schemas.openid.net/event/backchannel-logout\":{}}");
    jwt_write(out, is, &JWT_LOGOUT_TOKEN, "logout+jwt", &claims, &known, g->client);
}
