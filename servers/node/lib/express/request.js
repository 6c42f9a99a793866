// SPDX-License-Identifier: Apache-2.0
// req.oidc: who is there. All of it is looked up when it is asked for.
import { printAs } from '../printed.js';
import { claimsText, readClaims } from '../session/claims.js';
import { notThereYet } from './error.js';
import { fetchUserInfo } from './userinfo.js';

/** @typedef {import('../session/index.js').Visit} Visit */

const now = () => Math.floor(Date.now() / 1000);

/** @param {string} token */
function readToken(token) {
  const text = claimsText(token);
  return { token, text, claims: readClaims(text) };
}

export class RequestContext {
  /**
   * @param {any} site   what auth() was made of
   * @param {Visit} visit
   */
  constructor(site, visit) {
    this.site = site;
    this.visit = visit;
    /** What afterCallback sees before it is the session. @type {any} */
    this.coming = undefined;
    /** @type {any} */
    this.read = undefined;
    this.readOf = '';
    this.text = '';
  }

  /** @returns {any} */
  get held() {
    return this.coming ?? this.visit.peek();
  }

  /** The claims, for looking only. @returns {any} */
  claims() {
    const token = this.held?.id_token;
    if (token === undefined) return undefined;
    return token === this.readOf ? this.read : this.readNew(token);
  }

  /** Worked out once for a cookie, not for each request with it. @param {any} token @returns {any} */
  readNew(token) {
    const memo = this.coming === undefined ? this.visit.found?.shared?.memo : undefined;
    const known = memo?.token === token ? memo : readToken(token);
    if (memo && memo !== known) Object.assign(memo, known);
    this.readOf = token;
    this.text = known.text;
    this.read = known.claims;
    return this.read;
  }

  isAuthenticated() {
    return this.claims() !== undefined;
  }

  /** @returns {string | undefined} */
  get idToken() {
    return this.held?.id_token;
  }

  /** @returns {string | undefined} */
  get refreshToken() {
    return this.held?.refresh_token;
  }

  /** A copy of the claims: what is done to it is done to nothing else. @returns {any} */
  get idTokenClaims() {
    if (this.claims() === undefined) return undefined;
    return { sid: this.held.sid, ...JSON.parse(this.text) };
  }

  /** The claims without those of the protocol; what userinfo said stands behind what the ID Token says. @returns {any} */
  get user() {
    const claims = this.idTokenClaims;
    if (!claims) return undefined;
    const all = this.held.userinfo ? { ...structuredClone(this.held.userinfo), ...claims } : claims;
    const hidden = this.site.config.identityClaimFilter;
    return Object.fromEntries(Object.entries(all).filter(([name]) => !hidden.includes(name)));
  }

  get accessToken() {
    const { access_token, token_type, expires_at } = this.held ?? {};
    if (!this.idToken || !access_token || !token_type || typeof expires_at !== 'number') return undefined;
    return {
      /** @type {string} */
      access_token,
      /** @type {string} */
      token_type,
      expires_in: Math.max(0, expires_at - now()),
      isExpired: () => expires_at <= now(),
      /** @param {any} [_options] @returns {Promise<never>} */
      refresh: (_options) => notThereYet('accessToken.refresh()'),
    };
  }

  /** What the provider's userinfo endpoint says of who is signed in. @returns {Promise<any>} */
  fetchUserInfo() {
    return fetchUserInfo(this.site.client, this.held?.access_token, this.claims()?.sub);
  }

  /** @param {any} [_options] @returns {Promise<never>} */
  customTokenExchange(_options) {
    return notThereYet('req.oidc.customTokenExchange()');
  }

  /** @param {any} [_options] @returns {Promise<never>} */
  requestSessionTransferToken(_options) {
    return notThereYet('req.oidc.requestSessionTransferToken()');
  }
}
printAs(RequestContext, ({ user }) => ({ user }));
