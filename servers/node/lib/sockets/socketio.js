// SPDX-License-Identifier: Apache-2.0
// Socket.IO, 2 to 4: a middleware for io.use and nsp.use, and for io.set('authorization') of 2.
import { asRefused, refused } from './refused.js';
import { endWebSocket } from './upgrade.js';

const OPEN = 1; // WebSocket.readyState

/** @typedef {(req: import('node:http').IncomingMessage, more?: {auth?: unknown, peer?: import('./handshake.js').Peer}) => Promise<import('./watch.js').Watch>} LetIn */

/** @typedef {{socket: any, watch: import('./watch.js').Watch}} Followed */

/**
 * Whom we follow on each connection, by namespace: a namespace that is joined again and again has one. A socket that another middleware
 * refuses never says 'disconnect', so the connection's end counts too.
 * @type {WeakMap<object, Map<string, Followed>>}
 */
const followed = new WeakMap();

/** Sockets that nobody follows any more, since another has come in their place before they were in. @type {WeakSet<object>} */
const replaced = new WeakSet();

/** @type {WeakSet<object>} */
const guarded = new WeakSet();

/** @param {any} conn @returns {Map<string, Followed>} */
function followedOn(conn) {
  let map = followed.get(conn);
  if (map) return map;
  const made = map = new Map();
  followed.set(conn, made);
  conn.once('close', () => {
    for (const { watch } of made.values()) watch.stop();
  });
  return made;
}

/** @param {any} nsp */
function guard(nsp) {
  if (guarded.has(nsp)) return;
  guarded.add(nsp);
  nsp.prependListener?.('connection', (/** @type {any} */ socket) => replaced.has(socket) && socket.disconnect());
}

/** A client that joins a namespace twice on one connection has one socket there: the other would outlive the login. @param {Followed | undefined} before */
function replace(before) {
  if (!before) return;
  before.watch.stop();
  replaced.add(before.socket);
  if (before.socket.connected) before.socket.disconnect();
}

/** @param {any} socket @param {import('./watch.js').Why} why */
function disconnect(socket, why) {
  if (!socket.connected) return socket.conn.close();
  socket.emit('unauthorized', why);
  return socket.disconnect(true);
}

/** @param {any} socket @param {import('./watch.js').Watch} watch */
function follow(socket, watch) {
  watch.take((why) => disconnect(socket, why));
  guard(socket.nsp);
  const map = followedOn(socket.conn);
  const { name } = socket.nsp;
  const mine = { socket, watch };
  replace(map.get(name));
  map.set(name, mine);
  socket.once('disconnect', () => {
    watch.stop();
    if (map.get(name) === mine) map.delete(name);
  });
}

/** @param {any} socket @param {any} user */
function show(socket, user) {
  socket.user = user;
  socket.data = Object.assign(socket.data ?? {}, { user });
  socket.request.user = user;
  socket.handshake.user = user;
}

/** A connection that is resumed would skip every middleware, and with them whether the login goes on. @param {any} socket */
function neverSkip(socket) {
  const recovery = socket.nsp?.server?.opts?.connectionStateRecovery;
  if (recovery) recovery.skipMiddlewares = false;
}

/** @param {LetIn} letIn @param {any} socket */
async function use(letIn, socket) {
  neverSkip(socket);
  const { auth, address, secure } = socket.handshake;
  const watch = await letIn(socket.request, { auth, peer: { encrypted: secure, remoteAddress: address } });
  if (socket.conn.readyState !== 'open') return watch.stop();
  show(socket, watch.found.user);
  return follow(socket, watch);
}

/**
 * io.set('authorization') shows the request alone. The WebSocket that hangs on it can be closed; a polling connection could not be ended, so
 * it is not begun.
 * @param {LetIn} letIn
 * @param {any} req
 */
async function authorize(letIn, req) {
  const { websocket } = req;
  if (!websocket) throw refused('socket_polling');
  const watch = await letIn(req);
  watch.take((why) => endWebSocket(websocket, why));
  websocket.once('close', () => watch.stop());
  if (websocket.readyState !== OPEN) watch.stop();
  req.user = watch.found.user;
}

/**
 * @param {LetIn} letIn
 * @param {(reason: import('./refused.js').SocketRefused) => void} log
 * @returns {(first: any, second: any) => void}
 */
export function socketioAuth(letIn, log) {
  const refuse = (/** @type {unknown} */ error) => {
    const reason = asRefused(error);
    log(reason);
    return reason;
  };
  return (first, second) => {
    if (first.handshake) use(letIn, first).then(() => second(), (error) => second(refuse(error)));
    else authorize(letIn, first).then(() => second(null, true), (error) => second(refuse(error).message, false));
  };
}
