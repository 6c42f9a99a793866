// SPDX-License-Identifier: Apache-2.0
// Reads what auth() is given. What cannot be, or cannot be safe, is a TypeError with one line at start.
import { environmentIsOf, unknownOption } from '../options.js';
import { ENTRIES, KINDS, NOT_HERE } from './defaults.js';

/** @typedef {import('./defaults.js').Entry} Entry */

/** @type {[string, string][]} */
const ENVIRONMENT = [
  ['secret', 'SECRET'], ['issuerBaseURL', 'ISSUER_BASE_URL'], ['baseURL', 'BASE_URL'], ['clientID', 'CLIENT_ID'], ['clientSecret', 'CLIENT_SECRET'],
];

/** Parameters of the authorization request that only the engine says. */
const OURS = ['state', 'nonce', 'code_challenge', 'code_challenge_method', 'request', 'request_uri'];

/** @param {string} where @param {string} name @param {string[]} known */
function unknown(where, name, known) {
  const [, near] = unknownOption(name, known, '').message.match(/did you mean (.*)\?$/) ?? [];
  return new TypeError(`"${where}" is not allowed${near ? `: did you mean "${near}"?` : ''}`);
}

/** Bytes are taken as the text that they are. @param {string | Uint8Array} secret */
function secretText(secret) {
  const text = typeof secret === 'string' ? secret : Buffer.from(secret).toString('utf8');
  if (typeof secret !== 'string' && !Buffer.from(text).equals(secret)) throw new TypeError('"secret" must be text: give bytes as base64, and expect people to sign in once more');
  return text;
}

/**
 * @param {any} given
 * @param {Entry[]} entries
 * @param {string} place
 */
function readGroup(given, entries, place) {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) throw new TypeError(`"${place}" must be of type object`);
  const names = entries.map(([name]) => name);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw unknown(`${place && `${place}.`}${name}`, name, names);
  }
  /** @type {any} */
  const read = {};
  for (const [name, kind, fallback] of entries) {
    const where = place ? `${place}.${name}` : name;
    read[name] = Array.isArray(kind) ? readGroup(given[name] ?? {}, kind, where) : readOne(given[name], kind, fallback, where);
  }
  return read;
}

/** @param {any} value @param {string} kind @param {any} fallback @param {string} where */
function readOne(value, kind, fallback, where) {
  if (value === undefined) return fallback;
  const [fits, words] = KINDS[kind];
  const read = valueOf(value, kind, where);
  if (!fits(read)) throw new TypeError(`"${where}" must be ${words}`);
  return read;
}

/** Numbers and flags as text too: that is what environment variables hold. @param {any} value @param {string} kind @param {string} where */
function valueOf(value, kind, where) {
  if (typeof value === 'string' && /^(flag|duration)$/.test(kind)) return textValue(value);
  if (kind !== 'number' && kind !== 'timeout') return value;
  const number = typeof value === 'string' ? textValue(value) : value;
  if (!Number.isFinite(number)) throw new TypeError(`"${where}" must be a number`);
  return number;
}

/** @param {string} text */
function textValue(text) {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text.trim() === '' ? text : Number(text);
}

/** @param {any} params */
function withEnvironment(params) {
  const names = ENVIRONMENT.filter(([name]) => name !== 'clientSecret' || environmentIsOf(params?.issuerBaseURL, 'ISSUER_BASE_URL'));
  const found = names.filter(([, variable]) => process.env[variable]).map(([name, variable]) => [name, process.env[variable]]);
  return { ...Object.fromEntries(found), ...params };
}

/** @param {any} read */
function refuseMissing(read) {
  const [missing, ...more] = ENVIRONMENT.filter(([name]) => name !== 'clientSecret' && read[name] === undefined);
  if (missing) {
    const [name, variable] = missing;
    const also = more.length > 0 ? `; so ${more.length > 1 ? 'are' : 'is'} ${more.map(([each, its]) => `"${each}" (${its})`).join(', ')}` : '';
    throw new TypeError(`"${name}" is required: give it to auth(), or ${variable} in the environment${name === 'secret' ? ' (make one: openssl rand -hex 32)' : ''}${also}`);
  }
  for (const [name, why] of Object.entries(NOT_HERE)) {
    if (read[name]) throw new TypeError(`"${name}": ${why}`);
  }
  if (/^true$/i.test((process.env.AUTH0_MTLS ?? '').trim())) throw new TypeError(`AUTH0_MTLS: ${NOT_HERE.useMtls}`);
}

/** @param {any} scope */
function checkScope(scope) {
  if (typeof scope !== 'string') throw new TypeError('"authorizationParams.scope" must be a string');
  if (scope === '') throw new TypeError('"authorizationParams.scope" is not allowed to be empty');
  if (!/\bopenid\b/.test(scope)) throw new TypeError(`"authorizationParams.scope" with value "${scope}" fails to match the contains openid pattern`);
}

