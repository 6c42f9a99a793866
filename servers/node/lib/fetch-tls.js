// SPDX-License-Identifier: Apache-2.0
// FETCH with authorities of one's own: the platform's fetch cannot be given any, so this is node:https. The answer is asked for
// as it is (identity), so its size is its size.
import { readFile } from 'node:fs/promises';
import https from 'node:https';

/**
 * @param {import('./fetch.js').FetchNeed} need
 * @param {RequestInit} init
 * @param {AbortSignal} signal
 * @returns {Promise<import('./fetch.js').FetchReply>}
 */
export async function fetchWithAuthorities(need, init, signal) {
  const [ca, crl] = await Promise.all([need.caFile, need.crlFile].map((path) => (path ? readFile(path) : undefined)));
  /** @type {Record<string, any>} */
  const headers = { .../** @type {Record<string, string>} */ (init.headers), 'Accept-Encoding': 'identity', ...(need.body?.length && { 'Content-Length': need.body.length }) };
  return new Promise((done, fail) => {
    const request = https.request(need.url, { method: need.method, headers, ca, crl, signal, agent: false }, (response) => {
      /** @type {Buffer[]} */
      const parts = [];
      let size = 0;
      response.on('error', fail);
      response.on('data', (part) => {
        size += part.length;
        parts.push(part);
        if (size <= need.maxBytes) return;
        fail(new Error(`more than ${need.maxBytes} bytes`)); // first: the end may have come already
        request.destroy();
      });
      response.on('end', () => {
        const encoding = response.headers['content-encoding'];
        if (encoding && encoding !== 'identity') fail(new Error('an encoding that was not asked for'));
        else if (!response.complete) fail(new Error('the answer broke off'));
        else done({ outcome: 0, status: response.statusCode, headers: response.rawHeaders.slice(0, 400), body: Buffer.concat(parts) });
      });
      response.on('close', () => fail(new Error('the answer broke off')));
    });
    request.on('error', fail);
    request.end(need.body);
  });
}
