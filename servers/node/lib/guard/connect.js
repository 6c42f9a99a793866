// SPDX-License-Identifier: Apache-2.0
// For Express and Restify, whose handlers get (req, res, next), with Node's own request and response.
import { addHeaders, sendAnswer } from './answer.js';
import { Guard, nobody } from './guard.js';

/**
 * @typedef {import('./guard.js').Request} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {(argument?: any) => void} Next
 * @typedef {(req: any, res: any, next: Next) => void} Handler
 * @typedef {import('./guard.js').SiteOptions} SiteOptions
 */

export class ConnectGuard extends Guard {
  /** In front of all: app.use(guard.site()); with Restify: server.pre(guard.site()). @param {SiteOptions} [options] @returns {Handler} */
  site(options = {}) {
    return (req, res, next) => {
      this.settle(req, () => this.atSite(req, options), (verdict) => {
        if (verdict) this.carryOut(verdict, req, res, next);
        else {
          req.oidcGate ??= nobody;
          next();
        }
      });
    };
  }

  /**
   * In front of a route, or of a router: app.use('/admin', guard.place({ require: 'groups has "admins"' }), admin). The handler finds
   * req.oidcGate: {signedIn, claims, claim(name), idToken, accessToken, expires}.
   * @param {Record<string, any>} [demands] options of a rule, or a rule
   * @returns {Handler}
   */
  place(demands = {}) {
    const rule = this.rule(demands);
    return (req, res, next) => this.settle(req, () => this.atPlace(req, rule), (verdict) => this.carryOut(/** @type {any} */ (verdict), req, res, next));
  }

  /** @param {import('./guard.js').Verdict} verdict @param {Request} req @param {Response} res @param {Next} next */
  carryOut(verdict, req, res, next) {
    if (verdict.pass) {
      addHeaders(res, verdict.headers);
      req.oidcGate = this.admit(req, verdict);
      next();
      return;
    }
    if (!verdict.gone) sendAnswer(req, res, verdict);
    this.afterAnswer(next);
  }

  /** @param {Next} next */
  afterAnswer(next) {
    void next;
  }
}

/** Restify counts a request as open until it hears next(false). */
export class RestifyGuard extends ConnectGuard {
  /** @param {Next} next */
  afterAnswer(next) {
    next(false);
  }
}
