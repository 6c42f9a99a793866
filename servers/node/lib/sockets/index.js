// SPDX-License-Identifier: Apache-2.0
// Sockets that are opened by who is signed in, and end when the login ends: Socket.IO, ws, and any other HTTP upgrade.
import { unknownOption } from '../options.js';
import { hearSignOuts } from './gate_session.js';
import { hubOf } from './hub.js';
import { identify } from './identity.js';
import { SocketRefused, logRefused } from './refused.js';
import { socketioAuth } from './socketio.js';
import { followWebSocket, protectServer, upgradeAuth, verifyClientAuth } from './upgrade.js';
import { hearEnds, readSession } from './session.js';
import { Watch } from './watch.js';

export { hubOf } from './hub.js';
export { SocketRefused };
export { CLOSE_CODE, WHY } from './watch.js';

/**
 * @typedef {object} SocketOptions
 * @property {string | string[]} [provider] whose tokens count; one provider: need not be said
 * @property {string | string[]} [audience] a token must be meant for this. Without it no token counts
 * @property {string | string[]} [bearerType] 'at+jwt' (default), 'jwt', 'id_token', 'opaque'
 * @property {string | string[]} [bearerScope]
 * @property {string | string[]} [require] who may connect: an expression over the claims
 * @property {string} [signIn] the provider with which the gate itself signs people in: its session counts, by its cookie. A single provider is called 'default'
 * @property {any} [session] the application's session, by its cookie: what auth() of gatewright/express answered, or a function of the request
 * @property {boolean | string | string[]} [query] parameters of the address that may hold a token; true: id_token and access_token. Default: none, because addresses are logged
 * @property {string | string[]} [origins] pages that may connect with a cookie: 'https://app.example.com'. Default: those of the host that is asked
 * @property {(verdict: any, request: any) => any} [user] what becomes socket.user. Default: the claims
 */

const list = (/** @type {unknown} */ value) => (value === undefined ? [] : [value].flat().map(String));

/** @param {SocketOptions['query']} query */
function queryNames(query) {
  if (query === true) return ['id_token', 'access_token'];
  return query ? list(query) : [];
}

/** What is no origin would never match, and nobody would know why. @param {string} text */
function asOrigin(text) {
  const { origin, href } = new URL(text);
  if (origin === 'null' || href !== `${origin}/`) throw new TypeError(`origins: ${text} is no origin; write https://app.example.com`);
  return origin;
}

/** What a token must be, or the gate's own session; null where the application's session alone counts. @param {any} gate @param {SocketOptions} options */
function ruleOf(gate, options) {
  const { provider, audience, bearerType, bearerScope, require, signIn, session } = options;
  if (audience === undefined && signIn === undefined && session !== undefined) return null;
  return gate.rule({
    unauthenticated: '401', provider: signIn, require, audience, bearerType, bearerScope,
    ...(audience !== undefined && { bearer: provider ?? true }),
  });
}

/** The sessions that lib/session keeps, as they are or within what an interface answered. @param {any} given @returns {import('../session/index.js').Sessions | undefined} */
function sessionsOf(given) {
  const found = given?.sessions ?? given;
  return typeof found?.read === 'function' && typeof found.onEnd === 'function' ? found : undefined;
}

/** @param {any} given @param {import('./hub.js').Hub} hub @param {(data: any) => any} [userOf] */
function sessionOf(given, hub, userOf) {
  const sessions = sessionsOf(given);
  if (!sessions && typeof given !== 'function') throw new TypeError('session: what auth() answered, or a function of the request');
  if (!sessions) return given;
  hearEnds(sessions, hub);
  return readSession(sessions, userOf);
}

const OF_RULE = ['provider', 'audience', 'bearerType', 'bearerScope', 'require', 'signIn'];
const KNOWN = [...OF_RULE, 'session', 'query', 'origins', 'user'];

/** An option that would not count must not look as if it did. @param {any} own @param {Record<string, any>} given */
function checkOptions(own, given) {
  for (const name of Object.keys(given)) {
    if (!KNOWN.includes(name)) throw unknownOption(name, KNOWN, 'socketAuth()');
    if (own.rule && OF_RULE.includes(name)) throw new TypeError(`socketAuth(): ${name}: this interface says itself what a token must be; use a Gate`);
  }
  for (const name of ['require', 'bearerScope']) {
    if (given[name] !== undefined && (given.session ?? own.session) !== undefined) throw new TypeError(`socketAuth(): ${name}: is not looked for in a session; look at socket.user in a middleware after this one`);
  }
}

/** What an interface says of itself, as defaults. @param {any} owner @param {SocketOptions} options @returns {SocketOptions & {gate: any, rule: any, userOfSession?: any}} */
function withDefaults(owner, options) {
  const own = owner.socketSource?.() ?? { gate: owner };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  checkOptions(own, given);
  return { ...own, ...given, rule: own.rule ?? ruleOf(own.gate, { session: own.session, ...given }) };
}

/** @param {ReturnType<typeof withDefaults>} all @param {import('./hub.js').Hub} hub @returns {import('./identity.js').Source} */
function sourceOf(all, hub) {
  const { gate, rule, user, session, query, origins, signIn, userOfSession } = all;
  if (signIn !== undefined) hearSignOuts(gate, signIn, hub);
  return {
    gate, rule, user, query: queryNames(query),
    session: session === undefined ? undefined : sessionOf(session, hub, userOfSession),
    origins: origins === undefined ? undefined : list(origins).map(asOrigin),
  };
}

/** @param {import('./identity.js').Source} source @param {import('./hub.js').Hub} hub @returns {import('./socketio.js').LetIn} */
function doorOf(source, hub) {
  return async (req, more) => {
    const since = Date.now();
    const look = () => identify(source, req, more);
    return new Watch(hub, await look(), look, since);
  };
}

/**
 * @param {any} gate a Gate, or an interface that has one (an oidc.Auth, what auth() of gatewright/express answered)
 * @param {SocketOptions} [options]
 */
export function socketAuth(gate, options = {}) {
  if (typeof (gate?.socketSource ?? gate?.guard) !== 'function') throw new TypeError('socketAuth(): give it a Gate, an oidc.Auth, or what auth() answered');
  const all = withDefaults(gate, options);
  const hub = hubOf(all.gate);
  const source = sourceOf(all, hub);
  const letIn = doorOf(source, hub);
  const log = (/** @type {SocketRefused} */ reason) => logRefused(reason, (level, line) => source.gate.log(level, line));
  const verifyClient = verifyClientAuth(letIn, log);
  return {
    /** io.use(socketio), or io.set('authorization', socketio) of Socket.IO 2 */
    socketio: socketioAuth(letIn, log),
    /** Protects a WebSocketServer of the package ws, in any of its modes. @template {any} T @param {T} server @returns {T} */
    ws: (server) => protectServer(server, verifyClient),
    /** For the option verifyClient of ws, and its event 'connection'. */
    verifyClient,
    connection: followWebSocket,
    /** For server.on('upgrade'): the user, or null when the request was refused and answered. */
    upgrade: upgradeAuth(letIn, log),
    /** Ends all sockets of a login: {session}, {iss, sid} or {iss, sub}. @param {import('./hub.js').Login} login */
    signOut: (login) => hub.signOut(login),
  };
}
