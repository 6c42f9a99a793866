// SPDX-License-Identifier: Apache-2.0

/**
 * Nothing, where the application has answered meanwhile.
 * @param {any} res
 * @param {number} status
 * @param {string} text
 * @param {Record<string, string>} [headers]
 */
export function send(res, status, text, headers = {}) {
  if (res.headersSent) return;
  res.statusCode = status;
  for (const [name, value] of Object.entries({ 'Cache-Control': 'no-store', ...headers })) res.setHeader(name, value);
  if (text) res.setHeader('Content-Type', 'text/plain; charset=utf-8');
  res.end(text);
}

/**
 * @param {any} res
 * @param {[string, string][]} headers
 */
export function addCookies(res, headers) {
  const fields = headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value);
  if (fields.length > 0) res.setHeader('Set-Cookie', [res.getHeader('set-cookie') ?? [], fields].flat());
  res.setHeader('Cache-Control', 'no-store');
}

/**
 * @param {any} res
 * @param {any} verdict
 */
export function write(res, verdict) {
  res.statusCode = verdict.status;
  for (const [name, value] of verdict.headers) if (name.toLowerCase() !== 'set-cookie') res.setHeader(name, value);
  addCookies(res, verdict.headers);
  res.end(verdict.body);
}
