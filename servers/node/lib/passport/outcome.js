// SPDX-License-Identifier: Apache-2.0
// What a refusal of the engine is to Passport: fail, where somebody was not signed in; error, where it could not be found out.
import { AuthorizationError, InternalOAuthError, OpenIDError, TokenError } from './errors.js';

/**
 * @typedef {import('./errors.js').Refusal} Refusal
 * @typedef {{fail: (challenge?: any, status?: number) => void, error: (error: any) => void}} Actions
 */

const NO_STATE = 'Unable to verify authorization request state.';
const OTHER_STATE = 'Invalid authorization request state.';

/** Failures with the words that applications look for. */
const WORDS = new Map(Object.entries({
  id_token_iss: 'ID token not issued by expected OpenID provider.',
  id_token_aud: 'ID token not intended for this relying party.',
  id_token_azp: 'ID token not issued to this relying party.',
  id_token_exp: 'ID token has expired.',
  id_token_auth_time: 'Too much time has elapsed since last authentication.',
  id_token_nonce: 'ID token contains invalid nonce.',
}));

const ERRORS = new Map(Object.entries({
  token_down: 'Failed to obtain access token',
  token_malformed: 'Failed to obtain access token',
  token_type: 'Failed to obtain access token',
  id_token_missing: 'ID token not present in token response',
  userinfo_down: 'Failed to fetch user profile',
  userinfo_malformed: 'Failed to fetch user profile',
  provider_down: 'Failed to discover OpenID provider',
  metadata_malformed: 'Failed to discover OpenID provider',
  metadata_issuer: 'Failed to discover OpenID provider',
  metadata_insecure: 'Failed to discover OpenID provider',
  keys_malformed: 'Failed to fetch keys of OpenID provider',
}));

const isAboutState = (/** @type {string} */ id) => /^(state_missing|attempt_unknown|attempt_expired)$/.test(id);

/** Ids: the provider's answer, or a token in it, is not what it must be. Nobody is signed in, and nothing is broken here. */
const DISTRUST = /^(id_token_(?!missing)|jwt_|jwe_|userinfo_sub$|response_(iss|duplicate|malformed|mode)|code_missing$)/;

/**
 * @param {Refusal} refusal
 * @param {boolean} hasAttempts  some sign-in is under way in this browser, though perhaps not this one
 * @returns {(actions: Actions) => void}
 */
export function outcomeOf(refusal, hasAttempts) {
  const { id } = refusal;
  if (id === 'response_denied') return (to) => to.fail({ message: refusal.provider.errorDescription || undefined });
  if (isAboutState(id)) return (to) => to.fail({ message: hasAttempts ? OTHER_STATE : NO_STATE }, 403);
  if (DISTRUST.test(id)) return (to) => to.fail({ message: WORDS.get(id) ?? sentence(refusal.log) }, 403);
  const error = errorOf(refusal);
  return (to) => to.error(error);
}

/** @param {Refusal} refusal */
function errorOf(refusal) {
  const words = ERRORS.get(refusal.id);
  if (refusal.id === 'response_error') return new AuthorizationError(refusal);
  if (refusal.id === 'token_error' || refusal.id === 'client_refused') return new TokenError(refusal);
  return words ? new InternalOAuthError(words, refusal) : new OpenIDError(refusal.log, refusal);
}

/** @param {string} text */
function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
