// SPDX-License-Identifier: Apache-2.0
// Around every operation: answers the gate's own paths, and gives the engine's answer where the strategy let nobody in.
import { OidcAnswer } from './strategy.js';

/**
 * @param {import('../gate.js').Gate} gate
 * @param {{loginPath: string, rule?: any}} login
 */
export function makeMiddleware(gate, login) {
  return async (/** @type {any} */ context, /** @type {() => any} */ next) => {
    const { request, response } = context;
    const path = request.path;
    if (gate.answers(path)) return write(response, await gate.guard(gate.request(request)));
    if (login.rule && path === login.loginPath) return logIn(gate, login.rule, request, response);
    try {
      return await next();
    } catch (error) {
      if (error instanceof OidcAnswer && !response.headersSent) return write(response, /** @type {any} */ (error).verdict);
      throw error;
    }
  };
}

/**
 * @param {import('../gate.js').Gate} gate
 * @param {any} rule
 * @param {any} request
 * @param {any} response
 */
async function logIn(gate, rule, request, response) {
  const verdict = await gate.guard(gate.request(request), rule);
  if (!verdict.pass) return write(response, verdict);
  const wanted = new URLSearchParams(request.url.split('?')[1]).get('returnTo') ?? '/';
  for (const [name, value] of verdict.headers) response.append(name, value);
  response.redirect(303, /^\/(?![/\\])[\x21-\x7e]*$/.test(wanted) ? wanted : '/');
  return response;
}

/**
 * @param {any} response
 * @param {any} verdict
 */
function write(response, verdict) {
  response.statusCode = verdict.status;
  for (const [name, value] of verdict.headers) response.append(name, value);
  response.end(verdict.body);
  return response;
}
