// SPDX-License-Identifier: Apache-2.0
// What the engine decided. Built for each request, so everything that is seldom asked for is worked out on demand.
import { Refusal } from './errors.js';
import { printAs } from './printed.js';

/** @param {string[] | undefined} flat @returns {[string, string][]} */
function pairs(flat) {
  /** @type {[string, string][]} */
  const found = [];
  for (let i = 0; flat && i < flat.length; i += 2) found.push([flat[i], flat[i + 1]]);
  return found;
}

/** @param {string | undefined} text @returns {Record<string, any> | undefined} */
function object(text) {
  return text === undefined ? undefined : JSON.parse(text);
}

export class Verdict {
  /**
   * @param {import('./addon-types.js').Need} done the DONE of addon/functions.h
   * @param {string[]} [sent] the request's headers: name, value, ...
   */
  constructor(done, sent) {
    this.done = done;
    this.sent = sent;
    /** @type {[string, string][] | undefined} */
    this.headerPairs = undefined;
    /** @type {[string, string][] | undefined} */
    this.identityPairs = undefined;
    /** @type {Record<string, any> | undefined} */
    this.claimsObject = undefined;
    /** @type {Record<string, any> | undefined} */
    this.userinfoObject = undefined;
    /** @type {Record<string, any> | undefined} */
    this.responseObject = undefined;
    /** @type {Refusal | undefined} */
    this.cause = undefined;
  }

  /** PASS: the request goes through. Otherwise `status`, `headers` and `body` are the whole answer. @returns {boolean} */
  get pass() { return this.done[2]; }

  /** Somebody is there; a place may let the unknown pass too. @returns {boolean} */
  get signedIn() { return this.done[3]; }

  /** @returns {number} */
  get status() { return this.done[4] ?? 200; }

  /** Of the answer; with `pass`, to be added to the application's answer. Characters are bytes. */
  get headers() { return this.headerPairs ??= pairs(this.done[5]); }

  /** @returns {string} */
  get body() { return this.done[6] ?? ''; }

  /** Request headers for the application, in place of any of their names; an empty value: none of it. Characters are bytes, as in all headers that Node reads. */
  get identity() { return this.identityPairs ??= pairs(this.done[7]); }

  /** An id of docs/refusals.md. @returns {string | null} */
  get refusal() { return this.done[8] ?? null; }

  /** The refusal as an Error, to be handed to `next`. @returns {Refusal | null} */
  get error() {
    if (!this.refusal) return null;
    const [error, errorDescription, errorUri] = this.done.slice(18, 21).map((text) => text || undefined);
    return this.cause ??= new Refusal(this.refusal, { status: this.done[4], headers: this.headers, provider: { error, errorDescription, errorUri } });
  }

  /** The claims of the ID Token or of the bearer token, as JSON. @returns {string | undefined} */
  get claimsText() { return this.done[9]; }

  /** The same, read. */
  get claims() { return this.claimsObject ??= object(this.done[9]); }

  /** What the userinfo endpoint answered. */
  get userinfo() { return this.userinfoObject ??= object(this.done[10]); }

  /** @returns {string | undefined} */
  get idToken() { return this.done[11]; }

  /** @returns {string | undefined} */
  get accessToken() {
    const token = this.done[12];
    return typeof token === 'number' && this.sent ? this.sent[this.sent.indexOf('authorization') + 1].slice(token) : token;
  }

  /** @returns {string | undefined} */
  get refreshToken() { return this.done[13]; }

  /** The token endpoint's whole answer, after a callback. */
  get tokenResponse() { return this.responseObject ??= object(this.done[14]); }

  /** When what the visitor showed ends by itself; seconds since 1970. @returns {number | undefined} */
  get expires() { return this.done[15]; }

  /** After a callback: what signIn was given. @returns {string | undefined} */
  get returnTo() { return this.done[16] || undefined; }

  /** @returns {string | undefined} */
  get note() { return this.done[17] || undefined; }

  /** True when the client left before there was a verdict: nobody reads the answer. */
  get gone() { return false; }

  /** A claim: the ID Token, being signed, speaks before userinfo. @param {string} name @returns {any} */
  claim(name) {
    const { claims, userinfo } = this;
    if (claims && Object.hasOwn(claims, name)) return claims[name];
    return userinfo && Object.hasOwn(userinfo, name) ? userinfo[name] : undefined;
  }
}
printAs(Verdict, ({ pass, signedIn, status, refusal }) => ({ pass, signedIn, status, refusal }));

/** @param {string} id @param {number} status @returns {Verdict} */
export function refusalVerdict(id, status) {
  const body = JSON.stringify({ error: id });
  return new Verdict([3, undefined, false, false, status, ['Content-Type', 'application/json', 'Cache-Control', 'no-store'], body, undefined, id]);
}

class Gone extends Verdict {
  get gone() { return true; }
}

/** @returns {Verdict} */
export function goneVerdict() {
  return new Gone([3, undefined, false, false, 503]);
}