/** @param {any} read */
function checkAuthorization(read) {
  const { response_type: type = 'code', response_mode: mode, scope = 'openid profile email' } = read.authorizationParams;
  if (type !== 'code') {
    throw new TypeError('"authorizationParams.response_type" must be "code": leave it out, set clientSecret, and allow the authorization code flow for this client at the provider');
  }
  if (mode !== undefined && mode !== 'query' && mode !== 'form_post') throw new TypeError('"authorizationParams.response_mode" must be one of [query, form_post]');
  checkScope(scope);
  for (const name of OURS) {
    if (read.authorizationParams[name] !== undefined) throw new TypeError(`"authorizationParams.${name}" is made anew for each sign-in: leave it out`);
  }
  checkClientId(read, 'authorizationParams');
  checkClientId(read, 'logoutParams');
  if (!read.routes.callback && !read.authorizationParams.redirect_uri) {
    throw new TypeError('"authorizationParams.redirect_uri" is required where "routes.callback" is false: the address that the provider sends the browser back to');
  }
}

/** The client says who it is, and nobody else: the same id once more adds nothing. @param {any} read @param {string} place @param {any} [params] */
export function checkClientId(read, place, { client_id: id } = read[place]) {
  if (id !== undefined && id !== null && id !== read.clientID) throw new TypeError(`"${place}.client_id" must be "clientID", which is sent anyway: leave it out`);
}

/** In the options, or where the gate looks besides. @param {any} read */
function hasSecret({ clientSecret, provider, issuerBaseURL }) {
  const { OIDC_CLIENT_SECRET: inEnvironment, OIDC_CLIENT_SECRET_FILE: inFile } = environmentIsOf(issuerBaseURL) ? process.env : {};
  return [clientSecret, provider.clientSecret, provider.clientSecretFile, provider.clientSecretEnv, inEnvironment, inFile].some(Boolean);
}

/** Without a secret: a public client, whose codes PKCE protects. Who says response_type code expects a secret. @param {any} read */
function usualMethod(read) {
  if (read.clientAssertionSigningKey) return 'private_key_jwt';
  return hasSecret(read) || read.authorizationParams.response_type === 'code' ? 'client_secret_basic' : 'none';
}

/** @param {any} read */
function checkClient(read) {
  for (const alg of [read.idTokenSigningAlg].flat()) {
    if (/^none$/i.test(alg)) throw new TypeError('"idTokenSigningAlg" contains an invalid value: none');
    if (/^HS/.test(alg) && !hasSecret(read)) throw new TypeError('"clientSecret" is required for ID tokens with HMAC based algorithms');
  }
  const method = read.clientAuthMethod ?? usualMethod(read);
  if (!['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'].includes(method)) {
    throw new TypeError('"clientAuthMethod" must be one of [client_secret_basic, client_secret_post, private_key_jwt, none]');
  }
  if (method.startsWith('client_secret') && !hasSecret(read)) throw new TypeError(`"clientSecret" is required for the "clientAuthMethod" "${method}"`);
  if (method === 'private_key_jwt' && !read.clientAssertionSigningKey) {
    throw new TypeError('"clientAssertionSigningKey" is required for a "clientAuthMethod" of "private_key_jwt"');
  }
  read.clientAuthMethod = method;
}

/** @param {any} read */
function checkSession(read) {
  const { session } = read;
  const https = /^https:/i.test(read.baseURL);
  if (session.cookie.secure === false && https) read.log('warn', '"session.cookie.secure" is false: the session cookie goes over http in the clear');
  if (session.cookie.secure && !https) throw new TypeError('Cookies set with the `Secure` property wont be attached to http requests');
  session.cookie.secure ??= https;
  if (session.rolling && session.rollingDuration === false) {
    throw new TypeError('"session.rollingDuration" must be provided an integer value when "session.rolling" is true');
  }
  if (!session.rolling && session.rollingDuration) throw new TypeError('"session.rollingDuration" must be false when "session.rolling" is disabled');
  if (!session.rolling && !session.absoluteDuration) throw new TypeError('"session.absoluteDuration" must be provided an integer value when "session.rolling" is false');
  session.rollingDuration ??= session.rolling ? 86400 : false;
}

/** @param {string} path */
const withSlash = (path) => (path.startsWith('/') ? path : `/${path}`);

/** @param {string} base @param {string} path */
export function joinUrl(base, path) {
  return path === '' ? base : `${base.replace(/\/+$/, '')}${withSlash(path)}`;
}

/**
 * @param {any} params
 * @returns {any}
 */
export function readOptions(params = {}) {
  const read = readGroup(withEnvironment(params), ENTRIES, '');
  refuseMissing(read);
  read.issuerBaseURL = read.issuerBaseURL.replace(/\/\.well-known\/openid-configuration$/, ''); // given as the address of the metadata
  read.log ??= (/** @type {string} */ level, /** @type {string} */ line) => (level === 'error' || level === 'warn') && console.error(`oidc: ${line}`);
  checkAuthorization(read);
  checkClient(read);
  checkSession(read);
  read.secret = [read.secret].flat().map(secretText);
  read.idpLogout ??= read.auth0Logout ?? false;
  if (params.clientAuthMethod === undefined && read.clientAuthMethod === 'none') {
    read.log('warn', 'no "clientSecret": this is a public client. Where the provider expects a secret, sign-ins will fail; set "clientAuthMethod" to "none" where it does not');
  }
  for (const name of ['login', 'logout', 'callback']) if (read.routes[name]) read.routes[name] = withSlash(read.routes[name]);
  read.redirectUri = read.authorizationParams.redirect_uri ?? joinUrl(read.baseURL, read.routes.callback);
  return read;
}
