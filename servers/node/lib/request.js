// SPDX-License-Identifier: Apache-2.0
// A request of node:http, node:http2, or a framework built on them, as the engine wants it.
import { BlockList, isIPv4, isIPv6 } from 'node:net';

// Those that the engine looks at; see src/flow/tx.c.
const NAMES = ['accept', 'content-type', 'origin', 'upgrade', 'x-requested-with', 'sec-fetch-mode', 'sec-fetch-site', 'sec-purpose', 'cookie'];

/**
 * @typedef {object} Incoming what is used of http.IncomingMessage
 * @property {string} [method]
 * @property {string} [url]
 * @property {string} [originalUrl]
 * @property {Record<string, string | string[] | undefined>} headers
 * @property {string[]} [rawHeaders]
 * @property {any} [socket]
 * @property {any} [connection]
 * @property {any} [stream] of node:http2
 * @property {any} [body]
 * @property {Buffer} [rawBody]
 */

/** Who is believed when it says Forwarded or X-Forwarded-*. */
export class Proxies {
  /** @param {string | string[] | false | undefined} trusted addresses, 10.0.0.0/8, or loopback */
  constructor(trusted) {
    this.list = new BlockList();
    this.any = false;
    if (/** @type {unknown} */ (trusted) === true) throw new TypeError('trustProxy: name the addresses of your proxies: anybody could say X-Forwarded-Proto');
    for (const each of typeof trusted === 'string' ? [trusted] : trusted || []) this.add(each);
  }

  /** @param {string} entry */
  add(entry) {
    this.any = true;
    if (entry === 'loopback') {
      this.list.addSubnet('127.0.0.0', 8, 'ipv4');
      this.list.addAddress('::1', 'ipv6');
      return;
    }
    const [address, bits] = String(entry).split('/');
    const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : null;
    if (!family || (bits !== undefined && !/^\d{1,3}$/.test(bits))) throw new TypeError(`trustProxy: ${entry} is no address; say for example 10.0.0.0/8`);
    if (bits === undefined) this.list.addAddress(address, family);
    else this.list.addSubnet(address, Number(bits), family);
  }

  /** @param {string | undefined} address @returns {boolean} */
  believes(address) {
    if (!this.any || !address) return false;
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
    return isIPv4(plain) ? this.list.check(plain, 'ipv4') : isIPv6(plain) && this.list.check(plain, 'ipv6');
  }
}

/** The last of a list is what the nearest proxy has written. @param {string | string[] | undefined} value @returns {string} */
function lastOf(value) {
  const text = Array.isArray(value) ? value.join(',') : value ?? '';
  return text.slice(text.lastIndexOf(',') + 1).trim();
}

/** RFC 7239 4. @param {string | string[] | undefined} value @param {string} name @returns {string} */
function forwarded(value, name) {
  const found = lastOf(value).match(new RegExp(`(?:^|;)\\s*${name}=(?:"([^"\\\\]*)"|([^;\\s"]+))`, 'i'));
  return found ? found[1] ?? found[2] : '';
}

