// SPDX-License-Identifier: Apache-2.0
// Who opens a socket. A token counts by a rule of the gate; a cookie by the same rule (the gate's own sessions) or by the application's
// session, whichever there is.
import { nameOf } from './gate_session.js';
import { isOurPage, readHandshake } from './handshake.js';
import { SocketRefused, refused } from './refused.js';

/**
 * @typedef {object} Found
 * @property {any} user what the application sees
 * @property {number} [expires] seconds since 1970
 * @property {boolean} byToken false: by a session
 * @property {import('./hub.js').Login} login
 */

/**
 * @typedef {object} Session what a session knows, however it is kept
 * @property {any} [user] what the application sees; the claims where there is none
 * @property {Record<string, any>} claims
 * @property {number} [expires] seconds since 1970
 * @property {string} [id]
 */

/**
 * @typedef {object} Source
 * @property {any} gate
 * @property {any} rule of the gate: what a token (or the gate's own session) must be; null: none counts
 * @property {string[]} query names of query parameters that may hold a token
 * @property {string[]} [origins] pages that are ours; none: those of the host that is asked
 * @property {(req: any) => Promise<Session | null> | Session | null} [session] the application's session, by its cookie
 * @property {(verdict: any, request: any) => any} [user] what becomes socket.user, where the rule decides
 */

/** A token's claims come first: userinfo only adds. @param {any} verdict @returns {Record<string, any>} */
const claimsOf = (verdict) => ({ ...verdict.userinfo, ...verdict.claims });

/** A rule that lets everybody pass lets nobody in here. @param {any} verdict */
function refusalOf(verdict) {
  return verdict.pass || !verdict.error ? refused('no_session') : new SocketRefused(verdict.error, verdict.headers);
}

/** Origins are compared without case and by what they say alone (RFC 6454 6). @param {Source} source @param {any} request */
function originsOf(source, request) {
  return source.origins ?? [`${request.scheme}://${request.authority}`.toLowerCase()];
}

/** @param {Source} source @param {import('./handshake.js').Shown} shown @returns {Promise<Session>} */
async function findSession(source, shown) {
  const request = source.gate.request(shown.request);
  const byCookie = !shown.byToken && shown.request.headers.cookie !== undefined;
  if (byCookie && !isOurPage(shown.request.headers, originsOf(source, request))) throw refused('socket_origin');
  const session = byCookie && await source.session?.(shown.request);
  if (session) return session;
  if (!source.rule) throw refused('no_session');
  const verdict = await source.gate.guard(request, source.rule);
  if (!verdict.pass || !verdict.signedIn) throw refusalOf(verdict);
  const claims = claimsOf(verdict);
  return { user: source.user?.(verdict, shown.request), claims, expires: verdict.expires, id: nameOf(verdict.idToken) };
}

/**
 * @param {Source} source
 * @param {import('node:http').IncomingMessage} req the handshake's, or the upgrade's
 * @param {{auth?: unknown, peer?: import('./handshake.js').Peer}} [more] what a Socket.IO client sent as auth; who connected
 * @returns {Promise<Found>} rejects with SocketRefused
 */
export async function identify(source, req, more) {
  const shown = readHandshake(req, { ...more, query: source.query });
  const { user, claims, expires, id } = await findSession(source, shown);
  const { iss, sub, sid } = claims;
  return { user: user ?? claims, expires, byToken: shown.byToken, login: { session: id, iss, sub, sid } };
}
