// SPDX-License-Identifier: Apache-2.0
// Who may pass: requiresAuth, claimEquals, claimIncludes, claimCheck.
import { Refusal } from '../errors.js';
import { unauthorized } from './error.js';

/**
 * @typedef {any} Req
 * @typedef {(req: Req, res: any, next: (error?: any) => void) => any} Middleware
 */

const JUST_NOW = 60; // seconds

const NO_CONTEXT = 'req.oidc is not found, did you include the auth middleware?';

/**
 * A page is sent to sign in; what cannot follow a sign-in gets a 401 by way of the error handler.
 * @param {Req} req
 * @param {any} res
 * @param {(error?: any) => void} next
 */
function demandLogin(req, res, next) {
  return res.oidc.errorOnRequiredAuth || !canSignIn(req) ? next(unauthorized()) : res.oidc.login();
}

/** Who lacks a claim may have been given it since; who lacks it again would be sent around for ever. @type {typeof demandLogin} */
function demandClaim(req, res, next) {
  const goesRound = !res.oidc.errorOnRequiredAuth && canSignIn(req) && hasJustSignedIn(req.oidc);
  return goesRound ? next(new Refusal('not_allowed')) : demandLogin(req, res, next);
}

/** A script does not follow; a browser says so even where the script takes everything. @param {Req} req */
function canSignIn(req) {
  const mode = req.headers['sec-fetch-mode'] ?? 'navigate';
  return /^(nested-)?navigate$/.test(mode) && req.accepts('html');
}

/** @param {import('./request.js').RequestContext} oidc */
function hasJustSignedIn(oidc) {
  const { iat = 0 } = oidc.visit.found?.times ?? {};
  return oidc.isAuthenticated() && Date.now() / 1000 - iat < JUST_NOW;
}

/**
 * @param {(oidc: import('./request.js').RequestContext, req: Req) => boolean} mustLogin
 * @param {typeof demandLogin} [demand]
 * @returns {Middleware}
 */
function gate(mustLogin, demand = demandClaim) {
  return (req, res, next) => {
    const { oidc } = req;
    if (!oidc) return next(new Error(NO_CONTEXT));
    return mustLogin(oidc, req) ? demand(req, res, next) : next();
  };
}

const isNobody = (/** @type {import('./request.js').RequestContext} */ oidc) => !oidc.isAuthenticated();

/** @param {(req: Req) => boolean} [requiresLoginCheck] */
export function requiresAuth(requiresLoginCheck) {
  return gate(requiresLoginCheck === undefined ? isNobody : (_oidc, req) => requiresLoginCheck(req), demandLogin);
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
