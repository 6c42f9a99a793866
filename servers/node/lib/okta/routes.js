// SPDX-License-Identifier: Apache-2.0
// The login, callback and logout routes.
import { plainPath } from '../app/paths.js';
import { refusalError } from '../express/error.js';
import { ownAddress } from '../express/return.js';
import { checkCsrf, csrfToken } from './csrf.js';
import { readForm } from './form.js';
import { addCookies, send, write } from './respond.js';
import { tokensOf } from './tokens.js';

/** @typedef {import('./express_oidc.js').ExpressOIDC} ExpressOIDC */

const text = (/** @type {any} */ value) => (typeof value === 'string' && value !== '' ? value : undefined);

export class Routes {
  /** @param {ExpressOIDC} oidc */
  constructor(oidc) {
    this.oidc = oidc;
    const { login, loginCallback, logoutPath } = oidc.settings;
    this.paths = { login: plainPath(login.path), callback: plainPath(loginCallback.path), logout: plainPath(logoutPath) };
  }

  get settings() { return this.oidc.settings; }

  /**
   * True when the request was answered, or handed on, here.
   * @param {any} req
   * @param {any} res
   * @param {(error?: any) => void} next
   * @returns {Promise<boolean>}
   */
  async handle(req, res, next) {
    await this.oidc.visits.read(req);
    const path = plainPath(req.url.split('?')[0]);
    if (path === this.paths.callback) await this.callback(req, res, next);
    else if (path === this.paths.login) await this.login(req, res, next);
    else if (path === this.paths.logout && req.method === 'POST') await this.logout(req, res);
    else return false;
    return true;
  }

  /**
   * @param {any} req
   * @param {any} res
   * @param {(error?: any) => void} next
   */
  async login(req, res, next) {
    const { viewHandler } = this.settings.login;
    if (req.method === 'POST') return this.postedLogin(req, res);
    if (req.method === 'GET' && viewHandler) {
      req.csrfToken = () => csrfToken(req.session, this.settings.sessionKey);
      return viewHandler(req, res, next);
    }
    const query = new URLSearchParams(req.url.split('?')[1]);
    return this.send(req, res, { login_hint: query.get('login_hint') ?? undefined }, query.get('returnTo') ?? undefined);
  }

  /** A login page of the application has signed somebody in at the provider already, and posts what it got. @param {any} req @param {any} res */
  async postedLogin(req, res) {
    const form = await this.checkForm(req);
    return this.send(req, res, { sessionToken: text(form.sessionToken), login_hint: text(form.login_hint) });
  }

  /** The fields of a form that was posted by a page of our own. @param {any} req */
  async checkForm(req) {
    const form = await readForm(this.oidc.gate.request(req));
    checkCsrf(req, form, this.settings.sessionKey, this.settings.appBaseUrl);
    return form;
  }

  /**
   * To the provider.
   * @param {any} req
   * @param {any} res
   * @param {Record<string, string | undefined>} wanted
   * @param {string} [returnTo]
   */
  async send(req, res, wanted, returnTo) {
    const { gate } = this.oidc;
    const parameters = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
    const verdict = await gate.signIn(gate.request(req), { returnTo: returnTo ?? text(req.session?.returnTo), parameters });
    if (verdict.error) throw verdict.error;
    write(res, verdict);
  }

  /**
   * @param {any} req
   * @param {any} res
   * @param {(error?: any) => void} next
   */
  async callback(req, res, next) {
    const { handler, failureRedirect, afterCallback } = this.settings.loginCallback;
    const { error, returnTo } = await this.signIn(req, res);
    if (error?.id === 'attempt_unknown' && await this.oidc.visits.read(req)) return send(res, 303, '', { Location: afterCallback ?? '/' }); // the back button
    const go = (/** @type {any} */ late) => {
      if (late) next(late);
      else if (!res.headersSent) send(res, 302, '', { Location: afterCallback ?? this.wayBack(req, returnTo) });
    };
    if (handler) return error && handler.length < 4 ? next(error) : callHandler(handler, error, req, res, go);
    if (failureRedirect && isRefusal(error)) return send(res, 302, '', { Location: failureRedirect });
    return error ? next(error) : go(undefined);
  }

  /** A handler may have said otherwise in the session: an address of ours. @param {any} req @param {string} returnTo */
  wayBack(req, returnTo) {
    const wish = text(req.session?.returnTo);
    delete req.session?.returnTo;
    return wish ? ownAddress(wish, this.settings.appBaseUrl)?.location ?? '/' : returnTo;
  }

  /**
   * @param {any} req
   * @param {any} res
   * @returns {Promise<{error?: any, returnTo: string}>}
   */
  async signIn(req, res) {
    const { gate, visits } = this.oidc;
    const verdict = await gate.callback(gate.request(req));
    addCookies(res, verdict.headers);
    if (verdict.error) return { error: refusalError(verdict), returnTo: '/' };
    if (!verdict.pass || !verdict.signedIn) return { error: new Error('nobody signed in'), returnTo: '/' };
    const { returnTo = '/' } = verdict;
    delete req.session?.returnTo;
    await visits.begin(req, { userinfo: verdict.userinfo ?? verdict.claims, claims: verdict.claims, tokens: tokensOf(verdict) });
    if (this.settings.loginCallback.handler) req.session.returnTo = returnTo;
    return { returnTo };
  }

  /**
   * @param {any} req
   * @param {any} res
   */
  async logout(req, res) {
    const { gate, visits, revoker } = this.oidc;
    const login = await visits.read(req);
    if (!login) return send(res, 401, 'Unauthorized');
    if (req.method !== 'GET' && req.method !== 'HEAD') await this.checkForm(req);
    await visits.end(req);
    for (const error of await revoker.revokeAll(login.tokens)) this.oidc.report(error);
    const verdict = await gate.signOut(gate.request(req), { idToken: login.tokens.id_token, returnTo: this.settings.logoutRedirectUri });
    if (verdict.error) throw verdict.error;
    return write(res, verdict);
  }
}

/** The person is not let in, for a reason that lies with the sign-in; anything else is an error of ours, or of the provider. @param {any} error */
const isRefusal = (error) => error?.status === 401 || error?.status === 403;

/**
 * @param {Function} handler
 * @param {any} error
 * @param {any} req
 * @param {any} res
 * @param {(error?: any) => void} go
 */
function callHandler(handler, error, req, res, go) {
  return handler.length === 4 ? handler(error, req, res, go) : handler(req, res, go);
}
