// SPDX-License-Identifier: Apache-2.0
// The guard in each framework: what the application is told, what it is not, and what it keeps.
import assert from 'node:assert/strict';
import { createServer, request as ask } from 'node:http';
import { connect } from 'node:net';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { addon } from '../../servers/node/lib/addon.js';
import { expressGuard, httpGuard } from '../../servers/node/lib/guard/index.js';
import { until } from '../support/place.mjs';
import { rawGet } from '../support/raw.mjs';
import { applications, demands, listen, setUp, tell } from './guard-stage.mjs';

const { stage, practice, log, open, mint, label } = await setUp('guard');
const token = await mint();
const bearer = ['Authorization', `Bearer ${token}`];
const forged = ['X-User-Sub', 'x_user_sub', 'X.User.Sub', 'x-USER_sub'].map((name, i) => [name, `mallory-${i}`]);
const json = ({ text }) => JSON.parse(text);

for (const [name, build] of Object.entries(applications)) {
  test(`${name}: the handler of a place finds who is there, in every form of the headers`, async () => {
    const port = await listen(stage, await build(open(), [demands()], {}));
    const told = json(await rawGet(port, '/admin/x', [...forged, bearer]));
    assert.deepEqual(told, { place: 'admin', in: true, sub: 'person-ada', list: ['person-ada'], object: ['person-ada'], distinct: ['person-ada'], authorization: bearer[1] });
    assert.equal((await rawGet(port, '/admin/x', forged)).status, 401);
  });

  test(`${name}: forged headers reach no place that is open to all`, async () => {
    const port = await listen(stage, await build(open(), [demands()], {}));
    for (const path of ['/open', '/nowhere/at/all', '/']) {
      const told = json(await rawGet(port, path, [...forged, bearer]));
      assert.deepEqual([told.in, told.list, told.object, told.distinct], [false, [], [], []], path);
    }
  });

  test(`${name}: the second of two places is asked of what the client sent, and says the last word`, async () => {
    const rules = [demands({ header: { 'X-User-Sub': 'sub', 'X-User-Scope': 'scope' }, upstreamToken: 'none' }), demands({ header: { 'X-User-Sub': 'client_id' } })];
    const port = await listen(stage, await build(open(), rules, {}));
    const told = json(await rawGet(port, '/admin/x', [...forged, bearer, ['X-User-Scope', 'mallory']]));
    assert.deepEqual([told.list, told.object, told.authorization], [['practice'], ['practice'], bearer[1]]);
  });

  test(`${name}: the gate's own addresses are answered where no route is`, async () => {
    const port = await listen(stage, await build(open(), [demands()], {}));
    const page = await rawGet(port, '/oidc_callback?state=x', [['Accept', 'text/html'], ['Sec-Fetch-Mode', 'navigate']]);
    assert.equal(page.status, 400);
    assert.match(page.text, /not begun in this browser/);
    assert.equal((await rawGet(port, '/logout', [], 'PUT')).status, 405);
    assert.match((await rawGet(port, '/oidc_signed_out', [['Accept', 'text/html']])).text, /signed out/i);
  });

  test(`${name}: HEAD has no body, and the connection goes on`, async () => {
    const port = await listen(stage, await build(open(), [demands()], {}));
    const answer = await rawGet(port, '/oidc_signed_out', [['Accept', 'text/html']], 'HEAD');
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '');
  });

  test(`${name}: a client that leaves takes its transaction along, and the handler is not called`, async () => {
    const port = await listen(stage, await build(open(), [demands({ bearerType: 'opaque' })], {}));
    await practice.delay(label, 'introspect', 600);
    const before = addon.counts()[1];
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET /admin HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer opaque-${name}\r\n\r\n`));
    await until('it has begun', () => addon.counts()[1] > before);
    socket.destroy();
    await until('it has ended', () => addon.counts()[1] === before);
    await practice.up(label);
  });

  test(`${name}: what breaks inside lets nobody in, and is no exception of the application`, async () => {
    const gate = open();
    const port = await listen(stage, await build(gate, [demands()], {}));
    for (const guard of [() => { throw new Error('broken'); }, () => Promise.reject(new Error('broken'))]) {
      gate.guard = guard;
      const { status, text } = await rawGet(port, '/admin', [bearer]);
      assert.equal(status, 503);
      assert.ok(!text.includes('broken') && !text.includes('admin'), text);
      assert.match(log.at(-1), /^error internal: broken$/);
    }
  });
}

test('a place alone, without the site in front, lets nobody in', async () => {
  const { default: express } = await import('express5');
  const guard = expressGuard(open());
  const port = await listen(stage, createServer(express().use('/admin', guard.place(demands()), (req, res) => res.json('admin'))));
  assert.equal((await rawGet(port, '/admin', [bearer])).status, 503);
  assert.match(log.at(-1), /site\(\) is to stand in front/);
});

test('what stands on the request shows no token to who prints it', async () => {
  const guard = httpGuard(open());
  const port = await listen(stage, createServer(guard.site(guard.place(demands(), (req, res) => {
    res.end(JSON.stringify({ printed: inspect(req.oidcGate, { depth: 9, showHidden: false }) + JSON.stringify(req.oidcGate), token: req.oidcGate.accessToken, ends: req.oidcGate.expires, none: req.oidcGate.idToken ?? null }));
  }))));
  const told = json(await rawGet(port, '/', [bearer]));
  assert.equal(told.token, token);
  assert.ok(told.ends > Date.now() / 1000);
  assert.equal(told.none, null);
  assert.ok(!told.printed.includes('eyJ'), told.printed);
});

test('a header that others set stays on a refusal; ours stands in place of theirs of the same name', async () => {
  const guard = httpGuard(open());
  const listener = guard.site(guard.place(demands(), (req, res) => res.end()));
  const port = await listen(stage, createServer((req, res) => {
    res.setHeader('Access-Control-Allow-Origin', 'https://page.example').setHeader('Cache-Control', 'public').setHeader('Set-Cookie', 'a=1').setHeader('Vary', 'Origin');
    listener(req, res);
  }));
  const { status, headers } = await rawGet(port, '/', []);
  assert.equal(status, 401);
  assert.deepEqual(headers['access-control-allow-origin'], ['https://page.example']);
  assert.deepEqual(headers['cache-control'], ['no-store']);
  assert.deepEqual(headers['set-cookie'], ['a=1']);
  assert.ok(headers.vary.includes('Origin'));
});

// ---- bodies ----

function post(port, path, body, more = {}) {
  return new Promise((done, fail) => {
    const request = ask({ port, path, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...more }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => done({ status: response.statusCode, text }));
    });
    request.on('error', fail);
    request.end(body);
  });
}

const fromForm = () => demands({ bearerFrom: 'form' });
const form = `access_token=${token}&note=kept&n=1&n=2`;

async function readAll(req) {
  const parts = [];
  for await (const part of req) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** Each answers with what it has of the form behind a place that has looked into it. */
const readers = {
  async 'node:http, the stream'(gate) {
    const guard = httpGuard(gate);
    return createServer(guard.site(guard.place(fromForm(), async (req, res) => res.end(await readAll(req)))));
  },
  async 'Express, a parser behind'(gate) {
    const { default: express } = await import('express5');
    const guard = expressGuard(gate);
    return createServer(express().use(guard.site(), guard.place(fromForm()), express.urlencoded({ extended: false }), (req, res) => res.send(new URLSearchParams(Object.entries(req.body).flatMap(([name, value]) => [value].flat().map((each) => [name, each]))).toString())));
  },
  async 'Express, a parser before'(gate) {
    const { default: express } = await import('express5');
    const guard = expressGuard(gate);
    return createServer(express().use(express.urlencoded({ extended: false }), guard.site(), guard.place(fromForm()), (req, res) => res.send(new URLSearchParams(Object.entries(req.body).flatMap(([name, value]) => [value].flat().map((each) => [name, each]))).toString())));
  },
  async 'Express 4, the raw body behind'(gate) {
    const { default: express } = await import('express4');
    const guard = expressGuard(gate);
    return createServer(express().use(guard.site(), guard.place(fromForm()), async (req, res) => res.send(await readAll(req))));
  },
  async 'Fastify, a parser behind'(gate) {
    const { default: fastify } = await import('fastify');
    const { fastifyGuard } = await import('../../servers/node/lib/guard/index.js');
    const guard = fastifyGuard(gate);
    let server;
    const app = fastify({ serverFactory: (handler) => { server = createServer(handler); return server; } });
    app.register(guard.site());
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => done(null, body));
    app.post('/', { onRequest: guard.place(fromForm()) }, async (request) => request.body);
    await app.ready();
    return server;
  },
  async 'Koa, the stream'(gate) {
    const { default: Koa } = await import('koa');
    const { koaGuard } = await import('../../servers/node/lib/guard/index.js');
    const guard = koaGuard(gate);
    return createServer(new Koa().use(guard.site()).use(guard.place(fromForm())).use(async (ctx) => { ctx.body = await readAll(ctx.req); }).callback());
  },
};

for (const [what, build] of Object.entries(readers)) {
  test(`${what}: the application has the form that the guard has read`, async () => {
    const port = await listen(stage, await build(open()));
    const { status, text } = await post(port, '/', form);
    assert.equal(status, 200, text);
    assert.equal(text, form);
    assert.equal((await post(port, '/', 'note=x')).status, 401);
    assert.equal((await post(port, '/', `${form}&x=${'y'.repeat(100000)}`)).status, 400);
  });
}

// ---- upgrades ----

function upgrade(port, fields) {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(['GET /socket HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Connection: Upgrade', 'Upgrade: test', ...fields].join('\r\n') + '\r\n\r\n'));
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => { text += part; }).on('error', fail).on('close', () => done(text));
  });
}

async function upgrading(more, options) {
  const gate = open();
  gate.rule(demands()); // some place has the header
  const guard = httpGuard(gate);
  const server = createServer((req, res) => res.end());
  server.on('upgrade', guard.upgrade(more, (req, socket) => socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${JSON.stringify(tell(req, req.oidcGate, 'socket'))}`), options));
  return listen(stage, server);
}

