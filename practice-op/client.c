/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include "conduct.h"
#include "discovery.h"
#include "jwt.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

static const char ASSERTION_TYPE[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

enum { ASSERTION_SECONDS_MAX = 3600 };

void client_reply_error(http_reply *rp, unsigned status, const char *error, const char *description)
{
    members m = members_open(rp->body.home);
    text json = text_open(rp->body.home);
    members_put_string(&m, "error", error);
    members_put_string(&m, "error_description", description);
    members_write_json(&m, &json);
    http_reply_json(rp, status, json.data, json.length);
    http_set_header(rp, "Cache-Control", "no-store");
    if (status == 401)
        http_set_header(rp, "WWW-Authenticate", "Basic realm=\"practice\"");
}

static const options_client *refuse(http_reply *rp, const char *why)
{
    client_reply_error(rp, 401, "invalid_client", why);
    return NULL;
}

static const options_client *check_secret(http_reply *rp, const char *id, const char *secret)
{
    const options_client *c = options_find_client(id);
    size_t n = c != NULL ? strlen(c->secret) : 0;
    if (n == 0 || strlen(secret) != n || CRYPTO_memcmp(secret, c->secret, n) != 0)
        return refuse(rp, "unknown client or wrong secret");
    return c;
}

/* "id:secret" out of base64; both halves are form-encoded (RFC 6749 section 2.3.1). */
static const options_client *read_basic(http_request *rq, http_reply *rp, const char *credentials)
{
    size_t n = strlen(credentials);
    unsigned char *plain = arena_add(rq->home, n + 4);
    int length = n > 0 && n % 4 == 0 ? EVP_DecodeBlock(plain, (const unsigned char *)credentials, (int)n) : -1;
    if (length < 0)
        return refuse(rp, "Basic credentials are not base64");
    const char *id = (const char *)plain, *colon = strchr(id, ':');
    if (colon == NULL)
        return refuse(rp, "Basic credentials have no colon");
    const char *name = members_decode(rq->home, id, (size_t)(colon - id));
    const char *secret = members_decode(rq->home, colon + 1, strlen(colon + 1));
    if (name == NULL || secret == NULL) {
        conduct_note(rq, "Basic credentials are not form-encoded");
        return refuse(rp, "Basic credentials are not form-encoded");
    }
    return check_secret(rp, name, secret);
}

/* One string that is the issuer, or (noted) the token endpoint, or an array of one such string. */
static bool check_audience(const issuer *is, http_request *rq, const json_t *aud)
{
    if (json_is_array(aud)) {
        conduct_note(rq, "client assertion: aud is an array");
        aud = json_array_size(aud) == 1 ? json_array_get(aud, 0) : NULL;
    }
    const char *value = json_string_value(aud);
    if (value == NULL)
        return false;
    if (strcmp(value, is->url) == 0)
        return true;
    conduct_note(rq, "client assertion: aud is not the issuer");
    return strcmp(value, text_of(rq->home, "%s/token", is->url)) == 0;
}

/* RFC 7523 section 3. Answers what is wrong, or NULL. */
static const char *check_assertion(issuer *is, http_request *rq, const json_t *claims, const char *client)
{
    const char *iss = json_string_value(json_object_get(claims, "iss"));
    const char *sub = json_string_value(json_object_get(claims, "sub"));
    const char *jti = json_string_value(json_object_get(claims, "jti"));
    const json_t *exp = json_object_get(claims, "exp");
    json_int_t now = (json_int_t)time(NULL), end = json_integer_value(exp);
    if (iss == NULL || sub == NULL || strcmp(iss, client) != 0 || strcmp(sub, client) != 0)
        return "iss or sub is not the client";
    if (!check_audience(is, rq, json_object_get(claims, "aud")))
        return "aud is not this issuer";
    if (!json_is_integer(exp) || end <= now)
        return "it has expired, or has no exp";
    if (end > now + ASSERTION_SECONDS_MAX)
        conduct_note(rq, "client assertion: lives longer than an hour");
    if (jti == NULL)
        return "it has no jti";
    return issuer_seen(is, "jti", jti) ? "its jti was used before" : NULL;
}

static const char *peek_subject(http_request *rq, const char *assertion)
{
    const char *from = strchr(assertion, '.');
    size_t length;
    if (from == NULL)
        return NULL;
    unsigned char *json = text_read_base64url(rq->home, from + 1, strcspn(from + 1, "."), &length);
    json_t *claims = json != NULL ? json_loadb((const char *)json, length, 0, NULL) : NULL;
    const char *sub = json_string_value(json_object_get(claims, "sub"));
    const char *copy = sub != NULL ? arena_copy(rq->home, sub, strlen(sub)) : NULL;
    json_decref(claims);
    return copy;
}

static const options_client *read_assertion(issuer *is, http_request *rq, http_reply *rp, const char *assertion)
{
    const char *type = members_find(&rq->form, "client_assertion_type");
    const char *id = peek_subject(rq, assertion), *named = members_find(&rq->form, "client_id"), *why = NULL;
    const options_client *c = id != NULL ? options_find_client(id) : NULL;
    if (type == NULL || strcmp(type, ASSERTION_TYPE) != 0)
        return refuse(rp, "client_assertion_type is wrong");
    if (c == NULL || c->key == NULL || (named != NULL && strcmp(named, id) != 0))
        return refuse(rp, "the assertion's client is unknown or has no key");
    json_t *claims = jwt_read(rq->home, assertion, c->key, &why);
    if (claims != NULL)
        why = check_assertion(is, rq, claims, c->id);
    json_decref(claims);
    return why == NULL ? c : refuse(rp, text_of(rq->home, "client assertion: %s", why));
}

static const options_client *read_public(http_request *rq, http_reply *rp)
{
    const char *id = members_find(&rq->form, "client_id");
    const options_client *c = id != NULL ? options_find_client(id) : NULL;
    if (c == NULL || c->secret[0] != '\0' || c->key != NULL)
        return refuse(rp, "no client authentication");
    return c;
}

static const char *find_method(http_request *rq, const char *basic)
{
    const char *secret = members_find(&rq->form, "client_secret");
    const char *assertion = members_find(&rq->form, "client_assertion");
    if ((basic != NULL) + (secret != NULL) + (assertion != NULL) > 1)
        conduct_note(rq, "more than one client authentication");
    return basic != NULL       ? "client_secret_basic"
           : assertion != NULL ? "private_key_jwt"
           : secret != NULL    ? "client_secret_post"
                               : "none";
}

static const char *find_basic(const http_request *rq)
{
    const char *authorization = http_find_header(rq, "Authorization");
    return authorization != NULL && strncasecmp(authorization, "Basic ", 6) == 0 ? authorization + 6 : NULL;
}

const options_client *client_authenticate(issuer *is, http_request *rq, http_reply *rp)
{
    const char *basic = find_basic(rq), *id = members_find(&rq->form, "client_id");
    const char *method = find_method(rq, basic);
    const options_client *c;
    rp->note = method;
    if (!discovery_lists(is, rq->home, "token_endpoint_auth_methods_supported", method)) {
        conduct_note(rq, "client authentication that the metadata do not list: %s", method);
        return refuse(rp, "this client authentication is not supported");
    }
    if (basic != NULL)
        c = read_basic(rq, rp, basic);
    else if (strcmp(method, "private_key_jwt") == 0)
        c = read_assertion(is, rq, rp, members_find(&rq->form, "client_assertion"));
    else if (strcmp(method, "none") == 0)
        c = read_public(rq, rp);
    else
        c = check_secret(rp, id != NULL ? id : "", members_find(&rq->form, "client_secret"));
    if (c != NULL && id != NULL && strcmp(id, c->id) != 0)
        return refuse(rp, "client_id is another client's");
    return c;
}
