// SPDX-License-Identifier: Apache-2.0
// req.auth: the token that was let in. What nobody asks for is not decoded.
import { readClaims } from '../session/claims.js';
import { forward } from './forward.js';

/** Which Resource let a request in: for requiredScopes() and its like, and nobody else's. */
export const OWNER = Symbol('gatewright.bearer');

/** @param {string} token @returns {Record<string, any> | undefined} undefined: an opaque token has none */
function readHeader(token) {
  const [header, ...rest] = token.split('.', 4);
  return rest.length === 2 ? readClaims(Buffer.from(header, 'base64url').toString('utf8')) : undefined;
}

export class Auth {
  /**
   * @param {import('./resource.js').Resource} owner
   * @param {any} verdict
   */
  constructor(owner, verdict) {
    this[OWNER] = owner;
    this.verdict = verdict;
    /** @type {Record<string, any> | undefined} */
    this.read = undefined;
  }

  /** The token as it came. @returns {string} */
  get token() {
    return this.verdict.accessToken;
  }

  /** The token's claims, or what introspection said of it. @returns {Record<string, any>} */
  get payload() {
    return this.verdict.claims;
  }

  /** The JWT's header; undefined for an opaque token. */
  get header() {
    this.read ??= readHeader(this.token);
    return this.read;
  }

  /**
   * fetch() that takes the caller's token along to a service listed in forwardTo.
   * @param {string | URL} target
   * @param {RequestInit} [init]
   */
  fetch(target, init) {
    return forward(this.token, this[OWNER].setting.forwardTo, target, init);
  }

  /** Without the token: what is printed or logged by the way is no place for it. */
  toJSON() {
    return { header: this.header, payload: this.payload };
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return this.toJSON();
  }
}
