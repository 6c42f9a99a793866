// SPDX-License-Identifier: Apache-2.0
// The application's session (lib/session) as what opens a socket, and its end as what closes one.

/** @typedef {import('../session/index.js').Sessions} Sessions */

/** What a session holds was checked when it began, and nobody can have changed it since. @param {string} idToken @returns {Record<string, any>} */
const claimsOf = (idToken) => JSON.parse(Buffer.from(idToken.split('.')[1], 'base64url').toString('utf8'));

/**
 * @param {Sessions} sessions
 * @param {(data: any) => any} [userOf] what the application sees. Default: the claims
 * @returns {NonNullable<import('./identity.js').Source['session']>}
 */
export function readSession(sessions, userOf) {
  return async (req) => {
    const found = await sessions.read(req.headers.cookie);
    if (typeof found?.data.id_token !== 'string') return null;
    return { id: found.id, claims: claimsOf(found.data.id_token), user: userOf?.(found.data), expires: found.times.exp };
  };
}

/** @type {WeakMap<Sessions, WeakSet<object>>} */
const heard = new WeakMap();

/** Each sign-out of these sessions reaches the hub, once. @param {Sessions} sessions @param {import('./hub.js').Hub} hub */
export function hearEnds(sessions, hub) {
  const hubs = heard.get(sessions) ?? new WeakSet();
  heard.set(sessions, hubs);
  if (hubs.has(hub)) return;
  hubs.add(hub);
  sessions.onEnd((session) => void hub.signOut({ session }));
}
