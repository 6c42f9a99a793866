/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright token sign: a token of our own, signed, and encrypted where that is asked for. */
#include "input.h"
#include "jose/jwe.h"
#include "jose/jws.h"
#include "key_file.h"

enum { TOKEN_MAX = 64 * 1024 };

/* The one that is asked for, or the first that the key knows. */
static alg_set choose_alg(const tool *t, const jwk *key)
{
    gate_str name = args_text(&t->args, "alg");
    alg_set one = name.ptr ? alg_read(name) & key->algs : key->algs & (~key->algs + 1);

    return one;
}

static jwe_enc_set choose_enc(const tool *t, const jwe_key *key)
{
    gate_str name = args_text(&t->args, "enc");

    if (name.ptr)
        return jwe_content_read(name) & key->encs;
    return key->encs & JWE_A256GCM ? (jwe_enc_set)JWE_A256GCM : key->encs & (~key->encs + 1);
}

/* A nested JWT (RFC 7519 section 5.2): signed inside, encrypted outside. */
static tool_exit encrypt(tool *t, const char *path)
{
    text out = text_begin(&t->memory, TOKEN_MAX);
    jwe_enc_set enc;
    jwe_key key;
    bool good;

    if (!key_file_read_recipient(t, path, args_text(&t->args, "encrypt-alg"), &key))
        return TOOL_IO;
    enc = choose_enc(t, &key);
    good = enc && jwe_encrypt(&t->memory, &out, &key, enc, STR_NONE, STR("JWT"), t->token) && text_end(&out, &t->token);
    jwe_key_drop(&key);
    if (!good)
        return enc ? tool_fail("cannot be encrypted to", path)
                   : tool_usage("--enc: an unknown name, or not for this key");
    return TOOL_GOOD;
}

static tool_exit sign(tool *t, gate_str payload)
{
    text out = text_begin(&t->memory, TOKEN_MAX);
    tool_exit status = TOOL_GOOD;
    alg_set alg;
    jwk key;

    if (!key_file_read_signer(t, args_value(&t->args, "key"), &key))
        return TOOL_IO;
    alg = choose_alg(t, &key);
    if (!alg)
        status = tool_usage("--alg: an unknown name, or not for this key");
    else if (!jws_sign(&t->memory, &out, &key, alg, args_text(&t->args, "typ"), payload) || !text_end(&out, &t->token))
        status = tool_fail("cannot be signed: too large?", NULL);
    jwk_drop(&key);
    return status;
}

tool_exit token_sign(tool *t)
{
    const char *recipient = args_value(&t->args, "encrypt-to");
    tool_exit status;
    gate_str payload;

    if (!args_has(&t->args, "key"))
        return tool_usage("say with which key: --key FILE");
    if (!input_read_token(t, t->args.word_count ? t->args.words[0] : NULL, &payload))
        return TOOL_IO;
    if (!json_read_object(&t->memory, payload))
        return tool_refuse(t, REFUSAL_token_claims);
    status = sign(t, payload);
    if (status == TOOL_GOOD && recipient)
        status = encrypt(t, recipient);
    if (status == TOOL_GOOD)
        json_add_string(&t->report, STR("token"), t->token);
    return status;
}
