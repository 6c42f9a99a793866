// SPDX-License-Identifier: Apache-2.0
// The two moments of a response at which a session is written: before its head goes out (Set-Cookie), and before it ends (the
// store). Works on the raw response of any framework; nothing is hooked where nothing is to be written.
import { keepPrivate } from '../caches.js';

/**
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {object} Writer
 * @property {() => string[]} fields          Set-Cookie fields; asked once, as late as possible
 * @property {() => Promise<void> | void} save  what must be done before the response ends; may throw
 * @property {(error: any) => void} fail      the response cannot be sent as it is; its head has not gone out
 * @property {(error: any) => void} tell      something failed when it was too late to say so
 */

/**
 * What a framework hands to writeHead replaces headers set before; put in place first, it replaces none of ours (Fastify, hapi).
 * @param {Response} res
 * @param {any} headers
 */
function setAll(res, headers) {
  if (!headers) return;
  if (!Array.isArray(headers)) {
    for (const name of Object.keys(headers)) if (headers[name] !== undefined) res.setHeader(name, headers[name]);
    return;
  }
  /** @type {Map<string, string[]>} */
  const found = new Map();
  const flat = Array.isArray(headers[0]) ? headers.flat() : headers;
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = String(flat[i]).toLowerCase();
    found.set(name, [...(found.get(name) ?? []), String(flat[i + 1])]);
  }
  for (const [name, values] of found) res.setHeader(name, values.length === 1 ? values[0] : values);
}

/**
 * @param {Response} res
 * @param {string[]} fields
 */
export function addCookies(res, fields) {
  if (fields.length === 0) return;
  const before = res.getHeader('set-cookie');
  res.setHeader('Set-Cookie', before === undefined ? fields : [.../** @type {string[]} */ ([before].flat()), ...fields]);
  keepPrivate(res);
}

/** Headers that describe a body which will not be sent after all. */
function dropContent(/** @type {Response} */ res) {
  for (const name of res.getHeaderNames()) {
    if (/^(content-|etag$|last-modified$|location$|accept-ranges$|transfer-encoding$|cache-control$|expires$)/.test(name)) res.removeHeader(name);
  }
}

/**
 * @param {Response} res
 * @param {Writer} writer
 */
export function hookResponse(res, writer) {
  const { writeHead, end } = res;
  let asked = false;
  let ending = false;

  const head = () => {
    if (asked) return;
    asked = true;
    try {
      addCookies(res, writer.fields());
    } catch (error) {
      writer.tell(error);
    }
  };
  const restore = () => {
    res.writeHead = writeHead;
    res.end = end;
  };
  /** @param {any} error */
  const giveUp = (error) => {
    restore();
    if (res.headersSent) {
      writer.tell(error);
      return false;
    }
    dropContent(res);
    process.nextTick(() => writer.fail(error));
    return true;
  };

  res.writeHead = /** @type {any} */ (function hooked(/** @type {number} */ status, /** @type {any} */ reason, /** @type {any} */ headers) {
    if (!res.headersSent) {
      setAll(res, typeof reason === 'string' ? headers : headers ?? reason);
      head();
    }
    const own = /** @type {any} */ (writeHead);
    return typeof reason === 'string' ? own.call(res, status, reason) : own.call(res, status);
  });

  res.end = /** @type {any} */ (function hooked(/** @type {any[]} */ ...args) {
    if (ending) return res;
    ending = true;
    const finish = () => {
      res.end = end;
      return end.apply(res, /** @type {any} */ (args));
    };
    try {
      const saved = writer.save();
      if (!saved) return finish();
      saved.then(finish, (error) => giveUp(error) || finish());
    } catch (error) {
      if (!giveUp(error)) return finish();
    }
    return res;
  });
}
