/* SPDX-License-Identifier: Apache-2.0 */
#include "box.h"

#include <stdlib.h>

state *state_open(void)
{
    state *s = calloc(1, sizeof *s);

    if (!s || !scratch_open(&s->scratch)) {
        free(s);
        return NULL;
    }
    s->references = 1;
    return s;
}

state *state_of(napi_env env)
{
    void *s = NULL;

    if (napi_get_instance_data(env, &s) != napi_ok || !s)
        napi_throw_error(env, NULL, "the addon is not set up");
    return s;
}

void state_keep(state *s)
{
    s->references++;
}

void state_leave(state *s)
{
    if (--s->references)
        return;
    scratch_close(&s->scratch);
    free(s);
}

void engine_close(engine_box *box)
{
    box->closed = true;
    if (box->waiting || !box->engine)
        return;
    gate_close(box->engine);
    box->engine = NULL;
    box->state->engines--;
}

void engine_leave(engine_box *box)
{
    state *s = box->state;

    if (--box->references)
        return;
    engine_close(box);
    free(box);
    state_leave(s);
}

static const napi_type_tag TAGS[] = {
    [BOX_ENGINE] = {0x6761746577726967, 0x6874000000000001},
    [BOX_TX] = {0x6761746577726967, 0x6874000000000002},
    [BOX_SEALER] = {0x6761746577726967, 0x6874000000000003},
};

bool box_wrap(napi_env env, box_kind kind, void *box, napi_finalize finalize, napi_value *handle)
{
    return napi_create_external(env, box, finalize, NULL, handle) == napi_ok &&
           napi_type_tag_object(env, *handle, &TAGS[kind]) == napi_ok;
}

void *box_open(napi_env env, box_kind kind, napi_value handle)
{
    static const char *const words[] = {"an engine was expected", "a transaction was expected",
                                        "a sealer was expected"};
    napi_valuetype type = napi_undefined;
    bool same = false;
    void *box = NULL;

    if (napi_typeof(env, handle, &type) == napi_ok && type == napi_external &&
        napi_check_object_type_tag(env, handle, &TAGS[kind], &same) == napi_ok && same)
        napi_get_value_external(env, handle, &box);
    if (!box)
        napi_throw_type_error(env, NULL, words[kind]);
    return box;
}
