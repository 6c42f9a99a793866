// SPDX-License-Identifier: Apache-2.0
// The loop over needs: at once where nothing waits, ended when the client leaves, upkeep in the background, a log that cannot hurt.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { Gate } from '../../servers/node/index.js';
import { addon } from '../../servers/node/lib/addon.js';
import { CLIENT, cookiesOf, FakeProvider, incoming, login } from '../support/fake_provider.mjs';
import { pause, until } from '../support/place.mjs';
import { SlowStore } from '../support/slow_store.mjs';

function set(options = {}, ruleOptions) {
  const provider = new FakeProvider();
  const lines = [];
  const gate = new Gate({ issuer: provider.issuer, ...CLIENT, customFetch: provider.fetch, log: (level, line) => lines.push(`${level} ${line}`), ...options });
  return { provider, lines, gate, rule: gate.rule(ruleOptions) };
}

const ask = (gate, url, headers, more) => gate.request(incoming(url, headers, more));

test('a request that needs nothing is answered at once, and leaves no transaction', async () => {
  const { gate, rule, provider } = set();
  const { cookie, verdict } = await login(gate, provider, rule);
  assert.equal(verdict instanceof Promise, false);
  const before = addon.counts();
  const again = gate.guard(ask(gate, '/page', { cookie }), rule);
  assert.equal(again.signedIn, true);
  assert.equal(again.claims.sub, 'person-ada');
  assert.equal(gate.guard(ask(gate, '/page', { accept: '*/*' }), rule).refusal, 'no_session');
  assert.deepEqual(addon.counts(), before);
});

test('a body that is parsed already is no reason to wait', () => {
  const { gate } = set();
  const rule = gate.rule({ bearer: true, audience: 'api', bearerFrom: 'form', unauthenticated: '401' });
  const form = { method: 'POST', body: { access_token: 'x' } };
  const verdict = gate.guard(ask(gate, '/api', { 'content-type': 'application/x-www-form-urlencoded', accept: '*/*' }, form), rule);
  assert.equal(verdict instanceof Promise, false);
  assert.match(verdict.refusal, /^bearer_/);
  assert.equal(verdict.error.status, verdict.status);
  assert.match(verdict.error.headers['WWW-Authenticate'], /Bearer/);
});

test('a form of one name, sent as often as a body can hold it, is gone through once', async (t) => {
  const { gate } = set();
  const rule = gate.rule({ bearer: true, audience: 'api', bearerFrom: 'form', unauthenticated: '401' });
  const count = 2000;
  const body = Readable.from([Buffer.from('a=1&'.repeat(count))]);
  const incoming = Object.assign(body, { method: 'POST', url: '/api', headers: { host: 'app.example', 'content-type': 'application/x-www-form-urlencoded' }, rawHeaders: [], socket: {} });
  const steps = t.mock.method(Object.getPrototypeOf([][Symbol.iterator]()), 'next');
  await gate.guard(gate.request(incoming), rule);
  const taken = steps.mock.callCount();
  steps.mock.restore();
  assert.ok(taken < 20 * count, `${taken} steps through arrays`);
  assert.equal(incoming.body.a.length, count);
  assert.deepEqual([...new Set(incoming.body.a)], ['1']);
});

test('a sign-in over a store, and a store that is down refuses without losing anybody', async () => {
  const store = new SlowStore(2);
  const { gate, rule, provider } = set({ store });
  const { cookie, verdict } = await login(gate, provider, rule);
  assert.equal(verdict.claims.sub, 'person-ada');
  store.down = true;
  const refused = await gate.guard(ask(gate, '/page', { cookie }), rule);
  assert.deepEqual([refused.pass, refused.status, refused.refusal], [false, 503, 'store_down']);
  store.down = false;
  assert.equal((await gate.guard(ask(gate, '/page', { cookie }), rule)).signedIn, true);
});

test('a client that leaves ends its transaction, its fetch, and nobody else\'s', async () => {
  const { gate, rule, provider } = set();
  let signal;
  await login(gate, provider, rule);
  provider.answers['/token'] = (url, init) => new Promise((_, fail) => {
    signal = init.signal;
    signal.addEventListener('abort', () => fail(new Error('aborted')));
  });
  const first = await gate.guard(ask(gate, '/page'), rule);
  const back = provider.authorize(first.headers.find(([name]) => name === 'Location')[1]);
  const socket = Object.assign(new EventEmitter(), { encrypted: true, destroyed: false });
  const [, before] = addon.counts();
  const going = gate.guard(ask(gate, back.pathname + back.search, { cookie: cookiesOf(first) }, { socket }), rule);
  await until('the fetch', () => signal);
  assert.equal(addon.counts()[1], before + 1);
  socket.emit('close');
  const verdict = await going;
  assert.deepEqual([verdict.gone, verdict.pass, verdict.signedIn], [true, false, false]);
  assert.deepEqual([signal.aborted, addon.counts()[1], socket.listenerCount('close')], [true, before, 0]);
});

