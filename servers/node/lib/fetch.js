// SPDX-License-Identifier: Apache-2.0
// FETCH: one exchange with the provider, by the platform's fetch or the application's. Redirects are not followed, nothing is sent
// but what the engine says, and time and size have an end. Fake timers of a test do not reach the deadline.
import { fetchWithAuthorities } from './fetch-tls.js';

const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;
const HEADERS_MAX = 200;
const OK = 0;
const FAILED = 3;

/** @typedef {{outcome: number, status?: number, headers?: string[], body?: Buffer, why?: string}} FetchReply */
/** @typedef {(url: string, init: RequestInit) => Promise<Response>} CustomFetch */

/**
 * @typedef {object} FetchNeed
 * @property {string} method
 * @property {string} url
 * @property {string[]} headers name, value, ...
 * @property {Uint8Array} [body]
 * @property {number} maxBytes after decoding
 * @property {number} timeoutMs
 * @property {boolean} [share] equal fetches at one moment may be one
 * @property {string} [shareAs]
 * @property {string} [caFile]
 * @property {string} [crlFile]
 */

/** What stands in place 3 and on of a FETCH. @param {import('./addon-types.js').Need} need @returns {FetchNeed} */
export function fetchNeed(need) {
  const [, , , method, url, headers = [], body, maxBytes, timeoutMs, share, shareAs, caFile, crlFile] = need;
  return { method, url, headers, body, maxBytes, timeoutMs, share, shareAs, caFile, crlFile };
}

/** Why there was no answer, without anything of what was sent. @param {any} error @returns {string} */
export function wordsFor(error) {
  if (error?.name === 'AbortError') return 'given up';
  const cause = error?.cause ?? error;
  const words = cause?.code ?? cause?.message ?? 'no connection';
  return String(words).replace(/[^\x20-\x7e]+/g, ' ').slice(0, 120);
}

class TooLarge extends Error {}

/** @param {Response} response @param {number} max @returns {Promise<Buffer>} */
async function readBody(response, max) {
  /** @type {any} */
  const body = response.body;
  if (!body) return typeof response.arrayBuffer === 'function' ? Buffer.from(await response.arrayBuffer()) : Buffer.alloc(0);
  const parts = [];
  let size = 0;
  for await (const part of body) { // leaving the loop cancels the stream
    size += part.length;
    if (size > max) throw new TooLarge(`more than ${max} bytes`);
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts);
}

/** @param {Response} response @returns {string[]} */
function readHeaders(response) {
  const flat = [];
  for (const [name, value] of response.headers) {
    if (/[^\t\x20-\xff]/.test(value)) throw new Error('a header that is none');
    flat.push(name, value);
  }
  if (flat.length > 2 * HEADERS_MAX) throw new Error('too many headers');
  return flat;
}

/** @param {FetchNeed} need @param {AbortSignal} signal @returns {RequestInit} */
function initFor(need, signal) {
  /** @type {Record<string, string>} */
  const headers = {};
  for (let i = 0; i + 1 < need.headers.length; i += 2) headers[need.headers[i]] = need.headers[i + 1];
  /** @type {RequestInit} */
  const init = { method: need.method, headers, redirect: 'manual', credentials: 'omit', signal };
  if (need.body?.length) init.body = /** @type {any} */ (need.body);
  return init;
}

export class Fetcher {
  /** @param {CustomFetch | undefined} customFetch */
  constructor(customFetch) {
    this.customFetch = customFetch;
    /** @type {Map<string, Promise<FetchReply>>} */
    this.running = new Map();
  }

  /**
   * @param {FetchNeed} need
   * @param {AbortSignal} [left] nobody waits any more; a shared exchange goes on for the others
   * @returns {Promise<FetchReply>}
   */
  fetch(need, left) {
    if (!need.share) return this.exchange(need, left);
    const what = need.shareAs ? [need.shareAs] : [need.method, need.headers, need.body && Buffer.from(need.body).toString('base64')];
    const key = JSON.stringify([need.url, need.caFile, need.crlFile, ...what]); // an answer is worth as much as the authorities that vouch for it
    let reply = this.running.get(key);
    if (!reply) {
      reply = this.exchange(need).finally(() => this.running.delete(key));
      this.running.set(key, reply);
    }
    return reply;
  }

  /** @param {FetchNeed} need @param {AbortSignal} [left] @returns {Promise<FetchReply>} */
  async exchange(need, left) {
    const stop = new AbortController();
    let why = '';
    /** @type {(error: Error) => void} */
    let giveUp = () => {};
    const given = new Promise((_, fail) => { giveUp = fail; });
    given.catch(() => {});
    /** @param {string} words */
    const end = (words) => {
      why = words;
      stop.abort();
      giveUp(new Error(words)); // also where a custom fetch does not listen to the signal
    };
    const timer = startTimer(end, need.timeoutMs, `no answer within ${need.timeoutMs} ms`);
    timer.unref?.();
    const onLeft = () => end('given up');
    left?.addEventListener('abort', onLeft, { once: true });
    try {
      return await Promise.race([given, this.answer(need, stop.signal)]);
    } catch (error) {
      return { outcome: FAILED, why: why || (error instanceof TooLarge ? error.message : wordsFor(error)) };
    } finally {
      stopTimer(timer);
      left?.removeEventListener('abort', onLeft);
    }
  }

  /** @param {FetchNeed} need @param {AbortSignal} signal @returns {Promise<FetchReply>} */
  async answer(need, signal) {
    const init = initFor(need, signal);
    if (need.caFile || need.crlFile) return fetchWithAuthorities(need, init, signal);
    const response = await (this.customFetch ?? globalThis.fetch)(need.url, init);
    if (response.type === 'opaqueredirect' || response.redirected) throw new Error('a redirect was followed or hidden');
    if (!(response.status >= 100 && response.status <= 599)) throw new Error('no status');
    const headers = readHeaders(response);
    const body = await readBody(response, need.maxBytes);
    if (body.length > need.maxBytes) throw new TooLarge(`more than ${need.maxBytes} bytes`);
    return { outcome: OK, status: response.status, headers, body };
  }
}
