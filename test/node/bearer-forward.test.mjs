// SPDX-License-Identifier: Apache-2.0
// The caller's token on its way to the next service: to listed origins, and to nobody else.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { bearer } from '../../servers/node/lib/bearer/index.js';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { minter } from './bearer-stage.mjs';

const stage = openStage('bearer-forward');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));
const LABEL = 'ok~atjwt~aud-api';
const token = await minter(practice)(LABEL);

/** A service that keeps what it was sent. */
async function service(answer = (req, res) => res.end('here')) {
  const seen = [];
  const server = createServer((req, res) => {
    seen.push({ url: req.url, method: req.method, authorization: req.headers.authorization });
    answer(req, res);
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  stage.add({ stop: () => new Promise((done) => { server.close(done); server.closeAllConnections(); }) });
  return { seen, origin: `http://127.0.0.1:${server.address().port}` };
}

const orders = await service();
const stranger = await service();
const moved = await service((req, res) => res.writeHead(302, { Location: `${stranger.origin}/caught` }).end());
const within = await service((req, res) => (req.url === '/' ? res.writeHead(307, { Location: '/next' }).end() : res.end('next')));

const middleware = bearer({ issuer: practice.issuer(LABEL), audience: 'api', forwardTo: [orders.origin, `${moved.origin}/`, within.origin] });
stage.add({ stop: () => middleware.close() });

const auth = await new Promise((done, fail) => {
  const req = { method: 'GET', url: '/', headers: { host: 'x', authorization: `Bearer ${token}` } };
  middleware(req, { appendHeader() {}, end: fail }, () => done(req.auth));
});

test('a listed service gets the token, and all that fetch was given', async () => {
  const answer = await auth.fetch(`${orders.origin}/orders?x=1`, { method: 'POST', body: 'b', headers: { Authorization: 'Bearer other', 'X-A': '1' } });
  assert.equal(await answer.text(), 'here');
  assert.deepEqual(orders.seen.pop(), { url: '/orders?x=1', method: 'POST', authorization: `Bearer ${token}` });
  await auth.fetch(new URL('/', orders.origin));
  assert.equal(orders.seen.pop().authorization, `Bearer ${token}`);
});

test('any other origin is refused before anything is sent', async () => {
  const { port } = new URL(orders.origin);
  const wrong = [
    stranger.origin, `${stranger.origin}/`, `http://localhost:${port}/`, `https://127.0.0.1:${port}/`, `http://127.0.0.1:${port}.evil.example/`,
    `${orders.origin}@${new URL(stranger.origin).host}/`, `http://127.0.0.1:${port}@${new URL(stranger.origin).host}/`, `http:\\\\${new URL(stranger.origin).host}/`,
    `http://user:secret@127.0.0.1:${port}/`, '/relative', '//127.0.0.1/', '', 'data:text/plain,x', 'file:///etc/passwd', 'javascript:1',
  ];
  for (const target of wrong) await assert.rejects(auth.fetch(target), TypeError, target);
  for (const target of [undefined, null, {}, [orders.origin], new Request(orders.origin), { toString: () => orders.origin }, { href: orders.origin, origin: orders.origin }]) {
    await assert.rejects(auth.fetch(target), TypeError);
  }
  assert.deepEqual([orders.seen, stranger.seen], [[], []]);
});

test('no redirect is followed, neither to a stranger nor within the service', async () => {
  const answer = await auth.fetch(moved.origin);
  assert.deepEqual([answer.status, answer.headers.get('location')], [302, `${stranger.origin}/caught`]);
  assert.equal((await auth.fetch(`${within.origin}/`)).status, 307);
  await assert.rejects(auth.fetch(moved.origin, { redirect: 'follow' }), TypeError);
  await assert.rejects(auth.fetch(moved.origin, { redirect: 'error' }), TypeError);
  assert.deepEqual([stranger.seen, within.seen.length], [[], 1]);
});

test('an address that changes its mind is read once', async () => {
  const shifty = new URL(orders.origin);
  let asked = 0;
  Object.defineProperty(shifty, 'href', { get: () => { asked += 1; return asked > 1 ? stranger.origin : orders.origin; } });
  shifty.toString = () => { asked += 1; return asked > 1 ? stranger.origin : orders.origin; };
  await auth.fetch(shifty);
  assert.equal(stranger.seen.length, 0);
});

test('without forwardTo nothing goes anywhere', async () => {
  const plain = bearer({ issuer: practice.issuer(LABEL), audience: 'api' });
  const told = await new Promise((done, fail) => {
    const req = { method: 'GET', url: '/', headers: { host: 'x', authorization: `Bearer ${token}` } };
    plain(req, { appendHeader() {}, end: fail }, () => done(req.auth));
  });
  await assert.rejects(told.fetch(practice.origin), /is not listed in "forwardTo"/);
  await assert.rejects(told.fetch('http://x/'), (error) => !error.message.includes(token));
  plain.close();
});
