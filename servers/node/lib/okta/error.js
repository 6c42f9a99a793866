// SPDX-License-Identifier: Apache-2.0

/** What an 'error' event tells of: by type, for those who look. */
export class OIDCMiddlewareError extends Error {
  /** @param {string} type @param {string} message */
  constructor(type, message) {
    super(message);
    this.name = 'OIDCMiddlewareError';
    this.type = type;
  }
}