/** Path and query: what stands before them in absolute form (RFC 9112 3.2.2) goes. @param {string} url @returns {string} */
function targetOf(url) {
  if (url.charCodeAt(0) === 47 || !/^https?:\/\//i.test(url)) return url;
  const rest = url.slice(url.indexOf('//') + 2);
  const at = rest.search(/[/?#]/);
  return at < 0 ? '/' : rest[at] === '/' ? rest.slice(at) : `/${rest.slice(at)}`;
}

/** @param {string} target @returns {string} */
function pathOf(target) {
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Node keeps one Authorization of several; to send two is to try something. @param {string[] | undefined} raw */
function countAuthorizations(raw) {
  let count = 0;
  for (let i = 0; raw && i + 1 < raw.length; i += 2) if (raw[i].length === 13 && raw[i].toLowerCase() === 'authorization') count++;
  return count;
}

/** @param {string[]} raw */
const authorizations = (raw) => raw.filter((_, i) => i % 2 && raw[i - 1].toLowerCase() === 'authorization');

/** @param {string[]} flat @param {string} name @param {string | string[]} value */
function push(flat, name, value) {
  if (!Array.isArray(value)) flat.push(name, String(value));
  else for (const each of value) flat.push(name, String(each));
}

/** @param {Incoming} incoming @returns {string[]} */
function headersOf(incoming) {
  const { headers } = incoming;
  /** @type {string[]} */
  const flat = [];
  const { authorization } = headers;
  if (authorization !== undefined) {
    const { rawHeaders = [] } = incoming;
    push(flat, 'authorization', countAuthorizations(rawHeaders) > 1 ? authorizations(rawHeaders) : authorization);
  }
  for (const name of NAMES) {
    const value = headers[name];
    if (value !== undefined) push(flat, name, value);
  }
  return flat;
}

/** What the engine is told of a request. */
class Parts {
  /** @param {Incoming} incoming @param {Proxies} proxies @param {string} [path] */
  constructor(incoming, proxies, path) {
    const { headers } = incoming;
    const socket = incoming.socket ?? incoming.connection;
    this.method = String(incoming.method ?? 'GET');
    this.scheme = socket?.encrypted ? 'https' : 'http';
    this.authority = String(headers[':authority'] ?? headers.host ?? '');
    this.target = targetOf(String(incoming.originalUrl ?? incoming.url ?? '/'));
    this.path = path ?? pathOf(this.target);
    this.headers = headersOf(incoming);
    if (proxies.any && proxies.believes(socket?.remoteAddress)) this.believe(headers);
  }

  /** @param {Incoming['headers']} headers */
  believe(headers) {
    // Most proxies write X-Forwarded-*, and hand on a Forwarded that a client made up.
    const proto = (lastOf(headers['x-forwarded-proto']) || forwarded(headers.forwarded, 'proto')).toLowerCase();
    const host = lastOf(headers['x-forwarded-host']) || forwarded(headers.forwarded, 'host');
    if (proto === 'https' || proto === 'http') this.scheme = proto;
    if (host) this.authority = host;
  }
}

export class GateRequest {
  /**
   * @param {Incoming} incoming
   * @param {Proxies} proxies
   * @param {{path?: string, body?: unknown}} [given] path: as the server routed it, decoded
   */
  constructor(incoming, proxies, given) {
    this.incoming = incoming;
    this.proxies = proxies;
    this.given = given;
    /** @type {Parts | undefined} */
    this.read = undefined;
  }

  /** Read when they are asked for, once: a known token is known without them. */
  get parts() { return this.read ??= new Parts(this.incoming, this.proxies, this.given?.path); }

  get method() { return this.parts.method; }

  get scheme() { return this.parts.scheme; }

  get authority() { return this.parts.authority; }

  get target() { return this.parts.target; }

  get path() { return this.parts.path; }

  /** Those that the engine looks at: name, value, ... */
  get headers() { return this.parts.headers; }

  get body() { return this.given?.body; }

  /** The one Authorization; undefined: none, or several. Once the parts are read, theirs: the application may have written another since. @returns {string | undefined} */
  get authorization() {
    if (this.read) {
      const [name, value, next] = this.read.headers;
      return name === 'authorization' && next !== 'authorization' ? value : undefined;
    }
    const { authorization } = this.incoming.headers;
    return typeof authorization === 'string' && countAuthorizations(this.incoming.rawHeaders) < 2 ? authorization : undefined;
  }

  /** Calls back when the client leaves before `stop` was called. @param {() => void} left @returns {() => void} stop */
  whenGone(left) {
    const source = this.incoming.stream ?? this.incoming.socket ?? this.incoming.connection;
    if (typeof source?.once !== 'function') return () => {};
    if (source.destroyed) {
      queueMicrotask(left);
      return () => {};
    }
    source.once('close', left);
    return () => { source.removeListener('close', left); };
  }
}
