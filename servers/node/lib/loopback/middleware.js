// SPDX-License-Identifier: Apache-2.0
// Around every operation: takes away what clients send as identity headers, answers the gate's own paths and the login path, and gives
// the engine's answer where the strategy let nobody in.
import { addHeaders, sendAnswer } from '../guard/answer.js';
import { OidcAnswer } from './strategy.js';

/**
 * @typedef {import('../guard/guard.js').Guard} Guard
 * @typedef {{path: string, rules: Map<string, any>}} Login  rules: by the provider's name; '' for who does not name one
 */

/**
 * @param {Guard} guard
 * @param {Login} login
 */
export function makeMiddleware(guard, login) {
  return async (/** @type {any} */ context, /** @type {() => any} */ next) => {
    const { request, response } = context;
    const verdict = await guard.atSite(request, {});
    if (verdict) return answer(request, response, verdict);
    if (request.path === login.path && login.rules.size > 0) return logIn(guard, login.rules, request, response);
    try {
      return await next();
    } catch (error) {
      if (error instanceof OidcAnswer) return answer(request, response, /** @type {any} */ (error).verdict);
      throw error;
    }
  };
}

/**
 * @param {Guard} guard
 * @param {Map<string, any>} rules
 * @param {any} request
 * @param {any} response
 */
async function logIn(guard, rules, request, response) {
  const query = new URLSearchParams(request.url.split('?')[1]);
  const rule = rules.get(query.get('provider') ?? '') ?? rules.get('');
  const verdict = await guard.atPlace(request, rule);
  if (!verdict.pass) return answer(request, response, verdict);
  const wanted = query.get('returnTo') ?? '/';
  addHeaders(response, verdict.headers);
  response.redirect(303, /^\/(?![/\\])[\x21-\x7e]*$/.test(wanted) ? wanted : '/');
  return response;
}

/**
 * @param {any} request
 * @param {any} response
 * @param {any} verdict
 */
function answer(request, response, verdict) {
  if (!verdict.gone) sendAnswer(request, response, verdict);
  return response;
}
