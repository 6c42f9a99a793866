/* SPDX-License-Identifier: Apache-2.0 */
#include "discovery.h"

#include "conduct.h"
#include "random.h"
#include <string.h>

static void put_url(members *m, const issuer *is, const char *name, const char *path)
{
    members_put_string(m, name, text_of(m->home, "%s%s", is->url, path));
}

static void put_endpoints(members *m, const issuer *is)
{
    put_url(m, is, "issuer", "");
    put_url(m, is, "authorization_endpoint", "/authorize");
    put_url(m, is, "token_endpoint", "/token");
    put_url(m, is, "userinfo_endpoint", "/userinfo");
    put_url(m, is, "jwks_uri", "/jwks");
    put_url(m, is, "end_session_endpoint", "/end_session");
    put_url(m, is, "introspection_endpoint", "/introspect");
}

static void put_algorithms(members *m, const issuer *is)
{
    const char *more = strcmp(is->alg, "RS256") == 0 ? "" : text_of(m->home, "\"%s\",", is->alg);
    const char *list = text_of(m->home, "[%s\"RS256\"]", more);
    members_put(m, "id_token_signing_alg_values_supported", list);
    members_put(m, "userinfo_signing_alg_values_supported", list);
    static const char ENCRYPTION[] = "[\"RSA-OAEP-256\",\"RSA-OAEP\",\"A128KW\",\"dir\"]";
    members_put(m, "id_token_encryption_alg_values_supported", ENCRYPTION);
    members_put(m, "id_token_encryption_enc_values_supported", "[\"A128CBC-HS256\",\"A256GCM\"]");
    members_put(m, "userinfo_encryption_alg_values_supported", ENCRYPTION);
    members_put(m, "userinfo_encryption_enc_values_supported", "[\"A128CBC-HS256\",\"A256GCM\"]");
    members_put(m, "token_endpoint_auth_signing_alg_values_supported",
                "[\"RS256\",\"PS256\",\"ES256\",\"EdDSA\",\"Ed25519\"]");
}

/* The order of response types is odd, as it may be: nobody should compare the list as a string. */
static void put_capabilities(members *m)
{
    members_put(m, "response_types_supported", "[\"code\"]");
    members_put(m, "response_modes_supported", "[\"form_post\",\"query\"]");
    members_put(m, "grant_types_supported", "[\"refresh_token\",\"authorization_code\"]");
    members_put(m, "subject_types_supported", "[\"public\"]");
    members_put(m, "scopes_supported", "[\"openid\",\"profile\",\"email\",\"groups\",\"offline_access\"]");
    members_put(m, "claims_supported",
                "[\"sub\",\"name\",\"given_name\",\"family_name\",\"preferred_username\",\"email\",\"email_verified\","
                "\"groups\",\"locale\",\"auth_time\",\"acr\",\"amr\",\"sid\"]");
    members_put(m, "acr_values_supported", "[\"0\",\"1\",\"2\",\"phr\",\"phrh\"]");
    members_put(m, "prompt_values_supported", "[\"none\",\"login\",\"consent\",\"select_account\"]");
    members_put(m, "code_challenge_methods_supported", "[\"S256\"]");
    members_put(m, "token_endpoint_auth_methods_supported",
                "[\"client_secret_basic\",\"client_secret_post\",\"private_key_jwt\",\"none\"]");
    members_put(m, "introspection_endpoint_auth_methods_supported",
                "[\"client_secret_basic\",\"client_secret_post\",\"private_key_jwt\"]");
    members_put(m, "authorization_response_iss_parameter_supported", "true");
    members_put(m, "backchannel_logout_supported", "true");
    members_put(m, "backchannel_logout_session_supported", "true");
    members_put(m, "claims_parameter_supported", "false");
    members_put(m, "request_parameter_supported", "false");
    members_put(m, "request_uri_parameter_supported", "false");
}

static void write_metadata(const issuer *is, text *out)
{
    char chance[RANDOM_SHORT];
    members m = members_open(out->home), known = issuer_known(is, out->home, "");
    random_write(chance, sizeof chance);
    members_put(&known, "random", chance);
    put_endpoints(&m, is);
    put_algorithms(&m, is);
    put_capabilities(&m);
    fault_write_json(is->fault, METADATA, &m, &known, time(NULL), out);
}

void discovery_answer(issuer *is, http_request *rq, http_reply *rp)
{
    conduct_check_public(rq);
    text json = text_open(rq->home);
    write_metadata(is, &json);
    http_reply_json(rp, 200, json.data, json.length);
    http_set_header(rp, "Cache-Control", "public, max-age=60");
    issuer_edit_reply(is, METADATA, rq, rp);
}

bool discovery_lists(const issuer *is, arena *home, const char *name, const char *value)
{
    text json = text_open(home);
    write_metadata(is, &json);
    json_t *metadata = json_loadb(json.data, json.length, 0, NULL), *item;
    json_t *list = json_object_get(metadata, name);
    bool found = list == NULL;
    size_t i;
    json_array_foreach(list, i, item) found |= json_is_string(item) && strcmp(json_string_value(item), value) == 0;
    json_decref(metadata);
    return found;
}