test('a client that stays leaves no listener behind; one that had left already is gone', async () => {
  const { gate, rule } = set();
  const socket = Object.assign(new EventEmitter(), { encrypted: true, destroyed: false });
  await gate.guard(ask(gate, '/page', {}, { socket }), rule);
  assert.equal(socket.listenerCount('close'), 0);
  const fresh = set();
  assert.equal((await fresh.gate.guard(ask(fresh.gate, '/page', {}, { socket: { ...socket, destroyed: true, once() {} } }), fresh.rule)).gone, true);
});

test('upkeep fetches the keys again in the background, once at a time, ahead of their end', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
  const { gate, rule, provider } = set();
  let { cookie } = await login(gate, provider, rule);
  const before = provider.asked.length;
  for (let hours = 1; hours <= 30; hours++) {
    t.mock.timers.tick(30 * 60_000);
    const verdict = gate.guard(ask(gate, '/page', { cookie }), rule);
    assert.equal(verdict.signedIn, true, 'at once: nobody waits for it');
    cookie = cookiesOf(verdict, cookie);
    await new Promise((done) => { setImmediate(done); });
    await until('upkeep', () => !gate.engine.keeping);
  }
  const asked = provider.asked.slice(before).map(([, path]) => path);
  assert.ok(asked.includes('/jwks'), String(asked));
  assert.ok(asked.length <= 80, `${asked.length} fetches in fifteen hours`);
});

test('what the engine refuses to read is a refusal, not an exception', () => {
  const { gate, rule, lines } = set();
  const odd = gate.guard(ask(gate, '/page', { cookie: 'a=\u010a' }), rule);
  assert.deepEqual([odd.pass, odd.status, odd.refusal], [false, 400, 'request_malformed']);
  const large = gate.guard(ask(gate, '/page', { cookie: 'x'.repeat(5 << 20) }), rule);
  assert.deepEqual([large.pass, large.status, large.refusal], [false, 431, 'request_too_large']);
  assert.match(lines.join('\n'), /warn request_malformed: [^\n]*\nwarn request_too_large: /);
  assert.equal(odd.error.statusCode, 400);
});

test('a reply that cannot be read is the lack of one', async () => {
  const { gate, rule } = set();
  gate.fetcher.fetch = async () => ({ outcome: 0, status: 200, headers: ['x', '\u010a'], body: Buffer.from('{}') });
  assert.equal((await gate.guard(ask(gate, '/page'), rule)).refusal, 'provider_down');
});

test('a log that throws lets nobody in and breaks nothing', async () => {
  const { gate, rule } = set({ log() { throw new Error('disk full'); } });
  assert.equal(gate.guard(ask(gate, '/page', { accept: '*/*' }), rule).refusal, 'no_session');
});

test('the log line comes with the request it is about', () => {
  const seen = [];
  const { gate, rule } = set({ log: (level, line, request) => seen.push([level, line, request]) });
  const message = incoming('/page', { accept: '*/*' });
  gate.guard(gate.request(message), rule);
  assert.deepEqual([seen[0][0], seen[0][1].startsWith('no_session: '), seen[0][2]], ['info', true, message]);
});

test('rules that are added while a sign-in is under way do not lose it', async () => {
  const { gate, rule, provider } = set();
  const first = await gate.guard(ask(gate, '/page'), rule);
  const back = provider.authorize(first.headers.find(([name]) => name === 'Location')[1]);
  const going = gate.guard(ask(gate, back.pathname + back.search, { cookie: cookiesOf(first) }), rule);
  gate.rule({ unauthenticated: 'pass' });
  const second = await going;
  assert.equal(second.status, 303);
  assert.equal((await gate.guard(ask(gate, '/page', { cookie: cookiesOf(second, cookiesOf(first)) }), rule)).signedIn, true);
  await pause(1);
});

test('after close a gate decides nothing', () => {
  const { gate, rule } = set();
  gate.close();
  assert.throws(() => gate.guard(ask(gate, '/page'), rule), { code: 'GATE_CLOSED' });
});
