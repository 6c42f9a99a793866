// SPDX-License-Identifier: Apache-2.0
// The frameworks, told apart by what they call a middleware with: (req, res, next) in Express, Restify and node:http,
// (request, reply, done) in Fastify, (ctx, next) in Koa. Nothing that the client sends has a say in it.
import { ServerResponse } from 'node:http';
import { requestProperty } from '../property.js';

/**
 * @typedef {object} Frame
 * @property {(a: any) => any} incoming              Node's request
 * @property {(a: any) => any} parsed                the body, where a parser has read it
 * @property {(a: any) => any} auth                  what keep() kept
 * @property {(a: any, auth: any) => void} keep
 * @property {(a: any, b: any, c: any, headers: [string, string][]) => any} pass
 * @property {(a: any, b: any, c: any, answer: Answer) => any} answer
 * @property {(a: any, b: any, c: any, error: any) => any} fail
 * @property {(waiting: Promise<any>, then: (value: any) => any, otherwise: (error: any) => any) => any} wait
 *
 * @typedef {{status: number, headers: [string, string][], body: string}} Answer
 */

/** A framework that takes no promise: what comes after runs on its own, and what it throws is no fault of ours. @type {Frame['wait']} */
function waitApart(waiting, then, otherwise) {
  waiting.then((value) => process.nextTick(then, value), (error) => process.nextTick(otherwise, error));
}

/** None, where the application has answered already: it need not have waited for us. @param {any} res @param {[string, string][]} headers */
function append(res, headers) {
  if (headers.length && !res.headersSent) for (const [name, value] of headers) res.appendHeader(name, value);
}

const authProperty = requestProperty('auth');

/** @type {Frame} */
const node = {
  incoming: (req) => req,
  parsed: () => undefined, // on req.body, where the core looks for it
  auth: (req) => req.auth,
  keep(req, auth) {
    authProperty.put(req, auth);
  },
  pass(req, res, next, headers) {
    append(res, headers);
    next();
  },
  answer(req, res, next, { status, headers, body }) {
    if (res.headersSent) return;
    res.statusCode = status;
    append(res, headers);
    res.end(body);
  },
  fail(req, res, next, error) {
    next(error);
  },
  wait: waitApart,
};

/** Restify counts a request as open until it hears next(false), and does not look at an error's headers. @type {Frame} */
const restify = {
  ...node,
  answer(req, res, next, answer) {
    node.answer(req, res, next, answer);
    next(false);
  },
  fail(req, res, next, error) {
    append(res, Object.entries(error.headers ?? {}));
    next(error);
  },
};

/** @type {Frame} */
const fastify = {
  incoming: (request) => request.raw,
  parsed: (request) => request.body,
  auth: (request) => request.auth,
  keep(request, auth) {
    request.auth = auth;
    request.user = auth.payload;
  },
  pass(request, reply, done, headers) {
    for (const [name, value] of headers) reply.header(name, value);
    done();
  },
  answer(request, reply, done, { status, headers, body }) {
    reply.code(status);
    for (const [name, value] of headers) reply.header(name, value);
    reply.send(body);
  },
  fail(request, reply, done, error) {
    done(error);
  },
  wait: waitApart,
};

/** @type {Frame} */
const koa = {
  incoming(ctx) {
    ctx.req.originalUrl ??= ctx.originalUrl; // koa-mount shortens ctx.req.url
    return ctx.req;
  },
  parsed: (ctx) => ctx.request.body,
  auth: (ctx) => ctx.state.auth,
  keep(ctx, auth) {
    ctx.state.auth = auth;
    ctx.state.user = auth.payload;
  },
  pass(ctx, next, _, headers) {
    for (const [name, value] of headers) ctx.append(name, value);
    return next();
  },
  answer(ctx, next, _, { status, headers, body }) {
    ctx.status = status;
    for (const [name, value] of headers) ctx.append(name, value);
    ctx.body = body;
  },
  fail(ctx, next, _, error) {
    return Promise.reject(error);
  },
  wait: (waiting, then, otherwise) => waiting.then(then, otherwise),
};

/** By the prototype of a response: Express makes each request and response a shape of its own, so that every look at one is slow. @type {WeakMap<object, Frame>} */
const known = new WeakMap();

/** @param {any} a @param {any} b @returns {Frame} */
function look(a, b) {
  if (b.raw !== undefined && typeof b.code === 'function') return fastify;
  return Object.hasOwn(a, 'serverName') ? restify : node; // its methods stand on Node's prototype, for every server of the process
}

/**
 * @param {any} a
 * @param {any} b
 * @returns {Frame}
 */
export function frameOf(a, b) {
  if (typeof b === 'function') return koa;
  const kind = Object.getPrototypeOf(b);
  const before = known.get(kind);
  if (before) return before;
  const frame = look(a, b);
  if (frame === node && kind !== ServerResponse.prototype) known.set(kind, frame); // Node's own is Restify's too
  return frame;
}
