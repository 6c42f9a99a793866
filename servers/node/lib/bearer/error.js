// SPDX-License-Identifier: Apache-2.0
// Refusals as errors, for applications that answer them in their own way.
import { Refusal } from '../errors.js';

/**
 * The challenge of RFC 6750 3. A quoted string holds no quote, no backslash, and nothing that ends a line.
 * @param {string} error
 * @param {string} message
 * @param {string} [scope]
 */
function challenge(error, message, scope) {
  const quoted = (/** @type {string} */ text) => `"${text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ')}"`;
  if (!error) return 'Bearer realm="api"';
  return `Bearer realm="api", error=${quoted(error)}, error_description=${quoted(message)}${scope ? `, scope=${quoted(scope)}` : ''}`;
}

/** No token, or none that will do. Refusals are of this kind; an application's own checks may throw one too. */
export class UnauthorizedError extends Refusal {
  /** @param {string} [message] @param {number} [status] @param {string} [error] @param {string} [scope] */
  constructor(message = 'Unauthorized', status = 401, error = '', scope = undefined) {
    super('bearer_missing', { status });
    this.name = new.target.name;
    this.message = this.error_description = message;
    this.id = error || this.id;
    this.oauth = this.error = this.code = error;
    this.headers = { 'WWW-Authenticate': challenge(error, message, scope) };
  }
}

/** A request that carries its token in no way that there is. */
export class InvalidRequestError extends UnauthorizedError {
  /** @param {string} [message] */
  constructor(message = 'Invalid Request') {
    super(message, 400, 'invalid_request');
  }
}

/** A token that is not good. */
export class InvalidTokenError extends UnauthorizedError {
  /** @param {string} [message] */
  constructor(message = 'Invalid Token') {
    super(message, 401, 'invalid_token');
  }
}

/** A token that is good, and not enough. */
export class InsufficientScopeError extends UnauthorizedError {
  /** @param {string[]} [scopes] @param {string} [message] */
  constructor(scopes = [], message = 'Insufficient Scope') {
    super(message, 403, 'insufficient_scope', scopes.join(' '));
  }
}

/** What error handlers look for, by name or by instanceof. @type {Record<string, Function>} */
const KINDS = { bearer_missing: UnauthorizedError, invalid_request: InvalidRequestError, invalid_token: InvalidTokenError, insufficient_scope: InsufficientScopeError };

const KEPT = /^(www-authenticate|retry-after)$/i;

/**
 * @param {any} refusal
 * @param {[string, string][]} headers  of the answer that would have been
 */
export function bearerError(refusal, headers) {
  const kind = KINDS[refusal.id] ?? KINDS[refusal.oauth];
  if (kind) Object.setPrototypeOf(refusal, kind.prototype).name = kind.name;
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
