/* SPDX-License-Identifier: Apache-2.0 */
#include "logout.h"

#include "../base/url.h"

static void add_if(text *t, gate_str name, gate_str value)
{
    if (value.len)
        url_add_parameter(t, name, value);
}

void logout_request_write(text *t, const logout_request *r)
{
    text_add(t, r->endpoint);
    url_add_parameter(t, STR("client_id"), r->client_id);
    add_if(t, STR("id_token_hint"), r->id_token_hint);
    add_if(t, STR("post_logout_redirect_uri"), r->post_logout_redirect_uri);
    add_if(t, STR("state"), r->state);
}
