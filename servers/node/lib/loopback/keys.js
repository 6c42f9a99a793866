// SPDX-License-Identifier: Apache-2.0
import { BindingKey } from '@loopback/core';

export const OidcBindings = {
  /** To be configured: app.configure(OidcBindings.COMPONENT).to({issuer, clientId, ...}). */
  COMPONENT: BindingKey.create('components.OidcComponent'),
  /** The gate, for what the component does not do. */
  GATE: BindingKey.create('gatewright.gate'),
  PLACES: BindingKey.create('gatewright.places'),
  STRATEGY: BindingKey.create('authentication.strategies.oidc'),
  MIDDLEWARE: BindingKey.create('middleware.oidc'),
};
