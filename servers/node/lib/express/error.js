// SPDX-License-Identifier: Apache-2.0
// Refusals as errors for next(), and what is not there yet.
import { Refusal } from '../errors.js';

/**
 * Of a verdict that refuses. Where the provider answered with an error, error and error_description are its own words.
 * @param {any} verdict
 */
export function refusalError(verdict) {
  const error = verdict.error ?? new Refusal(verdict.refusal ?? 'internal', { status: verdict.status });
  error.error_description = error.log;
  if (error.provider.error) {
    error.error = error.provider.error;
    error.error_description = error.provider.errorDescription ?? error.log;
  }
  return error;
}

/** 401 for a request that cannot follow a sign-in. */
export function unauthorized() {
  const error = new Refusal('no_session');
  return Object.assign(error, { name: 'UnauthorizedError', message: 'Authentication is required for this route.', error: 'login_required' });
}

/** @param {string} what @returns {Promise<never>} */
export function notThereYet(what) {
  return Promise.reject(Object.assign(new Error(`${what} is not there yet in this package`), { status: 501, statusCode: 501, id: 'not_there_yet' }));
}
