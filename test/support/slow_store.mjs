// SPDX-License-Identifier: Apache-2.0
// A store for express-session that takes its time, and can be down. Like some real ones it has no touch: whatever ends a request
// writes the whole session again.
import session from 'express-session';

export class SlowStore extends session.Store {
  /** Milliseconds for a write, and for a read. */
  constructor(ms = 0, readMs = ms) {
    super();
    this.ms = ms;
    this.readMs = readMs;
    this.rows = new Map();
    this.down = false;
    this.asked = [];
  }

  later(what, act, callback) {
    this.asked.push(what);
    setTimeout(() => {
      if (this.down) callback?.(new Error('the store is down'));
      else callback?.(null, act());
    }, what === 'get' ? this.readMs : this.ms);
  }

  get(id, callback) {
    this.later('get', () => (this.rows.has(id) ? JSON.parse(this.rows.get(id)) : null), callback);
  }

  set(id, row, callback) {
    const text = JSON.stringify(row);
    this.later('set', () => { this.rows.set(id, text); }, callback);
  }

  destroy(id, callback) {
    this.later('destroy', () => { this.rows.delete(id); }, callback);
  }
}
