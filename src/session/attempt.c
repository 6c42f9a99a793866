/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt.h"

#include "../base/base64url.h"

enum { PLAIN_MAX = 6 * 1024, STATE_PART = 8 };

bool attempt_write(arena *a, crypto *c, const seal_ring *ring, const unsigned char *iv, const attempt *t, text *out)
{
    text plain = text_begin(a, PLAIN_MAX);
    gate_str bytes;

    json_begin(&plain);
    json_add_string(&plain, STR("state"), t->state);
    json_add_string(&plain, STR("nonce"), t->nonce);
    json_add_string(&plain, STR("verifier"), t->code_verifier);
    json_add_string(&plain, STR("target"), t->target);
    json_add_string(&plain, STR("redirect_uri"), t->redirect_uri);
    json_add_string(&plain, STR("provider"), t->provider);
    if (t->note.len)
        json_add_bytes(&plain, STR("note"), t->note);
    if (t->acr_values.len)
        json_add_string(&plain, STR("acr_values"), t->acr_values);
    if (t->max_age >= 0)
        json_add_number(&plain, STR("max_age"), t->max_age);
    json_add_number(&plain, STR("begun"), t->begun);
    json_add_number(&plain, STR("round"), t->round);
    json_end(&plain);
    return text_end(&plain, &bytes) && ring->count && sealed_write(a, c, out, &ring->keys[0], iv, STR_NONE, bytes);
}

/* What only some attempts have. */
static bool read_terms(arena *a, const json *root, attempt *t)
{
    gate_str note = STR_NONE;

    t->note = t->acr_values = STR("");
    t->max_age = -1;
    return json_get_string(root, STR("note"), &note) != JSON_WRONG &&
           (!note.ptr || base64url_read(a, note, &t->note)) &&
           json_get_string(root, STR("acr_values"), &t->acr_values) != JSON_WRONG &&
           json_get_time(root, STR("max_age"), &t->max_age) != JSON_WRONG;
}

bool attempt_read(arena *a, crypto *c, const seal_ring *ring, gate_str sealed, attempt *t)
{
    const json *header, *root;
    gate_str plain;

    if (!sealed_read(a, c, sealed, ring->keys, ring->count, &header, &plain))
        return false;
    root = json_read_object(a, plain);
    return json_get_string(root, STR("state"), &t->state) == JSON_GOOD &&
           json_get_string(root, STR("nonce"), &t->nonce) == JSON_GOOD &&
           json_get_string(root, STR("verifier"), &t->code_verifier) == JSON_GOOD &&
           json_get_string(root, STR("target"), &t->target) == JSON_GOOD &&
           json_get_string(root, STR("redirect_uri"), &t->redirect_uri) == JSON_GOOD &&
           json_get_string(root, STR("provider"), &t->provider) == JSON_GOOD &&
           json_get_time(root, STR("begun"), &t->begun) == JSON_GOOD &&
           json_get_time(root, STR("round"), &t->round) == JSON_GOOD && read_terms(a, root, t);
}

bool attempt_cookie_name(arena *a, gate_str base, gate_str state, gate_str *name)
{
    text t = text_begin(a, base.len + 2 + STATE_PART);

    text_add(&t, base);
    text_add(&t, STR(".a"));
    text_add(&t, str_part(state, 0, state.len < STATE_PART ? state.len : STATE_PART));
    return text_end(&t, name);
}

bool attempt_is_cookie(gate_str base, gate_str name)
{
    return name.len == base.len + 2 + STATE_PART && str_has_prefix(name, base) &&
           str_equal(str_part(name, base.len, 2), STR(".a"));
}
