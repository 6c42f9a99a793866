// SPDX-License-Identifier: Apache-2.0
// ExpressOIDC as @okta/oidc-middleware has it, for any provider, several per process.
import { EventEmitter } from 'node:events';
import { Gate } from '../gate.js';
import { printAs } from '../printed.js';
import { OIDCMiddlewareError } from './error.js';
import { Logins } from './logins.js';
import { checkOptions, gateOptions, settingsOf } from './options.js';
import { prefersPage, withHint } from './page.js';
import { send } from './respond.js';
import { Revoker } from './revoke.js';
import { Routes } from './routes.js';
import { Visits } from './visits.js';

/**
 * @typedef {import('./options.js').Options} Options
 * @typedef {import('./options.js').Handler} Handler
 */

const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 60_000;

export class ExpressOIDC extends EventEmitter {
  static OIDCMiddlewareError = OIDCMiddlewareError;

  /** @param {Options & Record<string, any>} options */
  constructor(options) {
    super();
    const given = /** @type {Options & Record<string, any>} */ (options ?? {});
    checkOptions(given);
    this.settings = settingsOf(given);
    this.gate = new Gate(gateOptions(given, this.settings));
    const logins = new Logins(given.issuer, this.settings.sessionLifetime);
    this.visits = new Visits(this.settings.sessionKey, logins, (error) => this.report(error));
    this.revoker = new Revoker(this.gate);
    this.routes = new Routes(this);
    /**
     * For app.use: the login, callback and logout routes, and req.userContext, req.isAuthenticated and req.logout on every request.
     * @type {Handler}
     */
    this.router = (req, res, next) => {
      this.routes.handle(req, res, next).then((handled) => handled || next(), next);
    };
    this.ensureAuthenticated = this.ensureAuthenticated.bind(this); // applications take both apart from the object
    this.forceLogoutAndRevoke = this.forceLogoutAndRevoke.bind(this);
    this.retryAfter = RETRY_FIRST_MS;
    this.greet();
  }

  /** Emits 'ready' once the provider's metadata are there; until then, 'error' for each time that they were not. */
  greet() {
    this.gate.metadata().then(() => this.emit('ready'), (error) => {
      this.report(error);
      this.retry = setTimeout(() => this.greet(), this.retryAfter).unref();
      this.retryAfter = Math.min(2 * this.retryAfter, RETRY_LAST_MS);
    });
  }

  /** An 'error' event that nobody listens to would end the process. @param {any} error */
  report(error) {
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else console.error(`oidc: ${error.message}`);
  }

  /**
   * A person who is not signed in is sent to the login route; what is not a page gets 401.
   * @param {{redirectTo?: string, loginHint?: string}} [options]
   * @returns {Handler}
   */
  ensureAuthenticated(options = {}) {
    return (req, res, next) => {
      this.visits.read(req).then((login) => login || this.refuse(req, res, options)).then((login) => login && next(), next);
    };
  }

  /**
   * @param {any} req
   * @param {any} res
   * @param {{redirectTo?: string, loginHint?: string}} options
   */
  refuse(req, res, options) {
    if (!prefersPage(req)) return send(res, 401, 'Unauthorized');
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    const returnTo = isRead ? (req.originalUrl ?? req.url).replace(/^[/\\]+/, '/') : undefined;
    if (req.session && returnTo && this.needsNote(options)) req.session.returnTo = returnTo;
    const url = options.redirectTo ?? this.loginUrl(returnTo);
    return send(res, 302, '', { Location: withHint(url, options.loginHint) });
  }

  /** Where the address does not take the way back along; a session for each stranger would fill the store. @param {{redirectTo?: string}} options */
  needsNote({ redirectTo }) {
    return redirectTo !== undefined || this.settings.login.viewHandler !== undefined;
  }

  /** The way back goes along in the address, so that two tabs do not share one in the session. @param {string} [returnTo] */
  loginUrl(returnTo) {
    const { appBaseUrl, login } = this.settings;
    return `${appBaseUrl}${login.path}${returnTo ? `?returnTo=${encodeURIComponent(returnTo)}` : ''}`;
  }

  /**
   * Ends the login here, revokes its tokens at the provider, and sends the browser there to end it too.
   * @returns {Handler}
   */
  forceLogoutAndRevoke() {
    return (req, res, next) => {
      this.routes.logout(req, res).catch(next);
    };
  }

  /** Ends what this holds. */
  close() {
    clearTimeout(this.retry);
    this.gate.close();
  }
}
printAs(ExpressOIDC, ({ settings: { appBaseUrl } }) => ({ appBaseUrl }));
