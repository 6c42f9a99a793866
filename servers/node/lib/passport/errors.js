// SPDX-License-Identifier: Apache-2.0
// The errors that a Passport application knows: by name, message, code, uri and status.

/** @typedef {import('../errors.js').Refusal} Refusal */

/** What every error of this package says beside its message: see docs/refusals.md. */
export class OpenIDError extends Error {
  /**
   * @param {string} message
   * @param {Refusal} [refusal]
   */
  constructor(message, refusal) {
    super(message);
    this.name = new.target.name;
    this.status = refusal?.status ?? 500;
    this.statusCode = this.status;
    this.id = refusal?.id;
    this.clause = refusal?.clause;
    this.error = refusal?.error;
    this.error_description = refusal?.error_description;
    this.headers = refusal?.headers ?? {};
  }
}

/** The provider answered the authorization request with an error (RFC 6749 4.1.2.1). */
export class AuthorizationError extends OpenIDError {
  /** @param {Refusal} refusal */
  constructor(refusal) {
    super(refusal.provider.errorDescription ?? refusal.log, refusal);
    this.code = refusal.provider.error || 'server_error';
    this.uri = refusal.provider.errorUri;
    if (this.code === 'temporarily_unavailable') this.status = this.statusCode = 503;
  }
}

/** The token endpoint answered with an error (RFC 6749 5.2). */
export class TokenError extends OpenIDError {
  /** @param {Refusal} refusal */
  constructor(refusal) {
    super(refusal.provider.errorDescription ?? refusal.log, refusal);
    this.code = refusal.provider.error || 'invalid_request';
    this.uri = refusal.provider.errorUri;
  }
}

/** The provider could not be asked, or its answer could not be used. */
export class InternalOAuthError extends OpenIDError {
  /**
   * @param {string} message
   * @param {Refusal} refusal
   */
  constructor(message, refusal) {
    super(message, refusal);
    this.oauthError = new Error(refusal.log);
  }

  /** @override */
  toString() {
    return `${this.name}: ${this.message} (${this.oauthError.message})`;
  }
}
