// SPDX-License-Identifier: Apache-2.0
// What the application learns of who is there.

/** @typedef {import('../verdict.js').Verdict} Verdict */

/** A part of the verdict. Neither printed nor written as JSON: it holds tokens. */
export class Visitor {
  /** @param {Verdict | null} verdict */
  constructor(verdict) {
    Object.defineProperty(this, 'verdict', { value: verdict });
    /** @type {Verdict | null} */
    this.verdict;
  }

  /** Somebody is there. @returns {boolean} */
  get signedIn() { return this.verdict?.signedIn ?? false; }

  /** Of the ID Token, or of the bearer token. @returns {Record<string, any>} */
  get claims() { return this.verdict?.claims ?? {}; }

  /** @returns {Record<string, any>} */
  get userinfo() { return this.verdict?.userinfo ?? {}; }

  /** A claim: of the ID Token first, then of userinfo. @param {string} name @returns {any} */
  claim(name) { return this.verdict?.claim(name); }

  /** @returns {string | undefined} */
  get idToken() { return this.verdict?.idToken; }

  /** @returns {string | undefined} */
  get accessToken() { return this.verdict?.accessToken; }

  /** When what was shown ends by itself, in seconds since 1970. @returns {number | undefined} */
  get expires() { return this.verdict?.expires; }
}

export const nobody = new Visitor(null);
