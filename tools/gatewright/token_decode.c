/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright token decode: what a token says, believed or not. */
#include "base/base64url.h"
#include "jose/jws.h"
#include "token_open.h"

static bool decode(tool *t, gate_str segment, gate_str *bytes)
{
    return base64url_read(&t->memory, segment, bytes);
}

/* Three segments of which two can be read; neither alg nor crit is judged here. */
static bool read_segments(tool *t, gate_str token, gate_str *header, gate_str *payload)
{
    gate_str segments[3] = {{0}}, signature;
    size_t n = 0;

    while (n < 3 && str_cut(&token, '.', &segments[n]))
        n++;
    return n == 3 && !token.ptr && decode(t, segments[0], header) && decode(t, segments[1], payload) &&
           decode(t, segments[2], &signature) && json_read_object(&t->memory, *header);
}

static tool_exit show_envelope_only(tool *t, gate_str token)
{
    refusal why = REFUSAL_none;
    jwe read;

    if (!jwe_read(&t->memory, token, JWE_ALG_ALL, JWE_ENC_ALL, &read, &why))
        return tool_refuse(t, why);
    json_add_flag(&t->report, STR("verified"), false);
    json_add_raw(&t->report, STR("encryption"), read.header->text);
    json_add_number(&t->report, STR("encrypted_bytes"), (int64_t)read.ciphertext.len);
    return TOOL_GOOD;
}

/* Encrypted without a signature: verify and the module refuse it, but it can be looked at. */
static tool_exit show_bare(tool *t, gate_str content)
{
    json_add_flag(&t->report, STR("verified"), false);
    json_add_flag(&t->report, STR("signed"), false);
    token_open_add(t, STR("claims"), content);
    return TOOL_GOOD;
}

tool_exit token_decode(tool *t)
{
    gate_str token, header, payload;
    refusal why = REFUSAL_none;
    tool_exit status;
    bool was_encrypted;

    if (!token_open_source(t, &token))
        return TOOL_IO;
    was_encrypted = jwe_is_one(token);
    if (was_encrypted && !args_has(&t->args, "key"))
        return show_envelope_only(t, token);
    status = token_open_envelope(t, false, &token, &why);
    if (status != TOOL_GOOD)
        return status == TOOL_REFUSED ? tool_refuse(t, why) : status;
    if (!read_segments(t, token, &header, &payload))
        return was_encrypted ? show_bare(t, token) : tool_refuse(t, REFUSAL_jwt_malformed);
    json_add_flag(&t->report, STR("verified"), false);
    token_open_add(t, STR("header"), header);
    token_open_add(t, STR("claims"), payload);
    return TOOL_GOOD;
}