test('an upgrade is let in with a token, and finds who is there', async () => {
  const port = await upgrading(demands());
  const fields = [`Authorization: Bearer ${token}`, 'X_User_Sub: mallory'];
  const told = JSON.parse((await upgrade(port, fields)).split('\r\n\r\n')[1]);
  assert.deepEqual([told.in, told.list, told.object], [true, ['person-ada'], ['person-ada']]);
  assert.match(await upgrade(port, []), /^HTTP\/1\.1 401 [\s\S]*\r\nConnection: close\r\n/);
  assert.match(await upgrade(port, ['Authorization: Bearer x.y.z']), /^HTTP\/1\.1 401 [\s\S]*invalid_token/);
});

test('a page of another origin opens no socket', async () => {
  const port = await upgrading(demands(), { origins: ['https://also.example'] });
  const say = (...fields) => upgrade(port, [`Authorization: Bearer ${token}`, ...fields]);
  for (const fields of [['Origin: http://evil.example'], ['Origin: null'], [`Origin: https://127.0.0.1:${port}`], [`Origin: http://127.0.0.1:${port}.evil.example`], ['Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Site: same-site'], ['Origin: http://evil.example', `X-Forwarded-Host: evil.example`]]) {
    assert.match(await say(...fields), /^HTTP\/1\.1 403 /, fields.join());
  }
  for (const fields of [[`Origin: http://127.0.0.1:${port}`], ['Origin: https://also.example'], ['Sec-Fetch-Site: same-origin'], []]) assert.match(await say(...fields), /^HTTP\/1\.1 101 /, fields.join());
});

