// SPDX-License-Identifier: Apache-2.0
// What the guard adds to an application's answer: nothing of either is lost, in whatever way the application answers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import http2 from 'node:http2';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { addHeaders } from '../../servers/node/lib/guard/answer.js';
import { expressGuard, fastifyGuard, koaGuard, restifyGuard } from '../../servers/node/lib/guard/index.js';
import { rawGet } from '../support/raw.mjs';
import { demands, listen, setUp } from './guard-stage.mjs';

const require = createRequire(import.meta.url);
const { stage, open, mint } = await setUp('guard-answer');
const bearer = ['Authorization', `Bearer ${await mint()}`];

const OURS = [['Set-Cookie', 'oidc_a=1; Path=/'], ['Set-Cookie', 'oidc_b=2; Path=/'], ['Cache-Control', 'private']];
const ours = ['oidc_a=1; Path=/', 'oidc_b=2; Path=/'];

/** How an application may answer: what it does, and the cookies of its own that must be there. */
const ways = {
  'sets nothing': [(res) => res.end('x'), []],
  'ends without a body': [(res) => res.end(), []],
  'writes first': [(res) => { res.write('x'); res.end('y'); }, []],
  'sets a cookie': [(res) => { res.setHeader('set-cookie', 'app=1'); res.end('x'); }, ['app=1']],
  'sets two': [(res) => { res.setHeader('Set-Cookie', ['app=1', 'app2=2']); res.end(); }, ['app=1', 'app2=2']],
  'takes all cookies away': [(res) => { res.removeHeader('Set-Cookie'); res.end('x'); }, []],
  'writes a head with an object': [(res) => { res.setHeader('Set-Cookie', 'lost=1'); res.writeHead(200, { 'set-cookie': 'app=1', 'X-A': 'b' }); res.end('x'); }, ['app=1']],
  'writes a head without': [(res) => { res.writeHead(200); res.end('x'); }, []],
  'flushes its head': [(res) => { res.flushHeaders(); res.end('x'); }, []],
};
const onlyHttp1 = {
  'writes a head with words': [(res) => { res.writeHead(200, 'Fine', { 'Set-Cookie': ['app=1', 'app2=2'] }); res.end('x'); }, ['app=1', 'app2=2']],
  'writes a head with a list': [(res) => { res.writeHead(200, ['Set-Cookie', 'app=1', 'X-A', 'b', 'set-cookie', 'app2=2']); res.end('x'); }, ['app=1', 'app2=2']],
  'writes a head with pairs': [(res) => { res.writeHead(200, [['Set-Cookie', 'app=1'], ['Set-Cookie', 'app2=2']]); res.end('x'); }, ['app=1', 'app2=2']],
};

function assertAll(headers, theirs) {
  assert.deepEqual([headers['set-cookie']].flat().sort(), [...theirs, ...ours].sort());
  assert.match(String(headers['cache-control']), /\bprivate\b/);
}

for (const [what, [answer, theirs]] of Object.entries({ ...ways, ...onlyHttp1 })) {
  test(`HTTP/1: an application that ${what} keeps its cookies and ours`, async () => {
    const port = await listen(stage, createServer((req, res) => {
      addHeaders(res, OURS);
      answer(res);
    }));
    const { status, headers } = await rawGet(port, '/', []);
    assert.equal(status, 200);
    assertAll(headers, theirs);
  });
}

for (const [what, [answer, theirs]] of Object.entries(ways)) {
  test(`HTTP/2: an application that ${what} keeps its cookies and ours`, async () => {
    const server = http2.createServer((req, res) => {
      addHeaders(res, OURS);
      answer(res);
    });
    const port = await listen(stage, server);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const stream = session.request({ ':path': '/' });
    const [headers] = await once(stream, 'response');
    stream.resume();
    await once(stream, 'close');
    session.destroy();
    assertAll(headers, theirs);
  });
}

for (const [said, becomes] of [[undefined, 'private'], ['no-store', 'no-store'], ['private, max-age=5', 'private, max-age=5'], ['public, max-age=60, s-maxage=600', 'private, max-age=60'],
  ['max-age=60', 'private, max-age=60'], ['no-cache', 'private, no-cache'], ['PUBLIC', 'private'], ['private="X-A"', 'private']]) {
  test(`Cache-Control: ${said} becomes ${becomes} beside a cookie of one person`, async () => {
    const port = await listen(stage, createServer((req, res) => {
      addHeaders(res, OURS);
      if (said) res.setHeader('Cache-Control', said);
      res.end();
    }));
    assert.deepEqual((await rawGet(port, '/', [])).headers['cache-control'], [becomes]);
  });
}

/** A gate whose verdicts have something to add. */
function adding() {
  const gate = open();
  const guard = gate.guard.bind(gate);
  gate.guard = async (...what) => Object.defineProperty(await guard(...what), 'headers', { value: OURS });
  return gate;
}

const frameworks = {
  async express5(gate) {
    const guard = expressGuard(gate);
    return createServer(require('express5')().use(guard.site(), guard.place(demands()), (req, res) => res.cookie('app', '1', { path: null }).send('x')));
  },
  async restify(gate) {
    const guard = restifyGuard(gate);
    const app = require('restify').createServer();
    app.pre(guard.site());
    app.get('/', guard.place(demands()), (req, res, next) => {
      res.header('Set-Cookie', 'app=1');
      res.send(200, { a: 1 });
      next();
    });
    return app.server;
  },
  async fastify(gate) {
    const guard = fastifyGuard(gate);
    let server;
    const app = require('fastify')({ serverFactory: (handler) => { server = createServer(handler); return server; } });
    app.register(guard.site());
    app.get('/', { onRequest: guard.place(demands()) }, async (request, reply) => reply.header('set-cookie', 'app=1').send({ a: 1 }));
    await app.ready();
    return server;
  },
  async koa(gate) {
    const guard = koaGuard(gate);
    const Koa = require('koa');
    const app = new (Koa.default ?? Koa)();
    return createServer(app.use(guard.site()).use(guard.place(demands())).use((ctx) => {
      ctx.cookies.set('app', '1', { httpOnly: false, path: '' });
      ctx.body = 'x';
    }).callback());
  },
};

for (const [name, build] of Object.entries(frameworks)) {
  test(`${name}: the framework's way to set a cookie, and ours`, async () => {
    const { status, headers, text } = await rawGet(await listen(stage, await build(adding())), '/', [bearer]);
    assert.equal(status, 200, text);
    assert.ok(headers['set-cookie'].some((field) => field.startsWith('app=1')), String(headers['set-cookie']));
    for (const field of ours) assert.ok(headers['set-cookie'].includes(field));
    assert.equal(headers['set-cookie'].length, 3);
  });
}
