// SPDX-License-Identifier: Apache-2.0
// One request and its session. It is looked for when somebody asks, and written only when it was changed or its time is due.
import { printAs } from '../printed.js';
import { hookResponse } from './response.js';

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {import('./index.js').Found} Found
 * @typedef {import('./index.js').Kind} Kind
 */

const NOT_YET = undefined;

export class Visit {
  /**
   * @param {Kind} kind
   * @param {Request} req
   * @param {Response} res
   * @param {import('./index.js').Sessions} sessions
   */
  constructor(kind, req, res, sessions) {
    this.kind = kind;
    this.req = req;
    this.res = res;
    this.sessions = sessions;
    /** @type {Found | null | undefined} */
    this.found = NOT_YET;
    /** The session as it is in its place: what it is compared with. @type {string | undefined} */
    this.before = undefined;
    this.hooked = false;
    this.news = false; // a cookie is to be set
    this.gone = false; // a cookie is to be removed
    /** What is to end with the response. @type {Found | null} */
    this.ending = null;
    /** @type {((error: any) => void) | undefined} */
    this.onFailure = undefined;
  }

  /** The session that came with the request. @returns {Found | null} */
  look() {
    if (this.found === NOT_YET) this.take(/** @type {Found | null} */ (this.kind.load(this.req.headers.cookie)));
    return /** @type {Found | null} */ (this.found);
  }

  /** @param {Found | null} found */
  take(found) {
    this.found = found;
    if (found && this.kind.isDue(found)) this.hook();
    return this;
  }

  /** What the session holds, to be read only; undefined where there is none. @returns {any} */
  peek() {
    return this.look()?.data;
  }

  /** A name of the session that stays the same until it ends; '' where there is none. */
  get id() {
    return this.look()?.id ?? '';
  }

  /** The session's own object. What is changed in it goes with the response. @returns {any} */
  get data() {
    this.look();
    this.hook();
    if (!this.found) {
      this.found = /** @type {Found} */ ({ id: '', data: {}, text: '', times: { iat: 0, uat: 0, exp: 0 } });
      this.before = '{}';
    }
    return this.own(this.found).data;
  }

  /** What is to be changed is nobody else's, and is compared with what it was. @param {Found} found */
  own(found) {
    this.before ??= found.text || JSON.stringify(found.data);
    if (found.shared) {
      found.data = JSON.parse(found.text);
      found.shared = null;
    }
    return found;
  }

  /**
   * A sign-in: a new session under a new id with this content, in its place when the promise resolves; what was before has ended.
   * @param {any} data
   */
  async begin(data) {
    if (this.res.headersSent) throw new Error('the response has begun: sign in before it');
    const before = this.look();
    const found = await this.kind.make(data, this.req);
    await this.kind.begin(found, before?.times.iat ? before : null);
    this.became(found);
    this.hook();
    this.sessions.tellEnd(before);
  }

  /**
   * A sign-out. When the promise resolves, the store has acknowledged it: then redirect.
   * @returns {Promise<void> | void}
   */
  end() {
    const before = this.look();
    const done = () => {
      this.forget();
      this.sessions.tellEnd(before);
    };
    const ending = before?.times.iat ? this.kind.end(before) : undefined;
    return ending ? ending.then(done) : done();
  }

  /** The session is to end with this response. */
  empty() {
    const before = this.look();
    if (before?.times.iat) this.ending = before;
    this.forget();
  }

  /** The session is gone for the rest of this request, and its cookie goes with the response. */
  forget() {
    this.found = null;
    this.before = undefined;
    this.news = false;
    this.gone = true;
    this.hook();
  }

  /** @param {Found} found */
  became(found) {
    this.found = found;
    this.before = found.text;
    this.news = true;
    this.gone = false;
  }

  hook() {
    if (this.hooked || this.res.headersSent) return;
    this.hooked = true;
    hookResponse(this.res, this);
  }

  hasChanged() {
    return this.before !== undefined && JSON.stringify(this.found?.data) !== this.before;
  }

  /**
   * Writes what is to be written. Happens by itself as the response ends; where a framework has an asynchronous hook before the head
   * goes out, it is called there, so that a failure can still be answered.
   * @returns {Promise<void> | void}
   */
  save() {
    const { ending } = this;
    if (!ending) return this.keep();
    this.ending = null;
    const done = () => {
      this.sessions.tellEnd(ending);
      return this.keep();
    };
    const ended = this.kind.end(ending);
    return ended ? ended.then(done) : done();
  }

  /** @returns {Promise<void> | void} */
  keep() {
    const { found, kind } = this;
    const late = this.res.headersSent;
    if (!found || found.over || (late && !kind.waits)) return undefined;
    const changed = this.hasChanged();
    if (changed && Object.keys(found.data).length === 0) return this.end();
    if (!changed && (late || this.news || !found.times.iat || !kind.isDue(found))) return undefined;
    if (found.unsaved) return this.beginAs(found);
    if (found.times.iat) return this.renew(found);
    const made = kind.make(found.data, this.req);
    return made instanceof Promise ? made.then((ready) => this.beginAs(ready)) : this.beginAs(made);
  }

  /** @param {Found} found @returns {Promise<void> | void} */
  renew(found) {
    const writing = this.kind.write(found);
    return writing ? writing.then(() => this.became(found)) : this.became(found);
  }

  /** A session of somebody who has not signed in. @param {Found} made @returns {Promise<void> | void} */
  beginAs(made) {
    made.unsaved = false;
    const beginning = this.kind.begin(made, null);
    return beginning ? beginning.then(() => this.became(made)) : this.became(made);
  }

  // ---- as hookResponse asks for it

  /** The Set-Cookie fields, just before the head goes out. */
  fields() {
    if (!this.news) this.saveEarly();
    const { found, kind } = this;
    const sent = kind.names(this.req.headers.cookie);
    if (found && this.news) return kind.fields(found, sent);
    return this.gone || found?.over ? this.sessions.setting.writer.remove(sent) : [];
  }

  /** The head goes out before the end: a sealed session is saved now, a new one in the store gets its id now. */
  saveEarly() {
    const { found, kind } = this;
    if (!kind.waits) {
      this.save();
    } else if (found && !found.times.iat && this.hasChanged()) {
      const made = kind.make(found.data, this.req);
      if (made instanceof Promise) throw new Error('"session.genid" answers too late: this response has begun before its session was saved');
      this.found = { ...made, unsaved: true };
      this.news = true;
    }
  }

  /** @param {any} error */
  fail(error) {
    this.tell(error);
    if (this.onFailure) {
      this.onFailure(error);
      return;
    }
    this.res.writeHead(error.status ?? 500, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...error.headers });
    this.res.end(error.status === 503 ? 'Please try again shortly.\n' : 'This session cannot be kept.\n');
  }

  /** @param {any} error */
  tell(error) {
    this.sessions.setting.log('error', `${error.id ?? 'session'}: ${error.message}`, this.req);
  }
}
printAs(Visit);
