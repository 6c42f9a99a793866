// SPDX-License-Identifier: Apache-2.0
// Who may pass: requiresAuth, claimEquals, claimIncludes, claimCheck.
import { unauthorized } from './error.js';

/**
 * @typedef {any} Req
 * @typedef {(req: Req, res: any, next: (error?: any) => void) => any} Middleware
 */

const NO_CONTEXT = 'req.oidc is not found, did you include the auth middleware?';

/**
 * A page is sent to sign in; what cannot follow a sign-in gets a 401 by way of the error handler.
 * @param {Req} req
 * @param {any} res
 * @param {(error?: any) => void} next
 */
function demandLogin(req, res, next) {
  if (!res.oidc.errorOnRequiredAuth && req.accepts('html')) return res.oidc.login();
  return next(unauthorized());
}

/**
 * @param {(oidc: import('./request.js').RequestContext, req: Req) => boolean} mustLogin
 * @returns {Middleware}
 */
function gate(mustLogin) {
  return (req, res, next) => {
    const { oidc } = req;
    if (!oidc) return next(new Error(NO_CONTEXT));
    return mustLogin(oidc, req) ? demandLogin(req, res, next) : next();
  };
}

const isNobody = (/** @type {import('./request.js').RequestContext} */ oidc) => !oidc.isAuthenticated();

/** @param {(req: Req) => boolean} [requiresLoginCheck] */
export function requiresAuth(requiresLoginCheck) {
  return gate(requiresLoginCheck === undefined ? isNobody : (_oidc, req) => requiresLoginCheck(req));
}

/** @param {any} claim */
function checkName(claim) {
  if (typeof claim !== 'string') throw new TypeError('"claim" must be a string');
}

/** @param {any} value */
function checkPrimitive(value) {
  if (value !== null && !['string', 'number', 'boolean'].includes(typeof value)) throw new TypeError('"expected" must be a string, number, boolean or null');
}

/** A claim: of the ID Token, or else of userinfo where that was asked for at sign-in. @param {import('./request.js').RequestContext} oidc @param {string} claim */
function claimOf(oidc, claim) {
  const { userinfo, sid } = oidc.held;
  for (const claims of [oidc.claims(), userinfo, { sid }]) {
    if (claims && Object.hasOwn(claims, claim)) return claims[claim];
  }
  return undefined;
}

/**
 * @param {string} claim
 * @param {string | number | boolean | null} expected
 */
export function claimEquals(claim, expected) {
  checkName(claim);
  checkPrimitive(expected);
  return gate((oidc) => isNobody(oidc) || claimOf(oidc, claim) !== expected);
}

/**
 * @param {string} claim     an array, or a string of words
 * @param {...(string | number | boolean | null)} expected  all of these
 */
export function claimIncludes(claim, ...expected) {
  checkName(claim);
  expected.forEach(checkPrimitive);
  return gate((oidc) => {
    if (isNobody(oidc)) return true;
    const value = claimOf(oidc, claim);
    const values = typeof value === 'string' ? value.split(' ') : value;
    return !Array.isArray(values) || !expected.every((each) => values.includes(each));
  });
}

/** @param {(req: Req, claims: any) => boolean} func  answers at once: a promise would always be true */
export function claimCheck(func) {
  if (typeof func !== 'function' || func.constructor.name !== 'Function') throw new TypeError('"claimCheck" expects a function');
  return gate((oidc, req) => {
    if (isNobody(oidc)) return true;
    const answer = func(req, oidc.idTokenClaims);
    if (typeof (/** @type {any} */ (answer))?.then === 'function') throw new TypeError('"claimCheck" expects an answer, not a promise of one');
    return !answer;
  });
}
