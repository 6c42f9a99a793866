// SPDX-License-Identifier: Apache-2.0
// Where tokens and secrets may go (OIDC Core 16.17): by https, or within this machine.

export const isLoopback = (/** @type {URL} */ url) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);

/** @param {unknown} address @param {boolean} allowsHttp said so by whoever set it up @returns {boolean} */
export function isSafe(address, allowsHttp) {
  if (typeof address !== 'string' || !URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === 'https:' || (url.protocol === 'http:' && (allowsHttp || isLoopback(url)));
}
