// SPDX-License-Identifier: Apache-2.0
// The Cookie and Set-Cookie fields of one session cookie: whole, or in numbered pieces (name.0, name.1 ...).

/**
 * @typedef {object} CookieOptions
 * @property {string} [domain]
 * @property {string} [path]
 * @property {boolean} [transient]  without Expires: the cookie goes with the browser window
 * @property {boolean} [httpOnly]
 * @property {boolean} [secure]
 * @property {'Lax' | 'Strict' | 'None'} [sameSite]
 */

const COOKIE_MAX = 4096; // what browsers keep of one: name, value and attributes
const PIECES_MAX = 5; // that are read, and removed
const VALUE_MAX = 7000; // written in all: with more, the Cookie header outgrows the 8 KiB that servers take by default
const FIELD_MAX = 65536;
const EPOCH = 'Thu, 01 Jan 1970 00:00:00 GMT';

/** @param {string} text */
function decode(text) {
  const plain = text.charCodeAt(0) === 0x22 ? text.slice(1, -1) : text;
  if (!plain.includes('%')) return plain;
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

/**
 * The first value of a cookie, undefined where there is none (RFC 6265 5.4).
 * @param {string | undefined} field
 * @param {string} name
 */
export function findCookie(field, name) {
  if (!field || field.length > FIELD_MAX) return undefined;
  for (let at = field.indexOf(name); at >= 0; at = field.indexOf(name, at + 1)) {
    if (field[at + name.length] !== '=' || !startsPair(field, at)) continue;
    const from = at + name.length + 1;
    const end = field.indexOf(';', from);
    return decode(field.slice(from, end < 0 ? undefined : end).trim());
  }
  return undefined;
}

/**
 * @param {string} field
 * @param {number} at
 */
function startsPair(field, at) {
  let i = at - 1;
  while (i >= 0 && (field[i] === ' ' || field[i] === '\t')) i--;
  return i < 0 || field[i] === ';';
}

/** @param {string | undefined} field @param {string} name */
function piecesOf(field, name) {
  const pieces = [];
  for (let i = 0; field && i < 2 * PIECES_MAX; i++) {
    const piece = findCookie(field, `${name}.${i}`);
    if (piece === undefined) break;
    pieces.push(piece);
  }
  return pieces;
}

/**
 * What the browser sent of a session, put together; '' when there is nothing to use.
 * @param {string | undefined} field  the Cookie header
 * @param {string} name
 */
export function sentValue(field, name) {
  const whole = findCookie(field, name);
  if (whole !== undefined) return whole;
  const pieces = piecesOf(field, name);
  return pieces.length > PIECES_MAX ? '' : pieces.join('');
}

/**
 * The cookies that it sent.
 * @param {string | undefined} field
 * @param {string} name
 */
export function sentNames(field, name) {
  const whole = findCookie(field, name) === undefined ? [] : [name];
  return [...whole, ...piecesOf(field, name).map((_, i) => `${name}.${i}`)];
}

/** Writes the Set-Cookie fields of one session cookie. */
export class CookieWriter {
  /**
   * @param {string} name
   * @param {CookieOptions} options
   */
  constructor(name, options) {
    this.name = name;
    this.transient = options.transient === true;
    this.tail = attributes(options);
    this.place = attributes({ ...options, httpOnly: false });
    const longest = `${name}.0=${this.tail}; Expires=${EPOCH}`;
    this.pieceMax = COOKIE_MAX - longest.length;
  }

  /** @param {string} value */
  fits(value) {
    return value.length <= VALUE_MAX;
  }

  /**
   * Sets the value, and removes what the browser sent beyond it: left there, it would be read as part of a later value.
   * @param {string} value
   * @param {number} exp
   * @param {string[]} sent
   */
  set(value, exp, sent) {
    const fields = [];
    const when = this.transient || !Number.isFinite(exp) ? '' : `; Expires=${new Date(exp * 1000).toUTCString()}`;
    const names = new Set();
    const whole = value.length <= this.pieceMax;
    for (let i = 0, from = 0; from < value.length; i++, from += this.pieceMax) {
      const name = whole ? this.name : `${this.name}.${i}`;
      names.add(name);
      fields.push(`${name}=${value.slice(from, from + this.pieceMax)}${this.tail}${when}`);
    }
    return fields.concat(this.remove(sent.filter((name) => !names.has(name))));
  }

  /** @param {string[]} sent */
  remove(sent) {
    return sent.map((name) => `${name}=${this.place}; Expires=${EPOCH}`);
  }
}

/** @param {CookieOptions} options */
function attributes({ domain, path = '/', httpOnly = true, secure, sameSite }) {
  return `${domain ? `; Domain=${domain}` : ''}; Path=${path}${httpOnly ? '; HttpOnly' : ''}${secure ? '; Secure' : ''}${sameSite ? `; SameSite=${sameSite}` : ''}`;
}
