// SPDX-License-Identifier: Apache-2.0
// What the tests of bearer() have around them: each framework with a few routes behind its middleware, and calls with tokens.
import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What a route tells of who called it. */
export const tell = (auth, user) => ({ token: auth?.token ?? null, header: auth?.header ?? null, payload: auth?.payload ?? null, user: user ?? null });

/** routes: {path: [middleware, ...]}; each framework's own way to put them before a handler. `onError` sees what is passed on. */
const express = (name) => async (routes, onError) => {
  const make = require(name);
  const app = make().set('env', 'test').disable('x-powered-by');
  app.use(make.urlencoded({ extended: false }));
  for (const [path, chain] of Object.entries(routes)) app.all(path, ...chain, (req, res) => res.json(tell(req.auth, req.user)));
  if (onError) app.use((error, req, res, next) => { onError(error); next(error); });
  return createServer(app).listen(0, '127.0.0.1');
};

const http = async (routes, onError) => createServer((req, res) => {
  const chain = [...routes[new URL(req.url, 'http://x').pathname]];
  const fail = (error) => {
    onError?.(error);
    res.writeHead(error.status ?? 500, error.headers).end();
  };
  const next = (error) => {
    if (error) fail(error);
    else if (chain.length) chain.shift()(req, res, next);
    else res.end(JSON.stringify(tell(req.auth, req.user)));
  };
  next();
}).listen(0, '127.0.0.1');

const restify = async (routes, onError) => {
  const make = require('restify');
  const server = make.createServer();
  server.use(make.plugins.bodyParser({ mapParams: false }));
  for (const [path, chain] of Object.entries(routes)) {
    const handler = (req, res, next) => {
      res.send(tell(req.auth, req.user));
      next();
    };
    for (const method of ['get', 'post', 'head', 'put', 'del']) server[method](path, ...chain, handler);
  }
  server.on('restifyError', (req, res, error, done) => {
    onError?.(error);
    done();
  });
  server.listen(0, '127.0.0.1');
  return server.server;
};

const fastify = async (routes, onError) => {
  const app = require('fastify')({ exposeHeadRoutes: false });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body))));
  for (const [url, preHandler] of Object.entries(routes)) {
    app.route({ method: ['GET', 'POST', 'HEAD', 'PUT', 'DELETE'], url, preHandler, handler: (request, reply) => reply.send(tell(request.auth, request.user)) });
  }
  if (onError) app.addHook('onError', (request, reply, error, done) => { onError(error); done(); });
  await app.listen({ port: 0, host: '127.0.0.1' });
  app.server.once('close', () => app.close());
  return app.server;
};

const koa = (name) => async (routes, onError) => {
  const Koa = require(name);
  const app = new (Koa.default ?? Koa)();
  app.silent = true;
  app.on('error', (error) => onError?.(error));
  app.use(async (ctx) => {
    const chain = routes[ctx.path];
    const step = async (i) => {
      if (i < chain.length) return chain[i](ctx, () => step(i + 1));
      ctx.body = tell(ctx.state.auth, ctx.state.user);
      return undefined;
    };
    await step(0);
  });
  return app.listen(0, '127.0.0.1');
};

export const frameworks = {
  'express 4': express('express4'), 'express 5': express('express5'), 'node:http': http, 'restify 11': restify, 'fastify 5': fastify,
  'koa 2': koa('koa2'), 'koa 3': koa('koa'),
};

/** A server of one framework; it goes with the test. */
export async function open(t, framework, routes, onError) {
  const server = await frameworks[framework](routes, onError);
  if (!server.listening) await once(server, 'listening');
  t.after(() => new Promise((done) => {
    server.close(done);
    server.closeAllConnections?.();
  }));
  return `http://127.0.0.1:${server.address().port}`;
}

/** One request, with fields as they are: two of one name, too. */
export function call(url, { token, method = 'GET', fields = [], body } = {}) {
  const all = ['Host', new URL(url).host, ...(token === undefined ? [] : ['Authorization', `Bearer ${token}`]), ...fields.flat(),
    ...(method === 'GET' || method === 'HEAD' || body !== undefined ? [] : ['Content-Length', '0'])];
  return new Promise((done, fail) => {
    const request = send(url, { method, headers: all, agent: false }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part)).on('error', fail);
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString(), get json() { return JSON.parse(this.text); } }));
    });
    request.on('error', fail).end(body);
  });
}

/** Tokens to order of one issuer of the practice provider: claims, header, sign, break, opaque. */
export const minter = (practice) => async (label, { claims, header, ...more } = {}) => {
  const form = { ...(claims && { claims: JSON.stringify(claims) }), ...(header && { header: JSON.stringify(header) }), ...more };
  return (await practice.control(label, 'mint', form)).text();
};

export const seconds = () => Math.floor(Date.now() / 1000);
