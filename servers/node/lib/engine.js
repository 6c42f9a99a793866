// SPDX-License-Identifier: Apache-2.0
// One engine, its needs met: asks, fetches, stores, and asks again, until there is a verdict.
import { addon } from './addon.js';
import { readBody } from './body.js';
import { fetchNeed } from './fetch.js';
import { Standing } from './standing.js';
import { goneVerdict, refusalVerdict, Verdict } from './verdict.js';

/** @typedef {import('./addon-types.js').Need} Need */
/** @typedef {import('./addon-types.js').Ask} Ask */
/** @typedef {import('./request.js').GateRequest} GateRequest */
/** @typedef {{outcome: number, body?: Uint8Array | string, status?: number, headers?: string[], values?: (Uint8Array | null)[], why?: string}} Reply */

export const NO_RULE = -1;
const SITE = 0;
const BODY = 0;
const STORE = 1;
const FETCH = 2;
const DONE = 3;
const FAILED = 3;
const LEVELS = /** @type {const} */ (['error', 'warn', 'info', 'debug']);

/** @returns {number} seconds; asked for at each step, so that a clock that a test has put in place is seen */
function now() {
  return Math.floor(Date.now() / 1000);
}

export class Engine {
  /**
   * @param {object} parts
   * @param {import('./addon-types.js').EngineHandle} parts.handle
   * @param {import('./fetch.js').Fetcher} parts.fetcher
   * @param {import('./store.js').Store | null} parts.store
   * @param {(level: 'error' | 'warn' | 'info' | 'debug', line: string, request: any) => void} parts.log
   */
  constructor({ handle, fetcher, store, log }) {
    this.handle = handle;
    this.fetcher = fetcher;
    this.store = store;
    this.log = log;
    this.standing = new Standing();
    this.due = 0;
    this.keeping = false;
    this.closed = false;
  }

  /** The new one decides from now on; what the old one began, it ends. @param {import('./addon-types.js').EngineHandle} handle */
  replace(handle) {
    addon.close(this.handle);
    this.handle = handle;
    this.standing.clear();
    this.due = 0;
  }

  close() {
    this.closed = true;
    this.standing.clear();
    addon.close(this.handle);
  }

  /**
   * @param {GateRequest} request
   * @param {number} rule
   * @param {Ask | null} [ask]
   * @returns {Verdict | Promise<Verdict>} at once where nothing has to be waited for
   */
  run(request, rule, ask = null) {
    const at = now();
    const verdict = (ask === null ? this.standing.find(request, rule, at) : undefined) ?? this.begin(request, rule, ask, at);
    if (at >= this.due) this.keepUp(at);
    return verdict;
  }

  /**
   * @param {GateRequest} request
   * @param {number} rule
   * @param {Ask | null} ask
   * @param {number} at
   * @returns {Verdict | Promise<Verdict>}
   */
  begin(request, rule, ask, at) {
    let need;
    try {
      const { method, scheme, authority, target, path, headers } = request;
      need = addon.begin(this.handle, SITE, rule, ask, at, method, scheme, authority, target, path, ...headers);
    } catch (error) {
      return this.refuse(error, request);
    }
    if (need[0] !== DONE) return this.meet(need, request);
    this.standing.keep(request, rule, need);
    return this.verdict(need, request);
  }

  /** @param {any} error what the addon does not take @param {GateRequest} request @returns {Verdict} */
  refuse(error, request) {
    const [id, status] = error instanceof RangeError ? /** @type {const} */ (['request_too_large', 431])
      : error instanceof TypeError ? /** @type {const} */ (['request_malformed', 400]) : /** @type {const} */ (['internal', 503]);
    if (error?.code === 'GATE_CLOSED') throw error;
    this.say(1, `${id}: ${error.message}`, request);
    return refusalVerdict(id, status);
  }

  /** @param {Need} need @param {GateRequest | null} request @returns {Verdict} */
  verdict(need, request) {
    if (need[1]) this.sayAll(need[1], request);
    return new Verdict(need, request?.headers);
  }

