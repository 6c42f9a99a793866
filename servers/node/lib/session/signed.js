// SPDX-License-Identifier: Apache-2.0
// The signed form of a session id in its cookie, as express-openid-connect writes it: the id, a dot, and HS256 over NAME=ID as a
// detached, unencoded payload (RFC 7797).
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const HEADER = Buffer.from('{"alg":"HS256","b64":false,"crit":["b64"]}').toString('base64url');

export class Signer {
  /**
   * @param {string} name  of the cookie
   * @param {(string | Uint8Array)[]} secrets  the first signs, all verify
   */
  constructor(name, secrets) {
    this.name = name;
    this.keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'JWS Cookie Signing', 32)));
  }

  /** @param {string} id @param {Buffer} key */
  signature(id, key) {
    return createHmac('sha256', key).update(`${HEADER}.${this.name}=${id}`).digest('base64url');
  }

  /** @param {string} id */
  sign(id) {
    return `${id}.${this.signature(id, this.keys[0])}`;
  }

  /**
   * The id of a signed one; '' when no key fits.
   * @param {string} value
   */
  verify(value) {
    const at = value.lastIndexOf('.');
    if (at <= 0) return '';
    const id = value.slice(0, at);
    const given = Buffer.from(value.slice(at + 1));
    const fits = this.keys.some((key) => {
      const right = Buffer.from(this.signature(id, key));
      return right.length === given.length && timingSafeEqual(right, given);
    });
    return fits ? id : '';
  }
}
