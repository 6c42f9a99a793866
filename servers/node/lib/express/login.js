// SPDX-License-Identifier: Apache-2.0
// Sign-in from the side of the application: what goes along to the provider, and what comes back with the answer.
import { ownAddress } from './return.js';

export const SCOPE = 'openid profile email';
const NOTE_MAX = 1024; // bytes, of the engine

const TARGET_MAX = 2000; // bytes, of the engine: the address to return to and the note share a cookie

/** Said to the engine by options, not by parameters. */
const CONFIGURED = ['response_type', 'response_mode', 'redirect_uri', 'client_id'];

/** What holds for every sign-in. @param {any} config @param {string} name */
function configured({ redirectUri, clientID, authorizationParams: { response_mode: mode = 'query' } }, name) {
  return { response_type: 'code', response_mode: mode, redirect_uri: redirectUri, client_id: clientID }[name];
}

/** What every sign-in sends, for getLoginState to look at. @param {any} config */
export function usualParameters({ redirectUri, authorizationParams }) {
  return { response_type: 'code', scope: SCOPE, redirect_uri: redirectUri, ...authorizationParams };
}

/**
 * The parameters of one authorization request: those of auth() under those of this call.
 * @param {any} config
 * @param {any} given
 */
export function parametersOf(config, given = {}) {
  const params = { ...config.authorizationParams, ...given };
  for (const name of CONFIGURED) {
    if (given[name] !== undefined && given[name] !== configured(config, name)) throw new TypeError(`"authorizationParams.${name}" is for auth(), where it holds for every sign-in: it cannot be another for one`);
    delete params[name];
  }
  if (params.scope !== undefined && !/\bopenid\b/.test(params.scope)) throw new TypeError('scope should contain "openid"');
  return asText(params);
}

/** @param {any} params @returns {Record<string, string>} */
export function asText(params) {
  const pairs = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(pairs.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]));
}

/**
 * Where the person goes after the sign-in: what the application says, or the page that was asked for.
 * @param {any} site
 * @param {any} req
 * @param {any} [asked]
 */
export function returnAddress({ config }, req, asked) {
  const wish = asked || (req.method === 'GET' && req.originalUrl ? req.originalUrl.replace(/^\/+/, '/') : config.baseURL);
  const own = ownAddress(wish, config.baseURL);
  if (!own && asked) config.log('warn', 'a sign-in was asked to return to an address that is not of baseURL: it will return to baseURL', req);
  return own?.location ?? config.baseURL;
}

/**
 * What the application wants to have again at the end, sealed into the attempt. A long address to return to is the engine's to keep.
 * @param {any} state
 */
export function writeNote(state) {
  if (state === null || typeof state !== 'object') throw new Error('Custom state value must be an object.');
  const whole = JSON.stringify(state);
  if (Buffer.byteLength(whole) <= NOTE_MAX) return whole;
  const { returnTo, ...rest } = state;
  const short = JSON.stringify(rest);
  if (Buffer.byteLength(short) > NOTE_MAX) throw new Error(`the state of a sign-in is too long: ${Buffer.byteLength(short)} bytes, of ${NOTE_MAX} at most`);
  return short;
}

/**
 * What the engine is to keep of the address to return to: a path, or that of baseURL where it is too long for a cookie.
 * @param {any} site
 * @param {any} req
 * @param {any} wish
 * @param {string} note  where the address stands already, if it is short
 */
export function targetOf({ config }, req, wish, note) {
  const path = ownAddress(wish, config.baseURL)?.path ?? '/';
  if (path.length + Buffer.byteLength(note) * 4 / 3 + 4 <= TARGET_MAX) return path;
  if (JSON.parse(note).returnTo === undefined) config.log('warn', 'the address to return to is too long to be remembered: the sign-in will return to baseURL', req);
  return new URL(config.baseURL).pathname;
}

/**
 * @param {any} verdict
 * @returns {any}
 */
export function readNote(verdict) {
  if (typeof verdict.note !== 'string' || verdict.note === '') return undefined;
  try {
    return { returnTo: verdict.returnTo || undefined, ...JSON.parse(verdict.note) };
  } catch {
    return undefined;
  }
}
