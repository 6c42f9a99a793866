// SPDX-License-Identifier: Apache-2.0
// The application's session, as its framework shows it and keeps it.

/** @typedef {import('../session/index.js').Visit} Visit */

/** Writes the session while an error can still be answered. One that cannot be written is left as it is in its place. @param {Visit} visit */
export async function saveSession(visit) {
  try {
    await visit.save();
  } catch (error) {
    Object.assign(visit, { found: null, before: undefined, ending: null, news: false });
    visit.tell(error);
    throw error;
  }
}

/** The session's own object. Its members are the application's; null ends it; another object in its place could be anybody's. */
export const sessionAccess = {
  /** @param {Visit} visit */
  get: (visit) => visit.data,
  /** @param {Visit} visit @param {any} given */
  set(visit, given) {
    if (given !== null && given !== undefined) throw new TypeError('session object cannot be reassigned');
    visit.empty();
  },
};

/**
 * The same under the name of its cookie.
 * @param {(host: any) => Visit} visitOf
 * @returns {PropertyDescriptor}
 */
export function sessionProperty(visitOf) {
  return {
    enumerable: true,
    get() {
      return sessionAccess.get(visitOf(this));
    },
    set(given) {
      sessionAccess.set(visitOf(this), given);
    },
  };
}