test('an upgrade that is open to all is told nothing of forged headers', async () => {
  const told = JSON.parse((await upgrade(await upgrading(null), ['X-User-Sub: mallory', 'Origin: http://other.example'])).split('\r\n\r\n')[1]);
  assert.deepEqual([told.in, told.list, told.object], [false, [], []]);
});

// ---- proxies ----

for (const [what, trustProxy, believed] of [['listed', '127.0.0.0/8', true], ['not listed', '10.0.0.0/8', false], ['not asked about', false, false]]) {
  test(`a proxy that is ${what} is ${believed ? '' : 'not '}believed`, async () => {
    const gate = open({ trustProxy });
    const port = await listen(stage, await applications.express5(gate, [{ provider: 'default' }], {}));
    const fields = [['Accept', 'text/html'], ['Sec-Fetch-Mode', 'navigate'], ['X-Forwarded-Proto', 'https'], ['X-Forwarded-Host', 'app.example']];
    const { status, headers } = await rawGet(port, '/admin', fields);
    assert.equal(status, 302);
    const redirect = new URL(headers.location[0]).searchParams.get('redirect_uri');
    assert.equal(redirect, believed ? 'https://app.example/oidc_callback' : `http://127.0.0.1:${port}/oidc_callback`);
    assert.equal(headers['set-cookie'].every((field) => /; Secure/.test(field)), believed);
  });
}
