// SPDX-License-Identifier: Apache-2.0
// One provider and our client there. What checks tokens is the engine; this holds its rule, the sessions, and whether the provider is there.
import { Gate } from '../gate.js';
import { printAs } from '../printed.js';
import { openSessions } from '../session/index.js';
import { ownedBy } from '../session/owner.js';
import { userOfSession, userOfToken } from './user.js';

const SCOPE = ['openid', 'profile', 'email'];
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const RETRY_MS = 1000;
const RETRY_MAX_MS = 60_000;

/**
 * @typedef {object} AuthOptions
 * @property {string} oidcServer the issuer, exactly as the provider spells it
 * @property {string} clientId
 * @property {string} [clientSecret]
 * @property {string} callbackURL the whole address to which the provider sends people back
 * @property {string | string[]} [additionalScopes] beside openid, profile and email
 * @property {string | string[]} [cookieSecret] seals cookies; none: a random one, and sessions end with the process
 * @property {boolean} [session] keep who signed in in a cookie. Default: where cookie-parser is used
 * @property {import('../session/index.js').SessionOptions} [sessionOptions]
 *
 * Further: what Gate takes (log, trustProxy, customFetch ...), and any option of a provider in camelCase.
 */

/** @param {any} options */
function checkOptions(options) {
  if (options === null || typeof options !== 'object') throw new TypeError('oidc.Auth: an object of options is missing');
  for (const name of ['oidcServer', 'clientId', 'callbackURL']) {
    if (typeof options[name] !== 'string' || !options[name]) throw new TypeError(`oidc.Auth: ${name} is missing`);
  }
  if (!URL.canParse(options.callbackURL)) throw new TypeError('oidc.Auth: callbackURL must be a whole address, https://app.example.com/auth/callback');
}

/** @param {AuthOptions & Record<string, any>} options */
function openGate({ oidcServer, clientId, callbackURL, additionalScopes = [], session, sessionOptions, ...rest }) {
  return new Gate({
    issuer: oidcServer, clientId, redirectUri: callbackURL, scope: [...new Set([...SCOPE, ...[additionalScopes].flat().flatMap((each) => String(each).split(' ')).filter(Boolean)])].join(' '),
    idTokenSignedResponseAlg: ALGORITHMS, sessionStore: 'application', ...rest,
  });
}

export class Auth {
  /**
   * @param {AuthOptions & Record<string, any>} options
   * @param {(error?: Error) => void} [done] called once, when the provider has been asked for the first time. With an error when it does not
   * answer: it is asked again until it does, and requests get 503 meanwhile
   */
  constructor(options, done = () => {}) {
    checkOptions(options);
    this.callbackPath = new URL(options.callbackURL).pathname;
    this.origin = new URL(options.callbackURL).origin;
    this.gate = openGate(options);
    const idToken = { bearer: true, bearerType: 'id_token', audience: options.clientId, unauthenticated: '401' };
    this.rule = this.gate.rule({ ...idToken, bearerFrom: ['query', 'header'] });
    this.socketRule = this.gate.rule({ ...idToken, bearerFrom: 'header' });
    this.session = options.session;
    this.sessions = options.session === false ? null : this.openSessions(options);
    this.closed = false;
    /** Resolves when the provider has answered. */
    this.ready = this.prepare(done);
  }

  /** @param {AuthOptions & Record<string, any>} options */
  openSessions({ sessionOptions }) {
    const { gate } = this;
    const secure = this.origin.startsWith('https:');
    const { domain, path } = sessionOptions?.cookie ?? {};
    const prefix = secure && !domain && (path ?? '/') === '/' ? '__Host-' : ''; // no other host can set it (RFC 6265bis 4.1.3.2)
    return openSessions({
      name: `${prefix}oidcSession`, rolling: false, ...sessionOptions, cookie: { secure, ...sessionOptions?.cookie },
      secret: gate.setUp.secrets, sealer: (secrets, purpose) => gate.sealer(secrets, purpose), log: (level, line) => gate.log(/** @type {any} */ (level), line),
      owns: ownedBy(() => gate.read[0]),
    });
  }

  /** @param {(error?: Error) => void} done */
  async prepare(done) {
    let tell = done;
    for (let wait = RETRY_MS; !this.closed; wait = Math.min(2 * wait, RETRY_MAX_MS)) {
      const error = await this.gate.metadata().then(() => undefined, (why) => why);
      if (this.closed) return;
      process.nextTick(tell, error); // what it throws is its own
      tell = () => {};
      if (!error) return;
      await new Promise((resolve) => {
        globalThis.setTimeout(resolve, wait).unref?.();
      });
    }
  }

  /** Does this request need the session in a cookie? @param {any} req */
  keepsSession(req) {
    return this.sessions !== null && (this.session === true || (req.cookies !== null && typeof req.cookies === 'object'));
  }

  /** For socketAuth. */
  socketSource() {
    return {
      gate: this.gate, rule: this.socketRule, origins: [this.origin.toLowerCase()],
      user: (/** @type {any} */ verdict) => userOfToken(verdict.accessToken, verdict.userinfo, verdict.claims),
      ...(this.sessions && { session: this.sessions, userOfSession }),
    };
  }

  close() {
    this.closed = true;
    this.gate.close();
  }
}
printAs(Auth, ({ gate: { names }, callbackPath }) => ({ providers: names, callbackPath }));
