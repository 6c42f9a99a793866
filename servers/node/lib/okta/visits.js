// SPDX-License-Identifier: Apache-2.0
// Who a request is of: looked up once, and ended from here.
import { renewSession, requireSession } from './session.js';
import { TokenSet } from './tokens.js';

/**
 * @typedef {import('./logins.js').Login} Login
 * @typedef {import('./logins.js').Logins} Logins
 */

export class Visits {
  /**
   * @param {string} key
   * @param {Logins} logins
   * @param {(error: any) => void} tell  for errors that nobody waits for
   */
  constructor(key, logins, tell) {
    this.key = key;
    this.logins = logins;
    this.tell = tell;
    /** @type {WeakMap<any, Login | null>} */
    this.known = new WeakMap();
  }

  /**
   * @param {any} req
   * @returns {Promise<Login | null>}
   */
  async read(req) {
    const known = this.known.get(req);
    if (known !== undefined) return known;
    const id = req.session?.[this.key]?.login;
    const login = id && req.sessionStore ? await this.logins.find(req.sessionStore, id) : null;
    this.show(req, login);
    return login;
  }

  /**
   * What the application sees. Of several providers, the first that somebody is signed in at stands in req.userContext.
   * @param {any} req
   * @param {Login | null} login
   */
  show(req, login) {
    this.known.set(req, login);
    req.isAuthenticated = () => Boolean(req.userContext);
    req.isUnauthenticated = () => !req.userContext;
    if (login && !req.userContext) {
      req.userContext = { userinfo: login.userinfo, tokens: new TokenSet(login.tokens) };
      req.logout = req.logOut = logoutBy(() => this.end(req), this.tell);
    }
    req.logout ??= req.logOut = logoutBy(async () => {}, this.tell);
  }

  /**
   * Signs in: the login's row first, then a new session that knows it.
   * @param {any} req
   * @param {Login} login
   */
  async begin(req, login) {
    requireSession(req);
    const { login: before, sub: who } = req.session[this.key] ?? {};
    const { sub } = login.claims;
    const id = await this.logins.begin(req.sessionStore, login);
    await renewSession(req, this.key, { login: id, sub }, before === undefined || who === sub).catch((error) => this.takeBack(req, id, error));
    if (before) await this.logins.end(req.sessionStore, before);
    req.userContext = undefined;
    this.show(req, login);
  }

  /**
   * The session could not be written now; it may still be when the request ends, and must then know nobody.
   * @param {any} req
   * @param {string} id
   * @param {any} error
   * @returns {Promise<never>}
   */
  async takeBack(req, id, error) {
    if (req.session) delete req.session[this.key];
    await this.logins.end(req.sessionStore, id).catch(this.tell);
    throw error;
  }

  /**
   * Signs out of this application. Resolves when the store has acknowledged.
   * @param {any} req
   */
  async end(req) {
    requireSession(req);
    const id = req.session[this.key]?.login;
    if (id) await this.logins.end(req.sessionStore, id);
    await renewSession(req, this.key, undefined, id === undefined);
    this.known.set(req, null);
    req.userContext = undefined;
  }
}

/**
 * Passport's req.logout([options], callback). Without a callback it answers a promise, which many do not wait for: an error of that is told,
 * and does not end the process.
 * @param {() => Promise<void>} end
 * @param {(error: any) => void} tell
 */
function logoutBy(end, tell) {
  return (/** @type {any} */ options, /** @type {any} */ after) => {
    const callback = typeof options === 'function' ? options : after;
    const done = end();
    if (callback) {
      done.then(() => callback(), callback);
      return undefined;
    }
    done.catch(tell);
    return done;
  };
}
