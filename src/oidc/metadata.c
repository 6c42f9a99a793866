/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata.h"

#include "../base/url.h"

#include <stdatomic.h>

enum { METADATA_MEMORY = 512 * 1024, ENDPOINT_MAX = 2048 };

typedef struct snapshot {
    metadata metadata; /* first, so that a pointer to it is one to the snapshot */
    atomic_uint holders;
    arena arena;
} snapshot;

static bool endpoint_is_safe(const url *endpoint, gate_str issuer, bool allow_http)
{
    url own;

    if (url_is_https(endpoint) || allow_http)
        return true;
    return url_read(issuer, &own) && !url_is_https(&own) && url_is_loopback(&own) && url_is_loopback(endpoint);
}

static bool read_endpoint(arena *a, const json *document, gate_str name, bool needed, gate_str issuer, bool allow_http,
                          gate_str *value, refusal *why)
{
    gate_str text_value;
    url endpoint;

    switch (json_get_string(document, name, &text_value)) {
    case JSON_ABSENT:
        return needed ? refuse(why, REFUSAL_metadata_malformed) : true;
    case JSON_WRONG:
        return refuse(why, REFUSAL_metadata_malformed);
    default:
        break;
    }
    if (text_value.len > ENDPOINT_MAX || !url_read(text_value, &endpoint) || endpoint.has_fragment)
        return refuse(why, REFUSAL_metadata_malformed);
    if (!endpoint_is_safe(&endpoint, issuer, allow_http))
        return refuse(why, REFUSAL_metadata_insecure);
    *value = arena_copy(a, text_value);
    return value->ptr || refuse(why, REFUSAL_internal);
}

static bool read_all(arena *a, const json *document, gate_str issuer, bool allow_http, metadata *m, refusal *why)
{
    gate_str found;

    if (json_get_string(document, STR("issuer"), &found) != JSON_GOOD)
        return refuse(why, REFUSAL_metadata_malformed);
    if (!str_equal(found, issuer)) /* OIDC Discovery 4.3: byte for byte */
        return refuse(why, REFUSAL_metadata_issuer);
    m->issuer = arena_copy(a, issuer);
    if (!m->issuer.ptr)
        return refuse(why, REFUSAL_internal);
    if (json_get_flag(document, STR("authorization_response_iss_parameter_supported"), &m->promises_iss) == JSON_WRONG)
        return refuse(why, REFUSAL_metadata_malformed);
    return read_endpoint(a, document, STR("authorization_endpoint"), false, issuer, allow_http,
                         &m->authorization_endpoint, why) &&
           read_endpoint(a, document, STR("token_endpoint"), false, issuer, allow_http, &m->token_endpoint, why) &&
           read_endpoint(a, document, STR("jwks_uri"), true, issuer, allow_http, &m->jwks_uri, why) &&
           read_endpoint(a, document, STR("userinfo_endpoint"), false, issuer, allow_http, &m->userinfo_endpoint,
                         why) &&
           read_endpoint(a, document, STR("introspection_endpoint"), false, issuer, allow_http,
                         &m->introspection_endpoint, why) &&
           read_endpoint(a, document, STR("end_session_endpoint"), false, issuer, allow_http, &m->end_session_endpoint,
                         why);
}

bool metadata_signs_in(const metadata *m)
{
    return m->authorization_endpoint.ptr && m->token_endpoint.ptr;
}

gate_str metadata_issuer_in(arena *a, gate_str document)
{
    gate_str issuer;

    return json_get_string(json_read_object(a, document), STR("issuer"), &issuer) == JSON_GOOD ? issuer : STR_NONE;
}

metadata *metadata_read(gate_str document, gate_str issuer, bool allow_http, refusal *why)
{
    arena own, scratch;
    snapshot *s;
    const json *root;
    bool good;

    arena_open(&own, METADATA_MEMORY);
    arena_open(&scratch, 8 * METADATA_MEMORY);
    s = ARENA_NEW(&own, snapshot);
    root = s ? json_read_object(&scratch, document) : NULL;
    good = s ? (root ? read_all(&own, root, issuer, allow_http, &s->metadata, why)
                     : refuse(why, REFUSAL_metadata_malformed))
             : refuse(why, REFUSAL_internal);
    arena_close(&scratch);
    if (!good) {
        arena_close(&own);
        return NULL;
    }
    atomic_init(&s->holders, 1);
    s->arena = own;
    return &s->metadata;
}

metadata *metadata_hold(metadata *m)
{
    atomic_fetch_add(&((snapshot *)m)->holders, 1);
    return m;
}

void metadata_release(metadata *m)
{
    snapshot *s = (snapshot *)m;

    if (s && atomic_fetch_sub(&s->holders, 1) == 1) {
        arena own = s->arena; /* the snapshot lies in its own arena */
        arena_close(&own);
    }
}
