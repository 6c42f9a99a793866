// SPDX-License-Identifier: Apache-2.0
// attemptSilentLogin: one try to find out, without a page, whether the person is signed in at the provider. A cookie remembers it.
import { addCookies } from '../session/response.js';
import { CookieWriter, findCookie } from '../session/cookie.js';

/** @typedef {import('./gates.js').Middleware} Middleware */

const NAME = 'skipSilentLogin';

/** @param {any} cookie  the options of the session's cookie */
export const silentCookie = (cookie) => new CookieWriter(NAME, { ...cookie, transient: true, httpOnly: true });

/** No further try in this browser until somebody signs in. @param {any} site @param {any} res */
export function cancelSilentLogin(site, res) {
  addCookies(res, site.silent.set('true', 0, []));
}

/** @param {any} site @param {any} req @param {any} res */
export function resumeSilentLogin(site, req, res) {
  if (findCookie(req.headers.cookie, NAME) !== undefined) addCookies(res, site.silent.remove([NAME]));
}

/** @returns {Middleware} */
export function attemptSilentLogin() {
  return (req, res, next) => {
    if (!req.oidc) return next(new Error('req.oidc is not found, did you include the auth middleware?'));
    const tried = findCookie(req.headers.cookie, NAME) !== undefined;
    if (tried || req.oidc.isAuthenticated() || !req.accepts('html')) return next();
    cancelSilentLogin(req.oidc.site, res);
    return res.oidc.silentLogin();
  };
}
