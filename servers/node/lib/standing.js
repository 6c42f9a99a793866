// SPDX-License-Identifier: Apache-2.0
// Verdicts that stand. Of some the engine says that they hang on nothing in the request but its one Authorization, and from when to when:
// a token that it knows, at a place that looks at nothing else. Until then the same Authorization has the same verdict, and the engine
// need not be asked again. Nothing is decided here; whatever may change the engine's mind (a reply from the provider) ends them all.
import { Known } from './known.js';
import { Verdict } from './verdict.js';

/** @typedef {import('./addon-types.js').Need} Need */
/** @typedef {import('./request.js').GateRequest} GateRequest */

const LOG = 1;
const SINCE = 21;
const UNTIL = 22;

export class Standing {
  constructor() {
    /** By the Authorization, then by the rule. @type {Known<Map<number, Need>> | null} */
    this.known = null;
  }

  /**
   * @param {GateRequest} request
   * @param {number} rule
   * @param {number} at  seconds
   * @returns {Verdict | undefined}
   */
  find(request, rule, at) {
    const authorization = this.known ? request.authorization : undefined;
    if (authorization === undefined) return undefined;
    const done = this.known?.find(authorization)?.get(rule);
    if (done === undefined || at < done[SINCE] || at >= done[UNTIL]) return undefined;
    return new Verdict(done, ['authorization', authorization]); // a new one, for what is read of its claims is the application's
  }

  /**
   * @param {GateRequest} request
   * @param {number} rule
   * @param {Need} done  the engine's verdict on it
   */
  keep(request, rule, done) {
    if (done[UNTIL] === undefined || done[LOG] !== undefined) return;
    const { authorization } = request;
    if (authorization === undefined) return;
    this.known ??= new Known();
    const rules = this.known.find(authorization) ?? new Map();
    rules.set(rule, Object.freeze(done));
    this.known.keep(authorization, rules);
  }

  clear() {
    this.known = null;
  }
}
