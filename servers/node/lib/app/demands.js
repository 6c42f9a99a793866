// SPDX-License-Identifier: Apache-2.0
// requiresAuth() and its like for other frameworks: those of Express, which know what to demand, in another framework's clothes.
import * as gates from '../express/gates.js';
import { attemptSilentLogin } from '../express/silent.js';
import { HOST } from './enter.js';

/** @param {any} func @param {string} who */
function checkFunction(func, who) {
  if (typeof func !== 'function' || func.constructor.name !== 'Function') throw new TypeError(`"${who}" expects a function that answers at once`);
}

/**
 * @template Middleware
 * @param {(middleware: import('./site.js').Middleware) => Middleware} dress
 */
export function demandsFor(dress) {
  return {
    /** Somebody must be signed in, or what the function asks for must hold. @param {(host: any) => boolean} [mustLogin] */
    requiresAuth(mustLogin) {
      if (mustLogin === undefined) return dress(gates.requiresAuth());
      checkFunction(mustLogin, 'requiresAuth');
      return dress(gates.requiresAuth((req) => mustLogin(req[HOST])));
    },
    /** A claim must be this. @param {string} claim @param {string | number | boolean | null} expected */
    claimEquals: (claim, expected) => dress(gates.claimEquals(claim, expected)),
    /** A claim must have all of these. @param {string} claim @param {...(string | number | boolean | null)} expected */
    claimIncludes: (claim, ...expected) => dress(gates.claimIncludes(claim, ...expected)),
    /** The function must answer true. @param {(host: any, claims: any) => boolean} func */
    claimCheck(func) {
      checkFunction(func, 'claimCheck');
      return dress(gates.claimCheck((req, claims) => func(req[HOST], claims)));
    },
    /** One try to find out, without a page, whether somebody is signed in at the provider. */
    attemptSilentLogin: () => dress(attemptSilentLogin()),
  };
}
