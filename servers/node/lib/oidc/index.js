// SPDX-License-Identifier: Apache-2.0
// The names of the package oidc: new oidc.Auth({...}), and oidc.middleware.Express, Restify and SocketIO.
import { socketAuth } from '../sockets/index.js';
import { Auth } from './auth.js';
import { Express, Restify } from './middleware.js';

/**
 * Its auth is the handler itself: io.set('authorization', middleware.auth) on Socket.IO 2, io.use(middleware.auth) on 2 to 4. Clients of this
 * package say query: 'id_token=...', so the query counts here.
 */
export class SocketIO {
  /**
   * @param {Auth} auth
   * @param {import('../sockets/index.js').SocketOptions} [options]
   */
  constructor(auth, options) {
    this.sockets = socketAuth(auth, { query: 'id_token', ...options });
    this.auth = this.sockets.socketio;
  }
}

export { Auth };
export const middleware = { Express, Restify, SocketIO };
export default { Auth, middleware };
