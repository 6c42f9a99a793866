// SPDX-License-Identifier: Apache-2.0
// A socket lives no longer than the login that opened it: it ends at the login's expiry, and when that login signs out. One watch for each
// open socket; when the socket closes by itself the watch goes, and nothing of it stays.
import { atTime } from './deadline.js';
import { refused } from './refused.js';

/** Close codes from 4000 on are the application's (RFC 6455 7.4.2). */
export const CLOSE_CODE = 4401;

/** @typedef {{code: number, reason: string}} Why */

/** @type {Record<'token' | 'session' | 'signedOut', Why>} */
export const WHY = {
  token: { code: CLOSE_CODE, reason: 'token expired' },
  session: { code: CLOSE_CODE, reason: 'session expired' },
  signedOut: { code: CLOSE_CODE, reason: 'signed out' },
};

const milliseconds = (/** @type {number | undefined} */ seconds) => (Number.isFinite(seconds) ? Number(seconds) * 1000 : Infinity);

export class Watch {
  /**
   * @param {import('./hub.js').Hub} hub
   * @param {import('./identity.js').Found} found
   * @param {() => Promise<import('./identity.js').Found>} again looks whether the login goes on
   * @param {number} since when the login was looked at, milliseconds
   */
  constructor(hub, found, again, since) {
    const end = milliseconds(found.expires);
    if (end <= Date.now()) throw refused(found.byToken ? 'token_exp' : 'no_session');
    if (hub.hasEnded(found.login, since)) throw refused('no_session');
    this.found = found;
    this.again = again;
    this.open = true;
    /** @type {(why: Why) => void} */
    this.end = () => {};
    this.ended = false;
    this.forget = hub.add(found.login, () => this.finish(WHY.signedOut));
    this.callOff = () => {};
    this.arm(end);
  }

  /** @param {number} when */
  arm(when) {
    this.callOff = atTime(when, () => void this.expire(when));
  }

  /** A session may have been used elsewhere since, and then ends later; a token says its end once. @param {number} when */
  async expire(when) {
    if (this.found.byToken) return this.finish(WHY.token);
    const next = await this.again().then((found) => milliseconds(found.expires), () => 0);
    if (!this.open) return undefined;
    return next > when && next > Date.now() ? this.arm(next) : this.finish(WHY.session);
  }

  /** @param {Why} why */
  finish(why) {
    if (!this.open) return;
    this.stop();
    this.ended = true;
    this.end(why);
  }

  /**
   * From here on this is how the socket is ended. A login that has ended on the way from the door to here opens nothing.
   * @param {(why: Why) => void} end
   */
  take(end) {
    if (this.ended) throw refused('no_session');
    this.end = end;
  }

  /** The socket has closed. */
  stop() {
    this.open = false;
    this.callOff();
    this.forget();
  }
}
