// SPDX-License-Identifier: Apache-2.0
// Reads what bearer() is given: what is the Gate's, what the rule demands, and what is ours. What cannot be safe does not start.

import { callerPlace, checkNames, spellings as namesOf } from '../options.js';

/**
 * @typedef {object} BearerOptions
 * @property {string | string[] | Record<string, any>[]} [issuer]  exactly as the provider spells it; several; or objects with an issuer and
 * further options of its provider. Default: the environment's ISSUER_BASE_URL
 * @property {string | string[]} [issuerBaseURL]  the same for those who do not know whether their issuer ends with a slash
 * @property {string | string[]} [audience]       a token must name one of these. Required. Default: the environment's AUDIENCE
 * @property {string | string[]} [tokenTypes]     at+jwt (the default), jwt, id_token, opaque
 * @property {string | string[]} [tokenFrom]      header (the default), query, form, cookie:NAME
 * @property {string | string[]} [scope]          a token must carry all of these
 * @property {string | string[]} [require]        expressions over the claims; all must hold
 * @property {string | string[]} [algorithms]     accepted for signatures
 * @property {string} [clientId]                  for introspection, with clientSecret, clientSecretFile or clientSecretEnv
 * @property {string} [clientSecret]
 * @property {boolean} [authRequired]             false: a request without a token passes, without req.auth; a bad token is refused all the same
 * @property {boolean} [passErrors]               refusals go to the application's error handler
 * @property {string | string[]} [forwardTo]      origins of the services that req.auth.fetch may carry the token to
 * @property {string} [realm]                     said in WWW-Authenticate. Default: api
 * @property {boolean} [allowInsecureHttp]        danger: http for the issuer and for forwardTo outside loopback
 * @property {Function} [customFetch]
 * @property {any} [trustProxy]
 * @property {(level: string, line: string, request?: any) => void} [log]
 *
 * @typedef {object} Setting
 * @property {Record<string, any>} gate    for new Gate()
 * @property {Record<string, any>} rule    for gate.rule()
 * @property {string} realm
 * @property {boolean} authRequired
 * @property {boolean} passErrors
 * @property {boolean} readsForm
 * @property {Set<string>} forwardTo
 */

/** Other packages' names for what has a name here. @type {Record<string, string>} */
const ALIASES = { clientID: 'clientId', tokenSigningAlg: 'algorithms', clockTolerance: 'clockSkew' };

/** What other packages have, and this leaves out: better no start than a surprise. @type {Record<string, string>} */
const NOT_HERE = {
  secret: 'tokens signed with a shared secret are not accepted: whoever can check one can make one',
  jwksUri: 'keys are found by the issuer\'s metadata: set "issuer", and "configUrl" where its metadata lie elsewhere',
  strict: 'set "tokenTypes": "at+jwt" is strict and the default, "jwt" takes access tokens that do not follow RFC 9068',
  validators: 'use claimCheck(), or "require"',
  maxTokenAge: 'use claimCheck(): claims.iat says when the token was made',
  dpop: 'proofs of possession are not there yet: tokens bound to a key are refused',
  mtls: 'client certificates are not there yet: tokens bound to one are refused',
  mcd: 'give several issuers as "issuer"',
};

const OF_GATE = ['customFetch', 'trustProxy', 'log', 'tokenCacheSize'];
const OWN = ['issuer', 'issuerBaseURL', 'audience', 'tokenTypes', 'tokenFrom', 'scope', 'require', 'algorithms', 'authRequired', 'passErrors', 'forwardTo', 'realm'];
/** Of a provider, but for people who sign in; or under a name of its own here. */
const NOT_OFFERED = ['issuer', 'scope', 'sessionStore', 'accessTokenSigningAlg'];
const PROVIDERS_MAX = 8; // that one rule may name

/** @param {any} value @returns {string[]} */
const words = (value) => (value === undefined ? [] : [value].flat().flatMap((each) => String(each).split(/\s+/)).filter(Boolean));

/** @param {Record<string, any>} given @returns {Record<string, any>} */
function withAliases(given) {
  const read = { ...given };
  for (const [alias, name] of Object.entries(ALIASES)) {
    if (read[alias] === undefined) continue;
    if (read[name] !== undefined) throw new TypeError(`bearer: "${alias}" and "${name}" are the same: give one of them`);
    read[name] = read[alias];
    delete read[alias];
  }
  for (const [name, why] of Object.entries(NOT_HERE)) if (read[name] !== undefined) throw new TypeError(`bearer: "${name}": ${why}`);
  return read;
}

/** @param {Record<string, any>} read */
function withEnvironment(read) {
  const { ISSUER_BASE_URL: issuerBaseURL, AUDIENCE: audience } = process.env;
  if (read.issuer === undefined && read.issuerBaseURL === undefined && issuerBaseURL) read.issuerBaseURL = issuerBaseURL;
  if (read.audience === undefined && audience) read.audience = audience;
  return read;
}

/**
 * An issuer that is a mere origin is spelled with a slash at the end by some providers, and without by others. Each spelling is a
 * provider: metadata and tokens must still agree with theirs to the letter.
 * @param {string} base
 */
function spellings(base) {
  if (!URL.canParse(base)) return [base];
  const { origin, pathname, search } = new URL(base);
  if (pathname !== '/' || search) return [base];
  const all = [base, base.endsWith('/') ? base.slice(0, -1) : `${base}/`];
  return /\.auth0\.com$/.test(new URL(origin).hostname) ? all.filter((each) => each.endsWith('/')) : all;
}

