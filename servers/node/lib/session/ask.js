// SPDX-License-Identifier: Apache-2.0
// An express-session-compatible store as promises: get, set, destroy, each answered once and in time, or SessionError store_down.
import { SessionError } from './error.js';

const ANSWER_MS = 5000;

/**
 * @typedef {object} SessionStore   as express-session describes it; one that answers promises instead of callbacks will do
 * @property {(id: string, callback: (error: any, row?: any) => void) => any} get
 * @property {(id: string, row: any, callback: (error?: any) => void) => any} set
 * @property {(id: string, callback: (error?: any) => void) => any} destroy
 */

export class Asked {
  /** @param {SessionStore} store */
  constructor(store) {
    this.store = store;
  }

  /** @param {string} id */
  get(id) {
    return this.ask('get', [id]);
  }

  /**
   * @param {string} id
   * @param {any} row
   */
  set(id, row) {
    return this.ask('set', [id, row]);
  }

  /** @param {string} id */
  destroy(id) {
    return this.ask('destroy', [id]);
  }

  /**
   * A store that declares a callback is answered by it alone: a promise beside it may be kept before there is an answer, and nothing
   * would be taken for a miss. One that declares none is answered by its promise.
   * @param {'get' | 'set' | 'destroy'} what
   * @param {any[]} args
   * @returns {Promise<any>}
   */
  ask(what, args) {
    return new Promise((done, refuse) => {
      const fail = (/** @type {any} */ error) => {
        clearTimeout(timer);
        refuse(new SessionError('store_down', `${what}: ${wordsOf(error)}`));
      };
      const answer = (/** @type {any} */ value) => {
        clearTimeout(timer);
        done(value);
      };
      const timer = setTimeout(fail, ANSWER_MS, { code: 'no answer' });
      try {
        const declaresCallback = this.store[what].length > args.length;
        const kept = /** @type {any} */ (this.store)[what](...args, (/** @type {any} */ error, /** @type {any} */ value) => (error && !isMiss(what, error) ? fail(error) : answer(value)));
        if (typeof kept?.then === 'function') kept.then(declaresCallback ? undefined : answer, fail);
      } catch (error) {
        fail(error);
      }
    });
  }
}

/** @type {Record<string, RegExp>} */
const MISSES = { get: /^(open|read|l?stat|access)$/, destroy: /^(unlink|rm|open|l?stat|access)$/ };

/**
 * Stores of files say so of a session that is not there, and express-session takes it for that. A store behind a socket that is not there is
 * down: connect says ENOENT as well; and nothing that could not be written was missing.
 * @param {string} method
 * @param {any} error
 */
export const isMiss = (method, error) => error?.code === 'ENOENT' && MISSES[method]?.test(error.syscall) === true;

/** A few words for the log: never a whole error, which may quote the row; and one line, whatever it holds. @param {any} error */
function wordsOf(error) {
  const code = error?.code ?? error?.name;
  return typeof code === 'string' ? code.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 60) : 'failed';
}
