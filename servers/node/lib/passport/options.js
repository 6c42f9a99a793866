// SPDX-License-Identifier: Apache-2.0
// The options of passport-openidconnect, and what they are to the gate. What is not named here is the gate's own, and goes there.
import { createHash } from 'node:crypto';
import { fetchFor } from './metadata.js';

const NAME = 'OpenIDConnectStrategy';

/**
 * @typedef {object} Options
 * @property {string} issuer
 * @property {string} clientID
 * @property {string} [clientSecret]          or clientSecretFile, clientSecretEnv
 * @property {string} [callbackURL]           a whole URL, or a path of this site
 * @property {string} [authorizationURL]      in place of what the metadata say, as the three that follow
 * @property {string} [tokenURL]
 * @property {string} [userInfoURL]
 * @property {string} [jwksURL]               with authorizationURL and tokenURL: the provider's metadata are not asked for
 * @property {string} [configURL]             where the metadata are; default: below the issuer
 * @property {string | string[]} [scope]      beside openid
 * @property {'query' | 'form_post'} [responseMode]
 * @property {string} [prompt]
 * @property {string} [display]
 * @property {string} [uiLocales]
 * @property {string} [loginHint]
 * @property {number | string} [maxAge]       seconds
 * @property {string} [acrValues]
 * @property {string} [idTokenHint]
 * @property {object} [claims]
 * @property {boolean} [nonce]                always on, as state
 * @property {boolean} [state]
 * @property {boolean | 'S256'} [pkce]        on
 * @property {Record<string, string>} [customHeaders]  for requests to the provider
 * @property {string} [sessionKey]
 * @property {boolean | ((req: any, claims: any, done?: (error: any, skip?: boolean) => void) => any)} [skipUserProfile]
 * @property {boolean} [passReqToCallback]
 * @property {boolean} [legacyVerify]         the verify function takes what it took before version 0.1
 * @property {number} [verifyArity]           which form of verify is meant, where wrappers hide how many arguments it declares
 * @property {(url: string, init?: any) => Promise<Response>} [customFetch]
 * @property {string | string[]} [cookieSecret]  seals sign-ins under way; with several processes, the same for all
 */

const REQUIRED = [['issuer', 'an issuer'], ['clientID', 'a clientID']];

/** The gate's own names for what has another here. */
const OTHERWISE = [['clientId', 'clientID'], ['redirectUri', 'callbackURL'], ['callbackUrl', 'callbackURL'], ['configUrl', 'configURL']];

/** Options that would do nothing, or harm: better said than passed over. @type {[string, string][]} */
const REFUSED = [
  ['store', 'keeps each sign-in under way sealed in a cookie of its own and has no use for the store option'],
  ['agent', 'makes its requests by fetch and has no use for the agent option: give customFetch'],
];

const OWN = new Set([
  'issuer', 'clientID', 'callbackURL', 'authorizationURL', 'tokenURL', 'userInfoURL', 'jwksURL', 'configURL', 'scope', 'responseMode', 'prompt', 'display',
  'uiLocales', 'loginHint', 'maxAge', 'acrValues', 'idTokenHint', 'claims', 'nonce', 'state', 'customHeaders', 'sessionKey', 'skipUserProfile', 'passReqToCallback',
  'proxy', 'legacyVerify', 'verifyArity', 'customFetch', 'store', 'agent',
]);

const isWhole = (/** @type {any} */ url) => typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url);

/**
 * @param {any} options
 * @param {any} verify
 */
export function checkOptions(options, verify) {
  if (typeof verify !== 'function') throw new TypeError(`${NAME} requires a verify function`);
  for (const [name, words] of REQUIRED) {
    if (!options[name]) throw new TypeError(`${NAME} requires ${words} option`);
  }
  for (const name of ['issuer', 'authorizationURL']) {
    if (options[name] && !isWhole(options[name])) throw new TypeError(`${NAME} requires ${name} to be a whole URL`);
  }
  for (const [theirs, ours] of OTHERWISE) {
    if (options[theirs] !== undefined) throw new TypeError(`${NAME} has no ${theirs} option: say ${ours}`);
  }
  for (const [name, words] of REFUSED) {
    if (options[name]) throw new TypeError(`${NAME} ${words}`);
  }
  if (options.proxy && !isWhole(options.callbackURL)) {
    throw new TypeError(`${NAME} does not guess its own address from X-Forwarded-Host: give callbackURL as a whole URL in place of the proxy option`);
  }
  if (options.callbackURL) checkCallbackURL(options.callbackURL);
}

/** @param {any} url */
export function checkCallbackURL(url) {
  if (!isWhole(url) && !(typeof url === 'string' && /^\/(?!\/)/.test(url))) {
    throw new TypeError(`${NAME} requires callbackURL to be a whole URL, or a path that begins with '/'`);
  }
}

/** @param {string | string[] | undefined} scope */
export function scopeWords(scope) {
  const words = [scope ?? []].flat().flatMap((part) => String(part).split(' ')).filter(Boolean);
  return [...new Set(['openid', ...words])].join(' ');
}

/**
 * @param {Options} options
 * @returns {string}
 */
export function sessionKeyOf(options) {
  return options.sessionKey ?? `openidconnect:${new URL(options.authorizationURL ?? options.issuer).hostname}`;
}

/**
 * What `new Gate` is given for one callback URL.
 * @param {any} options
 * @param {string} callbackURL
 * @param {string} cookieName
 */
export function gateOptions(options, callbackURL, cookieName) {
  const rest = Object.fromEntries(Object.entries(options).filter(([name, value]) => !OWN.has(name) && value !== undefined && value !== null));
  const given = {
    issuer: options.issuer,
    clientId: options.clientID,
    redirectUri: callbackURL,
    scope: scopeWords(options.scope),
    responseMode: options.responseMode,
    configUrl: options.configURL,
    userinfo: options.skipUserProfile === true ? false : undefined,
    pkce: options.pkce === 'S256' ? true : undefined,
    customFetch: fetchFor(options),
    cookieName,
    sessionStore: 'application',
  };
  return { ...rest, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null)) };
}

/**
 * Strategies of one application must not take each other's attempts for old ones and clear them away.
 * @param {any} options
 * @param {string} callbackURL
 */
export function cookieNameOf(options, callbackURL) {
  const hash = createHash('sha256').update(JSON.stringify([options.issuer, options.clientID, callbackURL])).digest('hex');
  return `oidc_${hash.slice(0, 12)}`;
}
