// SPDX-License-Identifier: Apache-2.0
// The verdict, as Node's responses carry it out: added to the application's answer, or the whole of one.
import { STATUS_CODES } from 'node:http';
import { keepPrivate } from '../caches.js';

/**
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {[string, string][]} Pairs
 * @typedef {{status: number, headers: Pairs, body: string}} Answer
 */

/** Stands beside what others have set; everything else of ours is in place of theirs. */
const STANDS_BESIDE = new Set(['set-cookie', 'vary']);

/** @param {Pairs} pairs @returns {Map<string, {name: string, values: string[]}>} */
function byName(pairs) {
  const found = new Map();
  for (const [name, value] of pairs) {
    const plain = name.toLowerCase();
    if (found.has(plain)) found.get(plain).values.push(value);
    else found.set(plain, { name, values: [value] });
  }
  return found;
}

/** @param {number | string | string[] | undefined} value */
const listOf = (value) => (value === undefined ? [] : [value].flat().map(String));

/** @param {Response} res @param {string} name @param {string[]} values */
function append(res, name, values) {
  const all = [...listOf(res.getHeader(name)), ...values];
  res.setHeader(name, all.length === 1 ? all[0] : all);
}

/** @param {Response} res @param {Pairs} pairs */
function addAll(res, pairs) {
  for (const [plain, { name, values }] of byName(pairs)) {
    if (plain === 'cache-control' && values.join() === 'private') keepPrivate(res);
    else append(res, name, values);
  }
}

/** Headers that come with writeHead replace those set before; set first, they replace none of ours. @param {Response} res @param {any} headers */
function setGiven(res, headers) {
  if (!headers) return;
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) res.setHeader(name, value);
    return;
  }
  const flat = headers.flat();
  const pairs = Array.from({ length: flat.length >> 1 }, (_, i) => /** @type {[string, string]} */ ([flat[2 * i], String(flat[2 * i + 1])]));
  for (const { name, values } of byName(pairs).values()) res.setHeader(name, values.length === 1 ? values[0] : values);
}

/**
 * Adds headers to the application's answer as late as can be: what it sets by the same name takes nothing away.
 * @param {Response} res @param {Pairs} pairs
 */
export function addHeaders(res, pairs) {
  if (pairs.length === 0) return;
  const { writeHead, end } = res;
  let added = false;
  const addOnce = () => {
    if (added || res.headersSent) return;
    added = true;
    addAll(res, pairs);
  };
  res.writeHead = /** @type {any} */ (function hooked(/** @type {number} */ status, /** @type {any} */ reason, /** @type {any} */ headers) {
    const words = typeof reason === 'string';
    if (!res.headersSent) setGiven(res, words ? headers : headers ?? reason);
    addOnce();
    const own = /** @type {any} */ (writeHead);
    return words ? own.call(res, status, reason) : own.call(res, status);
  });
  res.end = /** @type {any} */ (function hooked(/** @type {any[]} */ ...args) { // an empty answer of HTTP/2 has no writeHead
    addOnce();
    return end.apply(res, /** @type {any} */ (args));
  });
}

/** @param {Answer} answer @returns {{name: string, values: string[], beside: boolean}[]} */
export function fieldsOf(answer) {
  return [...byName(answer.headers)].filter(([plain]) => plain !== 'content-length')
    .map(([plain, field]) => ({ ...field, beside: STANDS_BESIDE.has(plain) }));
}

/**
 * @param {import('node:http').IncomingMessage} req
 * @param {Response} res
 * @param {Answer} answer
 */
export function sendAnswer(req, res, answer) {
  if (res.headersSent || res.writableEnded) return;
  res.statusCode = answer.status;
  for (const { name, values, beside } of fieldsOf(answer)) {
    if (beside) append(res, name, values);
    else res.setHeader(name, values.length === 1 ? values[0] : values);
  }
  res.setHeader('Content-Length', Buffer.byteLength(answer.body));
  res.end(req.method === 'HEAD' ? undefined : answer.body);
  if (req.httpVersionMajor > 1) req.resume(); // what still comes of a body is for nobody; of HTTP/1 Node sees to it
}

/** On the connection itself, where there is no response. @param {import('node:stream').Duplex} socket @param {Answer} answer */
export function sendOnSocket(socket, answer) {
  if (socket.destroyed) return;
  const fields = answer.headers.filter(([name]) => !/^(content-length|connection)$/i.test(name));
  const head = [...fields, ['Content-Length', String(Buffer.byteLength(answer.body))], ['Connection', 'close']];
  socket.write(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? 'Refused'}\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');
  socket.end(answer.body, () => socket.destroy());
}
