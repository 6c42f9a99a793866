// SPDX-License-Identifier: Apache-2.0
// ctx.oidc: who is there, and what the application lets happen. And Koa's response as sign-in needs it.

export class KoaResponse {
  /** @param {any} ctx */
  constructor(ctx) {
    this.ctx = ctx;
    /** @type {any} */
    this.oidc = undefined;
  }

  /** True also where the application has said what it answers: afterCallback may. */
  get headersSent() {
    return this.ctx.headerSent || this.ctx.body !== undefined && this.ctx.body !== null;
  }

  /** @param {string} name */
  getHeader(name) {
    return this.ctx.res.getHeader(name);
  }

  /** @param {string} name */
  hasHeader(name) {
    return this.ctx.res.hasHeader(name);
  }

  /** @param {string} name @param {string | string[]} value */
  setHeader(name, value) {
    this.ctx.set(name, value);
  }

  /** @param {string} location */
  redirect(location) {
    this.ctx.redirect(location);
  }
}

export class KoaContext {
  /** @param {import('../express/request.js').RequestContext} request @param {KoaResponse} res */
  constructor(request, res) {
    this.request = request;
    this.res = res;
  }

  get visit() { return this.request.visit; }

  get user() { return this.request.user; }

  get idToken() { return this.request.idToken; }

  get idTokenClaims() { return this.request.idTokenClaims; }

  get accessToken() { return this.request.accessToken; }

  get refreshToken() { return this.request.refreshToken; }

  isAuthenticated() { return this.request.isAuthenticated(); }

  fetchUserInfo() { return this.request.fetchUserInfo(); }

  /** Refused with what went wrong: `await ctx.oidc.login()`. @param {any} [options] @returns {Promise<void>} */
  login(options) { return this.res.oidc.login(options); }

  /** @param {any} [options] @returns {Promise<void>} */
  silentLogin(options) { return this.res.oidc.silentLogin(options); }

  /** @param {any} [options] @returns {Promise<void>} */
  callback(options) { return this.res.oidc.callback(options); }

  /** @param {any} [options] @returns {Promise<void>} */
  logout(options) { return this.res.oidc.logout(options); }

  /** Without tokens: what is printed by the way is no place for them. */
  toJSON() { return { user: this.user }; }

  [Symbol.for('nodejs.util.inspect.custom')]() { return this.toJSON(); }
}
