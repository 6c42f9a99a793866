// SPDX-License-Identifier: Apache-2.0
// The options of auth(): their kinds, their defaults, and what is not offered here. Names and defaults are express-openid-connect's.

const isObject = (/** @type {any} */ v) => v !== null && typeof v === 'object' && !Array.isArray(v);

/** @type {Record<string, [(v: any) => boolean, string]>} */
export const KINDS = {
  text: [(v) => typeof v === 'string', 'a string'],
  filled: [(v) => typeof v === 'string' && v !== '', 'a string that is not empty'],
  url: [isUrl, 'a valid uri'],
  flag: [(v) => typeof v === 'boolean', 'a boolean'],
  number: [(v) => Number.isFinite(v) && v >= 0, 'a number'],
  timeout: [(v) => v >= 500 && v <= 2 ** 31, 'greater than or equal to 500'],
  duration: [(v) => v === false || (Number.isInteger(v) && v > 0), 'an integer number of seconds, or false'],
  function: [(v) => typeof v === 'function', 'of type function'],
  object: [isObject, 'of type object'],
  store: [(v) => v !== null && typeof v === 'object' && ['get', 'set', 'destroy'].every((name) => typeof v[name] === 'function'), 'a store of express-session: get, set and destroy'],
  names: [(v) => Array.isArray(v) && v.every((each) => typeof each === 'string'), 'an array of strings'],
  words: [(v) => typeof v === 'string' || (Array.isArray(v) && v.every((each) => typeof each === 'string')), 'a string or an array of strings'],
  secret: [isSecret, 'a string of at least 8 characters, or several'],
  route: [(v) => v === false || (typeof v === 'string' && v !== ''), 'a path, or false'],
  sameSite: [(v) => ['Lax', 'Strict', 'None'].includes(v), 'one of [Lax, Strict, None]'],
  any: [(v) => v !== null, 'given'],
};

function isUrl(/** @type {any} */ v) {
  return typeof v === 'string' && /^https?:\/\//i.test(v) && URL.canParse(v);
}

function isSecret(/** @type {any} */ v) {
  const all = [v].flat();
  return all.length > 0 && all.length <= 8 && all.every((each) => (typeof each === 'string' || each instanceof Uint8Array) && each.length >= 8);
}

/**
 * Name, kind, default. A default of undefined: none. A list within a list is a group.
 * @typedef {[name: string, kindOrGroup: any, fallback?: any]} Entry
 * @type {Entry[]}
 */
export const ENTRIES = [
  ['secret', 'secret'], ['issuerBaseURL', 'url'], ['baseURL', 'url'], ['clientID', 'filled'], ['clientSecret', 'filled'],
  ['authorizationParams', 'object', {}],
  ['authRequired', 'flag', true], ['errorOnRequiredAuth', 'flag', false], ['attemptSilentLogin', 'flag', false],
  ['idpLogout', 'flag'], ['auth0Logout', 'flag'], ['logoutParams', 'object', {}],
  ['clockTolerance', 'number', 60], ['idTokenSigningAlg', 'words', 'RS256'],
  ['identityClaimFilter', 'names', ['aud', 'iss', 'iat', 'exp', 'nbf', 'nonce', 'azp', 'auth_time', 's_hash', 'at_hash', 'c_hash']],
  ['routes', [
    ['login', 'route', '/login'], ['logout', 'route', '/logout'], ['callback', 'route', '/callback'],
    ['postLogoutRedirect', 'text', ''], ['backchannelLogout', 'text'],
  ]],
  ['session', [
    ['name', 'filled', 'appSession'], ['store', 'store'], ['genid', 'function'],
    ['signSessionStoreCookie', 'flag', false], ['requireSignedSessionStoreCookie', 'flag'],
    ['rolling', 'flag', true], ['rollingDuration', 'duration'], ['absoluteDuration', 'duration', 604800],
    ['cookie', [
      ['domain', 'filled'], ['path', 'filled'], ['transient', 'flag', false], ['httpOnly', 'flag', true], ['sameSite', 'sameSite', 'Lax'],
      ['secure', 'flag'],
    ]],
  ]],
  ['transactionCookie', [['name', 'filled'], ['sameSite', 'sameSite']]],
  ['clientAuthMethod', 'filled'], ['clientAssertionSigningKey', 'any'], ['clientAssertionSigningAlg', 'filled'],
  ['httpTimeout', 'timeout', 5000], ['httpUserAgent', 'filled'], ['customFetch', 'function'],
  ['getLoginState', 'function'], ['afterCallback', 'function'],
  ['legacySameSiteCookie', 'flag'], ['enableTelemetry', 'flag'], ['discoveryCacheMaxAge', 'number'],
  ['userinfo', 'flag', false], ['provider', 'object', {}], ['log', 'function'],
  ['pushedAuthorizationRequests', 'any'], ['requestObjectSigningKey', 'any'], ['requestObjectSigningAlg', 'any'], ['requestObjectSigningKeyId', 'any'],
  ['useMtls', 'any'], ['tokenEndpointParams', 'any'], ['backchannelLogout', 'any'],
];

/** What express-openid-connect has and this does not (yet): better no start than a surprise. @type {Record<string, string>} */
export const NOT_HERE = {
  pushedAuthorizationRequests: 'pushed authorization requests are not there yet',
  requestObjectSigningKey: 'signed request objects are not there yet',
  requestObjectSigningAlg: 'signed request objects are not there yet',
  requestObjectSigningKeyId: 'signed request objects are not there yet',
  useMtls: 'client certificates are not there yet: use a clientSecret or a clientAssertionSigningKey',
  tokenEndpointParams: 'the token request takes no further parameters',
  backchannelLogout: 'back-channel logout is not there yet',
};
