// SPDX-License-Identifier: Apache-2.0
// What was found out a moment ago about a text that only its owner can have: a cookie that was opened, a token that was let in. A hit is
// a text equal to the last byte; whether what was found out still holds is for the caller to ask. Two generations: bounded in number
// and in time.

const COUNT_MAX = 500;
const KEPT_MS = 60000;
const TAG = 22; // characters at the end, where a seal's tag or a signature is: no two share them by chance, and to hash all takes longer than all else

/**
 * @template T
 * @typedef {Map<string, {value: string, what: T}>} Generation
 */

/** @template T */
export class Known {
  constructor() {
    /** @type {Generation<T>} */
    this.young = new Map();
    /** @type {Generation<T>} */
    this.old = new Map();
    this.until = 0;
  }

  /** @param {string} value @returns {T | undefined} */
  find(value) {
    if (Date.now() >= this.until) this.turn();
    const tag = value.slice(-TAG);
    const young = this.young.get(tag);
    if (young) return young.value === value ? young.what : undefined;
    const old = this.old.get(tag);
    if (!old || old.value !== value) return undefined;
    this.young.set(tag, old);
    return old.what;
  }

  /** @param {string} value @param {T} what */
  keep(value, what) {
    if (this.young.size >= COUNT_MAX) this.turn();
    this.young.set(value.slice(-TAG), { value, what });
  }

  turn() {
    this.old = Date.now() >= this.until + KEPT_MS ? new Map() : this.young;
    this.young = new Map();
    this.until = Date.now() + KEPT_MS;
  }
}
