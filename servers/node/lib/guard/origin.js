// SPDX-License-Identifier: Apache-2.0
// Whose page opens a socket. A cookie goes along whoever's it is, and no browser asks first (RFC 6455 10.2).

/**
 * Browsers say Origin with every WebSocket; who says neither is no browser.
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {{scheme: string, authority: string}} request
 * @param {string[]} origins further ones that are ours
 * @returns {boolean}
 */
export function isOwnPage(headers, request, origins) {
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
  const said = String(origin).toLowerCase();
  return said === `${request.scheme}://${request.authority}`.toLowerCase() || origins.some((each) => each.toLowerCase() === said);
}
