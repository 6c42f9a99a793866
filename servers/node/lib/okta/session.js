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

/** Of this interface, at whatever provider. @param {any} entry */
const isLogin = (entry) => typeof entry?.login === 'string' && typeof entry.sub === 'string';

/**
 * A new session id: what somebody else may have known of the old one is worth nothing. What the old one held stays, or else only who is
 * signed in at other providers.
 * @param {any} req
 * @param {string} key
 * @param {any} entry  undefined removes it
 * @param {boolean} keeps  it is the same person, or was nobody
 */
export async function renewSession(req, key, entry, keeps) {
  const { cookie: _, ...before } = req.session;
  const kept = Object.entries(before).filter(([, value]) => keeps || isLogin(value));
  await ask(req.session, 'regenerate');
  Object.assign(req.session, Object.fromEntries(kept));
  if (entry === undefined) delete req.session[key];
  else req.session[key] = entry;
  await ask(req.session, 'save');
}
