// SPDX-License-Identifier: Apache-2.0
// Fastify's reply as sign-in needs a response. Headers are set on the reply, where other plugins' cookies are too: what is set on Node's
// own response would be overwritten by them.

export class FastifyResponse {
  /** @param {any} reply */
  constructor(reply) {
    this.reply = reply;
    /** @type {any} */
    this.oidc = undefined;
  }

  /** For a handler to return: Fastify then waits until the answer is out. */
  get sent() {
    return this.reply;
  }

  get headersSent() {
    return this.reply.sent || this.reply.raw.headersSent;
  }

  /** @param {string} name */
  getHeader(name) {
    return this.reply.getHeader(name);
  }

  /** @param {string} name */
  hasHeader(name) {
    return this.reply.hasHeader(name);
  }

  /** Fastify adds to Set-Cookie where others replace. @param {string} name @param {string | string[]} value */
  setHeader(name, value) {
    if (/^set-cookie$/i.test(name)) this.reply.removeHeader(name);
    this.reply.header(name, value);
  }

  /** @param {string} location */
  redirect(location) {
    this.reply.redirect(location);
  }
}
