// SPDX-License-Identifier: Apache-2.0
// One application that people sign in to, in each framework beside Express: the same pages, with what each framework has for them.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import * as fastifySignIn from '../../servers/node/lib/fastify/index.js';
import * as httpSignIn from '../../servers/node/lib/http/index.js';
import * as koaSignIn from '../../servers/node/lib/koa/index.js';
import { freePort, pause } from '../support/place.mjs';

const require = createRequire(import.meta.url);

/** What the pages tell. */
const tell = (oidc) => ({ in: oidc.isAuthenticated(), sub: oidc.user?.sub ?? null, name: oidc.user?.name ?? null, token: Boolean(oidc.accessToken?.access_token) });

/** path: [demands, (oidc, session) => answer]; the session is the application's own. */
const pages = (demands) => ({
  '/': [[], tell],
  '/page': [[demands.requiresAuth()], tell],
  '/ada': [[demands.claimEquals('sub', 'person-ada')], tell],
  '/staff': [[demands.claimIncludes('groups', 'staff')], tell],
  '/check': [[demands.claimCheck((host, claims) => claims.sub === 'person-ada' && Boolean(host.headers ?? host.req))], tell],
  '/never': [[demands.requiresAuth(() => true)], tell],
  '/silent': [[demands.attemptSilentLogin()], tell],
  '/cart': [[], (oidc, session) => {
    session.cart = (session.cart ?? 0) + 1;
    return { cart: session.cart };
  }],
  '/slow': [[], async (oidc, session) => {
    const before = session.seen ?? 0;
    await pause(150);
    session.seen = before + 1;
    return tell(oidc);
  }],
});

async function fastify(port, params, more = {}) {
  const app = require('fastify')();
  if (more.before) await app.register(more.before);
  await app.register(fastifySignIn.auth, params);
  for (const [url, [preHandler, answer]] of Object.entries(pages(fastifySignIn))) {
    app.route({ method: ['GET', 'POST'], url, preHandler, handler: async (request) => answer(request.oidc, request.appSession) });
  }
  app.get('/to', (request, reply) => reply.oidc.login({ returnTo: request.query.to }));
  app.get('/unwaited', (request, reply) => { reply.oidc.login(); });
  app.get('/out', async (request, reply) => reply.oidc.logout({ returnTo: request.query.to }));
  app.get('/empty', (request) => { request.appSession = null; return { empty: true }; });
  await app.listen({ port, host: '127.0.0.1' });
  return { close: () => app.close() };
}

const koa = (name) => async (port, params) => {
  const Koa = require(name);
  const app = new (Koa.default ?? Koa)();
  app.silent = true;
  const signIn = koaSignIn.auth(params);
  app.use(signIn);
  const all = pages(koaSignIn);
  app.use(async (ctx) => {
    if (ctx.path === '/to') return ctx.oidc.login({ returnTo: ctx.query.to });
    if (ctx.path === '/out') return ctx.oidc.logout({ returnTo: ctx.query.to });
    if (ctx.path === '/empty') { ctx.appSession = null; ctx.body = { empty: true }; return undefined; }
    if (!all[ctx.path]) return undefined;
    const [demands, answer] = all[ctx.path];
    const step = async (i) => (i < demands.length ? demands[i](ctx, () => step(i + 1)) : (ctx.body = await answer(ctx.oidc, ctx.appSession)));
    return step(0);
  });
  return served(app.callback(), port, signIn);
};

async function http(port, params) {
  const signIn = httpSignIn.auth(params);
  const all = pages(httpSignIn);
  const fail = (error, req, res) => res.writeHead(error.status ?? 500, error.headers).end(JSON.stringify({ id: error.id }));
  return served(signIn(async (req, res) => {
    const { pathname, searchParams } = new URL(req.url, 'http://x');
    const to = searchParams.get('to') ?? undefined;
    if (pathname === '/to') return res.oidc.login({ returnTo: to });
    if (pathname === '/unwaited') { res.oidc.login(); return undefined; }
    if (pathname === '/out') return res.oidc.logout({ returnTo: to });
    if (pathname === '/empty') { req.appSession = null; return res.end('{"empty":true}'); }
    if (!all[pathname]) return res.writeHead(404).end();
    const [demands, answer] = all[pathname];
    const step = async (i) => {
      if (i < demands.length) return demands[i](req, res, (error) => (error ? fail(error, req, res) : step(i + 1)));
      const told = JSON.stringify(await answer(req.oidc, req.appSession));
      return res.setHeader('Content-Type', 'application/json').end(told);
    };
    return step(0);
  }, fail), port, signIn);
}

async function served(listener, port, signIn) {
  const server = createServer(listener);
  await new Promise((done) => { server.listen(port, '127.0.0.1', done); });
  return {
    close: () => new Promise((done) => {
      signIn.close();
      server.close(done);
      server.closeAllConnections();
    }),
  };
}

export const frameworks = { 'fastify 5': fastify, 'koa 2': koa('koa2'), 'koa 3': koa('koa'), 'node:http': http };

export const SECRET = 'a secret for tests that is long enough to seal with';

/** Opens one, with a client of the practice provider; it goes with the test. */
export async function open(t, framework, practice, { label = 'ok', ...params } = {}, more) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const app = await frameworks[framework](port, {
    issuerBaseURL: practice.issuer(label), baseURL: origin, clientID: 'practice', clientSecret: 'practice-secret', secret: SECRET, authRequired: false,
    idpLogout: true, authorizationParams: { response_type: 'code', scope: 'openid profile email' }, log() {}, ...params,
  }, more);
  t.after(() => app.close());
  return { origin, url: (path) => origin + path };
}
