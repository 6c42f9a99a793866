/* SPDX-License-Identifier: Apache-2.0 */
#include "claims.h"

enum { SUB_MAX = 255 }; /* OIDC Core section 2 */

static bool read_string(const json *all, gate_str name, gate_str *value)
{
    return json_get_string(all, name, value) != JSON_WRONG;
}

static bool read_time(const json *all, gate_str name, int64_t *value)
{
    *value = -1;
    return json_get_time(all, name, value) != JSON_WRONG;
}

static bool read_strings(const json *all, claims *c)
{
    return read_string(all, STR("iss"), &c->iss) && read_string(all, STR("sub"), &c->sub) &&
           read_string(all, STR("azp"), &c->azp) && read_string(all, STR("nonce"), &c->nonce) &&
           read_string(all, STR("at_hash"), &c->at_hash) && read_string(all, STR("acr"), &c->acr) &&
           read_string(all, STR("jti"), &c->jti) && read_string(all, STR("sid"), &c->sid);
}

static bool read_times(const json *all, claims *c)
{
    return read_time(all, STR("exp"), &c->exp) && read_time(all, STR("nbf"), &c->nbf) &&
           read_time(all, STR("iat"), &c->iat) && read_time(all, STR("auth_time"), &c->auth_time);
}

/* RFC 7519 section 4.1.3 */
static bool aud_is_good(const json *aud)
{
    return !aud || (aud->type == JSON_STRING ? aud->text.len > 0 : json_is_strings(aud));
}

bool claims_read(arena *a, gate_str payload, claims *c)
{
    *c = (claims){.all = json_read_object(a, payload)};
    c->aud = json_find(c->all, STR("aud"));
    return c->all && read_strings(c->all, c) && read_times(c->all, c) && aud_is_good(c->aud) && c->sub.len <= SUB_MAX &&
           (!c->sub.ptr || c->sub.len > 0);
}

bool claims_aud_has(const claims *c, gate_str audience)
{
    return audience.len > 0 && json_has_string(c->aud, audience);
}

bool claims_aud_is_only(const claims *c, gate_str audience)
{
    return claims_aud_has(c, audience) && (c->aud->type == JSON_STRING || c->aud->count == 1);
}

static int64_t add(int64_t a, int64_t b)
{
    if (b > 0 && a > INT64_MAX - b)
        return INT64_MAX;
    if (b < 0 && a < INT64_MIN - b)
        return INT64_MIN;
    return a + b;
}

/* RFC 7519 section 4.1.4: not accepted "on or after" that time. */
bool claims_is_expired(const claims *c, int64_t now, int64_t skew)
{
    return c->exp < 0 || c->exp <= add(now, skew > 0 ? -skew : 0);
}

bool claims_is_before(int64_t time, int64_t now, int64_t skew)
{
    return time > add(now, skew > 0 ? skew : 0);
}
