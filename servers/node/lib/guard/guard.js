// SPDX-License-Identifier: Apache-2.0
// The engine's guard, for the frameworks' own forms beside this file.
//
// Two things stand in an application. The site, in front of everything: it takes away what clients send as identity headers, and answers the
// addresses that are the gate's own (callback, sign-out ...). A place, in front of the very routes that it protects: so the framework's routing
// alone decides which requests these are, however a path is spelled.
import { Rule } from '../gate.js';
import { refusalVerdict } from '../verdict.js';
import { giveBack } from './body.js';
import { dropHeaders, identify, keepHeaders, restoreHeaders } from './headers.js';
import { isPlain } from './path.js';
import { nobody, Visitor } from './visitor.js';

/**
 * @typedef {import('../gate.js').Gate} Gate
 * @typedef {import('../verdict.js').Verdict} Verdict
 * @typedef {import('../request.js').GateRequest} GateRequest
 * @typedef {import('node:http').IncomingMessage & Record<string, any>} Request
 * @typedef {object} Visit one request on its way through the application
 * @property {GateRequest} request as the client sent it
 * @property {ReturnType<typeof keepHeaders>} [kept]
 *
 * @typedef {object} SiteOptions
 * @property {boolean} [plainPaths] Refuse a path that can be read in two ways ('//', '/../', '%2f', '%61' ...). For applications that look a path
 *   up themselves after their framework has routed it: static files under a place for everybody, a proxy to a server that decodes.
 */

const NAMES_KEPT = 500;

export class Guard {
  /** @param {Gate} gate */
  constructor(gate) {
    this.gate = gate;
    /** @type {WeakMap<object, Visit>} */
    this.visits = new WeakMap();
    /** @type {Map<string, boolean>} */
    this.names = new Map();
    this.rules = -1;
    this.isOurs = this.isOurs.bind(this);
  }

  /** @param {Record<string, any> | Rule} demands @returns {Rule} */
  rule(demands) {
    return demands instanceof Rule ? demands : this.gate.rule(demands);
  }

  /** The engine knows; which names clients send is known soon. @param {string} name @returns {boolean} */
  isOurs(name) {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    const is = this.gate.headerIsOurs(name);
    if (this.names.size < NAMES_KEPT) this.names.set(name, is);
    return is;
  }

  /** @param {Request} req */
  strip(req) {
    if (this.rules !== this.gate.rules.length) {
      this.names.clear();
      this.rules = this.gate.rules.length;
    }
    dropHeaders(req, this.isOurs);
  }

  /**
   * Every request, once: before anything else sees it.
   * @param {Request} req
   * @returns {Visit}
   */
  enter(req) {
    const before = this.visits.get(req);
    if (before) return before;
    this.strip(req);
    const visit = { request: this.gate.request(req) };
    this.visits.set(req, visit);
    return visit;
  }

  /**
   * What the site answers by itself; null: the request goes on.
   * @param {Request} req
   * @param {SiteOptions} options
   * @returns {Verdict | Promise<Verdict> | null}
   */
  atSite(req, options) {
    const { request } = this.enter(req);
    if (options.plainPaths && !isPlain(request.target)) return this.refuse('request_malformed', 400, 'the path can be read in two ways', req);
    return this.gate.answers(request.path) ? this.gate.guard(request, null) : null;
  }

  /**
   * @param {Request} req
   * @param {Rule} rule
   * @returns {Verdict | Promise<Verdict>}
   */
  atPlace(req, rule) {
    const visit = this.visits.get(req);
    if (!visit) throw new Error('site() is to stand in front of every route: a place alone lets forged headers through everywhere else');
    return this.gate.guard(visit.request, rule);
  }

  /** The application's view of a request that was let pass. @param {Request} req @param {Verdict} verdict @returns {Visitor} */
  admit(req, verdict) {
    const visit = /** @type {Visit} */ (this.visits.get(req));
    if (visit.kept) restoreHeaders(req, visit.kept);
    if (verdict.identity.length) {
      visit.kept ??= keepHeaders(req);
      identify(req, verdict.identity);
    }
    giveBack(req);
    return new Visitor(verdict);
  }

  /** @param {string} id @param {number} status @param {string} why @param {Request} req */
  refuse(id, status, why, req) {
    this.gate.log(status < 500 ? 'info' : 'error', `${id}: ${why}`, req);
    return refusalVerdict(id, status);
  }

  /**
   * Decides, and goes on with the verdict: at once where nothing had to be waited for. What breaks lets nobody in, and is not the application's.
   * @param {Request} req
   * @param {() => Verdict | Promise<Verdict> | null} decide
   * @param {(verdict: Verdict | null) => void} then null: nobody decided
   */
  settle(req, decide, then) {
    const broke = (/** @type {any} */ error) => this.refuse('internal', 503, String(error?.message ?? error), req);
    let verdict;
    try {
      verdict = decide();
    } catch (error) {
      verdict = broke(error);
    }
    if (verdict instanceof Promise) verdict.catch(broke).then((found) => process.nextTick(then, found)); // an exception of what follows is its own
    else then(verdict);
  }
}

/** Who is there where no place has asked. */
export { nobody };
