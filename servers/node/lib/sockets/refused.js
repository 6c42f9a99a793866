// SPDX-License-Identifier: Apache-2.0
// Why a socket was not let in: what the client is told, and what the error says that a middleware hands on.

/**
 * @typedef {object} Reason a row of the refusal table, as verdict.error has it
 * @property {string} id
 * @property {number} status
 * @property {string} oauth
 * @property {string} clause
 * @property {string} log
 * @property {string} page
 */

/** @type {Record<'origin' | 'polling' | 'expired' | 'ended' | 'broken', Reason>} */
export const OWN = {
  origin: {
    id: 'not_allowed', status: 403, oauth: 'access_denied', clause: 'RFC 6455 10.2',
    log: 'a page of another origin opened a socket with the cookie of this one; if it is ours, name it in origins',
    page: 'This page may not open a connection here.',
  },
  polling: {
    id: 'not_allowed', status: 403, oauth: 'access_denied', clause: '-',
    log: "a polling connection cannot be ended through io.set('authorization'): write io.use(middleware.auth), or let clients use transports: ['websocket']",
    page: 'Only the websocket transport is open here.',
  },
  expired: {
    id: 'token_exp', status: 401, oauth: 'invalid_token', clause: 'RFC 9068 4',
    log: 'the login ends at this moment: a socket that begins with it would end at once', page: 'The access token of this request has expired.',
  },
  ended: {
    id: 'no_session', status: 401, oauth: '', clause: 'RFC 9110 15.5.2',
    log: 'the login ended while the socket was being let in', page: 'Please sign in first.',
  },
  broken: {
    id: 'internal', status: 503, oauth: 'temporarily_unavailable', clause: '-',
    log: 'the socket cannot be authenticated', page: 'This site cannot sign you in at the moment. Please try again shortly.',
  },
};

export class SocketRefused extends Error {
  /**
   * @param {Reason} reason
   * @param {[string, string][]} [headers] of the refusal's answer
   */
  constructor(reason, headers = []) {
    super(reason.page);
    this.name = 'SocketRefused';
    this.id = reason.id;
    this.status = reason.status;
    this.statusCode = reason.status;
    this.clause = reason.clause;
    this.log = reason.log;
    this.error = reason.oauth;
    this.error_description = reason.page;
    this.headers = challenge(reason, headers);
    /** What Socket.IO sends along: connect_error's err.data. */
    this.data = { id: reason.id, code: reason.oauth || 'login_required', clause: reason.clause, status: reason.status, message: reason.page };
  }
}

/** RFC 9110 11.6.1: a 401 says what would help. @param {Reason} reason @param {[string, string][]} headers @returns {Record<string, string>} */
function challenge(reason, headers) {
  const kept = headers.filter(([name]) => /^(www-authenticate|retry-after)$/i.test(name)).map(([name, value]) => [name.toLowerCase() === 'retry-after' ? 'Retry-After' : 'WWW-Authenticate', value]);
  const found = Object.fromEntries(kept);
  if (reason.status === 401 && !found['WWW-Authenticate']) found['WWW-Authenticate'] = 'Bearer';
  return found;
}
