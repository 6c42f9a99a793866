// SPDX-License-Identifier: Apache-2.0
// For app.component: binds the strategy, and answers the paths of sign-in and sign-out.
import { asAuthStrategy } from '@loopback/authentication';
import { Binding, BindingScope, config } from '@loopback/core';
import { asMiddleware, RestMiddlewareGroups, RestTags } from '@loopback/rest';
import { Gate } from '../gate.js';
import { Guard } from '../guard/guard.js';
import { OidcBindings } from './keys.js';
import { makeMiddleware } from './middleware.js';
import { Places } from './places.js';
import { OidcStrategy } from './strategy.js';

/**
 * @typedef {object} Own
 * @property {string} [loginPath]               default: /login; ?returnTo= is a path of this site, ?provider= one of several
 * @property {Record<string, any>} [authenticate]  what @authenticate('oidc') demands unless it says otherwise: options of a rule
 */

export class OidcComponent {
  /** @param {Own & Record<string, any>} [options]  beside ours, those of the gate */
  constructor(options = {}) {
    const { loginPath = '/login', authenticate = {}, ...rest } = options;
    const gate = new Gate(rest);
    const guard = new Guard(gate);
    const places = new Places(guard, authenticate);
    const middleware = makeMiddleware(guard, { path: loginPath, rules: loginRules(gate) });
    this.bindings = [
      Binding.bind(OidcBindings.GATE).to(gate),
      Binding.bind(OidcBindings.PLACES).to(places),
      Binding.bind(OidcBindings.STRATEGY).toClass(OidcStrategy).inScope(BindingScope.TRANSIENT).apply(asAuthStrategy),
      Binding.bind(OidcBindings.MIDDLEWARE).to(middleware).apply(asMiddleware({
        chain: RestTags.REST_MIDDLEWARE_CHAIN, group: 'oidc',
        upstreamGroups: [RestMiddlewareGroups.SEND_RESPONSE], downstreamGroups: [RestMiddlewareGroups.FIND_ROUTE, RestMiddlewareGroups.AUTHENTICATION],
      })),
    ];
  }
}
config({ fromBinding: OidcBindings.COMPONENT, optional: true })(OidcComponent, /** @type {any} */ (undefined), 0);

/**
 * One for each provider that people can sign in at.
 * @param {Gate} gate
 * @returns {Map<string, any>}
 */
function loginRules(gate) {
  const rules = new Map();
  gate.names.forEach((name, i) => {
    if (!gate.setUp.read[i].client_id) return;
    const rule = gate.rule({ provider: name, unauthenticated: 'login' });
    rules.set(name, rule);
    if (!rules.has('')) rules.set('', rule);
  });
  return rules;
}
