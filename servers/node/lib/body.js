// SPDX-License-Identifier: Apache-2.0
// The body of a request: what a framework has parsed already, or else the stream, of which the framework then gets what was read.

/** @typedef {{outcome: number, body?: Buffer, why?: string}} BodyReply */

const OK = 0;
const FAILED = 3;

/** @param {string} why @returns {BodyReply} */
function failed(why) {
  return { outcome: FAILED, why };
}

/** Nested values are left out: none of ours is one. @param {object} fields @returns {string} */
function encode(fields) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (['string', 'number', 'boolean'].includes(typeof each)) form.append(name, String(each));
    }
  }
  return form.toString();
}

/** @param {unknown} body @returns {Buffer | null} */
function bytesOf(body) {
  if (Buffer.isBuffer(body)) return body;
  if (body instanceof Uint8Array) return Buffer.from(body);
  if (typeof body === 'string') return Buffer.from(body);
  return body && typeof body === 'object' ? Buffer.from(encode(body)) : null;
}

/** @param {Buffer} bytes @param {number} max @returns {BodyReply} */
function sized(bytes, max) {
  return bytes.length > max ? failed(`the body is larger than ${max} bytes`) : { outcome: OK, body: bytes };
}

/** @param {Buffer} bytes @returns {Record<string, string | string[]>} */
function parse(bytes) {
  /** @type {Record<string, string | string[]>} */
  const fields = Object.create(null);
  for (const [name, value] of new URLSearchParams(bytes.toString())) {
    const before = fields[name];
    if (Array.isArray(before)) before.push(value);
    else fields[name] = before === undefined ? value : [before, value];
  }
  return fields;
}

/** Some parsers put an empty object there without having looked. @param {any} incoming @returns {boolean} */
function isUnread(incoming) {
  const { body } = incoming;
  if (body === undefined || body === null) return true;
  return incoming.readableDidRead === false && !incoming._body && Object.getPrototypeOf(body) === Object.prototype && Object.keys(body).length === 0;
}

/** Body parsers pass over a request that says it has been read. @param {any} incoming @param {Buffer} bytes */
function leaveFor(incoming, bytes) {
  incoming.rawBody = bytes;
  if (isUnread({ body: incoming.body, readableDidRead: false }) && /^application\/x-www-form-urlencoded\b/i.test(incoming.headers?.['content-type'] ?? '')) {
    incoming.body = parse(bytes);
    incoming._body = true;
  }
}

/** @param {any} incoming @param {number} max @returns {Promise<BodyReply>} */
function readStream(incoming, max) {
  return new Promise((done) => {
    /** @type {Buffer[]} */
    const parts = [];
    let size = 0;
    /** @param {BodyReply} reply */
    const end = (reply) => {
      for (const [name, listener] of Object.entries(listeners)) incoming.removeListener(name, listener);
      done(reply);
    };
    const listeners = {
      /** @param {Buffer | string} part */
      data(part) {
        const bytes = Buffer.from(part);
        size += bytes.length;
        parts.push(bytes);
        if (size > max) {
          end(failed(`the body is larger than ${max} bytes`));
          incoming.resume();
        }
      },
      end() {
        const bytes = Buffer.concat(parts);
        leaveFor(incoming, bytes);
        end({ outcome: OK, body: bytes });
      },
      error() { end(failed('the body broke off')); },
      close() { end(failed('the body broke off')); },
    };
    for (const [name, listener] of Object.entries(listeners)) incoming.on(name, listener);
  });
}

/**
 * @param {import('./request.js').GateRequest} request
 * @param {number} max
 * @returns {BodyReply | Promise<BodyReply>}
 */
export function readBody(request, max) {
  const { incoming } = request;
  const parsed = isUnread(incoming) ? undefined : incoming.body;
  const bytes = bytesOf(request.body ?? incoming.rawBody ?? parsed);
  if (bytes) return sized(bytes, max);
  const stream = /** @type {any} */ (incoming);
  if (typeof stream.on !== 'function' || stream.readableEnded || stream.destroyed) {
    return failed('the body was read already, and is not on the request: let a parser of forms put it on req.body');
  }
  return readStream(stream, max);
}
