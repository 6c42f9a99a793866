// SPDX-License-Identifier: Apache-2.0
// Sessions in the application's store, one row each, in the form of express-openid-connect; the cookie carries the row's id.
//
// A session that was ended stays ended. Before its row is destroyed a mark is written under a key made from its id, which lives as
// long as the session could have. Who reads asks for row and mark at once; who writes asks for the mark before and after, and
// destroys the row again where it finds one: a request that was on its way during a sign-out brings nothing back.
import { createHash, randomBytes } from 'node:crypto';
import { Asked } from './ask.js';
import { findCookie } from './cookie.js';
import { Signer } from './signed.js';
import { isAlive, isDue, isPastCeiling, lastMoment, now, timesOf } from './times.js';

/**
 * @typedef {import('./index.js').Found} Found
 * @typedef {import('./index.js').Setting} Setting
 */

const ID_MAX = 256;

export class StoredSessions {
  /** @param {Setting} setting */
  constructor(setting) {
    this.setting = setting;
    this.store = new Asked(/** @type {any} */ (setting.store));
    this.genid = setting.genid ?? (() => randomBytes(16).toString('hex'));
    this.signer = setting.signCookie ? new Signer(setting.name, setting.secrets) : null;
    this.waits = true;
  }

  /** The id that the cookie carries, '' where there is none. @param {string | undefined} field */
  idOf(field) {
    const value = findCookie(field, this.setting.name);
    if (!value || value.length > 2 * ID_MAX) return '';
    const signed = this.signer?.verify(value);
    const id = signed || (this.signer && this.setting.requireSigned ? '' : value);
    return id.length <= ID_MAX && isName(id) ? id : '';
  }

  /** From the time before cookies were signed. @param {string | undefined} field @param {string} id */
  isUnsigned(field, id) {
    return this.signer !== null && findCookie(field, this.setting.name) === id;
  }

  /**
   * @param {string | undefined} field  the Cookie header
   * @returns {Promise<Found | null> | null}
   */
  load(field) {
    const id = this.idOf(field);
    return id ? this.read(id, this.isUnsigned(field, id)) : null;
  }

  /** @param {string} id @param {boolean} unsigned  its cookie is to be set anew @returns {Promise<Found | null>} */
  async read(id, unsigned) {
    const [row, mark] = await Promise.all([this.store.get(id), this.store.get(markOf(id))]);
    const at = now();
    if (mark || !row || typeof row !== 'object' || !isAlive(this.setting.durations, row.header, at)) return null;
    const { data, header } = row;
    if ((header.name ?? this.setting.name) !== this.setting.name) return null; // of another auth() over this store
    if (data === null || typeof data !== 'object' || Array.isArray(data) || isPastCeiling(data, at) || !this.setting.owns(data)) return null;
    return { id, data, text: '', times: { iat: header.iat, uat: header.uat, exp: header.exp }, unsigned };
  }

  /** @param {string | undefined} field */
  names(field) {
    return findCookie(field, this.setting.name) === undefined ? [] : [this.setting.name];
  }

  /**
   * A session under a new id.
   * @param {any} data
   * @param {any} [req]
   * @returns {Found | Promise<Found>}
   */
  make(data, req) {
    const id = this.genid(req);
    return typeof id === 'string' ? this.called(id, data) : Promise.resolve(id).then((it) => this.called(it, data));
  }

  /** @param {any} id @param {any} data @returns {Found} */
  called(id, data) {
    const at = now();
    if (typeof id !== 'string' || !id || id.length > ID_MAX) throw new TypeError('"session.genid" must answer a string of 1 to 256 characters');
    return { id, data, text: '', times: timesOf(this.setting.durations, at, at, data) };
  }

  /** A sign-in: the new row stands before the old one goes. @param {Found} found @param {Found | null} before */
  async begin(found, before) {
    await this.put(found);
    if (before && before.id !== found.id) await this.end(before);
  }

  /** @param {Found} found */
  async write(found) {
    const mark = markOf(found.id);
    const [row, ended] = await Promise.all([this.store.get(found.id), this.store.get(mark)]);
    if (ended || !row) {
      found.over = true;
      return;
    }
    found.times = timesOf(this.setting.durations, found.times.iat, now(), found.data);
    await this.put(found);
    if (await this.store.get(mark)) {
      found.over = true;
      await this.store.destroy(found.id);
    }
  }

  /** @param {Found} found */
  async put(found) {
    found.text = JSON.stringify(found.data);
    await this.store.set(found.id, rowOf({ ...found.times, name: this.setting.name }, found.data));
  }

  /** @param {Found} found @param {string[]} sent */
  fields(found, sent) {
    const { writer } = this.setting;
    if (found.over) return writer.remove(sent);
    return writer.set(encodeURIComponent(this.signer ? this.signer.sign(found.id) : found.id), found.times.exp, sent);
  }

  /** Resolves when the store has acknowledged both. @param {Found} found */
  async end(found) {
    const at = now();
    const { iat } = found.times;
    await this.store.set(markOf(found.id), { ended: at, cookie: lifeUntil(lastMoment(this.setting.durations, iat, at)) });
    await this.store.destroy(found.id);
  }

  /** @param {Found} found */
  isDue(found) {
    return found.unsigned === true || isDue(this.setting.durations, found.times, now());
  }
}

/**
 * @param {import('./times.js').Times & {name: string}} header
 * @param {any} data
 */
function rowOf(header, data) {
  return { header, data, cookie: lifeUntil(header.exp) };
}

/**
 * The cookie may be anybody's, and unsigned; a store may make a file's name or a path of it, which then must not lead elsewhere.
 * @param {string} id
 */
const isName = (id) => !/[/\\\p{Cc}]/u.test(id) && !/^\.{1,2}$/.test(id);

/** What stores of express-session go by to forget a row. @param {number} exp */
const lifeUntil = (exp) => ({ expires: exp * 1000, maxAge: exp * 1000 - Date.now() });

/** The key of the mark. It tells nobody the id. @param {string} id */
const markOf = (id) => `ended-${createHash('sha256').update(id).digest('base64url')}`;
