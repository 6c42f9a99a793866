/* SPDX-License-Identifier: Apache-2.0 */
#include "client_auth.h"

#include "../base/base64url.h"
#include "../base/form.h"
#include "../jose/jws.h"

enum { ASSERTION_LIFE = 60, ASSERTION_MAX = 8 * 1024 };

/* Both halves are form-encoded before base64 (RFC 6749 2.3.1): a secret with ':' or '%' must survive. */
static bool write_basic(arena *a, const client *c, header_list *headers)
{
    text pair = text_begin(a, ASSERTION_MAX), value = text_begin(a, 2 * ASSERTION_MAX);
    gate_str pair_text, header;

    form_write(&pair, c->client_id);
    text_add_char(&pair, ':');
    form_write(&pair, c->client_secret.bytes);
    if (!text_end(&pair, &pair_text))
        return false;
    text_add(&value, STR("Basic "));
    base64_write(&value, pair_text);
    if (!text_end(&value, &header))
        return false;
    header_add(headers, STR("Authorization"), header);
    return !headers->failed;
}

static bool assertion_claims(arena *a, const client *c, gate_str audience, gate_str unique, int64_t now,
                             gate_str *claims_text)
{
    text id = text_begin(a, 128), t = text_begin(a, ASSERTION_MAX);
    gate_str jti;

    base64url_write(&id, unique);
    if (!text_end(&id, &jti))
        return false;
    json_begin(&t);
    json_add_string(&t, STR("iss"), c->client_id);
    json_add_string(&t, STR("sub"), c->client_id);
    json_add_string(&t, STR("aud"), audience);
    json_add_string(&t, STR("jti"), jti);
    json_add_number(&t, STR("iat"), now);
    json_add_number(&t, STR("exp"), now + ASSERTION_LIFE);
    json_end(&t);
    return text_end(&t, claims_text);
}

static bool write_assertion(arena *a, const client *c, gate_str token_endpoint, gate_str unique, int64_t now,
                            text *body)
{
    gate_str audience = c->audience_is_token_endpoint ? token_endpoint : c->issuer, claims_text, assertion;
    text t = text_begin(a, ASSERTION_MAX);

    if (!assertion_claims(a, c, audience, unique, now, &claims_text) ||
        !jws_sign(a, &t, &c->key, c->key_alg, STR("JWT"), claims_text) || !text_end(&t, &assertion))
        return false;
    form_add(body, STR("client_assertion_type"), STR("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    form_add(body, STR("client_assertion"), assertion);
    return !body->failed;
}

bool client_auth_write(arena *a, const client *c, gate_str token_endpoint, gate_str unique, int64_t now, text *body,
                       header_list *headers)
{
    switch (c->auth) {
    case CLIENT_AUTH_BASIC:
        return write_basic(a, c, headers);
    case CLIENT_AUTH_POST:
        form_add(body, STR("client_id"), c->client_id);
        form_add(body, STR("client_secret"), c->client_secret.bytes);
        return !body->failed;
    case CLIENT_AUTH_PRIVATE_KEY_JWT:
        form_add(body, STR("client_id"), c->client_id);
        return write_assertion(a, c, token_endpoint, unique, now, body);
    case CLIENT_AUTH_NONE:
        form_add(body, STR("client_id"), c->client_id);
        return !body->failed;
    }
    return false;
}
