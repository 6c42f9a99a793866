// SPDX-License-Identifier: Apache-2.0
// Node's response, with the redirect that it lacks.

export class NodeResponse {
  /** @param {import('node:http').ServerResponse} raw */
  constructor(raw) {
    this.raw = raw;
    this.sent = undefined;
    /** @type {any} */
    this.oidc = undefined;
  }

  get headersSent() {
    return this.raw.headersSent;
  }

  /** @param {string} name */
  getHeader(name) {
    return this.raw.getHeader(name);
  }

  /** @param {string} name */
  hasHeader(name) {
    return this.raw.hasHeader(name);
  }

  /** @param {string} name @param {string | string[]} value */
  setHeader(name, value) {
    this.raw.setHeader(name, value);
  }

  /** @param {string} location */
  redirect(location) {
    this.raw.writeHead(302, { Location: location, 'Content-Length': 0 }).end();
  }
}
