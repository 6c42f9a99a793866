// SPDX-License-Identifier: Apache-2.0
// One protected resource: its Gate, its rule, and what becomes of a verdict.
import { randomBytes } from 'node:crypto';
import { Gate } from '../gate.js';
import { printAs } from '../printed.js';
import { Auth, OWNER } from './auth.js';
import { frameOf } from './frames.js';
import { bearerError, brokenError } from './error.js';
import { inOurWords, readOptions } from './options.js';

/** @typedef {import('./frames.js').Frame} Frame */

const ERROR = 0;
const INFO = 2;

export class Resource {
  /** @param {import('./options.js').BearerOptions & Record<string, any>} given */
  constructor(given) {
    this.setting = readOptions(given);
    try {
      // Nobody signs in here, so nothing is ever sealed: the secret need not outlive the process.
      this.gate = new Gate({ cookieSecret: randomBytes(32).toString('base64url'), ...this.setting.gate });
      this.rule = this.gate.rule(this.setting.rule);
    } catch (error) {
      this.gate?.close();
      throw inOurWords(error);
    }
  }

  /**
   * One request, of any framework. Answers at once, without a promise, whenever the engine does.
   * @param {any} a
   * @param {any} b
   * @param {any} c
   */
  handle(a, b, c) {
    const frame = frameOf(a, b);
    let verdict;
    try {
      verdict = this.judge(frame, a);
    } catch (error) {
      return frame.fail(a, b, c, brokenError(error));
    }
    if (!(verdict instanceof Promise)) return this.carryOut(frame, a, b, c, verdict);
    return frame.wait(verdict, (found) => this.carryOut(frame, a, b, c, found), (error) => frame.fail(a, b, c, brokenError(error)));
  }

  /** @param {Frame} frame @param {any} a */
  judge(frame, a) {
    const body = this.setting.readsForm ? frame.parsed(a) : undefined;
    return this.gate.guard(this.gate.request(frame.incoming(a), body === undefined ? undefined : { body }), this.rule);
  }

  /** @param {Frame} frame @param {any} a @param {any} b @param {any} c @param {any} verdict */
  carryOut(frame, a, b, c, verdict) {
    if (!verdict.pass) return this.refuse(frame, a, b, c, verdict, verdict.error);
    if (verdict.signedIn) frame.keep(a, new Auth(this, verdict));
    else frame.incoming(a)[OWNER] = this; // nobody is there, and may be: a later requiredScopes() asks whom to answer for
    return frame.pass(a, b, c, verdict.headers);
  }

  /**
   * @param {Frame} frame
   * @param {any} a
   * @param {any} b
   * @param {any} c
   * @param {import('./frames.js').Answer} answer
   * @param {any} refusal  null: the client has left
   */
  refuse(frame, a, b, c, answer, refusal) {
    if (this.setting.passErrors && refusal) return frame.fail(a, b, c, bearerError(refusal, answer.headers));
    return frame.answer(a, b, c, answer);
  }

  /** A refusal that the engine knows nothing of, in its words. @param {any} refusal @param {any} incoming */
  tell({ id, log, clause }, incoming) {
    this.gate.engine.say(id === 'bearer_missing' ? INFO : ERROR, `${id}: ${log} [${clause}]`, this.gate.request(incoming));
  }

  close() {
    this.gate.close();
  }
}
printAs(Resource, ({ setting: { realm } }) => ({ realm }));
