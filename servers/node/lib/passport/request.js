// SPDX-License-Identifier: Apache-2.0
// The application's request: is it the provider's answer, and what does the engine see of it?

/**
 * @typedef {import('../gate.js').Gate} Gate
 * @typedef {import('./attempts.js').Keeper} Keeper
 */

const isFilled = (/** @type {any} */ value) => typeof value === 'string' && value !== '';

/**
 * An answer has a code or an error. One that has neither, at the address for answers, must not be taken for the wish to sign in: browser
 * and provider would go in circles.
 * @param {any} req
 * @param {{responseMode?: string, callbackURL?: string}} options
 * @returns {boolean}
 */
export function isAnswer(req, { responseMode, callbackURL }) {
  const [path, query] = String(req.originalUrl ?? req.url ?? '').split('?');
  const fields = new URLSearchParams(query);
  if (fields.has('code') || fields.has('error')) return true;
  const isCallback = callbackURL !== undefined && path === new URL(callbackURL, 'http://localhost').pathname;
  if (isCallback && fields.has('state')) return true;
  if (req.method !== 'POST' || responseMode !== 'form_post') return false;
  return isCallback || isFilled(req.body?.code) || isFilled(req.body?.error);
}

/**
 * @param {Gate} gate
 * @param {any} req
 * @param {Keeper} keeper
 */
export function requestOf(gate, req, keeper) {
  const request = gate.request(req.raw ?? req);
  const kept = keeper.sent().filter((pair) => /^[\w.-]+=[\w.-]+$/.test(pair.join('='))).map((pair) => pair.join('='));
  if (kept.length > 0) addCookies(request.headers, kept.join('; '));
  return request;
}

/**
 * @param {string[]} headers  name, value, name, value ...
 * @param {string} cookies
 */
function addCookies(headers, cookies) {
  const at = headers.findIndex((name, i) => i % 2 === 0 && name === 'cookie');
  if (at < 0) headers.push('cookie', cookies);
  else headers[at + 1] = `${cookies}; ${headers[at + 1]}`;
}

/**
 * Does the browser have some sign-in under way, though perhaps not this one?
 * @param {{headers: string[]}} request
 * @param {string} cookieName
 */
export function hasAttempt({ headers }, cookieName) {
  return headers.some((value, i) => i % 2 === 1 && headers[i - 1] === 'cookie' && value.includes(`${cookieName}.a`));
}
