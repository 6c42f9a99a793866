/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include "../base/base64url.h"

bool session_is_alive(const session_head *head, int64_t now, int64_t timeout)
{
    return now < head->expires && now < session_ends(head, timeout);
}

int64_t session_ends(const session_head *head, int64_t timeout)
{
    int64_t idle = head->touched + timeout;

    return idle < head->expires ? idle : head->expires;
}

bool session_wants_touch(const session_head *head, int64_t now, int64_t timeout)
{
    enum { LONGEST = 300 };
    int64_t step = timeout / 10;

    if (head->touched + timeout >= head->expires)
        return false; /* the absolute end comes first anyway */
    return now - head->touched >= (step < LONGEST ? step : LONGEST);
}

static void add_optional(text *t, gate_str name, gate_str value)
{
    if (value.ptr)
        json_add_string(t, name, value);
}

bool session_content_write(text *t, const session_content *content)
{
    json_begin(t);
    json_add_string(t, STR("id_token"), content->id_token);
    json_add_string(t, STR("access_token"), content->access_token);
    json_add_string(t, STR("token_type"), STR("Bearer"));
    add_optional(t, STR("refresh_token"), content->refresh_token);
    add_optional(t, STR("scope"), content->scope);
    if (content->expires_at >= 0)
        json_add_number(t, STR("expires_at"), content->expires_at);
    if (content->userinfo.ptr)
        json_add_raw(t, STR("userinfo"), content->userinfo);
    json_end(t);
    return !t->failed;
}

/* The payload of our own stored ID Token, which was verified before it was stored. */
static const json *read_payload(arena *a, gate_str token)
{
    gate_str rest = token, header, payload, bytes;

    if (!str_cut(&rest, '.', &header) || !str_cut(&rest, '.', &payload) || !base64url_read(a, payload, &bytes))
        return NULL;
    return json_read_object(a, bytes);
}

bool session_content_read(arena *a, gate_str bytes, session_facts *facts)
{
    const json *root = json_read_object(a, bytes);
    session_content *content = &facts->content;

    *facts = (session_facts){.content.expires_at = -1};
    if (json_get_string(root, STR("id_token"), &content->id_token) != JSON_GOOD ||
        json_get_string(root, STR("access_token"), &content->access_token) == JSON_WRONG ||
        json_get_string(root, STR("refresh_token"), &content->refresh_token) == JSON_WRONG ||
        json_get_string(root, STR("scope"), &content->scope) == JSON_WRONG ||
        json_get_time(root, STR("expires_at"), &content->expires_at) == JSON_WRONG)
        return false;
    facts->id_token = read_payload(a, content->id_token);
    facts->userinfo = json_find(root, STR("userinfo"));
    if (facts->userinfo)
        content->userinfo = facts->userinfo->text;
    return facts->id_token != NULL;
}

const json *session_claim(const session_facts *facts, gate_str name)
{
    const json *found = json_find(facts->id_token, name);

    return found ? found : json_find(facts->userinfo, name);
}
