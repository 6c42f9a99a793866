// SPDX-License-Identifier: Apache-2.0
// Was a form posted from a page of our own? The token of the session says so where the form carries one; else the browser does:
// Sec-Fetch-Site is out of reach for a page, and where it is absent, Origin decides. Where nothing is known, the answer is no.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../errors.js';

const HEADERS = ['csrf-token', 'xsrf-token', 'x-csrf-token', 'x-xsrf-token'];

/**
 * The token for forms of this session.
 * @param {any} session
 * @param {string} key
 * @returns {string}
 */
export function csrfToken(session, key) {
  const entry = session[key] ?? {};
  if (typeof entry.csrf === 'string') return entry.csrf;
  session[key] = { ...entry, csrf: randomBytes(32).toString('base64url') };
  return session[key].csrf;
}

/**
 * @param {any} req
 * @param {Record<string, any>} form
 * @returns {any} undefined where none came
 */
function tokenIn(req, form) {
  return form._csrf ?? req.query?._csrf ?? HEADERS.map((name) => req.headers[name]).find(Boolean);
}

/**
 * @param {any} given
 * @param {any} expected
 */
function isSame(given, expected) {
  if (typeof given !== 'string' || typeof expected !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * @param {any} req
 * @param {Record<string, any>} form
 * @param {string} key         of our entry in the session
 * @param {string} appBaseUrl
 */
export function checkCsrf(req, form, key, appBaseUrl) {
  const given = tokenIn(req, form);
  if (given !== undefined ? isSame(given, req.session?.[key]?.csrf) : isOwnPage(req, appBaseUrl)) return;
  throw Object.assign(new Refusal('form_of_others', { status: 403 }), { code: 'EBADCSRFTOKEN' });
}

/**
 * @param {any} req
 * @param {string} appBaseUrl
 */
function isOwnPage(req, appBaseUrl) {
  const site = req.headers['sec-fetch-site'];
  return site !== undefined ? site === 'same-origin' : req.headers.origin === new URL(appBaseUrl).origin;
}
