// SPDX-License-Identifier: Apache-2.0
// What opens a socket: a token, or a cookie. Read from the request, and put as the engine reads it: a token in Authorization and no cookie,
// or the cookie and no token.

/**
 * @typedef {object} RequestLike what lib/request.js reads of a request
 * @property {string} method
 * @property {string} url
 * @property {string} [originalUrl]
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string[]} rawHeaders
 * @property {Peer} socket
 */

/** @typedef {{encrypted?: boolean, remoteAddress?: string}} Peer */

/**
 * @typedef {object} Shown
 * @property {RequestLike} request
 * @property {boolean} byToken false: by the cookie, if by anything
 */

const BEARER = /^bearer +(?=\S)/i;

/** 'x' and 'Bearer x' are the same. What is no text is no token, and nothing to guess about: the engine refuses an empty one. */
function bare(/** @type {unknown} */ token) {
  return typeof token === 'string' ? token.trim().replace(BEARER, '') : '';
}

/** The pairs of rawHeaders. @param {string[]} raw @returns {[string, string][]} */
function pairs(raw) {
  /** @type {[string, string][]} */
  const found = [];
  for (let i = 0; i + 1 < raw.length; i += 2) found.push([raw[i], raw[i + 1]]);
  return found;
}

/** @param {import('node:http').IncomingMessage} req */
function headersOf(req) {
  if (req.rawHeaders?.length) return pairs(req.rawHeaders);
  return Object.entries(req.headers).flatMap(([name, value]) => [value ?? []].flat().map((each) => /** @type {[string, string]} */ ([name, each])));
}

/** @param {[string, string][]} headers */
function tokensOfHeader(headers) {
  return headers.filter(([name, value]) => name.toLowerCase() === 'authorization' && /^bearer(\s|$)/i.test(value)).map(([, value]) => bare(value.replace(/^bearer/i, '')));
}

/** @param {string} url @param {string[]} names */
function tokensOfQuery(url, names) {
  const at = url.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  return names.flatMap((name) => [...query.getAll(name), ...query.getAll(`${name}[]`).map(() => '')]);
}

/** The Socket.IO client's `auth: {token}`. @param {unknown} auth */
function tokensOfAuth(auth) {
  const token = auth && typeof auth === 'object' ? /** @type {Record<string, unknown>} */ (auth).token : undefined;
  return token === undefined || token === null ? [] : [bare(token)];
}

/**
 * All tokens that came, each once. Several that differ are for the engine to refuse (RFC 6750 2).
 * @param {import('node:http').IncomingMessage} req
 * @param {[string, string][]} headers
 * @param {{auth?: unknown, query: string[]}} from
 */
function findTokens(req, headers, from) {
  return [...new Set([...tokensOfAuth(from.auth), ...tokensOfHeader(headers), ...tokensOfQuery(req.url ?? '/', from.query)])];
}

/** Not the connection itself: the one that a polling client shook hands on closes, and that means nothing. @param {import('node:http').IncomingMessage} req @returns {Peer} */
function peerOf({ socket }) {
  const { encrypted, remoteAddress } = /** @type {any} */ (socket ?? {});
  return { encrypted, remoteAddress };
}

/** @param {[string, string][]} list */
function asHeaders(list) {
  /** @type {import('node:http').IncomingHttpHeaders} */
  const headers = {};
  for (const [name, value] of list) headers[name.toLowerCase()] ??= value;
  return headers;
}

/**
 * @param {import('node:http').IncomingMessage} req the handshake's, or the upgrade's
 * @param {{auth?: unknown, query: string[], peer?: Peer}} from `auth`: what a Socket.IO client sent; `query`: names of parameters that may hold a
 *   token; `peer`: who connected, where the request's own connection may be closed by now
 * @returns {Shown}
 */
export function readHandshake(req, from) {
  const all = headersOf(req);
  const tokens = findTokens(req, all, from);
  const rest = all.filter(([name]) => !['authorization', ...(tokens.length ? ['cookie'] : [])].includes(name.toLowerCase()));
  const list = [...rest, ...tokens.map((token) => /** @type {[string, string]} */ (['Authorization', token ? `Bearer ${token}` : 'Bearer']))];
  return {
    byToken: tokens.length > 0,
    request: {
      method: 'GET',
      url: (req.url ?? '/').split('?')[0], // a token in the query is not for logs
      headers: asHeaders(list),
      rawHeaders: list.flat(),
      socket: from.peer ?? peerOf(req),
    },
  };
}

/**
 * A cookie goes along whoever's page opens the socket, and no browser asks first (RFC 6455 10.2): so the page must be ours. Browsers say
 * Origin with every WebSocket; where they leave it out (a GET of the same origin), they say Sec-Fetch-Site.
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {string[]} origins ours
 */
export function isOurPage(headers, origins) {
  const { origin } = headers;
  if (origin === undefined) return headers['sec-fetch-site'] === 'same-origin';
  return typeof origin === 'string' && origins.includes(origin.toLowerCase());
}
