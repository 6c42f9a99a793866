// SPDX-License-Identifier: Apache-2.0
// The strategy. No private fields: Passport and LoopBack call its methods on Object.create(strategy).
import { Gate } from '../gate.js';
import { printAs } from '../printed.js';
import { keeperOf } from './attempts.js';
import { OpenIDError } from './errors.js';
import { checkCallbackURL, checkOptions, cookieNameOf, gateOptions, scopeWords, sessionKeyOf } from './options.js';
import { outcomeOf } from './outcome.js';
import { contextOf, merge, profileOf } from './profile.js';
import { hasAttempt, isAnswer, requestOf } from './request.js';
import { askApplication } from './verify.js';

/**
 * @typedef {import('./options.js').Options} Options
 * @typedef {import('./attempts.js').Keeper} Keeper
 * @typedef {(strategy: any) => void} Outcome
 * @typedef {{gate: Gate, cookieName: string}} Door
 *
 * @typedef {object} AuthenticateOptions  beside Passport's own
 * @property {string} [callbackURL]
 * @property {string | string[]} [scope]
 * @property {string} [prompt]
 * @property {string} [display]
 * @property {string} [loginHint]
 * @property {object} [claims]
 * @property {any} [state]                comes back as info.state; anything that JSON can say
 */

const STATE_MAX = 1024; // bytes of JSON, sealed into the attempt's cookie
const CALLBACKS_MAX = 32; // callback URLs of one strategy

export class Strategy {
  /**
   * @param {Options & Record<string, any>} options
   * @param {Function} verify
   */
  constructor(options, verify) {
    const given = /** @type {Options & Record<string, any>} */ (options ?? {});
    checkOptions(given, verify);
    this.name = 'openidconnect';
    this._options = given;
    this._verify = verify;
    this._form = { arity: given.verifyArity ?? verify.length, legacy: given.legacyVerify === true, passReq: given.passReqToCallback === true };
    this._skipUserProfile = given.skipUserProfile ?? false;
    this._sessionKey = sessionKeyOf(given);
    /** @type {Map<string, Door>} */
    this._doors = new Map();
    if (given.callbackURL) this._doorFor(given.callbackURL); // what is wrong with the options is said at once
    else new Gate(gateOptions(given, '/callback', 'oidc_unused')).close();
  }

  /**
   * Passport calls this on an object that has success, fail, redirect, pass and error beside it. One of them is called, once.
   * @param {any} req
   * @param {AuthenticateOptions} [options]
   */
  authenticate(req, options) {
    const self = /** @type {any} */ (this);
    this._decide(req, options ?? {}).then((outcome) => outcome(self)).catch((error) => self.error(error));
  }

  /**
   * For subclasses: further parameters of the authorization request.
   * @param {AuthenticateOptions} options
   * @returns {Record<string, any>}
   */
  authorizationParams(options) { // eslint-disable-line no-unused-vars
    return {};
  }

  /**
   * Where to send the browser once the application has ended its own session: the provider ends its session there, and sends the browser
   * back to returnTo, which must be registered with it. Where the provider has no such address, this is returnTo itself.
   * @param {any} req
   * @param {{returnTo: string, idToken?: string}} options
   * @returns {Promise<string>}
   */
  async logoutURL(req, { returnTo, idToken }) {
    const { gate } = this._doorFor(this._options.callbackURL);
    const verdict = await gate.signOut(gate.request(req.raw ?? req), { returnTo, idToken });
    if (verdict.error) throw verdict.error;
    return valuesOf(verdict.headers, 'location')[0] ?? returnTo;
  }

  /** Ends what the strategy holds: its gates. */
  close() {
    for (const { gate } of this._doors.values()) gate.close();
    this._doors.clear();
  }

  /**
   * @param {any} req
   * @param {AuthenticateOptions} options
   * @returns {Promise<Outcome>}
   */
  async _decide(req, options) {
    const keeper = keeperOf(req, this._sessionKey);
    const door = this._doorFor(options.callbackURL ?? this._options.callbackURL);
    return isAnswer(req, this._options) ? this._answered(req, door, keeper) : this._sent(req, door, keeper, options);
  }

  /**
   * A redirect_uri belongs to a provider's configuration: one gate for each.
   * @param {string | undefined} callbackURL
   * @returns {Door}
   */
  _doorFor(callbackURL) {
    if (!callbackURL) throw new TypeError('OpenIDConnectStrategy requires a callbackURL option');
    let door = this._doors.get(callbackURL);
    if (!door) {
      checkCallbackURL(callbackURL);
      if (this._doors.size >= CALLBACKS_MAX) throw new Error(`OpenIDConnectStrategy takes at most ${CALLBACKS_MAX} different values of callbackURL`);
      const cookieName = cookieNameOf(this._options, callbackURL);
      door = { cookieName, gate: new Gate(gateOptions(this._options, callbackURL, cookieName)) };
      this._doors.set(callbackURL, door);
    }
    return door;
  }

