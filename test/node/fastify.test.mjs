// SPDX-License-Identifier: Apache-2.0
// Fastify's plugin among other plugins: its reach, its cookies beside theirs, its hooks, its store.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import auth, { requiresAuth } from '../../servers/node/lib/fastify/index.js';
import { Browser } from '../support/browser.mjs';
import { freePort } from '../support/place.mjs';
import { Practice, signIn, signedIn } from '../support/practice.mjs';
import { SlowStore } from '../support/slow_store.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { open, SECRET } from './http-apps.mjs';

const require = createRequire(import.meta.url);
const fastify = require('fastify');
const cookies = require('@fastify/cookie');
const stage = openStage('fastify');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));

const client = (origin, more) => ({
  issuerBaseURL: practice.issuer(), baseURL: origin, clientID: 'practice', clientSecret: 'practice-secret', secret: SECRET, authRequired: false,
  log() {}, ...more,
});

/** An application that `build` puts together; it listens, and goes with the test. */
async function serve(t, build) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const app = fastify();
  t.after(() => app.close());
  await build(app, origin);
  await app.listen({ port, host: '127.0.0.1' });
  return origin;
}

const set = (name) => new RegExp(`^${name}=`);

for (const order of ['before', 'after']) {
  for (const [kind, session] of [['sealed', () => ({})], ['store', () => ({ store: new SlowStore() })]]) {
    test(`cookies of @fastify/cookie, registered ${order}, stand beside ours (${kind})`, async (t) => {
      const origin = await serve(t, async (app, base) => {
        if (order === 'before') await app.register(cookies);
        await app.register(auth, client(base, { session: session() }));
        if (order === 'after') await app.register(cookies);
        app.get('/in', (request, reply) => { reply.setCookie('theirs', '1', { path: '/' }); return reply.oidc.login({ returnTo: '/page' }); });
        app.get('/page', { preHandler: app.requiresAuth }, (request, reply) => reply.setCookie('theirs', '2', { path: '/' }).send({ sub: request.oidc.user.sub }));
        app.get('/both', (request, reply) => { request.appSession.n = 1; reply.setCookie('theirs', '3', { path: '/' }); reply.header('set-cookie', 'other=1; Path=/'); return {}; });
      });
      const browser = new Browser();
      const started = await browser.request(`${origin}/in`);
      assert.equal(started.cookies.filter((field) => set('theirs').test(field)).length, 1, started.cookies.join('\n'));
      assert.equal(started.cookies.filter((field) => set('appSession_signin[\\w.-]*').test(field)).length, 1, started.cookies.join('\n'));
      assert.deepEqual((await signIn(browser, `${origin}/in`)).json, { sub: 'person-ada' });
      const both = await new Browser().request(`${origin}/both`);
      for (const name of ['theirs', 'other', 'appSession']) assert.equal(both.cookies.filter((field) => set(name).test(field)).length, 1, `${name}: ${both.cookies.join('\n')}`);
    });
  }
}

test('within a context: its pages alone, under its prefix; two contexts know nothing of each other', async (t) => {
  const origin = await serve(t, async (app, base) => {
    app.get('/open', (request) => ({ oidc: request.oidc ?? null }));
    for (const name of ['one', 'two']) {
      app.register(async (inner) => {
        await inner.register(auth, client(`${base}/${name}`, { session: { name: `${name}Session` }, authRequired: true }));
        inner.get('/page', (request) => ({ sub: request.oidc.user.sub, own: Boolean(request[`${name}Session`]) }));
      }, { prefix: `/${name}` });
    }
  });
  const browser = new Browser();
  assert.deepEqual((await browser.request(`${origin}/open`)).json, { oidc: null });
  assert.equal((await browser.request(`${origin}/one/page`, { mode: 'cors' })).status, 401);
  const shown = await signIn(browser, `${origin}/one/page`);
  assert.deepEqual([shown.url.pathname, shown.json], ['/one/page', { sub: 'person-ada', own: true }]);
  assert.equal((await browser.request(`${origin}/two/page`, { mode: 'cors' })).status, 401);
  assert.equal((await signIn(browser, `${origin}/two/page`, 'alan')).json.sub, 'person-alan');
  assert.equal((await browser.request(`${origin}/one/page`)).json.sub, 'person-ada');
});

test('twice in one context does not start', async () => {
  const app = fastify();
  await assert.rejects(async () => {
    await app.register(auth, client('http://127.0.0.1:1'));
    await app.register(auth, client('http://127.0.0.1:1'));
    await app.ready();
  }, /already/);
  await app.close();
});

