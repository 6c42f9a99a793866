// SPDX-License-Identifier: Apache-2.0
// What the tests of the guard have around them: a provider, a gate that takes its tokens, and a small application in each framework.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Gate } from '../../servers/node/index.js';
import { expressGuard, fastifyGuard, httpGuard, koaGuard, restifyGuard } from '../../servers/node/lib/guard/index.js';
import { Practice } from '../support/practice.mjs';
import { openStage } from '../support/stage.mjs';

const require = createRequire(import.meta.url);
const LABEL = 'ok~bearer~aud-api';

export const headers = { 'X-User-Sub': 'sub' };

/** {practice, mint(), open(more): a gate, log: what it has said} */
export async function setUp(name) {
  const stage = openStage(name);
  const practice = stage.add(await Practice.start());
  const log = [];
  const provider = { issuer: practice.issuer(LABEL), clientId: 'practice', clientSecret: 'practice-secret', logoutUri: '/logout' };
  const open = (more = {}) => {
    const gate = new Gate({ ...provider, cookieSecret: 'a-secret-for-tests-of-thirty-two-bytes-and-more', log: (level, line) => log.push(`${level} ${line}`), ...more });
    stage.add({ stop: () => gate.close() });
    return gate;
  };
  const mint = async (claims) => (await practice.control(LABEL, 'mint', claims ? { claims: JSON.stringify(claims) } : {})).text();
  return { stage, practice, log, open, mint, label: LABEL };
}

export const demands = (more = {}) => ({ bearer: 'default', audience: 'api', header: headers, ...more });

export async function listen(stage, server) {
  if (!server.listening) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  stage.add({ stop: () => new Promise((done) => { server.closeAllConnections?.(); server.close(done); }) });
  return server.address().port;
}

/** What a handler tells: where it stands, who is there, and what it was sent, in each form that Node has. */
export function tell(req, oidcGate, place) {
  const sub = (name) => /^x[-_.]user[-_.]sub$/i.test(name);
  return {
    place, in: oidcGate?.signedIn ?? null, sub: oidcGate?.claim('sub') ?? null,
    list: req.rawHeaders.flatMap((name, i) => (i % 2 === 0 && sub(name) ? [req.rawHeaders[i + 1]] : [])),
    object: Object.entries(req.headers).filter(([name]) => sub(name)).map(([, value]) => value),
    distinct: Object.entries(req.headersDistinct ?? {}).filter(([name]) => sub(name)).flatMap(([, values]) => values),
    authorization: req.headers.authorization ?? null,
  };
}

/**
 * An application with /admin behind `rules`, one after the other, and all else open to everybody.
 * how: options of the framework; site: options of the site.
 */
const builders = {
  http(gate, rules, { site }) {
    const guard = httpGuard(gate);
    const admin = rules.reduceRight((next, rule) => guard.place(rule, next), (req, res) => res.end(JSON.stringify(tell(req, req.oidcGate, 'admin'))));
    return createServer(guard.site((req, res) => {
      if (/^\/admin(\/|\?|$)/.test(req.url)) admin(req, res);
      else res.end(JSON.stringify(tell(req, req.oidcGate, 'open')));
    }, site));
  },

  express: (name) => (gate, rules, { how = {}, site }) => {
    const express = require(name);
    const guard = expressGuard(gate);
    const app = express().set('env', 'test');
    for (const [setting, value] of Object.entries(how)) app.set(setting, value);
    const admin = express.Router();
    admin.use((req, res) => res.json(tell(req, req.oidcGate, 'admin')));
    app.use(guard.site(site));
    app.use('/admin', rules.map((rule) => guard.place(rule)), admin);
    app.use((req, res) => res.json(tell(req, req.oidcGate, 'open')));
    return createServer(app);
  },

  restify(gate, rules, { how = {}, site, pre = [] }) {
    const restify = require('restify');
    const guard = restifyGuard(gate);
    const app = restify.createServer(how);
    app.pre(guard.site(site), ...pre.map((name) => restify.plugins.pre[name]()));
    for (const [place, path] of [['admin', '/admin'], ['admin', '/admin/*'], ['open', '/'], ['open', '/*']]) {
      const chain = place === 'admin' ? rules.map((rule) => guard.place(rule)) : [];
      for (const method of ['get', 'post', 'head']) {
        app[method](path, ...chain, (req, res, next) => {
          res.send(tell(req, req.oidcGate, place));
          next();
        });
      }
    }
    return app.server;
  },

  async fastify(gate, rules, { how = {}, site }) {
    const guard = fastifyGuard(gate);
    let server;
    const app = require('fastify')({ ...how, serverFactory: (handler) => { server = createServer(handler); return server; } });
    app.register(guard.site(site));
    app.register(async (admin) => {
      for (const rule of rules) admin.addHook('onRequest', guard.place(rule));
      for (const path of ['/', '/*']) admin.get(path, async (request) => tell(request.raw, request.oidcGate, 'admin'));
    }, { prefix: '/admin' });
    app.get('/open', async (request) => tell(request.raw, request.oidcGate, 'open'));
    app.setNotFoundHandler(async (request, reply) => reply.code(200).send(tell(request.raw, request.oidcGate, 'open')));
    await app.ready();
    return server;
  },

  koa: (name) => (gate, rules, { site }) => {
    const loaded = require(name);
    const Koa = loaded.default ?? loaded;
    const mount = require('koa-mount');
    const guard = koaGuard(gate);
    const app = new Koa();
    app.silent = true;
    app.use(guard.site(site));
    app.use(mount('/admin', [...rules.map((rule) => guard.place(rule)), (ctx) => { ctx.body = tell(ctx.req, ctx.state.oidcGate, 'admin'); }]));
    app.use((ctx) => { ctx.body = tell(ctx.req, ctx.state.oidcGate, 'open'); });
    return createServer(app.callback());
  },
};

/** By name: (gate, rules, {how, site}) => server */
export const applications = {
  http: builders.http, express4: builders.express('express4'), express5: builders.express('express5'), restify: builders.restify,
  fastify: builders.fastify, koa2: builders.koa('koa2'), koa3: builders.koa('koa'),
};
