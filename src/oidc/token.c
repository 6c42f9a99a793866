/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include "../base/form.h"
#include "client_auth.h"

enum { TOKEN_REQUEST_MAX = 32 * 1024 };

bool token_request_write(arena *a, const client *c, const token_request *r, gate_str *body, header_list *headers)
{
    text t = text_begin(a, TOKEN_REQUEST_MAX);

    form_add(&t, STR("grant_type"), STR("authorization_code"));
    form_add(&t, STR("code"), r->code);
    form_add(&t, STR("redirect_uri"), r->redirect_uri);
    if (r->code_verifier.len)
        form_add(&t, STR("code_verifier"), r->code_verifier);
    header_add(headers, STR("Content-Type"), STR("application/x-www-form-urlencoded"));
    header_add(headers, STR("Accept"), STR("application/json"));
    return client_auth_write(a, c, r->endpoint, r->unique, r->now, &t, headers) && text_end(&t, body) &&
           !headers->failed;
}

static bool read_error(const json *root, token_response *r, refusal *why)
{
    json_get_string(root, STR("error"), &r->error);
    json_get_string(root, STR("error_description"), &r->error_description);
    json_get_string(root, STR("error_uri"), &r->error_uri);
    return refuse(why, str_equal(r->error, STR("invalid_client")) ? REFUSAL_client_refused : REFUSAL_token_error);
}

/* RFC 6749 5.1 makes it a number; some providers send it as a string of digits. Anything else is wrong. */
static bool read_expires_in(const json *root, int64_t *seconds)
{
    const json *member = json_find(root, STR("expires_in"));

    *seconds = -1;
    if (!member)
        return true;
    if (member->type == JSON_STRING)
        return str_number(member->text, INT32_MAX, seconds);
    return json_number_floor(member, seconds) && *seconds <= INT32_MAX;
}

static bool is_token(gate_str token)
{
    return token.len && str_is_visible_ascii(token);
}

bool token_response_read(arena *a, unsigned status, gate_str body, token_response *r, refusal *why)
{
    const json *root = json_read_object(a, body);
    gate_str type;

    *r = (token_response){.expires_in = -1};
    if (status != 200 || json_find(root, STR("error")))
        return read_error(root, r, why);
    if (!root || json_get_string(root, STR("access_token"), &r->access_token) != JSON_GOOD ||
        !is_token(r->access_token) || json_get_string(root, STR("refresh_token"), &r->refresh_token) == JSON_WRONG ||
        !read_expires_in(root, &r->expires_in) || json_get_string(root, STR("scope"), &r->scope) == JSON_WRONG)
        return refuse(why, REFUSAL_token_malformed);
    if (json_get_string(root, STR("token_type"), &type) != JSON_GOOD || !str_equal_nocase(type, STR("Bearer")))
        return refuse(why, REFUSAL_token_type);
    switch (json_get_string(root, STR("id_token"), &r->id_token)) {
    case JSON_GOOD:
        return true;
    case JSON_ABSENT:
        return refuse(why, REFUSAL_id_token_missing);
    default:
        return refuse(why, REFUSAL_token_malformed);
    }
}
