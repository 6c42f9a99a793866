/* SPDX-License-Identifier: Apache-2.0 */
#include "authorization.h"

#include "../base/url.h"

static const gate_str OWN_PARAMETERS[] = {
    STR_INIT("response_type"), STR_INIT("client_id"),  STR_INIT("redirect_uri"),   STR_INIT("scope"),
    STR_INIT("state"),         STR_INIT("nonce"),      STR_INIT("code_challenge"), STR_INIT("code_challenge_method"),
    STR_INIT("response_mode"), STR_INIT("acr_values"), STR_INIT("max_age"),        STR_INIT("request"),
    STR_INIT("request_uri"),
};

bool authorization_is_own(gate_str name)
{
    for (size_t i = 0; i < sizeof OWN_PARAMETERS / sizeof OWN_PARAMETERS[0]; i++)
        if (str_equal(name, OWN_PARAMETERS[i]))
            return true;
    return false;
}

bool authorization_extra_is_good(arena *a, gate_str extra)
{
    form *fields = ARENA_NEW(a, form);
    size_t at;

    /* It goes into a URL as it is. */
    if (!str_is_visible_ascii(extra) || str_find(extra, '#', &at) || !fields || !form_read(a, extra, fields))
        return false;
    for (size_t i = 0; i < fields->count; i++)
        if (authorization_is_own(fields->fields[i].name))
            return false;
    return true;
}

static void add_if(text *t, gate_str name, gate_str value)
{
    if (value.len)
        url_add_parameter(t, name, value);
}

void authorization_request_write(text *t, const authorization_request *r)
{
    text_add(t, r->endpoint);
    url_add_parameter(t, STR("response_type"), STR("code"));
    url_add_parameter(t, STR("client_id"), r->client_id);
    url_add_parameter(t, STR("redirect_uri"), r->redirect_uri);
    url_add_parameter(t, STR("scope"), r->scope);
    url_add_parameter(t, STR("state"), r->state);
    add_if(t, STR("nonce"), r->nonce);
    add_if(t, STR("code_challenge"), r->code_challenge);
    if (r->code_challenge.len)
        url_add_parameter(t, STR("code_challenge_method"), STR("S256"));
    add_if(t, STR("response_mode"), r->response_mode);
    add_if(t, STR("acr_values"), r->acr_values);
    if (r->max_age >= 0) {
        text_add(t, STR("&max_age="));
        text_add_number(t, r->max_age);
    }
    if (r->extra.len) {
        text_add_char(t, '&');
        text_add(t, r->extra);
    }
}

bool authorization_response_read(const form *fields, authorization_response *r, refusal *why)
{
    struct {
        gate_str name;
        gate_str *value;
    } wanted[] = {
        {STR("state"), &r->state},
        {STR("iss"), &r->iss},
        {STR("code"), &r->code},
        {STR("error"), &r->error},
        {STR("error_description"), &r->error_description},
        {STR("error_uri"), &r->error_uri},
    };
    gate_str token;

    *r = (authorization_response){0};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (form_get(fields, wanted[i].name, wanted[i].value) == FORM_TWICE)
            return refuse(why, REFUSAL_response_duplicate);
    if (form_get(fields, STR("id_token"), &token) != FORM_ABSENT ||
        form_get(fields, STR("access_token"), &token) != FORM_ABSENT)
        return refuse(why, REFUSAL_response_malformed); /* only the code flow was asked for */
    return r->state.len ? true : refuse(why, REFUSAL_state_missing);
}

bool authorization_response_check_iss(const authorization_response *r, gate_str issuer, bool promised, refusal *why)
{
    if (!r->iss.ptr)
        return promised ? refuse(why, REFUSAL_response_iss_missing) : true;
    return str_equal(r->iss, issuer) ? true : refuse(why, REFUSAL_response_iss);
}
