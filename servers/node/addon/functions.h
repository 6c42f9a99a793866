/* SPDX-License-Identifier: Apache-2.0 */
/* The addon's functions, as JavaScript calls them. */
#ifndef NODE_FUNCTIONS_H
#define NODE_FUNCTIONS_H

#include "value.h"

/* engine.c */

/* open(providers: string[], sites, rules: number[] (the site of each), [scope, number, option, value, place, ...]) -> engine.
 * Throws what the engine says, in one line. */
napi_value addon_open(napi_env env, napi_callback_info info);
napi_value addon_close(napi_env env, napi_callback_info info);   /* close(engine): ends with its last transaction */
napi_value addon_answers(napi_env env, napi_callback_info info); /* siteAnswers(engine, site, path) */
napi_value addon_header_is_ours(napi_env env, napi_callback_info info); /* headerIsOurs(engine, name) */
napi_value addon_needs_store(napi_env env, napi_callback_info info);    /* needsStore(engine) */
napi_value addon_upkeep_due(napi_env env, napi_callback_info info);     /* upkeepDue(engine, now) -> seconds */

/*
 * tx.c. begin, step and upkeep answer a need:
 *
 *   [0 BODY, log, tx, maxBytes]
 *   [1 STORE, log, tx, op, keys: Buffer[], value: Buffer, expires]
 *   [2 FETCH, log, tx, method, url, headers, body: Buffer, maxBytes, timeoutMs, share, shareAs, caFile, crlFile]
 *   [3 DONE, log, pass, signedIn, status, headers, body, identity, refusal, claims, userinfo, idToken, accessToken, refreshToken,
 *    tokenResponse, expires, returnTo, note, error, errorDescription, errorUri, standsSince, standsUntil]
 *
 * accessToken: where it begins in the request's Authorization when it came in there: it need not be made anew.
 * `log`: [level, line, ...]; headers, identity: [name, value, ...]; what is not there is undefined. A transaction that is done has
 * ended; one that never waited has no handle.
 */

/* begin(engine, site, rule, ask, now, method, scheme, authority, target, path, name, value, ...): the request and the first step.
 * ask: null, or [kind, provider, returnTo, parameters, note, idToken]. path is text, all else bytes. */
napi_value addon_begin(napi_env env, napi_callback_info info);

/* step(tx, now, outcome, body, status, headers, values, why) */
napi_value addon_step(napi_env env, napi_callback_info info);
napi_value addon_drop(napi_env env, napi_callback_info info); /* drop(tx): nobody waits for it any more */
napi_value addon_upkeep(napi_env env,
                        napi_callback_info info); /* upkeep(engine, now) -> need, or null: nothing is due */

/* need.c */
void box_tx_ended(engine_box *owner); /* one of its transactions has ended: the books */

/* Ends `tx` when it is done; otherwise it is kept in a handle. NULL with an exception pending. */
napi_value need_value(args *a, engine_box *owner, gate_tx *tx, const gate_need *need, bool asked);
napi_value need_again(args *a, tx_box *box, napi_value handle, const gate_need *need);

/* done.c */
napi_value done_value(args *a, engine_box *owner, gate_tx *tx, const gate_done *done, bool asked);

/* log.c */
void log_hook(void *context, void *host, gate_log_level level, gate_str line);
void list_log(list *l, uint32_t at, log_lines *log); /* and forgets them */

/* sealer.c: sealerOpen(secrets: string[], purpose), sealerClose(sealer), seal(sealer, members, text) -> string or null,
 * unseal(sealer, sealed) -> [header, text] or null */
napi_value addon_sealer_open(napi_env env, napi_callback_info info);
napi_value addon_sealer_close(napi_env env, napi_callback_info info);
napi_value addon_seal(napi_env env, napi_callback_info info);
napi_value addon_unseal(napi_env env, napi_callback_info info);

/* table.c: options(), refusals(): arrays of objects; version(), opensslVersion(); counts() -> [engines, transactions, sealers] */
napi_value addon_options(napi_env env, napi_callback_info info);
napi_value addon_refusals(napi_env env, napi_callback_info info);
napi_value addon_version(napi_env env, napi_callback_info info);
napi_value addon_openssl(napi_env env, napi_callback_info info);
napi_value addon_counts(napi_env env, napi_callback_info info);

#endif