test('whatever handler ends the response, the session goes along: a stream, raw, hijacked, inject', async (t) => {
  const store = new SlowStore(5);
  const { Readable } = await import('node:stream');
  let inject;
  const origin = await serve(t, async (app, base) => {
    inject = (how) => app.inject(how);
    await app.register(auth, client(base, { session: { store } }));
    const count = (request) => { request.appSession.n = (request.appSession.n ?? 0) + 1; return request.appSession.n; };
    app.get('/stream', (request, reply) => reply.type('text/plain').send(Readable.from([String(count(request))])));
    app.get('/raw', (request, reply) => { const n = count(request); reply.hijack(); reply.raw.writeHead(200).end(String(n)); });
    app.get('/json', async (request) => ({ n: count(request) }));
    app.get('/empty', async (request, reply) => { count(request); return reply.code(204).send(); });
  });
  const browser = new Browser();
  const seen = [];
  for (const path of ['/stream', '/raw', '/json', '/stream']) seen.push((await browser.request(origin + path)).text);
  assert.deepEqual(seen, ['1', '2', '{"n":3}', '4']);
  assert.equal((await browser.request(`${origin}/empty`)).status, 204);
  assert.equal((await browser.request(`${origin}/json`)).json.n, 6);
  const injected = await inject('/json');
  assert.deepEqual([injected.statusCode, injected.cookies.length], [200, 1]);
  assert.deepEqual((await inject({ url: '/json', cookies: { appSession: injected.cookies[0].value } })).json(), { n: 2 });
});

test('a session that cannot be written is the application’s error handler’s, and asked for once', async (t) => {
  const store = new SlowStore();
  const seen = [];
  const origin = await serve(t, async (app, base) => {
    app.setErrorHandler((error, request, reply) => { seen.push(error.id); return reply.code(error.statusCode).send({ mine: error.id }); });
    await app.register(auth, client(base, { session: { store } }));
    app.get('/n', (request) => { request.appSession.n = 1; return {}; });
  });
  store.down = true;
  const answer = await new Browser().request(`${origin}/n`);
  assert.deepEqual([answer.status, answer.json, answer.cookies, seen], [503, { mine: 'store_down' }, [], ['store_down']]);
  assert.equal(store.asked.filter((what) => what === 'set').length, 1);
});

test('refusals reach setErrorHandler, with id, clause and status', async (t) => {
  const seen = [];
  const origin = await serve(t, async (app, base) => {
    app.setErrorHandler((error, request, reply) => { seen.push(error); return reply.code(error.statusCode).send('mine'); });
    await app.register(auth, client(base));
    app.get('/page', { onRequest: requiresAuth() }, () => 'in');
  });
  await new Browser().request(`${origin}/page`, { mode: 'cors' });
  await new Browser().request(`${origin}/callback?code=x&state=y`);
  assert.deepEqual(seen.map(({ id, statusCode }) => [id, statusCode]), [['no_session', 401], ['attempt_unknown', 400]]);
  assert.ok(seen.every(({ clause }) => /^(RFC|OIDC)/.test(clause)));
});

test('the routes may have other paths, or be the application’s own', async (t) => {
  const origin = await serve(t, async (app, base) => {
    await app.register(auth, client(base, { routes: { login: false, logout: '/leave', callback: '/back' } }));
    app.get('/login', (request, reply) => reply.oidc.login({ returnTo: '/mine', authorizationParams: { prompt: 'login' } }));
    app.get('/mine', (request) => ({ sub: request.oidc.user?.sub ?? null }));
  });
  const browser = new Browser();
  const shown = await signIn(browser, `${origin}/login`);
  assert.deepEqual([shown.url.pathname, shown.json.sub], ['/mine', 'person-ada']);
  assert.ok(shown.history.some((each) => each.url.pathname === '/back'));
  assert.equal((await browser.request(`${origin}/logout`)).status, 404);
  await browser.request(`${origin}/leave`);
  assert.equal((await browser.request(`${origin}/mine`)).json.sub, null);
});

test('the application’s parser of forms stays its own, whichever it is', async (t) => {
  const origin = await serve(t, async (app, base) => {
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => done(null, { theirs: body }));
    await app.register(auth, client(base, { authorizationParams: { response_type: 'code', response_mode: 'form_post', scope: 'openid' }, transactionCookie: { sameSite: 'Lax' } }));
    app.post('/form', (request) => request.body);
    app.get('/page', { preHandler: app.requiresAuth }, () => ({ in: true }));
  });
  const posted = await new Browser().request(`${origin}/form`, { method: 'POST', body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.deepEqual(posted.json, { theirs: 'a=b' });
  assert.deepEqual((await signIn(new Browser(), `${origin}/page`)).json, { in: true });
  const large = await new Browser().request(`${origin}/callback`, { method: 'POST', body: `state=${'x'.repeat(70000)}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.equal(large.status, 413);
});

test('a client that leaves while the provider is asked harms nobody', async (t) => {
  const { url } = await open(t, 'fastify 5', practice, { label: 'ok~slow' });
  await practice.delay('ok~slow', 'discovery', 300);
  const gone = new AbortController();
  const left = fetch(url('/login'), { signal: gone.signal, redirect: 'manual' });
  setTimeout(() => gone.abort(), 50);
  await assert.rejects(left);
  assert.equal((await signedIn(url('/page'))).first.status, 200);
});
