/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed text, for sessions that an application keeps in a cookie of its own. */
#include "functions.h"

#include <stdlib.h>

enum { SECRETS_MAX = 8 };

typedef struct sealer_box {
    state *state;
    gate_sealer *sealer; /* NULL once it is closed */
} sealer_box;

static void close_box(sealer_box *box)
{
    if (!box->sealer)
        return;
    gate_sealer_close(box->sealer);
    box->sealer = NULL;
    box->state->sealers--;
}

static void finalize_sealer(napi_env env, void *data, void *hint)
{
    sealer_box *box = data;

    (void)env;
    (void)hint;
    close_box(box);
    state_leave(box->state);
    free(box);
}

static gate_sealer *open_with(args *a)
{
    gate_str secrets[SECRETS_MAX] = {0}, purpose;
    gate_sealer *sealer;
    elements given;

    if (!value_elements(a->env, a->values[0], SECRETS_MAX, &given))
        return NULL;
    for (uint32_t i = 0; i < given.count; i++)
        if (!value_string(a, given.values[i], SCRATCH_TEXT, &secrets[i]))
            return NULL;
    if (!value_string(a, a->values[1], SCRATCH_TEXT, &purpose))
        return NULL;
    sealer = gate_sealer_open(secrets, given.count, purpose);
    if (!sealer)
        napi_throw_error(a->env, "GATE_SEALER", "there is no secret to seal with, or memory is short");
    return sealer;
}

static napi_value box_up(args *a, gate_sealer *sealer)
{
    sealer_box *box = malloc(sizeof *box);
    napi_value handle = NULL;

    if (!box) {
        gate_sealer_close(sealer);
        napi_throw_error(a->env, "GATE_MEMORY", "memory is short");
        return NULL;
    }
    *box = (sealer_box){.state = a->state, .sealer = sealer};
    state_keep(a->state);
    a->state->sealers++;
    if (box_wrap(a->env, BOX_SEALER, box, finalize_sealer, &handle))
        return handle;
    if (!handle)
        finalize_sealer(a->env, box, NULL);
    return NULL;
}

napi_value addon_sealer_open(napi_env env, napi_callback_info info)
{
    args a;
    gate_sealer *sealer;

    if (!args_begin(&a, env, info))
        return NULL;
    sealer = open_with(&a);
    scratch_wipe(&a.state->scratch);
    return sealer ? box_up(&a, sealer) : NULL;
}

napi_value addon_sealer_close(napi_env env, napi_callback_info info)
{
    args a;
    sealer_box *box;

    if (args_begin(&a, env, info) && (box = box_open(env, BOX_SEALER, a.values[0])))
        close_box(box);
    return NULL;
}

static gate_sealer *sealer_argument(args *a)
{
    sealer_box *box = box_open(a->env, BOX_SEALER, a->values[0]);

    if (box && !box->sealer)
        napi_throw_error(a->env, "GATE_CLOSED", "the sealer is closed");
    return box ? box->sealer : NULL;
}

static napi_value nothing(napi_env env)
{
    napi_value value = NULL;

    napi_get_null(env, &value);
    return value;
}

napi_value addon_seal(napi_env env, napi_callback_info info)
{
    args a;
    gate_sealer *sealer;
    gate_str members, plain, sealed;
    napi_value value = NULL;

    if (!args_begin(&a, env, info) || !(sealer = sealer_argument(&a)) || !args_string(&a, 1, SCRATCH_TEXT, &members) ||
        !value_string(&a, a.values[2], SCRATCH_TEXT, &plain))
        return NULL;
    if (!gate_seal(sealer, members, plain, &sealed))
        return nothing(env);
    napi_create_string_latin1(env, sealed.ptr, sealed.len, &value);
    return value;
}

napi_value addon_unseal(napi_env env, napi_callback_info info)
{
    args a;
    gate_sealer *sealer;
    gate_str sealed, header, plain;
    list l;

    if (!args_begin(&a, env, info) || !(sealer = sealer_argument(&a)) ||
        !value_string(&a, a.values[1], SCRATCH_TEXT, &sealed))
        return NULL;
    if (!gate_unseal(sealer, sealed, &header, &plain))
        return nothing(env);
    l = list_begin(env, 2);
    list_text(&l, 0, header);
    list_text(&l, 1, plain);
    return list_end(&l);
}
