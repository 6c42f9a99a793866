// SPDX-License-Identifier: Apache-2.0
// Sign-in for Passport.
export { Strategy, Strategy as default } from './strategy.js';
export { AuthorizationError, InternalOAuthError, TokenError } from './errors.js';
