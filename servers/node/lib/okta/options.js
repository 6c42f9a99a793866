// SPDX-License-Identifier: Apache-2.0
// The options of @okta/oidc-middleware: checked, with their defaults, and what they are to the gate. What is not named here is the
// gate's own, and goes there.
import { createHash } from 'node:crypto';
import { environmentIsOf } from '../options.js';
import { isLoopback } from '../safe.js';

/**
 * @typedef {(req: any, res: any, next: (error?: any) => void) => void} Handler
 *
 * @typedef {object} Routes
 * @property {{path?: string, viewHandler?: Handler}} [login]
 * @property {{path?: string, handler?: Function, afterCallback?: string, failureRedirect?: string}} [loginCallback]
 * @property {{path?: string}} [logout]
 * @property {{path?: string}} [logoutCallback]
 *
 * @typedef {object} Options
 * @property {string} issuer
 * @property {string} client_id
 * @property {string} [client_secret]         or clientSecretFile, clientSecretEnv
 * @property {string} appBaseUrl              scheme, host and port of this application
 * @property {string} [loginRedirectUri]      default: appBaseUrl and routes.loginCallback.path
 * @property {string} [logoutRedirectUri]     default: appBaseUrl and routes.logoutCallback.path
 * @property {'code'} [response_type]
 * @property {string} [scope]                 default: openid
 * @property {Routes} [routes]
 * @property {string} [sessionKey]            default: oidc: and the issuer
 * @property {number} [sessionLifetime]       seconds that a login lasts at most; default: one day
 * @property {number} [maxClockSkew]          seconds; default: 120
 * @property {number} [timeout]               milliseconds for one request to the provider; default: 10000
 * @property {{disableHttpsCheck?: boolean}} [testing]
 * @property {(url: string, init?: any) => Promise<Response>} [customFetch]
 * @property {string | string[]} [cookieSecret]
 *
 * @typedef {object} Settings
 * @property {string} appBaseUrl
 * @property {string} logoutRedirectUri
 * @property {{path: string, viewHandler?: Handler}} login
 * @property {{path: string, handler?: Function, afterCallback?: string, failureRedirect?: string}} loginCallback
 * @property {string} logoutPath
 * @property {string} sessionKey
 * @property {number} sessionLifetime
 */

const OWN = new Set(['issuer', 'client_id', 'client_secret', 'appBaseUrl', 'loginRedirectUri', 'logoutRedirectUri', 'response_type', 'scope', 'routes',
  'sessionKey', 'sessionLifetime', 'maxClockSkew', 'timeout', 'testing']);
const DAY = 86400;

export class ConfigurationError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(`ExpressOIDC: ${message}`);
    this.name = 'ConfigurationValidationError';
  }
}

/**
 * @param {string} name
 * @param {any} value
 */
function checkText(name, value) {
  if (typeof value !== 'string' || value === '') throw new ConfigurationError(`${name} is missing`);
  if (/^\{.*\}$|\/\/\{/.test(value)) throw new ConfigurationError(`${name} is still the placeholder of an example: ${value}`);
}

/**
 * @param {string} name
 * @param {any} value
 * @returns {URL}
 */
function checkUrl(name, value) {
  checkText(name, value);
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) throw new ConfigurationError(`${name} must be a whole http or https URL: ${value}`);
  return new URL(value);
}

/** @type {Record<string, string[]>} */
const ROUTES = { login: ['path', 'viewHandler'], loginCallback: ['path', 'handler', 'afterCallback', 'failureRedirect'], logout: ['path'], logoutCallback: ['path'] };

/** What is misspelled would do nothing. @param {any} routes */
function checkRoutes(routes = {}) {
  for (const [name, route] of Object.entries(routes)) {
    if (!Object.hasOwn(ROUTES, name)) throw new ConfigurationError(`routes.${name} is no route here: there are ${Object.keys(ROUTES).join(', ')}`);
    const unknown = Object.keys(route ?? {}).find((each) => !ROUTES[name].includes(each));
    if (unknown) throw new ConfigurationError(`routes.${name}.${unknown} is no option: there are ${ROUTES[name].join(', ')}`);
  }
}

/** Another way to say who we are than client_secret. @param {any} options */
function hasCredential(options) {
  const { OIDC_CLIENT_SECRET: inEnvironment, OIDC_CLIENT_SECRET_FILE: inFile } = environmentIsOf(options.issuer) ? process.env : {};
  const ways = [options.clientSecretFile, options.clientSecretEnv, options.clientKey, options.clientKeyFile, options.clientKeyEnv, inEnvironment, inFile];
  return ways.some(Boolean) || options.clientAuthMethod === 'none';
}

/** @param {any} options */
export function checkOptions(options) {
  const issuer = checkUrl('issuer', options.issuer);
  if (issuer.protocol !== 'https:' && !isLoopback(issuer) && !options.testing?.disableHttpsCheck) {
    throw new ConfigurationError(`issuer must be an https URL: ${options.issuer}`);
  }
  checkText('client_id', options.client_id);
  if (options.client_secret !== undefined || !hasCredential(options)) checkText('client_secret', options.client_secret);
  checkUrl('appBaseUrl', options.appBaseUrl);
  if (options.appBaseUrl.endsWith('/')) throw new ConfigurationError('appBaseUrl must not end in a slash');
  if (options.response_type !== undefined && options.response_type !== 'code') throw new ConfigurationError('response_type must be code');
  if (options.loginRedirectUri) checkUrl('loginRedirectUri', options.loginRedirectUri);
  checkRoutes(options.routes);
  const { handler } = options.routes?.loginCallback ?? {};
  if (handler && handler.length !== 3 && handler.length !== 4) {
    throw new ConfigurationError('routes.loginCallback.handler must take (req, res, next) or (error, req, res, next)');
  }
}

/**
 * @param {any} options
 * @returns {Settings}
 */
export function settingsOf(options) {
  const { login, loginCallback, logout, logoutCallback } = options.routes ?? {};
  return {
    appBaseUrl: options.appBaseUrl,
    logoutRedirectUri: options.logoutRedirectUri ?? `${options.appBaseUrl}${logoutCallback?.path ?? '/'}`,
    login: { ...login, path: login?.path ?? '/login' },
    loginCallback: { ...loginCallback, path: loginCallback?.path ?? '/authorization-code/callback' },
    logoutPath: logout?.path ?? '/logout',
    sessionKey: options.sessionKey ?? `oidc:${options.issuer}`,
    sessionLifetime: options.sessionLifetime ?? DAY,
  };
}

/**
 * What `new Gate` is given.
 * @param {any} options
 * @param {Settings} settings
 */
export function gateOptions(options, settings) {
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !OWN.has(name)));
  const given = {
    issuer: options.issuer,
    clientId: options.client_id,
    clientSecret: options.client_secret,
    redirectUri: options.loginRedirectUri ?? `${settings.appBaseUrl}${settings.loginCallback.path}`,
    postLogoutUri: settings.logoutRedirectUri,
    scope: options.scope ?? 'openid',
    clockSkew: options.maxClockSkew ?? 120,
    fetchTimeout: Math.max(1, Math.ceil((options.timeout ?? 10000) / 1000)),
    allowInsecureHttp: options.testing?.disableHttpsCheck ? true : undefined,
    cookieName: `oidc_${createHash('sha256').update(JSON.stringify([options.issuer, options.client_id, settings.sessionKey])).digest('hex').slice(0, 12)}`,
    sessionStore: 'application',
  };
  return { ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)), ...rest };
}
