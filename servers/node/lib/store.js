// SPDX-License-Identifier: Apache-2.0
// STORE over what an application brings: a store as express-session knows them (get, set, destroy with callbacks), or an object of
// promises {get, take, add, put, drop} for those who can do each in one step.
import { SessionRows } from './store-rows.js';

export const OUTCOME = /** @type {const} */ ({ ok: 0, absent: 1, exists: 2, failed: 3 });
const OPERATIONS = /** @type {const} */ (['get', 'take', 'add', 'put', 'drop']);
const WAIT_MS = 5000;
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;

/** @typedef {{outcome: number, values?: (Uint8Array | null)[], why?: string}} StoreReply */

/**
 * Keys are text of letters, digits, '-' and '_'; expiry in seconds since 1970. Each rejects when the store cannot be asked: that
 * is never a miss.
 * @typedef {object} KeyValues
 * @property {(key: string) => Promise<Uint8Array | null | undefined>} get
 * @property {(key: string) => Promise<Uint8Array | null | undefined>} take the value, and it is gone; one taker wins
 * @property {(key: string, value: Buffer, expires: number) => Promise<boolean>} add false: it is there, and nothing changed
 * @property {(key: string, value: Buffer, expires: number) => Promise<boolean>} put false: it is not there, and nothing changed
 * @property {(key: string) => Promise<unknown>} drop
 */

/** @param {any} error @returns {string} */
function wordsFor(error) {
  return String(error?.code ?? error?.message ?? 'the store failed').replace(/[^\x20-\x7e]+/g, ' ').slice(0, 120);
}

/** @template T @param {Promise<T>} promise @param {number} ms @returns {Promise<T>} */
function within(promise, ms) {
  return new Promise((done, fail) => {
    const timer = startTimer(() => fail(new Error(`no answer within ${ms} ms`)), ms);
    timer.unref?.();
    promise.then(done, fail).finally(() => stopTimer(timer));
  });
}

/** @param {unknown} value @returns {Uint8Array | null} */
function bytes(value) {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return value;
  throw new Error('the store answered with something else than bytes');
}

/** @param {unknown} value @returns {boolean} */
function flag(value) {
  if (typeof value === 'boolean') return value;
  throw new Error('the store answered neither true nor false');
}

export class Store {
  /** @param {KeyValues} values @param {number} [ms] how long one operation may take */
  constructor(values, ms = WAIT_MS) {
    this.values = values;
    this.ms = ms;
  }

  /** @param {import('./addon-types.js').Need} need STORE @returns {Promise<StoreReply>} */
  async reply(need) {
    const [, , , op, keys, value, expires] = need;
    const names = keys.map((/** @type {Buffer} */ key) => key.toString('base64url'));
    try {
      return await within(this.do(OPERATIONS[op], names, value, expires), this.ms);
    } catch (error) {
      return { outcome: OUTCOME.failed, why: wordsFor(error) };
    }
  }

  /** @param {string} op @param {string[]} keys @param {Buffer} value @param {number} expires @returns {Promise<StoreReply>} */
  async do(op, keys, value, expires) {
    const { values } = this;
    switch (op) {
      case 'get':
        return { outcome: OUTCOME.ok, values: (await Promise.all(keys.map((key) => values.get(key)))).map(bytes) };
      case 'take':
        return { outcome: OUTCOME.ok, values: [bytes(await values.take(keys[0]))] };
      case 'add':
        return { outcome: flag(await values.add(keys[0], value, expires)) ? OUTCOME.ok : OUTCOME.exists };
      case 'put':
        return { outcome: flag(await values.put(keys[0], value, expires)) ? OUTCOME.ok : OUTCOME.absent };
      default:
        await Promise.all(keys.map((key) => values.drop(key)));
        return { outcome: OUTCOME.ok };
    }
  }
}

/**
 * @param {any} store what the application brings
 * @param {{waitMs?: number}} [how]
 * @returns {Store | null}
 */
export function openStore(store, { waitMs } = {}) {
  if (!store) return null;
  if (OPERATIONS.every((name) => typeof store[name] === 'function')) return new Store(store, waitMs);
  if (['get', 'set', 'destroy'].every((name) => typeof store[name] === 'function')) return new Store(new SessionRows(store, waitMs), waitMs);
  throw new TypeError('store: has neither get, set and destroy, as express-session wants them, nor get, take, add, put and drop');
}
