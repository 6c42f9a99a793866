// SPDX-License-Identifier: Apache-2.0
// The strategy behind @authenticate('oidc'): a session, or a bearer token where the options name one.
import { AuthenticationBindings } from '@loopback/authentication';
import { inject } from '@loopback/core';
import { securityId } from '@loopback/security';
import { OidcBindings } from './keys.js';

/** @type {WeakMap<any, any>} */
const verdicts = new WeakMap();

/**
 * What is known of who a request is of: claims, userinfo, idToken, accessToken ... Undefined where nobody is signed in.
 * @param {any} request
 */
export function verdictOf(request) {
  return verdicts.get(request);
}

/**
 * Nobody is let in: what the engine answers in place of the operation. LoopBack's own way of redirecting hands the request on to the
 * controller without a user; this cannot happen with an error.
 */
export class OidcAnswer extends Error {
  /** @param {any} verdict */
  constructor(verdict) {
    super(verdict.error?.page ?? 'Please sign in first.');
    this.name = 'OidcAnswer';
    this.statusCode = verdict.status >= 400 ? verdict.status : 401;
    this.code = verdict.error?.id ?? 'no_session';
    this.clause = verdict.error?.clause;
    Object.defineProperty(this, 'verdict', { value: verdict });
  }
}

export class OidcStrategy {
  /**
   * @param {import('./places.js').Places} places
   * @param {{strategy: string, options?: Record<string, any>}[]} [metadata]
   */
  constructor(places, metadata) {
    this.name = 'oidc';
    this.places = places;
    this.options = metadata?.find((each) => each.strategy === this.name)?.options;
  }

  /** @param {any} request */
  async authenticate(request) {
    const { gate } = this.places;
    const verdict = await gate.guard(gate.request(request), this.places.rule(this.options));
    if (!verdict.pass) throw new OidcAnswer(verdict);
    for (const [name, value] of verdict.headers) request.res?.append(name, value);
    if (!verdict.signedIn) return undefined;
    verdicts.set(request, verdict);
    return profileOf(verdict);
  }
}
inject(OidcBindings.PLACES)(OidcStrategy, /** @type {any} */ (undefined), 0);
inject(AuthenticationBindings.METADATA, { optional: true })(OidcStrategy, /** @type {any} */ (undefined), 1);

/** No token in it: profiles are answered to clients. @param {any} verdict */
function profileOf(verdict) {
  const claims = { ...verdict.userinfo, ...verdict.claims };
  const { sub, name, email } = claims;
  return { [securityId]: sub ?? claims.client_id ?? '', id: sub, name, email, claims };
}
