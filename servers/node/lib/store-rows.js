// SPDX-License-Identifier: Apache-2.0
/*
 * Five operations over the three of an express-session store, which can neither compare and set nor say "only if it is there".
 *
 * A row holds the value, its end, and a generation: a random word that ADD makes and PUT keeps. DROP does not only destroy the row,
 * it first leaves a mark beside it that names the generation. A row whose generation is on the mark is gone, whoever wrote it and
 * when: so a PUT that has read the row before a DROP, in this process or another, and writes it after, brings nothing back. PUT looks
 * at the mark once more after it has written, says ABSENT where it came too late, and takes its row away again.
 *
 * The mark is there before the row goes, and outlives every row it speaks of: a PUT may prolong a row by no more than that row's
 * own span, so a mark lives until the row's end and one span more. ADD makes a new generation, which an old mark does not name.
 *
 * In one process the operations on a key stand in line. Between processes, two ADDs, or two TAKEs, of one key at one moment can both
 * succeed: the three operations allow no better. The engine's keys are random and used once; where that matters,
 * bring a store with {get, take, add, put, drop}.
 */
import { randomBytes } from 'node:crypto';
import { isMiss } from './session/ask.js';

const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;
const PREFIX = 'gatewright.';
const MARK = 'gatewright-mark.';
const MARKED_MAX = 8;
const LINGER = 60; // seconds that a mark stays at least: longer than any operation takes

/** @typedef {{value: Buffer, expires: number, span: number, generation: string}} Row */

/** @returns {number} */
function now() {
  return Date.now() / 1000;
}

/** What express-session and its stores look for in a session. @param {number} expires @param {object} content @returns {object} */
function envelope(expires, content) {
  const left = Math.max(1000, Math.ceil((expires - now()) * 1000));
  return { cookie: { originalMaxAge: left, expires: new Date(Date.now() + left), httpOnly: true, path: '/' }, gatewright: content };
}

export class SessionRows {
  /** @param {any} store @param {number} [waitMs] */
  constructor(store, waitMs = 5000) {
    this.store = store;
    this.waitMs = waitMs;
    /** @type {Map<string, Promise<void>>} */
    this.lines = new Map();
  }

  /** One operation on a key at a time. @template T @param {string} key @param {() => Promise<T>} operation @returns {Promise<T>} */
  inLine(key, operation) {
    const before = this.lines.get(key);
    const mine = before ? before.then(operation) : operation();
    const over = this.patience(mine);
    this.lines.set(key, over);
    over.then(() => {
      if (this.lines.get(key) === over) this.lines.delete(key);
    });
    return mine;
  }

  /** One that never ends holds up the next no longer than anybody waits for its answer. @param {Promise<unknown>} operation @returns {Promise<void>} */
  patience(operation) {
    return new Promise((done) => {
      const timer = startTimer(done, this.waitMs);
      timer.unref?.();
      const over = () => {
        stopTimer(timer);
        done();
      };
      operation.then(over, over);
    });
  }

  /** @param {'get' | 'set' | 'destroy'} method @param {any[]} given @returns {Promise<any>} */
  call(method, ...given) {
    return new Promise((done, fail) => {
      const answered = (/** @type {unknown} */ error, /** @type {unknown} */ value) => (error && !isMiss(method, error) ? fail(error) : done(value));
      const declaresCallback = this.store[method].length > given.length;
      const promise = this.store[method](...given, answered);
      if (typeof promise?.then === 'function') promise.then(declaresCallback ? undefined : done, fail);
    });
  }

  /** @param {string} key @returns {Promise<Row | null>} also one that has expired, for the sake of its generation */
  async readRow(key) {
    const row = (await this.call('get', PREFIX + key))?.gatewright;
    if (row === undefined || row === null) return null;
    const { value, expires, span, generation } = row;
    if (typeof value !== 'string' || typeof expires !== 'number' || typeof span !== 'number' || typeof generation !== 'string') {
      throw new Error('the store holds a row that is none of ours');
    }
    return { value: Buffer.from(value, 'base64'), expires, span, generation };
  }

  /** @param {string} key @returns {Promise<string[]>} generations that were dropped */
  async readMark(key) {
    const dropped = (await this.call('get', MARK + key))?.gatewright?.dropped;
    return Array.isArray(dropped) ? dropped : [];
  }

  /** @param {string} key @param {Row} row */
  writeRow(key, { value, expires, span, generation }) {
    return this.call('set', PREFIX + key, envelope(expires, { value: value.toString('base64'), expires, span, generation }));
  }

  /** @param {string} key @returns {Promise<Row | null>} one that is alive */
  async find(key) {
    const [row, dropped] = await Promise.all([this.readRow(key), this.readMark(key)]);
    return row && row.expires > now() && !dropped.includes(row.generation) ? row : null;
  }

  /** @param {string} key @returns {Promise<Buffer | null>} */
  async get(key) {
    return (await this.find(key))?.value ?? null;
  }

  /** @param {string} key @returns {Promise<Buffer | null>} */
  take(key) {
    return this.inLine(key, async () => {
      const row = await this.find(key);
      if (row) await this.end(key, row);
      return row && row.value;
    });
  }

  /** @param {string} key @param {Buffer} value @param {number} expires @returns {Promise<boolean>} */
  add(key, value, expires) {
    return this.inLine(key, async () => {
      if (await this.find(key)) return false;
      await this.writeRow(key, { value, expires, span: Math.max(0, expires - now()), generation: randomBytes(12).toString('base64url') });
      return true;
    });
  }

  /** @param {string} key @param {Buffer} value @param {number} expires @returns {Promise<boolean>} */
  put(key, value, expires) {
    return this.inLine(key, async () => {
      const row = await this.find(key);
      if (!row) return false;
      const span = Math.max(row.span, expires - now());
      await this.writeRow(key, { value, expires, span, generation: row.generation });
      if (!(await this.readMark(key)).includes(row.generation)) return true;
      await this.call('destroy', PREFIX + key);
      return false;
    });
  }

  /** @param {string} key @returns {Promise<void>} */
  drop(key) {
    return this.inLine(key, async () => {
      const row = await this.readRow(key);
      if (row) await this.end(key, row);
    });
  }

  /** @param {string} key @param {Row} row */
  async end(key, row) {
    const dropped = [...await this.readMark(key), row.generation].slice(-MARKED_MAX);
    const until = Math.max(row.expires, now()) + row.span + LINGER;
    await this.call('set', MARK + key, envelope(until, { dropped }));
    await this.call('destroy', PREFIX + key);
  }
}