  /**
   * The browser goes to the provider.
   * @param {any} req
   * @param {Door} door
   * @param {Keeper} keeper
   * @param {AuthenticateOptions} options
   * @returns {Promise<Outcome>}
   */
  async _sent(req, { gate }, keeper, options) {
    const note = options.state === undefined || options.state === null || options.state === '' ? undefined : JSON.stringify(options.state);
    if (note && Buffer.byteLength(note) > STATE_MAX) throw new Error(`OpenID Connect takes at most ${STATE_MAX} bytes of state`);
    const verdict = await gate.signIn(requestOf(gate, req, keeper), { returnTo: '/', parameters: this._parameters(options), note });
    if (verdict.error) return outcomeOf(verdict.error, false);
    keeper.keep(valuesOf(verdict.headers, 'set-cookie'));
    const [location] = valuesOf(verdict.headers, 'location');
    if (!location) throw new OpenIDError('the browser has left');
    return (strategy) => strategy.redirect(location);
  }

  /**
   * Of this request, of the strategy, of a subclass: the first that says something counts.
   * @param {any} options
   * @returns {Record<string, string>}
   */
  _parameters(options) {
    const own = this._options;
    const further = asText(this.authorizationParams(options) ?? {});
    const scope = options.scope || further.scope;
    return { ...further, ...asText({
      scope: scope && scopeWords(scope),
      prompt: options.prompt ?? own.prompt,
      display: options.display ?? own.display,
      ui_locales: own.uiLocales,
      login_hint: options.loginHint ?? own.loginHint,
      max_age: own.maxAge,
      acr_values: own.acrValues,
      id_token_hint: own.idTokenHint,
      claims: options.claims ?? own.claims,
    }) };
  }

  /**
   * The browser comes back.
   * @param {any} req
   * @param {Door} door
   * @param {Keeper} keeper
   * @returns {Promise<Outcome>}
   */
  async _answered(req, { gate, cookieName }, keeper) {
    const request = requestOf(gate, req, keeper);
    const verdict = await gate.callback(request);
    keeper.keep(valuesOf(verdict.headers, 'set-cookie'));
    if (verdict.error) return outcomeOf(verdict.error, hasAttempt(request, cookieName));
    if (!verdict.pass || !verdict.signedIn) throw new OpenIDError('the browser has left');
    return this._signedIn(req, verdict);
  }

  /**
   * @param {any} req
   * @param {any} verdict
   * @returns {Promise<Outcome>}
   */
  async _signedIn(req, verdict) {
    const load = await this._loads(req, verdict.claims);
    const { user, info } = await askApplication(this, req, factsOf(verdict, load));
    if (!user) return (strategy) => strategy.fail(info);
    const state = verdict.note ? JSON.parse(verdict.note) : undefined;
    const all = state === undefined ? info ?? {} : { ...info, state };
    return (strategy) => strategy.success(user, all);
  }

  /**
   * @param {any} req
   * @param {any} claims
   * @returns {Promise<boolean>}
   */
  _loads(req, claims) {
    return new Promise((done, refuse) => this._shouldLoadUserProfile(req, claims, (error, load) => (error ? refuse(error) : done(load === true))));
  }

  /**
   * For subclasses: is userinfo part of the profile?
   * @param {any} req
   * @param {any} claims
   * @param {(error: any, load?: boolean) => void} done
   */
  _shouldLoadUserProfile(req, claims, done) {
    const skip = this._skipUserProfile;
    if (typeof skip === 'function' && skip.length > 2) return skip(req, claims, (error, yes) => done(error, !yes));
    return done(null, !(typeof skip === 'function' ? skip(req, claims) : skip));
  }
}
printAs(Strategy, ({ name, _options: { issuer } }) => ({ name, issuer }));

/** Without those that say nothing. @param {Record<string, any>} parameters @returns {Record<string, string>} */
function asText(parameters) {
  const there = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return Object.fromEntries(there.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]));
}

/**
 * @param {[string, string][]} headers
 * @param {string} name
 */
function valuesOf(headers, name) {
  return headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
}

/**
 * @param {any} verdict
 * @param {boolean} load
 */
function factsOf(verdict, load) {
  const { claims, tokenResponse } = verdict;
  const userinfo = load ? verdict.userinfo : undefined;
  const all = merge(claims, userinfo);
  return {
    issuer: claims.iss, sub: claims.sub, claims,
    profile: profileOf(all), idProfile: profileOf(claims), uiProfile: userinfo && profileOf(userinfo), context: contextOf(claims),
    idToken: verdict.idToken, accessToken: verdict.accessToken, refreshToken: verdict.refreshToken, params: tokenResponse,
  };
}
