// SPDX-License-Identifier: Apache-2.0
// Refusals as errors, for applications that answer them in their own way.
import { Refusal } from '../errors.js';

/** The names that error handlers look for. @type {Record<string, string>} */
const NAMES = {
  bearer_missing: 'UnauthorizedError', invalid_request: 'InvalidRequestError', invalid_token: 'InvalidTokenError', insufficient_scope: 'InsufficientScopeError',
};

const KEPT = /^(www-authenticate|retry-after)$/i;

/**
 * @param {any} refusal
 * @param {[string, string][]} headers  of the answer that would have been
 */
export function bearerError(refusal, headers) {
  refusal.name = NAMES[refusal.id] ?? NAMES[refusal.oauth] ?? refusal.name;
  refusal.code = refusal.error;
  refusal.headers = Object.fromEntries(headers.filter(([name]) => KEPT.test(name)));
  return refusal;
}

/** What broke is no refusal, and no reason to let anybody in. @param {unknown} cause */
export function brokenError(cause) {
  const error = new Refusal('internal');
  error.cause = cause;
  return error;
}
