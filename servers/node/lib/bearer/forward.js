// SPDX-License-Identifier: Apache-2.0
// The caller's token on its way to the next service: to the origins that are listed, and nowhere else.

/**
 * fetch() with the token. Refused, before anything is sent, for any other origin. Redirects are not followed: an answer of 3xx comes back
 * as it is, for where it leads is the other side's to say, and the token would go along.
 * @param {string} token
 * @param {Set<string>} origins
 * @param {string | URL} target
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
export async function forward(token, origins, target, init = {}) {
  if (typeof target !== 'string' && !(target instanceof URL)) throw new TypeError('req.auth.fetch: the address must be a string or a URL');
  const url = new URL(target); // read once: what is checked is what is asked
  if (!origins.has(url.origin)) throw new TypeError(`req.auth.fetch: ${url.origin} is not listed in "forwardTo": the caller's token does not go there`);
  if (url.username || url.password) throw new TypeError('req.auth.fetch: the address must not hold a name or a password');
  if (init.redirect === 'follow') throw new TypeError('req.auth.fetch: redirects are not followed: the token would go along');
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${token}`);
  return globalThis.fetch(url.href, { ...init, headers, redirect: init.redirect ?? 'manual' });
}
