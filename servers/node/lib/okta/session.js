// SPDX-License-Identifier: Apache-2.0
// express-session's session as promises.
import { SessionError } from '../session/error.js';

/**
 * @param {any} session
 * @param {'regenerate' | 'save'} what
 * @returns {Promise<void>}
 */
function ask(session, what) {
  return new Promise((done, refuse) => {
    session[what]((/** @type {any} */ error) => (error ? refuse(new SessionError('store_down', what)) : done()));
  });
}

/** @param {any} req */
export function requireSession(req) {
  if (typeof req.session?.regenerate !== 'function' || !req.sessionStore) {
    throw new Error('ExpressOIDC keeps its logins in the application\'s sessions: use `express-session` before its router');
  }
}

/**
 * A new session id with the same content but for one entry: what somebody else may have known of the old one is worth nothing.
 * @param {any} req
 * @param {string} key
 * @param {any} entry  undefined removes it
 */
export async function renewSession(req, key, entry) {
  const { cookie: _, ...kept } = req.session;
  await ask(req.session, 'regenerate');
  Object.assign(req.session, kept);
  if (entry === undefined) delete req.session[key];
  else req.session[key] = entry;
  await ask(req.session, 'save');
}