/** @param {Record<string, any>} read @returns {Record<string, any>[]} the options of each provider */
function readIssuers({ issuer, issuerBaseURL }) {
  if (issuer !== undefined && issuerBaseURL !== undefined) throw new TypeError('bearer: give "issuer" or "issuerBaseURL", not both');
  const exact = issuer === undefined ? [] : [issuer].flat();
  const loose = issuerBaseURL === undefined ? [] : [issuerBaseURL].flat().flatMap(spellings);
  const found = [...exact, ...loose].map((each) => (typeof each === 'string' ? { issuer: each } : each));
  if (found.length === 0) throw new TypeError('bearer: "issuer" is missing: whose tokens are accepted here? Give it to bearer(), or ISSUER_BASE_URL in the environment');
  if (found.some((each) => each === null || typeof each !== 'object' || typeof each.issuer !== 'string' || !each.issuer)) {
    throw new TypeError('bearer: "issuer" must be a string, several, or objects with an "issuer"');
  }
  if (found.length > PROVIDERS_MAX) throw new TypeError(`bearer: at most ${PROVIDERS_MAX} issuers`);
  return found;
}

/** @param {any} given @param {boolean} insecure @returns {Set<string>} */
function readOrigins(given, insecure) {
  return new Set(words(given).map((each) => {
    const url = URL.canParse(each) ? new URL(each) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hostname.includes('*') || url.pathname !== '/' || url.search || url.hash) {
      throw new TypeError(`bearer: "forwardTo" must be origins, such as https://orders.example.com, not ${each}`);
    }
    if (url.protocol === 'http:' && !insecure && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) {
      throw new TypeError(`bearer: "forwardTo": ${each} would carry tokens in the clear: use https`);
    }
    return url.origin;
  }));
}

/** @param {string} name @param {any} value @param {boolean} fallback */
function readFlag(name, value, fallback) {
  if (value !== undefined && typeof value !== 'boolean') throw new TypeError(`bearer: "${name}" must be true or false`);
  return value ?? fallback;
}

/** @param {Record<string, any>} rest */
function split(rest) {
  const entries = Object.entries(rest).filter(([, value]) => value !== undefined);
  const of = (/** @type {boolean} */ gate) => Object.fromEntries(entries.filter(([name]) => OF_GATE.includes(name) === gate));
  return { forGate: of(true), forProvider: of(false) };
}

/**
 * @param {BearerOptions & Record<string, any>} given
 * @returns {Setting}
 */
export function readOptions(given = {}) {
  if (given === null || typeof given !== 'object') throw new TypeError('bearer: an object of options is missing');
  const read = withEnvironment(withAliases(given));
  checkNames(read, [...OWN, ...OF_GATE, ...namesOf('provider').filter((each) => !NOT_OFFERED.includes(each))], callerPlace('bearer()'));
  const { issuer, issuerBaseURL, audience, tokenTypes = 'at+jwt', tokenFrom = 'header', scope, require, algorithms, authRequired, passErrors, forwardTo, realm = 'api', ...rest } = read;
  const issuers = readIssuers({ issuer, issuerBaseURL });
  if (words(audience).length === 0) throw new TypeError('bearer: "audience" is missing: a token that was made for another service would do. Give it to bearer(), or AUDIENCE in the environment: the name of this API at the provider');
  if (typeof realm !== 'string' || !/^[\w.-]+$/.test(realm)) throw new TypeError('bearer: "realm" must be one word');
  const { forGate, forProvider } = split(rest);
  const shared = { ...forProvider, ...(algorithms !== undefined && { accessTokenSigningAlg: words(algorithms).join(' ') }), sessionStore: 'application' };
  const names = issuers.map((_, i) => (i ? `${realm}${i + 1}` : realm));
  const needed = readFlag('authRequired', authRequired, true);
  return {
    gate: { ...forGate, providers: Object.fromEntries(issuers.map((each, i) => [names[i], { ...shared, ...each }])) },
    rule: {
      bearer: names.join(' '), audience: words(audience).join(' '), bearerType: words(tokenTypes).join(' '), bearerFrom: words(tokenFrom).join(' '),
      unauthenticated: needed ? '401' : 'pass', ...(words(scope).length && { bearerScope: words(scope).join(' ') }), ...(require !== undefined && { require }),
    },
    realm, authRequired: needed, passErrors: readFlag('passErrors', passErrors, false), readsForm: words(tokenFrom).includes('form'),
    forwardTo: readOrigins(forwardTo, rest.allowInsecureHttp === true),
  };
}

/** The engine's names for what has another name here. @type {[RegExp, string][]} */
const SPELLED = [
  [/\baccessTokenSigningAlg\b/g, 'algorithms'], [/\bbearerType\b/g, 'tokenTypes'], [/\bbearerFrom\b/g, 'tokenFrom'], [/\bbearerScope\b/g, 'scope'],
  [/\blet unauthenticated be login or 401\b/g, 'let authRequired be true, and say it where a token is needed: requiredScopes(), claimCheck()'],
];

/** What the engine says of the options, in the words of this interface. @param {any} error */
export function inOurWords(error) {
  if (error?.code === 'GATE_OPTION') error.message = SPELLED.reduce((text, [theirs, ours]) => text.replace(theirs, ours), error.message);
  return error;
}
