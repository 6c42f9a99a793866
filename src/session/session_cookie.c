/* SPDX-License-Identifier: Apache-2.0 */
/* A session sealed into the browser's cookie. */
#include "session.h"

#include "../base/base64url.h"

enum { MEMBERS_MAX = 256 };

static gate_str tag_of(const session_head *head)
{
    return (gate_str){(const char *)head->provider, SESSION_TAG_SIZE};
}

bool session_cookie_write(arena *a, crypto *c, const seal_ring *ring, const unsigned char *iv, const session_head *head,
                          gate_str body, text *out)
{
    text t = text_begin(a, MEMBERS_MAX);
    gate_str members;

    text_add(&t, STR(",\"iat\":"));
    text_add_number(&t, head->created);
    text_add(&t, STR(",\"uat\":"));
    text_add_number(&t, head->touched);
    text_add(&t, STR(",\"exp\":"));
    text_add_number(&t, head->expires);
    text_add(&t, STR(",\"prv\":\""));
    base64url_write(&t, tag_of(head));
    text_add_char(&t, '"');
    return text_end(&t, &members) && ring->count && sealed_write(a, c, out, &ring->keys[0], iv, members, body);
}

bool session_cookie_read(arena *a, crypto *c, const seal_ring *ring, gate_str sealed, session_head *head,
                         gate_str *body)
{
    const json *header;
    gate_str tag, bytes;

    if (!sealed_read(a, c, sealed, ring->keys, ring->count, &header, body) ||
        json_get_time(header, STR("iat"), &head->created) != JSON_GOOD ||
        json_get_time(header, STR("uat"), &head->touched) != JSON_GOOD ||
        json_get_time(header, STR("exp"), &head->expires) != JSON_GOOD ||
        json_get_string(header, STR("prv"), &tag) != JSON_GOOD || !base64url_read(a, tag, &bytes) ||
        bytes.len != SESSION_TAG_SIZE)
        return false;
    memcpy(head->provider, bytes.ptr, SESSION_TAG_SIZE);
    return true;
}
