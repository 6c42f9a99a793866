/* SPDX-License-Identifier: Apache-2.0 */
#include "token_open.h"

#include "base/base64url.h"
#include "input.h"
#include "key_file.h"

bool token_open_source(tool *t, gate_str *token)
{
    return input_read_token(t, t->args.word_count ? t->args.words[0] : NULL, token);
}

void token_open_add(tool *t, gate_str name, gate_str bytes)
{
    const json *node = json_read_object(&t->memory, bytes);
    text encoded = text_begin(&t->memory, BASE64URL_SIZE(INPUT_MAX));
    gate_str s;

    if (node) {
        json_add_raw(&t->report, name, node->text);
        return;
    }
    base64url_write(&encoded, bytes);
    if (text_end(&encoded, &s))
        json_add_string(&t->report, STR("payload_base64url"), s);
}

tool_exit token_open_envelope(tool *t, bool nested, gate_str *token, refusal *why)
{
    const char *path = args_value(&t->args, "key");
    encryption agreed;
    jwe_key key;
    jwe read;
    bool good;

    if (!jwe_is_one(*token))
        return TOOL_GOOD;
    if (!jwe_read(&t->memory, *token, JWE_ALG_ALL, JWE_ENC_ALL, &read, why))
        return TOOL_REFUSED;
    json_add_raw(&t->report, STR("encryption"), read.header->text);
    if (!path)
        return tool_usage("this token is encrypted: give our private key with --key FILE");
    if (!key_file_read_opener(t, path, args_text(&t->args, "key-alg"), &key))
        return TOOL_IO;
    agreed = (encryption){.alg = key.alg, .enc = read.enc, .keys = &key, .count = 1};
    good = nested ? encryption_open(&t->memory, &agreed, *token, token, why)
                  : jwe_decrypt(&t->memory, &read, &key, 1, token, why);
    jwe_key_drop(&key);
    return good ? TOOL_GOOD : TOOL_REFUSED;
}
