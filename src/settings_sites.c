/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_parts.h"

/* Providers may share a callback, a logout address and a signed-out page; but one address is not two of these. */
static bool addresses_collide(const settings *s, const provider *a, const provider *b)
{
    const gate_str keys = s->signer.count ? s->signer.jwks_path : STR_NONE;

    if (a->logout_path.ptr && (str_equal(a->logout_path, b->redirect_path) || str_equal(a->logout_path, keys)))
        return true;
    if (a->signed_out_path.ptr &&
        (str_equal(a->signed_out_path, b->redirect_path) || str_equal(a->signed_out_path, keys)))
        return true;
    if (a->logout_path.ptr && b->signed_out_path.ptr && str_equal(a->logout_path, b->signed_out_path))
        return true;
    return str_equal(a->redirect_path, keys);
}

static bool pair_check(const settings *s, const provider *a, const provider *b, gate_error *error)
{
    if (addresses_collide(s, a, b))
        return option_fail(error, STR_NONE, a->name, "has an address that is something else already on the same site",
                           "give redirect_uri, logout_uri, post_logout_uri and signing_jwks_path paths of their own");
    if (a != b && str_equal(a->cookie_name, b->cookie_name))
        return option_fail(error, STR_NONE, a->name, "has the same cookie_name as another provider of the site",
                           "give each its own");
    return true;
}

static bool site_check(const settings *s, const site *where, gate_error *error)
{
    for (const site_provider *a = where->providers; a; a = a->next)
        for (const site_provider *b = where->providers; b; b = b->next)
            if (!pair_check(s, a->provider, b->provider, error))
                return false;
    return true;
}

bool sites_check(const settings *s, gate_error *error)
{
    for (size_t i = 0; i < s->site_count; i++)
        if (!site_check(s, &s->sites[i], error))
            return false;
    return true;
}
