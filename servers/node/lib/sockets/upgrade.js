// SPDX-License-Identifier: Apache-2.0
// A plain HTTP upgrade, whatever speaks on the connection afterwards; and the servers of the package ws.
import { STATUS_CODES } from 'node:http';
import { asRefused } from './refused.js';

/** @typedef {import('./socketio.js').LetIn} LetIn */
/** @typedef {import('./watch.js').Watch} Watch */
/** @typedef {import('./watch.js').Why} Why */
/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

const TAKEN_MS = 2000; // a word of farewell is taken by then, or not at all

const ignore = () => {};

/** A close frame from a server: FIN and opcode 8, a length, no mask (RFC 6455 5.5.1). @param {Why} why */
function closeFrame({ code, reason }) {
  const text = Buffer.from(reason);
  return Buffer.concat([Buffer.from([0x88, 2 + text.length, code >> 8, code & 0xff]), text]);
}

/** @param {IncomingMessage} req @param {import('node:stream').Duplex} socket @param {Why} why */
function endRaw(req, socket, why) {
  socket.on('error', ignore); // whoever speaks on it may write once more
  if (!/^websocket$/i.test(req.headers.upgrade ?? '')) return socket.destroy();
  socket.pause(); // what still comes is nobody's
  return endsSoon(socket.end(closeFrame(why), () => socket.destroy()), () => socket.destroy());
}

/** Who does not take the word is not waited for. @param {any} emitter @param {() => void} end */
function endsSoon(emitter, end) {
  const timer = globalThis.setTimeout(end, TAKEN_MS).unref();
  emitter.once('close', () => globalThis.clearTimeout(timer));
}

/** @param {import('node:stream').Duplex} socket @param {import('./refused.js').SocketRefused} reason */
function answer(socket, reason) {
  if (socket.destroyed) return;
  const { status, headers, message } = reason;
  const fields = { ...headers, Connection: 'close', 'Cache-Control': 'no-store', 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': String(Buffer.byteLength(message)) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  endsSoon(socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n${lines.join('')}\r\n${message}`, () => socket.destroy()), () => socket.destroy());
}

/**
 * Ends the connection itself at the login's end, until somebody knows a better way.
 * @param {Watch} watch @param {IncomingMessage} req @param {import('node:stream').Duplex} socket
 * @param {(why: Why) => void} [end]
 */
function followRaw(watch, req, socket, end = (why) => endRaw(req, socket, why)) {
  watch.take(end);
  socket.once('close', () => watch.stop());
  if (!socket.readable || !socket.writable) socket.destroy(); // the client has left
  if (socket.destroyed) watch.stop();
  /** @type {any} */ (req).user = watch.found.user;
}

/**
 * For server.on('upgrade'). Answers the user, or null when the request was refused and answered.
 * @param {LetIn} letIn
 * @param {(reason: import('./refused.js').SocketRefused) => void} log
 */
export function upgradeAuth(letIn, log) {
  return async (/** @type {IncomingMessage} */ req, /** @type {import('node:stream').Duplex} */ socket) => {
    socket.on('error', ignore); // nobody else listens while we look, or to one that is refused
    try {
      const watch = await letIn(req);
      followRaw(watch, req, socket);
      if (socket.destroyed) return null;
      socket.off('error', ignore);
      return watch.found.user;
    } catch (error) {
      const reason = asRefused(error);
      log(reason);
      answer(socket, reason);
      return null;
    }
  };
}

/** @type {WeakMap<IncomingMessage, Watch>} */
const watches = new WeakMap();

/**
 * The option verifyClient of ws. A refusal is an HTTP answer to the upgrade.
 * @param {LetIn} letIn
 * @param {(reason: import('./refused.js').SocketRefused) => void} log
 */
export function verifyClientAuth(letIn, log) {
  return (/** @type {{req: IncomingMessage}} */ { req }, /** @type {(ok: boolean, code?: number, message?: string, headers?: object) => void} */ callback) => {
    const early = () => req.socket.destroy(); // before the handshake there is no frame
    letIn(req).then((watch) => {
      followRaw(watch, req, req.socket, early);
      watches.set(req, watch);
      return watch;
    }).then((watch) => {
      callback(true);
      if (watch.open && watch.end === early) watch.take((why) => endRaw(req, req.socket, why));
    }, (error) => {
      const reason = asRefused(error);
      log(reason);
      callback(false, reason.status, reason.message, reason.headers);
    });
  };
}

/**
 * Closing is a conversation, for which ws waits half a minute, and hands on what comes meanwhile. Of who is signed out nothing is heard any
 * more, and who does not answer is cut off.
 * @param {any} ws @param {Why} why
 */
export function endWebSocket(ws, { code, reason }) {
  const { emit } = ws;
  ws.emit = (/** @type {string} */ name, /** @type {any[]} */ ...args) => (name === 'message' ? false : emit.call(ws, name, ...args));
  endsSoon(ws, () => ws.terminate());
  ws.close(code, reason);
}

/** For 'connection' of a ws server: from here on the WebSocket itself is closed. @param {any} ws @param {IncomingMessage} req */
export function followWebSocket(ws, req) {
  const watch = watches.get(req);
  if (!watch) return;
  ws.user = watch.found.user;
  watch.take((why) => endWebSocket(ws, why));
}

/**
 * Authenticates every connection of a WebSocketServer, in whatever mode it is.
 * @template {any} T
 * @param {T} server
 * @param {ReturnType<typeof verifyClientAuth>} verify
 * @returns {T}
 */
export function protectServer(server, verify) {
  const { options } = /** @type {any} */ (server);
  const before = options.verifyClient;
  options.verifyClient = before ? bothVerify(verify, before) : verify;
  /** @type {any} */ (server).prependListener('connection', followWebSocket);
  return server;
}

/** The application's own verifyClient comes after ours. @param {ReturnType<typeof verifyClientAuth>} ours @param {Function} theirs */
function bothVerify(ours, theirs) {
  return (/** @type {any} */ info, /** @type {Function} */ callback) => ours(info, (ok, ...why) => {
    if (!ok) callback(false, ...why);
    else if (theirs.length === 2) theirs(info, callback);
    else callback(theirs(info));
  });
}
