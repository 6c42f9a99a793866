// SPDX-License-Identifier: Apache-2.0
// What can go wrong with a session: said with the ids of the refusal table.

const STATUS = { store_down: 503, session_too_large: 502 };
const CAUSE = {
  store_down: 'the session store does not answer; sessions are kept',
  session_too_large: 'the session does not fit into its cookie: ask for fewer claims, or keep sessions in a store',
};

export class SessionError extends Error {
  /**
   * @param {'store_down' | 'session_too_large'} id
   * @param {string} [detail]
   */
  constructor(id, detail) {
    super(detail ? `${CAUSE[id]} (${detail})` : CAUSE[id]);
    this.name = 'SessionError';
    this.id = id;
    this.status = STATUS[id];
    this.statusCode = STATUS[id];
    this.clause = '-';
    this.error = id === 'store_down' ? 'temporarily_unavailable' : 'server_error';
    this.error_description = CAUSE[id];
    /** @type {Record<string, string>} */
    this.headers = id === 'store_down' ? { 'Retry-After': '5' } : {};
    this.expose = false;
  }
}
