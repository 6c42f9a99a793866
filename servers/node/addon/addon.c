/* SPDX-License-Identifier: Apache-2.0 */
/* The engine for Node: gate.h by way of Node-API. It translates, and decides nothing; no call waits, none calls JavaScript. */
#include "functions.h"

static void end_environment(napi_env env, void *data, void *hint)
{
    (void)env;
    (void)hint;
    state_leave(data);
}

static const napi_property_descriptor FUNCTIONS[] = {
    {.utf8name = "open", .method = addon_open},
    {.utf8name = "close", .method = addon_close},
    {.utf8name = "siteAnswers", .method = addon_answers},
    {.utf8name = "headerIsOurs", .method = addon_header_is_ours},
    {.utf8name = "needsStore", .method = addon_needs_store},
    {.utf8name = "upkeepDue", .method = addon_upkeep_due},
    {.utf8name = "begin", .method = addon_begin},
    {.utf8name = "step", .method = addon_step},
    {.utf8name = "drop", .method = addon_drop},
    {.utf8name = "upkeep", .method = addon_upkeep},
    {.utf8name = "sealerOpen", .method = addon_sealer_open},
    {.utf8name = "sealerClose", .method = addon_sealer_close},
    {.utf8name = "seal", .method = addon_seal},
    {.utf8name = "unseal", .method = addon_unseal},
    {.utf8name = "options", .method = addon_options},
    {.utf8name = "refusals", .method = addon_refusals},
    {.utf8name = "version", .method = addon_version},
    {.utf8name = "opensslVersion", .method = addon_openssl},
    {.utf8name = "counts", .method = addon_counts},
};

NAPI_MODULE_INIT()
{
    state *s = state_open();

    if (!s || napi_set_instance_data(env, s, end_environment, NULL) != napi_ok) {
        if (s)
            state_leave(s);
        napi_throw_error(env, NULL, "memory is short");
        return NULL;
    }
    if (napi_define_properties(env, exports, sizeof FUNCTIONS / sizeof FUNCTIONS[0], FUNCTIONS) != napi_ok)
        return NULL;
    return exports;
}