  /** @param {(string | number)[]} lines @param {GateRequest | null} request */
  sayAll(lines, request) {
    for (let i = 0; i < lines.length; i += 2) this.say(Number(lines[i]), String(lines[i + 1]), request);
  }

  /** @param {number} level @param {string} line @param {GateRequest | null} request */
  say(level, line, request) {
    try {
      this.log(LEVELS[level] ?? 'debug', line, request?.incoming);
    } catch {
      // A log that fails is no reason to let anybody in or out.
    }
  }

  /** @param {Need} need @param {Reply} reply @returns {Need} */
  step(need, reply) {
    const { outcome, body, status, headers, values, why } = reply;
    if (need[0] === FETCH) this.standing.clear(); // there may be other keys
    try {
      return addon.step(need[2], now(), outcome, body, status, headers, values, why);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      return addon.step(need[2], now(), FAILED, null, 0, [], [], 'a reply that cannot be read'); // the other was never begun
    }
  }

  /** As long as replies are there at once. @param {Need} need @param {GateRequest | null} request @returns {Verdict | Promise<Verdict>} */
  meet(need, request) {
    for (;;) {
      if (need[0] === DONE) return this.verdict(need, request);
      if (need[1]) this.sayAll(need[1], request);
      const reply = need[0] === BODY ? this.bodyReply(need, request) : null;
      if (!reply || reply instanceof Promise) return this.wait(need, reply, request);
      need = this.step(need, reply);
    }
  }

  /** @param {Need} need @param {GateRequest | null} request @returns {Reply | Promise<Reply>} */
  bodyReply(need, request) {
    return request ? readBody(request, need[3]) : { outcome: FAILED, why: 'there is no request' };
  }

  /**
   * From the first reply that has to be waited for, until the verdict. The transaction ends early when the client leaves.
   * @param {Need} need
   * @param {Promise<Reply> | null} first
   * @param {GateRequest | null} request
   * @returns {Promise<Verdict>}
   */
  wait(need, first, request) {
    const left = new AbortController();
    return new Promise((done, fail) => {
      const stop = request?.whenGone(() => {
        left.abort();
        addon.drop(need[2]);
        done(goneVerdict());
      });
      this.waitOn(need, first, request, left.signal).finally(() => stop?.()).then(done, fail);
    });
  }

  /** @param {Need} need @param {Promise<Reply> | null} first @param {GateRequest | null} request @param {AbortSignal} left @returns {Promise<Verdict>} */
  async waitOn(need, first, request, left) {
    let waiting = first;
    for (;;) {
      const reply = await (waiting ?? this.reply(need, request, left));
      waiting = null;
      if (left.aborted) return goneVerdict();
      need = this.step(need, reply);
      if (need[0] === DONE) return this.verdict(need, request);
      if (need[1]) this.sayAll(need[1], request);
    }
  }

  /** @param {Need} need @param {GateRequest | null} request @param {AbortSignal} left @returns {Reply | Promise<Reply>} */
  reply(need, request, left) {
    if (need[0] === BODY) return this.bodyReply(need, request);
    if (need[0] !== STORE) return this.fetcher.fetch(fetchNeed(need), left);
    return this.store ? this.store.reply(need) : { outcome: FAILED, why: 'there is no session store' };
  }

  /** Metadata and keys are fetched again ahead of their end, in the background; nothing waits for it. @param {number} at */
  keepUp(at) {
    if (this.keeping || this.closed) return;
    const need = addon.upkeep(this.handle, at);
    if (!need) {
      this.due = addon.upkeepDue(this.handle, at);
      return;
    }
    this.keeping = true;
    const { handle } = this;
    Promise.resolve(this.meet(need, null)).catch((error) => this.say(1, `upkeep: ${error.message}`, null)).finally(() => {
      this.keeping = false;
      if (!this.closed && handle === this.handle) this.due = addon.upkeepDue(this.handle, now());
    });
  }
}
