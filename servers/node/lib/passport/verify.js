// SPDX-License-Identifier: Apache-2.0
// The application's verify function: what it is called with depends on how many arguments it declares.

/**
 * @typedef {object} SignedIn       all that a verify function may want
 * @property {string} issuer
 * @property {string} sub
 * @property {any} profile
 * @property {any} uiProfile        userinfo alone; undefined where there is none
 * @property {any} idProfile        the ID Token alone
 * @property {any} context
 * @property {any} claims
 * @property {string} idToken
 * @property {string} accessToken
 * @property {string | undefined} refreshToken
 * @property {any} params           the token response
 */

/** @type {Map<number, (keyof SignedIn)[]>} */
const FORMS = new Map([
  [3, ['issuer', 'profile']],
  [4, ['issuer', 'profile', 'context']],
  [5, ['issuer', 'profile', 'context', 'idToken']],
  [7, ['issuer', 'profile', 'context', 'idToken', 'accessToken', 'refreshToken']],
  [8, ['issuer', 'profile', 'context', 'idToken', 'accessToken', 'refreshToken', 'params']],
  [9, ['issuer', 'uiProfile', 'idProfile', 'context', 'idToken', 'accessToken', 'refreshToken', 'params']],
]);

/** As before version 0.1 of passport-openidconnect. @type {Map<number, (keyof SignedIn)[]>} */
const LEGACY_FORMS = new Map([
  [3, ['issuer', 'sub']],
  [4, ['issuer', 'sub', 'profile']],
  [6, ['issuer', 'sub', 'profile', 'accessToken', 'refreshToken']],
  [7, ['issuer', 'sub', 'profile', 'accessToken', 'refreshToken', 'params']],
  [8, ['issuer', 'sub', 'profile', 'claims', 'accessToken', 'refreshToken', 'params']],
]);

/**
 * @param {{arity: number, legacy: boolean, passReq: boolean}} how
 * @param {any} req
 * @param {SignedIn} signedIn
 * @returns {any[]}
 */
function argumentsOf({ arity, legacy, passReq }, req, signedIn) {
  const forms = legacy ? LEGACY_FORMS : FORMS;
  const form = forms.get(passReq ? arity - 1 : arity) ?? /** @type {(keyof SignedIn)[]} */ (forms.get(3));
  const values = form.map((name) => signedIn[name]);
  return passReq ? [req, ...values] : values;
}

/**
 * Calls the verify function, as a method of the strategy. What it throws, and what a promise of it is refused with, is an error; only its
 * first answer counts.
 * @param {{_verify: Function, _form: {arity: number, legacy: boolean, passReq: boolean}}} strategy
 * @param {any} req
 * @param {SignedIn} signedIn
 * @returns {Promise<{user: any, info: any}>}
 */
export function askApplication(strategy, req, signedIn) {
  return new Promise((done, refuse) => {
    const verified = (/** @type {any} */ error, /** @type {any} */ user, /** @type {any} */ info) => (error ? refuse(error) : done({ user, info }));
    const kept = strategy._verify(...argumentsOf(strategy._form, req, signedIn), verified);
    if (typeof kept?.then === 'function') kept.then(undefined, refuse);
  });
}
