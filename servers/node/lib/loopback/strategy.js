// SPDX-License-Identifier: Apache-2.0
// The strategy behind @authenticate('oidc'): a session, or a bearer token where the options name one.
import { AuthenticationBindings } from '@loopback/authentication';
import { inject } from '@loopback/core';
import { securityId } from '@loopback/security';
import { addHeaders } from '../guard/answer.js';
import { nobody } from '../guard/visitor.js';
import { OidcBindings } from './keys.js';

/** @type {WeakMap<any, import('../guard/visitor.js').Visitor>} */
const visitors = new WeakMap();

/**
 * What is known of who a request is of: claims, userinfo, claim(name), idToken, accessToken, expires. Nobody is known of where no strategy
 * of ours has let the request pass.
 * @param {any} request
 */
export function visitorOf(request) {
  return visitors.get(request) ?? nobody;
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
    const { guard } = this.places;
    guard.enter(request);
    const verdict = await guard.atPlace(request, this.places.rule(this.options));
    if (!verdict.pass) throw new OidcAnswer(verdict);
    if (request.res) addHeaders(request.res, verdict.headers);
    const visitor = guard.admit(request, verdict);
    if (!visitor.signedIn) return undefined;
    visitors.set(request, visitor);
    return profileOf(visitor);
  }
}
inject(OidcBindings.PLACES)(OidcStrategy, /** @type {any} */ (undefined), 0);
inject(AuthenticationBindings.METADATA, { optional: true })(OidcStrategy, /** @type {any} */ (undefined), 1);

/** No token in it: profiles are answered to clients. @param {import('../guard/visitor.js').Visitor} visitor */
function profileOf({ userinfo, claims: signed }) {
  const claims = { ...userinfo, ...signed };
  const { sub, name, email } = claims;
  return { [securityId]: sub ?? claims.client_id ?? '', id: sub, name, email, claims };
}
