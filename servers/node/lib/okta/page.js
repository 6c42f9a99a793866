// SPDX-License-Identifier: Apache-2.0

/**
 * Does the client like a page best of all (RFC 9110 12.5.1)?
 * @param {any} req
 */
export function prefersPage(req) {
  const ranges = String(req.headers.accept ?? '').split(',').map((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return { type, quality: quality ? Number(quality.slice(2)) || 0 : 1 };
  });
  const [best] = ranges.sort((a, b) => b.quality - a.quality);
  return best.type === 'text/html' && best.quality > 0;
}

/**
 * @param {string} url
 * @param {string | undefined} loginHint
 */
export function withHint(url, loginHint) {
  if (!loginHint) return url;
  const [address, fragment] = url.split('#');
  return `${address}${address.includes('?') ? '&' : '?'}login_hint=${encodeURIComponent(loginHint)}${fragment === undefined ? '' : `#${fragment}`}`;
}
