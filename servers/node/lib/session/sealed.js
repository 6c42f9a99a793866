// SPDX-License-Identifier: Apache-2.0
// Sessions sealed into the browser's cookie, in the format of express-openid-connect: JWE compact, dir and A256GCM, the times in
// the protected header, JSON inside.
import { Known } from '../known.js';
import { SessionError } from './error.js';
import { sentNames, sentValue } from './cookie.js';
import { isAlive, isPastCeiling, isDue, now, timesOf } from './times.js';

/**
 * @typedef {import('./index.js').Found} Found
 * @typedef {import('./index.js').Setting} Setting
 */

const ENDED_MAX = 10000;
const TEXT_MAX = 16384; // more fits in no cookie: it is not worth sealing

export class SealedSessions {
  /** @param {Setting} setting */
  constructor(setting) {
    this.setting = setting;
    this.sealer = setting.sealer;
    this.waits = false;
    /** Sessions that ended in this process: a request that was on its way does not bring one back. @type {Map<string, number>} */
    this.ended = new Map();
    /** What was inside of cookies that came lately. @type {Known<import('./index.js').Shared>} */
    this.known = new Known();
  }

  /**
   * What is damaged, foreign or over is nobody, and no error.
   * @param {string | undefined} field  the Cookie header
   * @returns {Found | null}
   */
  load(field) {
    const { name, durations } = this.setting;
    const value = sentValue(field, name);
    if (!value) return null;
    const opened = this.known.find(value) ?? this.open(value);
    const at = now();
    if (!opened || !isAlive(durations, opened.header, at)) return null;
    const { id, data, text, header } = opened;
    if (isPastCeiling(data, at) || (this.ended.size && this.ended.has(id))) return null;
    return { id, data, text, shared: opened, times: header };
  }

  /** @param {string} value */
  open(value) {
    try {
      const opened = this.sealer.unseal(value);
      const data = opened && readObject(opened.text);
      if (!opened || !data || !this.setting.owns(data)) return null;
      const { iat, uat, exp, name = this.setting.name } = opened.header;
      if (name !== this.setting.name) return null; // another auth() with this secret may demand less; one without a name was sealed by express-openid-connect
      const found = { id: nameOf(iat, data), header: { iat, uat, exp }, text: opened.text, data: freeze(data), memo: {} };
      this.known.keep(value, found);
      return found;
    } catch {
      return null;
    }
  }

  /** @param {string | undefined} field */
  names(field) {
    return sentNames(field, this.setting.name);
  }

  /**
   * @param {any} data
   * @returns {Found}
   */
  make(data) {
    const at = now();
    return { id: nameOf(at, data), data, text: '', times: timesOf(this.setting.durations, at, at, data) };
  }

  /** A sign-in. @param {Found} found @param {Found | null} before */
  begin(found, before) {
    this.seal(found);
    this.ended.delete(found.id);
    if (before && before.id !== found.id) this.end(before);
  }

  /** @param {Found} found */
  write(found) {
    found.times = timesOf(this.setting.durations, found.times.iat, now(), found.data);
    this.seal(found);
  }

  /** @param {Found} found */
  seal(found) {
    const text = JSON.stringify(found.data);
    found.text = text;
    const sealed = text.length > TEXT_MAX ? '' : this.sealer.seal({ ...found.times, name: this.setting.name }, text);
    if (!sealed || !this.setting.writer.fits(sealed)) throw new SessionError('session_too_large', `${text.length} characters of JSON`);
    found.sealed = sealed;
  }

  /** @param {Found} found @param {string[]} sent */
  fields(found, sent) {
    return this.ended.has(found.id) ? [] : this.setting.writer.set(found.sealed ?? '', found.times.exp, sent);
  }

  /** @param {Found} found */
  end(found) {
    if (!found.id) return;
    this.ended.delete(found.id);
    this.ended.set(found.id, found.times.iat);
    if (this.ended.size > ENDED_MAX) this.ended.delete(/** @type {string} */ (this.ended.keys().next().value));
  }

  /** @param {Found} found */
  isDue(found) {
    return isDue(this.setting.durations, found.times, now());
  }
}

/** @param {string} text */
function readObject(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** One person's requests share what was opened: none may change it. @param {any} value */
function freeze(value) {
  if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

/**
 * What stays the same of a session while its cookie is written anew: when it began, and its ID Token's signature. Nobody's has no name.
 * @param {number} iat
 * @param {any} data
 */
function nameOf(iat, data) {
  return typeof data.id_token === 'string' ? `${iat}.${data.id_token.slice(-43)}` : '';
}
