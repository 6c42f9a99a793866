// SPDX-License-Identifier: Apache-2.0
// Who is signed in, in a row of its own in the application's session store: the session holds only its name. express-session writes a
// session back when a request ends, and a request that was in flight during a sign-out would bring a login inside it back to life. This
// row is written once, at sign-in, and removed once: there is nothing that could write it again.
import { randomBytes } from 'node:crypto';
import { Asked } from '../session/ask.js';

const ENDED_KEPT = 600_000; // ms; far longer than a store takes to answer

/**
 * @typedef {object} Login
 * @property {any} userinfo
 * @property {any} claims
 * @property {Record<string, any>} tokens
 */

const rowName = (/** @type {string} */ id) => `oidc-login-${id}`;

export class Logins {
  /**
   * @param {string} issuer    whose logins: a row of another provider is none
   * @param {number} lifetime  seconds
   */
  constructor(issuer, lifetime) {
    this.issuer = issuer;
    this.lifetime = lifetime * 1000;
    /** @type {Map<string, number>} */
    this.ended = new Map(); // in this process, from the moment of sign-out on, while the store is still busy removing the row
  }

  /**
   * @param {any} store
   * @param {Login} login
   * @returns {Promise<string>} its name
   */
  async begin(store, login) {
    const id = randomBytes(24).toString('base64url');
    const until = Date.now() + this.lifetime;
    const cookie = { originalMaxAge: this.lifetime, maxAge: this.lifetime, expires: new Date(until), httpOnly: true, path: '/' };
    await new Asked(store).set(rowName(id), { cookie, oidc: { issuer: this.issuer, until, login } });
    return id;
  }

  /**
   * @param {any} store
   * @param {any} id  from the session
   * @returns {Promise<Login | null>}
   */
  async find(store, id) {
    if (typeof id !== 'string' || this.ended.has(id)) return null;
    const row = (await new Asked(store).get(rowName(id)))?.oidc;
    if (!row || row.issuer !== this.issuer || !(row.until > Date.now()) || this.ended.has(id)) return null;
    return row.login;
  }

  /**
   * Resolves when the store has acknowledged.
   * @param {any} store
   * @param {string} id
   */
  async end(store, id) {
    this.forget();
    this.ended.set(id, Date.now());
    try {
      await new Asked(store).destroy(rowName(id));
    } catch (error) {
      this.ended.delete(id); // still signed in, and told so
      throw error;
    }
  }

  forget() {
    for (const [id, at] of this.ended) {
      if (Date.now() - at < ENDED_KEPT) break;
      this.ended.delete(id);
    }
  }
}
