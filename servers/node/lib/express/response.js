// SPDX-License-Identifier: Apache-2.0
// res.oidc: what the application lets happen: login, logout, callback.
import { printAs } from '../printed.js';
import { addCookies } from '../session/response.js';
import { askApplication, merge, sessionOf, showing } from './callback.js';
import { notThereYet, refusalError } from './error.js';
import { parametersOf, readNote, returnAddress, targetOf, usualParameters, writeNote } from './login.js';
import { logoutLocation, wishesOf } from './logout.js';
import { ownAddress } from './return.js';
import { cancelSilentLogin, resumeSilentLogin } from './silent.js';

const OVER = new Set(['attempt_unknown', 'attempt_expired', 'state_missing']);

export class ResponseContext {
  /**
   * @param {any} site
   * @param {import('../session/index.js').Visit} visit
   * @param {any} req
   * @param {any} res
   * @param {(error?: any) => void} next
   */
  constructor(site, visit, req, res, next) {
    this.site = site;
    this.visit = visit;
    this.req = req;
    this.res = res;
    this.next = next;
  }

  /** @returns {boolean} */
  get errorOnRequiredAuth() {
    return this.site.config.errorOnRequiredAuth;
  }

  /** @returns {string} */
  getRedirectUri() {
    return this.site.config.redirectUri;
  }

  /** What goes wrong on the way goes to the application's error handler. @param {() => Promise<void>} work */
  async attempt(work) {
    try {
      await work();
    } catch (error) {
      this.next(error);
    }
  }

  /** The headers of a verdict, but for those of its body and where it leads. @param {any} verdict */
  takeHeaders(verdict) {
    for (const [name, value] of verdict.headers) {
      if (/^set-cookie$/i.test(name)) addCookies(this.res, [value]);
      else if (!/^(location|content-)/i.test(name)) this.res.setHeader(name, value);
    }
  }

  /** Follows an answer of the engine: a redirect, or a refusal. @param {any} verdict */
  follow(verdict) {
    this.takeHeaders(verdict);
    const location = verdict.headers.find((/** @type {string[]} */ [name]) => /^location$/i.test(name))?.[1];
    if (verdict.refusal || !location) throw refusalError(verdict);
    this.res.redirect(location);
  }

  /** @param {{returnTo?: string, authorizationParams?: any, silent?: boolean}} [options] */
  login(options = {}) {
    return this.attempt(() => this.begin(options));
  }

  /** @param {{returnTo?: string, authorizationParams?: any}} [options] */
  silentLogin(options = {}) {
    return this.login({ ...options, silent: true, authorizationParams: { ...options.authorizationParams, prompt: 'none' } });
  }

  /** @param {any} options */
  async begin(options) {
    const { site, req } = this;
    const returnTo = returnAddress(site, req, options.returnTo);
    const parameters = parametersOf(site.config, options.authorizationParams);
    const custom = site.config.getLoginState;
    const told = { ...options, returnTo, authorizationParams: { ...usualParameters(site.config), ...options.authorizationParams } };
    const state = custom ? await custom(req, told) : { returnTo };
    const note = writeNote(options.silent && state !== null && typeof state === 'object' ? { ...state, attemptingSilentLogin: true } : state);
    const path = targetOf(site, req, state.returnTo ?? returnTo, note);
    this.follow(await site.client.ask((/** @type {any} */ gate) => gate.signIn(gate.request(req), { returnTo: path, parameters, note })));
  }

  /** @param {{redirectUri?: string, tokenEndpointParams?: any}} [options] */
  callback(options = {}) {
    return this.attempt(() => this.finish(options));
  }

  /** @param {any} options */
  async finish(options) {
    const { site, req, res } = this;
    this.refuseOptions(options);
    const verdict = await site.client.ask((/** @type {any} */ gate) => gate.callback(gate.request(req)));
    this.takeHeaders(verdict);
    req.openidState = readNote(verdict);
    if (!verdict.pass && OVER.has(verdict.refusal) && req.oidc.isAuthenticated()) {
      res.redirect(site.config.baseURL); // the back button, or the second of two tabs: somebody is signed in already
      return;
    }
    try {
      if (!verdict.pass) throw refusalError(verdict);
      await this.signIn(verdict);
    } catch (error) {
      if (!req.openidState?.attemptingSilentLogin) throw error;
    }
    if (!res.headersSent) res.redirect(this.afterwards());
  }

  /** @param {any} options */
  refuseOptions({ redirectUri, tokenEndpointParams }) {
    if (redirectUri !== undefined && redirectUri !== this.site.config.redirectUri) {
      throw new TypeError('callback(): "redirectUri" must be that of auth(): set "authorizationParams.redirect_uri" there');
    }
    if (tokenEndpointParams !== undefined) throw new TypeError('callback(): "tokenEndpointParams": the token request takes no further parameters');
  }

  /** @param {any} verdict */
  async signIn(verdict) {
    const { site, visit, req, res } = this;
    const previousSub = req.oidc.claims()?.sub;
    const session = await askApplication(site, req, res, sessionOf(site, verdict));
    const whole = merge(visit.peek(), previousSub, verdict.claims.sub, session);
    await showing(req, whole, () => visit.begin(whole)); // session.genid may look at who signs in
    resumeSilentLogin(site, req, res);
  }

  /** Where the person wanted to go: ours, whatever the state holds. @returns {string} */
  afterwards() {
    const { baseURL } = this.site.config;
    return ownAddress(this.req.openidState?.returnTo, baseURL)?.location ?? baseURL;
  }

  /** Ends the session, and with idpLogout that at the provider. @param {{returnTo?: string, logoutParams?: any}} [params] */
  logout(params = {}) {
    return this.attempt(async () => {
      const { site, visit, req, res } = this;
      const idToken = req.oidc.isAuthenticated() ? req.oidc.idToken : undefined;
      const wishes = wishesOf(site.config, req, params, idToken);
      cancelSilentLogin(site, res);
      await visit.end();
      const verdict = await logoutLocation(site, req, wishes);
      if (typeof verdict === 'string') res.redirect(verdict);
      else this.follow(verdict);
    });
  }

  /** @returns {Promise<never>} */
  backchannelLogout() {
    return notThereYet('res.oidc.backchannelLogout()');
  }
}
printAs(ResponseContext);
