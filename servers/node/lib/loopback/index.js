// SPDX-License-Identifier: Apache-2.0
// Sign-in and bearer tokens for LoopBack 4. LoopBack 3 takes the Passport strategy.
export { OidcBindings } from './keys.js';
export { OidcComponent } from './component.js';
export { OidcStrategy, visitorOf } from './strategy.js';
