// SPDX-License-Identifier: Apache-2.0
// Koa's middleware among other middleware, on both majors: ctx.oidc, ctx.state.user, mounts, streams, errors.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { auth, requiresAuth } from '../../servers/node/lib/koa/index.js';
import { Browser } from '../support/browser.mjs';
import { freePort } from '../support/place.mjs';
import { Practice, signIn, signedIn } from '../support/practice.mjs';
import { SlowStore } from '../support/slow_store.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { SECRET } from './http-apps.mjs';

const require = createRequire(import.meta.url);
const mount = require('koa-mount');
const stage = openStage('koa');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));

const client = (baseURL, more) => ({
  issuerBaseURL: practice.issuer(), baseURL, clientID: 'practice', clientSecret: 'practice-secret', secret: SECRET, authRequired: false, log() {}, ...more,
});

/** build(use, origin, app) puts an application together. */
async function serve(t, name, build) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const Koa = require(name);
  const app = new (Koa.default ?? Koa)();
  app.silent = true;
  const closing = build(app, origin);
  const server = await new Promise((done) => { const made = app.listen(port, '127.0.0.1', () => done(made)); });
  t.after(() => new Promise((done) => {
    for (const each of [closing].flat()) each?.close();
    server.close(done);
    server.closeAllConnections();
  }));
  return origin;
}

/** Adds auth() and a handler. */
const plain = (options, handler) => (app, origin) => {
  const signs = auth(client(origin, options));
  app.use(signs).use(handler);
  return signs;
};

for (const koa of ['koa2', 'koa']) {
  test(`ctx.state.user for templates; no token in what is printed (${koa})`, async (t) => {
    const origin = await serve(t, koa, plain({}, (ctx) => {
      ctx.body = { user: ctx.state.user?.sub ?? null, printed: inspect(ctx.oidc, { depth: 9 }) + JSON.stringify(ctx.oidc), token: ctx.oidc.idToken ?? '' };
    }));
    assert.equal((await new Browser().request(origin)).json.user, null);
    const { user, printed, token } = (await signIn(new Browser(), `${origin}/login`)).json;
    assert.equal(user, 'person-ada');
    assert.ok(token && !printed.includes(token));
  });

  test(`below a mount: paths are those of the mount, the return address is the whole one (${koa})`, async (t) => {
    const origin = await serve(t, koa, (app, base) => {
      const signs = auth(client(`${base}/app`));
      app.use(mount('/app', signs));
      app.use(mount('/app', requiresAuthThen((ctx) => { ctx.body = { path: ctx.path, sub: ctx.oidc.user.sub }; })));
      app.use((ctx) => { ctx.body = { outside: ctx.oidc === undefined }; });
      return signs;
    });
    assert.deepEqual((await new Browser().request(`${origin}/`)).json, { outside: true });
    const shown = await signIn(new Browser(), `${origin}/app/page?x=1`);
    assert.deepEqual([shown.url.href, shown.json], [`${origin}/app/page?x=1`, { path: '/page', sub: 'person-ada' }]);
  });

  test(`the session goes along whatever the body is (${koa})`, async (t) => {
    const store = new SlowStore(5);
    const origin = await serve(t, koa, plain({ session: { store } }, (ctx) => {
      ctx.appSession.n = (ctx.appSession.n ?? 0) + 1;
      const text = String(ctx.appSession.n);
      if (ctx.path === '/stream') ctx.body = Readable.from([text]);
      else if (ctx.path === '/buffer') ctx.body = Buffer.from(text);
      else if (ctx.path === '/raw') { ctx.respond = false; ctx.res.writeHead(200); ctx.res.end(text); }
      else ctx.body = { n: text };
    }));
    const browser = new Browser();
    const seen = [];
    for (const path of ['/stream', '/buffer', '/raw', '/json', '/stream']) seen.push((await browser.request(origin + path)).text);
    assert.deepEqual(seen, ['1', '2', '3', '{"n":"4"}', '5']);
  });

  test(`a session that cannot be written is an error of the application’s, and asked for once (${koa})`, async (t) => {
    const store = new SlowStore();
    const seen = [];
    const origin = await serve(t, koa, (app, base) => {
      app.use(async (ctx, next) => {
        try {
          await next();
        } catch (error) {
          seen.push(error.id);
          ctx.status = error.status;
          ctx.body = 'mine';
        }
      });
      return plain({ session: { store } }, (ctx) => { ctx.appSession.n = 1; ctx.body = 'never'; })(app, base);
    });
    store.down = true;
    const answer = await new Browser().request(origin);
    assert.deepEqual([answer.status, answer.text, answer.cookies, seen], [503, 'mine', [], ['store_down']]);
    assert.equal(store.asked.filter((what) => what === 'set').length, 1);
  });

  test(`an error of the application is its own, and what it had put into the session stays (${koa})`, async (t) => {
    const origin = await serve(t, koa, plain({}, (ctx) => {
      if (ctx.path === '/throw') { ctx.appSession.seen = true; ctx.throw(418, 'teapot', { expose: true }); }
      ctx.body = { seen: ctx.appSession.seen ?? false };
    }));
    const browser = new Browser();
    assert.deepEqual([(await browser.request(`${origin}/throw`)).status, (await browser.request(origin)).json.seen], [418, true]);
  });

  test(`requiresAuth() without auth(), and auth() twice, let nobody in (${koa})`, async (t) => {
    const alone = await serve(t, koa, (app) => { app.use(requiresAuth()).use((ctx) => { ctx.body = 'in'; }); });
    assert.equal((await new Browser().request(alone)).status, 500);
    const twice = await serve(t, koa, (app, base) => {
      const both = [auth(client(base)), auth(client(base))];
      app.use(both[0]).use(both[1]).use((ctx) => { ctx.body = 'in'; });
      return both;
    });
    assert.equal((await new Browser().request(twice)).status, 500);
  });

  test(`refusals have status, id and headers, and Koa shows no cause of a 5xx (${koa})`, async (t) => {
    const errors = [];
    const origin = await serve(t, koa, (app, base) => {
      app.on('error', (error) => errors.push(error));
      return plain({}, () => {})(app, base);
    });
    const answer = await new Browser().request(`${origin}/callback?code=x&state=y`);
    assert.deepEqual([answer.status, errors[0].id, errors[0].status], [400, 'attempt_unknown', 400]);
    assert.deepEqual((await signedIn(`${origin}/login`)).jar.find(/^appSession$/).length, 1);
  });
}

function requiresAuthThen(handler) {
  const demand = requiresAuth();
  return (ctx, next) => demand(ctx, () => handler(ctx, next));
}
