/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright keys show, keys public: what a key is, and its public half. */
#include "input.h"
#include "jose/jwk_write.h"
#include "key_file.h"
#include "key_judge.h"

static bool read_source(tool *t, gate_str *document, const json **node)
{
    if (!input_read_token(t, t->args.word_count ? t->args.words[0] : NULL, document))
        return false;
    *node = document->len && document->ptr[0] == '{' ? json_read_object(&t->memory, *document) : NULL;
    return true;
}

static tool_exit show_set(tool *t, const json *keys)
{
    text out = text_begin(&t->memory, 4 * INPUT_MAX);
    size_t usable;
    gate_str s;

    if (!key_judge_write_set(t, &out, keys, &usable) || !text_end(&out, &s))
        return tool_refuse(t, REFUSAL_keys_malformed);
    if (usable)
        json_add_flag(&t->report, STR("good"), true);
    else
        tool_refuse(t, REFUSAL_keys_malformed);
    json_add_raw(&t->report, STR("keys"), s);
    return usable ? TOOL_GOOD : TOOL_REFUSED;
}

tool_exit keys_show(tool *t)
{
    text out = text_begin(&t->memory, INPUT_MAX);
    gate_str document, s;
    const json *node;
    bool good;

    if (!read_source(t, &document, &node))
        return TOOL_IO;
    if (json_find(node, STR("keys")))
        return show_set(t, json_find(node, STR("keys")));
    good = key_judge_write(t, &out, document, node);
    if (!text_end(&out, &s))
        return tool_fail("too large", NULL);
    if (good)
        json_add_flag(&t->report, STR("good"), true);
    else
        tool_refuse(t, REFUSAL_keys_malformed);
    json_add_raw(&t->report, STR("key"), s);
    return good ? TOOL_GOOD : TOOL_REFUSED;
}

/* What others need to know beside the numbers: kid, use, alg. */
static bool write_public(tool *t, const key_any *key, text *out)
{
    gate_str kid = STR_NONE, alg = args_text(&t->args, "alg"), thumbprint;
    bool encrypts = !key->algs;

    if (json_get_string(key->node, STR("kid"), &kid) != JSON_GOOD && jwk_thumbprint(&t->memory, key->key, &thumbprint))
        kid = thumbprint;
    if (!alg.ptr)
        json_get_string(key->node, STR("alg"), &alg);
    if (alg.ptr && !(encrypts ? jwe_alg_read(alg) & key->wraps : alg_read(alg) & key->algs))
        return false;
    json_begin(out);
    json_add_string(out, STR("kid"), kid);
    json_add_string(out, STR("use"), encrypts ? STR("enc") : STR("sig"));
    if (alg.ptr && !jwk_write_says_alg(key->key))
        json_add_string(out, STR("alg"), alg);
    if (!jwk_write_members(out, key->key))
        return false;
    json_end(out);
    return true;
}

tool_exit keys_public(tool *t)
{
    text out = text_begin(&t->memory, INPUT_MAX);
    gate_str document;
    const json *node;
    key_any key;
    bool good;

    if (!read_source(t, &document, &node))
        return TOOL_IO;
    if (!key_file_read_any(t, document, node, &key) || !key.key) {
        key_file_drop_any(&key);
        return tool_refuse(t, REFUSAL_keys_malformed); /* a symmetric key has no public half */
    }
    good = write_public(t, &key, &out) && text_end(&out, &t->token);
    key_file_drop_any(&key);
    if (!good)
        return tool_usage("--alg: an unknown name, or not for this key");
    json_add_raw(&t->report, STR("key"), t->token);
    return TOOL_GOOD;
}
