// SPDX-License-Identifier: Apache-2.0
// Who is connected, by the names under which a login can end: the session's id, (issuer, sid), (issuer, sub). One hub for each gate, in
// this process. What hears of a sign-out elsewhere (a back-channel logout, an administrator) calls signOut here too.

import { callAll } from '../every.js';

// A socket that was being let in while its session ended must not stay: for this long a sign-out is remembered. Longer than any wait at a door.
const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 10_000;

/**
 * @typedef {object} Login under which names a login can end
 * @property {string} [session] the id of the application's own session
 * @property {string} [iss]
 * @property {string} [sid] the provider's session id
 * @property {string} [sub]
 */

/** @param {Login} login @returns {string[]} */
function namesOf({ session, iss, sid, sub }) {
  const names = [];
  if (session) names.push(JSON.stringify(['session', session]));
  if (iss && sid) names.push(JSON.stringify(['sid', iss, sid]));
  if (iss && sub) names.push(JSON.stringify(['sub', iss, sub]));
  return names;
}

/** The narrowest name: signing out of one browser is not signing out of all. @param {Login} login */
function nameOf(login) {
  const [name] = namesOf(login);
  if (!name) throw new TypeError('signOut: say session, or iss with sid or sub');
  return name;
}

export class Hub {
  constructor() {
    /** @type {Map<string, Set<() => void>>} */
    this.ends = new Map();
    /** @type {Map<string, number>} */
    this.recent = new Map();
  }

  /** How many names there are: none when nobody is connected. */
  get size() {
    return this.ends.size;
  }

  /**
   * Remembers how a connection is ended.
   * @param {Login} login
   * @param {() => void} end called once at most, when the login ends
   * @returns {() => void} forgets it
   */
  add(login, end) {
    const names = namesOf(login);
    for (const name of names) {
      const there = this.ends.get(name);
      if (there) there.add(end);
      else this.ends.set(name, new Set([end]));
    }
    return () => {
      for (const name of names) this.remove(name, end);
    };
  }

  /** @param {string} name @param {() => void} end */
  remove(name, end) {
    const there = this.ends.get(name);
    there?.delete(end);
    if (there?.size === 0) this.ends.delete(name);
  }

  /**
   * Ends every connection of one login: of a session, of the provider's session, or of all that a person has.
   * @param {Login} login the narrowest name that is given counts
   * @returns {number} how many connections ended
   */
  signOut(login) {
    const name = nameOf(login);
    this.remember(name);
    const ended = [...(this.ends.get(name) ?? [])];
    callAll(ended);
    return ended.length;
  }

  /** @param {string} name */
  remember(name) {
    const now = Date.now();
    this.recent.delete(name); // the newest stands last
    this.recent.set(name, now);
    for (const [old, at] of this.recent) {
      if (now - at <= REMEMBERED_MS && this.recent.size <= REMEMBERED_MAX) break;
      this.recent.delete(old);
    }
  }

  /** Has this login ended at or after that moment? @param {Login} login @param {number} since milliseconds */
  hasEnded(login, since) {
    return namesOf(login).some((name) => (this.recent.get(name) ?? -Infinity) >= since);
  }
}

/** @type {WeakMap<object, Hub>} */
const hubs = new WeakMap();

/** The hub of a gate. @param {object} gate @returns {Hub} */
export function hubOf(gate) {
  let hub = hubs.get(gate);
  if (!hub) hubs.set(gate, hub = new Hub());
  return hub;
}
