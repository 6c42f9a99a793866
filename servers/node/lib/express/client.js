// SPDX-License-Identifier: Apache-2.0
// The Gate beneath auth(): its options from express-openid-connect's, and the two spellings of an issuer.
import { createHash } from 'node:crypto';
import { Gate } from '../gate.js';
import { printAs } from '../printed.js';
import { SCOPE } from './login.js';

const SECRET_MIN = 32; // of the engine; express-openid-connect takes shorter ones

/** @param {any} key  PEM, JWK, KeyObject */
function keyText(key) {
  if (typeof key === 'string') return key;
  if (key instanceof Uint8Array) return Buffer.from(key).toString('utf8');
  if (typeof key?.export === 'function' && key.type === 'private') return String(key.export({ type: 'pkcs8', format: 'pem' }));
  if (typeof key?.kty === 'string') return JSON.stringify(key);
  throw new TypeError('"clientAssertionSigningKey" must be a private key: PEM, JWK or KeyObject');
}

/** A secret that is long enough for the engine's own cookies, made of one that may be shorter. @param {string} secret */
function longSecret(secret) {
  if (secret.length >= SECRET_MIN) return secret;
  return createHash('sha256').update('gatewright attempts\0').update(secret).digest('base64url');
}

/** The engine adds a part of its own to it, for each attempt, and a prefix where the cookie can have one. @param {string} name */
const attemptName = (name) => name.replace(/^__(host-|secure-)?/i, '').replace(/[^0-9A-Za-z_-]/g, '_').slice(-64);

/** fetch with a User-Agent of the application's. @param {any} config */
function fetchOf({ customFetch, httpUserAgent }) {
  if (!httpUserAgent) return customFetch;
  const fetch = customFetch ?? ((/** @type {any} */ url, /** @type {any} */ init) => globalThis.fetch(url, init));
  return (/** @type {any} */ url, /** @type {any} */ init) => {
    const headers = new Headers(init?.headers);
    headers.set('User-Agent', httpUserAgent);
    return fetch(url, { ...init, headers });
  };
}

/** @param {any} config @param {string} issuer */
function gateOptions(config, issuer) {
  const { authorizationParams: params } = config;
  const options = {
    issuer,
    clientId: config.clientID,
    clientSecret: config.clientSecret,
    clientAuthMethod: config.clientAuthMethod,
    clientKey: config.clientAssertionSigningKey && keyText(config.clientAssertionSigningKey),
    tokenEndpointAuthSigningAlg: config.clientAssertionSigningAlg,
    redirectUri: config.redirectUri,
    scope: params.scope ?? SCOPE,
    responseMode: params.response_mode,
    maxAge: params.max_age,
    acrValues: params.acr_values,
    idTokenSignedResponseAlg: config.idTokenSigningAlg,
    clockSkew: config.clockTolerance,
    fetchTimeout: Math.min(60, Math.max(1, Math.ceil(config.httpTimeout / 1000))),
    userinfo: config.userinfo,
    cookieName: attemptName(config.transactionCookie.name ?? `${config.session.name}_signin`),
    sessionStore: 'application',
    cookieSecret: config.secret.map(longSecret),
    customFetch: fetchOf(config),
    log: config.log,
    ...config.provider,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** What the engine calls otherwise than auth() does. @type {Record<string, string>} */
const SPELLED = {
  issuer: 'issuerBaseURL', redirectUri: 'baseURL', clientId: 'clientID', clockSkew: 'clockTolerance', idTokenSignedResponseAlg: 'idTokenSigningAlg',
  clientKey: 'clientAssertionSigningKey', tokenEndpointAuthSigningAlg: 'clientAssertionSigningAlg', fetchTimeout: 'httpTimeout', cookieSecret: 'secret',
  scope: 'authorizationParams.scope', maxAge: 'authorizationParams.max_age', acrValues: 'authorizationParams.acr_values',
};

/** What the engine says of the options, in the words of auth(); what stands in `provider` has the engine's names there. @param {any} config @param {any} error */
function inOurWords({ provider, authorizationParams }, error) {
  if (error?.code !== 'GATE_OPTION') return error;
  error.message = error.message.replace(/^(.*?:\d+|new Gate\(\)): (\w+):/, (/** @type {string} */ _, /** @type {string} */ place, /** @type {string} */ name) => {
    const where = place === 'new Gate()' ? 'auth()' : place;
    if (Object.hasOwn(provider, name)) return `${where}: "provider.${name}":`;
    if (name === 'redirectUri' && authorizationParams.redirect_uri) return `${where}: "authorizationParams.redirect_uri":`;
    return `${where}: "${SPELLED[name] ?? name}":`;
  }).replace('allowInsecureHttp on', 'provider: {allowInsecureHttp: true}');
  return error;
}

/** @param {any} config @param {string} issuer */
function openGate(config, issuer) {
  try {
    return new Gate(gateOptions(config, issuer));
  } catch (error) {
    throw inOurWords(config, error);
  }
}

/** An issuer that is an origin is written with a slash by some, without by others; the metadata say which. @param {string} issuer */
function otherSpelling(issuer) {
  const url = new URL(issuer);
  if (url.pathname !== '/' || url.search || url.hash) return '';
  return issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`;
}

export class Client {
  /** @param {any} config */
  constructor(config) {
    this.config = config;
    const auth0 = /\.auth0\.com$/.test(new URL(config.issuerBaseURL).hostname) && otherSpelling(config.issuerBaseURL).endsWith('/');
    this.issuer = auth0 ? otherSpelling(config.issuerBaseURL) : config.issuerBaseURL;
    this.gate = openGate(config, this.issuer);
  }

  /**
   * Asks the gate; where the provider spells its issuer with the slash that ours lacks (or without), asks again under that spelling
   * and keeps it. The engine still demands that metadata, answers and tokens agree to the letter.
   * @param {(gate: any) => Promise<any>} ask
   */
  async ask(ask) {
    const { gate, issuer } = this;
    const verdict = await ask(gate);
    const other = otherSpelling(issuer);
    if (verdict.refusal !== 'metadata_issuer' || !other) return verdict;
    const second = openGate(this.config, other);
    const again = await ask(second);
    if (again.refusal === 'metadata_issuer') {
      second.close();
      return verdict;
    }
    this.keep(gate, second, other);
    return again;
  }

  /** @param {Gate} before @param {Gate} gate @param {string} issuer  as the provider spells it */
  keep(before, gate, issuer) {
    if (this.gate !== before) return;
    this.gate = gate;
    this.issuer = issuer;
  }

  /** The provider's metadata, under either spelling of the issuer. @returns {Promise<any>} */
  async metadata() {
    const { gate, issuer } = this;
    const other = otherSpelling(issuer);
    try {
      return await gate.metadata();
    } catch (error) {
      if (/** @type {any} */ (error).id !== 'metadata_malformed' || !other) throw error;
      const second = openGate(this.config, other);
      const document = await second.metadata().catch(() => second.close());
      if (!document) throw error;
      this.keep(gate, second, other);
      return document;
    }
  }

  /** @param {string} url @param {any} init */
  fetch(url, init) {
    return this.gate.fetchFrom(url, init);
  }

  close() {
    this.gate.close();
  }
}
printAs(Client, ({ issuer }) => ({ issuer }));
