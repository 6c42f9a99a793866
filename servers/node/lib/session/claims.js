// SPDX-License-Identifier: Apache-2.0
// The claims of the ID Token that the session holds. It was checked at sign-in and has been under our seal since: here it is only read.

/**
 * The claims as JSON text; '' when this is no JWT.
 * @param {any} token
 */
export function claimsText(token) {
  if (typeof token !== 'string') return '';
  const from = token.indexOf('.') + 1;
  const to = token.indexOf('.', from);
  return from > 0 && to > from ? Buffer.from(token.slice(from, to), 'base64url').toString('utf8') : '';
}

/**
 * @param {string} text
 * @returns {any} undefined when it is no JSON object
 */
export function readClaims(text) {
  if (!text) return undefined;
  try {
    const claims = JSON.parse(text);
    return claims !== null && typeof claims === 'object' && !Array.isArray(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
