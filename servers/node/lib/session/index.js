// SPDX-License-Identifier: Apache-2.0
// The application's own session, for every interface that signs people in and lets the application keep them.
//
//     const sessions = openSessions({ sealer: (secrets, purpose) => gate.sealer(secrets, purpose), secret, store?, name? ... });
//     const visit = sessions.visit(req, res);      // or a promise of it: with a store, when a cookie came
//     visit.peek()?.id_token                       // read
//     visit.data.cart = [...];                     // change: saved with the response
//     await visit.begin({ id_token, ... });        // a sign-in: new id, the old session has ended
//     await visit.end();                           // a sign-out: acknowledged by the store; then redirect
//     sessions.read(req.headers.cookie)            // without a response (sockets): {id, data} or null, or a promise of it
//     sessions.onEnd((id) => ...)                  // a session has ended in this process
import { callAll } from '../every.js';
import { printAs } from '../printed.js';
import { CookieWriter } from './cookie.js';
import { SealedSessions } from './sealed.js';
import { StoredSessions } from './stored.js';
import { Visit } from './visit.js';

export { SessionError } from './error.js';
export { Visit };

/**
 * @typedef {object} Sealer
 * @property {(header: any, text: string) => string} seal  throws a RangeError when it is too long
 * @property {(sealed: string) => {header: any, text: string} | null} unseal
 *
 * @typedef {object} SessionOptions   of express-openid-connect
 * @property {string} [name]                        appSession
 * @property {boolean} [rolling]                    true
 * @property {number | false} [rollingDuration]     a day
 * @property {number | false} [absoluteDuration]    seven days
 * @property {import('./ask.js').SessionStore} [store]
 * @property {(req: any) => string | Promise<string>} [genid]
 * @property {boolean} [signSessionStoreCookie]
 * @property {boolean} [requireSignedSessionStoreCookie]
 * @property {import('./cookie.js').CookieOptions} [cookie]
 *
 * @typedef {object} Needs
 * @property {string | Uint8Array | (string | Uint8Array)[]} secret  the first seals and signs, all open
 * @property {(secrets: any, purpose: string) => Sealer} sealer
 * @property {(level: string, line: string, request?: any) => void} [log]
 * @property {(data: any) => boolean} [owns]  is a session with this content ours? Others may seal with the same secret
 *
 * @typedef {object} Setting
 * @property {string} name
 * @property {import('./times.js').Durations} durations
 * @property {any} [store]
 * @property {((req: any) => string | Promise<string>) | undefined} genid
 * @property {boolean} signCookie
 * @property {boolean} requireSigned
 * @property {(string | Uint8Array)[]} secrets
 * @property {Sealer} sealer
 * @property {CookieWriter} writer
 * @property {(level: string, line: string, request?: any) => void} log
 * @property {(data: any) => boolean} owns
 *
 * @typedef {object} Shared             a cookie that was opened
 * @property {string} id
 * @property {import('./times.js').Times} header
 * @property {string} text
 * @property {any} data
 * @property {any} memo                 what others have worked out of the data
 *
 * @typedef {object} Found              a session, from its place
 * @property {string} id
 * @property {any} data
 * @property {string} text              the data as they are in their place, where that is known
 * @property {import('./times.js').Times} times  iat 0: not kept anywhere yet
 * @property {Shared | null} [shared]    the data are frozen: other requests with this cookie have them too
 * @property {string} [sealed]
 * @property {boolean} [over]           it was ended meanwhile
 * @property {boolean} [unsaved]        its cookie is out, its row is not there yet
 * @property {boolean} [unsigned]       its cookie came unsigned, and is to be signed
 *
 * @typedef {object} Kind
 * @property {boolean} waits            true: what it does are promises
 * @property {(field: string | undefined) => Found | null | Promise<Found | null>} load
 * @property {(field: string | undefined) => string[]} names
 * @property {(data: any, req?: any) => Found | Promise<Found>} make
 * @property {(found: Found, before: Found | null) => Promise<void> | void} begin
 * @property {(found: Found) => Promise<void> | void} write
 * @property {(found: Found) => Promise<void> | void} end
 * @property {(found: Found, sent: string[]) => string[]} fields
 * @property {(found: Found) => boolean} isDue
 */

const DAY = 86400;

/** @param {SessionOptions & Needs} options @returns {Setting} */
function settingOf(options) {
  const { name = 'appSession', rolling = true, cookie = {} } = options;
  const secrets = [options.secret].flat();
  const rollingDuration = rolling ? Number(options.rollingDuration ?? DAY) : 0;
  const absoluteDuration = Number(options.absoluteDuration ?? 7 * DAY);
  if (!(rollingDuration > 0) && !(absoluteDuration > 0)) throw new TypeError('a session needs an end: set "session.rollingDuration" or "session.absoluteDuration"');
  if (!/^[0-9a-zA-Z_.-]+$/.test(name)) throw new TypeError('"session.name" must be a cookie name: letters, digits, "_", "." and "-"');
  for (const part of [cookie.domain, cookie.path]) {
    if (part !== undefined && !/^[\x21-\x3a\x3c-\x7e]+$/.test(part)) throw new TypeError('"session.cookie": domain and path cannot hold spaces, ";" or control characters');
  }
  return {
    name, secrets,
    durations: { rolling, rollingDuration, absoluteDuration },
    store: options.store, genid: options.genid,
    signCookie: options.signSessionStoreCookie === true,
    requireSigned: options.requireSignedSessionStoreCookie ?? options.signSessionStoreCookie === true,
    sealer: options.sealer(secrets, 'JWE CEK'),
    writer: new CookieWriter(name, { sameSite: 'Lax', ...cookie }),
    log: options.log ?? (() => {}),
    owns: options.owns ?? (() => true),
  };
}

export class Sessions {
  /** @param {SessionOptions & Needs} options */
  constructor(options) {
    this.setting = settingOf(options);
    /** @type {Kind} */
    this.kind = this.setting.store ? new StoredSessions(this.setting) : new SealedSessions(this.setting);
    /** @type {Set<(id: string) => void>} */
    this.listeners = new Set();
  }

  /**
   * The session of a request and its response (Node's own, of any framework). The promise is refused with a SessionError when the
   * store is down: nobody is signed out by that.
   * @param {import('node:http').IncomingMessage} req
   * @param {import('node:http').ServerResponse} res
   * @returns {Visit | Promise<Visit>}
   */
  visit(req, res) {
    const visit = new Visit(this.kind, req, res, this);
    if (!this.kind.waits) return visit;
    const found = this.kind.load(req.headers.cookie);
    return found instanceof Promise ? found.then((it) => visit.take(it)) : visit.take(found);
  }

  /**
   * @param {string | undefined} field  the Cookie header
   * @returns {Found | null | Promise<Found | null>}
   */
  read(field) {
    return this.kind.load(field);
  }

  /**
   * Calls back with the id of each session that ends in this process, by sign-out or by another sign-in. Answers how to stop it.
   * @param {(id: string) => void} listener
   */
  onEnd(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @param {Found | null} found */
  tellEnd(found) {
    if (found?.id) callAll([...this.listeners].map((listener) => () => listener(found.id)));
  }
}
printAs(Sessions, ({ setting: { name } }) => ({ name }));

/** @param {SessionOptions & Needs} options */
export const openSessions = (options) => new Sessions(options);
