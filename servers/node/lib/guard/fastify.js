// SPDX-License-Identifier: Apache-2.0
// For Fastify: a plugin for the site, a hook for each place.
import { addHeaders, fieldsOf } from './answer.js';
import { Guard, nobody } from './guard.js';

/** @typedef {(request: any, reply: any, done: (error?: Error) => void) => void} FastifyHook */

/** @param {any} reply @param {import('./guard.js').Verdict} verdict */
function answer(reply, verdict) {
  if (verdict.gone) {
    reply.hijack();
    return;
  }
  reply.code(verdict.status);
  for (const { name, values, beside } of fieldsOf(verdict)) {
    if (!beside) reply.removeHeader(name);
    const before = beside && name.toLowerCase() === 'vary' ? [reply.getHeader(name) ?? []].flat() : []; // Set-Cookie is added to by itself
    reply.header(name, values.length === 1 && !before.length ? values[0] : [...before, ...values]);
  }
  reply.send(verdict.body);
}

export class FastifyGuard extends Guard {
  /** Before all other plugins: app.register(guard.site()). @param {import('./guard.js').SiteOptions} [options] */
  site(options = {}) {
    const plugin = (/** @type {any} */ app, /** @type {unknown} */ _options, /** @type {() => void} */ done) => {
      app.decorateRequest('oidcGate', null);
      app.addHook('onRequest', this.siteHook(options));
      done();
    };
    // For the instance that registers it, and all below.
    return Object.assign(plugin, { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'gatewright' });
  }

  /** @param {import('./guard.js').SiteOptions} options @returns {FastifyHook} */
  siteHook(options) {
    return (request, reply, done) => {
      this.settle(request.raw, () => this.atSite(request.raw, options), (verdict) => {
        if (verdict) {
          this.carryOut(verdict, request, reply, done);
          return;
        }
        request.oidcGate ??= nobody;
        done();
      });
    };
  }

  /**
   * For a route, app.get('/admin', { onRequest: guard.place({ ... }) }, handler), or for all routes of a plugin, app.addHook('onRequest',
   * guard.place({ ... })). The handler finds request.oidcGate: {signedIn, claims, claim(name), idToken, accessToken, expires}.
   * @param {Record<string, any>} [demands] options of a rule, or a rule
   * @returns {FastifyHook}
   */
  place(demands = {}) {
    const rule = this.rule(demands);
    return (request, reply, done) => {
      this.settle(request.raw, () => this.atPlace(request.raw, rule), (verdict) => this.carryOut(/** @type {any} */ (verdict), request, reply, done));
    };
  }

  /** @param {import('./guard.js').Verdict} verdict @param {any} request @param {any} reply @param {() => void} done */
  carryOut(verdict, request, reply, done) {
    if (!verdict.pass) {
      answer(reply, verdict);
      return;
    }
    addHeaders(reply.raw, verdict.headers);
    request.oidcGate = this.admit(request.raw, verdict);
    done();
  }
}
