// SPDX-License-Identifier: Apache-2.0
// For Koa.
import { addHeaders, fieldsOf } from './answer.js';
import { Guard, nobody } from './guard.js';

/** @typedef {(ctx: any, next: () => Promise<any>) => Promise<any>} KoaMiddleware */

/** @param {any} ctx @param {import('./guard.js').Verdict} verdict */
function answer(ctx, verdict) {
  if (verdict.gone) {
    ctx.respond = false;
    return;
  }
  ctx.body = verdict.body;
  ctx.remove('Content-Type');
  ctx.status = verdict.status;
  for (const { name, values, beside } of fieldsOf(verdict)) {
    if (beside) ctx.append(name, values);
    else ctx.set(name, values.length === 1 ? values[0] : values);
  }
}

export class KoaGuard extends Guard {
  /** Before all other middleware: app.use(guard.site()). @param {import('./guard.js').SiteOptions} [options] @returns {KoaMiddleware} */
  site(options = {}) {
    return async (ctx, next) => {
      ctx.req.originalUrl ??= ctx.originalUrl; // under a mount, ctx.req.url is what is left of it
      const verdict = await this.decide(ctx, () => this.atSite(ctx.req, options));
      if (verdict) return this.carryOut(verdict, ctx, next);
      ctx.state.oidcGate ??= nobody;
      return next();
    };
  }

  /**
   * Before what it protects: mount('/admin', compose([guard.place({ ... }), admin])). What follows finds ctx.state.oidcGate:
   * {signedIn, claims, claim(name), idToken, accessToken, expires}.
   * @param {Record<string, any>} [demands] options of a rule, or a rule
   * @returns {KoaMiddleware}
   */
  place(demands = {}) {
    const rule = this.rule(demands);
    return async (ctx, next) => this.carryOut(/** @type {any} */ (await this.decide(ctx, () => this.atPlace(ctx.req, rule))), ctx, next);
  }

  /** @param {any} ctx @param {() => any} decide @returns {Promise<import('./guard.js').Verdict | null>} */
  decide(ctx, decide) {
    return new Promise((done) => { this.settle(ctx.req, decide, done); });
  }

  /** @param {import('./guard.js').Verdict} verdict @param {any} ctx @param {() => Promise<any>} next */
  carryOut(verdict, ctx, next) {
    if (!verdict.pass) return answer(ctx, verdict);
    addHeaders(ctx.res, verdict.headers);
    ctx.state.oidcGate = this.admit(ctx.req, verdict);
    return next();
  }
}
