// SPDX-License-Identifier: Apache-2.0
// Nothing grows. GATE_GROWTH=1 does it as often as is said in the names; otherwise a part of it, by the same measure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Gate } from '../../servers/node/index.js';
import { addon } from '../../servers/node/lib/addon.js';
import { pause } from '../support/place.mjs';
import { CLIENT, FakeProvider, incoming, login } from '../support/fake_provider.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const whole = Boolean(process.env.GATE_GROWTH);
const ROUNDS = 6;
const TRIES = 4;
const GROWTH_MAX = 3 << 20;

/** @returns {Promise<{rss: number, heap: number, handles: number, counts: number[]}>} with nothing left that could be collected */
async function measure() {
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((done) => { setImmediate(done); });
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed, handles: process.getActiveResourcesInfo().length, counts: addon.counts() };
}

/**
 * What a measure has climbed by from round to round, without its largest step: V8 and the allocator take a larger piece of memory once,
 * at some round; what leaks climbs in each.
 */
function climb(values) {
  const steps = values.slice(1).map((value, i) => value - values[i]);
  return steps.reduce((sum, step) => sum + step, 0) - Math.max(...steps);
}

/** Six rounds, the first of them for warming up. @returns {Promise<string>} what has grown; empty: nothing */
async function grown(t, times, act, settle) {
  const seen = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < times / ROUNDS; i++) await act(i);
    await pause(settle);
    seen.push(await measure());
  }
  const [, from] = seen;
  const to = seen.at(-1);
  const [rss, heap] = ['rss', 'heap'].map((name) => climb(seen.slice(1).map((each) => each[name])));
  t.diagnostic(`${times} times: ${seen.map(({ rss, heap }) => `${(rss / 1048576).toFixed(1)}/${(heap / 1048576).toFixed(1)}`).join(' ')} MiB of RSS/heap`);
  assert.ok(to.handles <= from.handles, `${to.handles - from.handles} handles more`);
  assert.deepEqual(to.counts, from.counts);
  if (heap >= GROWTH_MAX / 3) return `the heap grew by ${heap} bytes`;
  return rss < GROWTH_MAX ? '' : `RSS grew by ${rss} bytes`;
}

/**
 * What leaks grows each time that it is tried; an allocator that settles does not. how: settle, milliseconds after each round; part, of the
 * times, where not the whole is wanted.
 */
async function mustNotGrow(t, all, act, { settle = 0, part = 0.1 } = {}) {
  let what = 'it was not tried';
  for (let i = 0; what && i < TRIES; i++) what = await grown(t, whole ? all : all * part, act, settle);
  assert.equal(what, '');
}

const provider = new FakeProvider();
const gate = new Gate({ issuer: provider.issuer, ...CLIENT, customFetch: provider.fetch, log() {} });
const rule = gate.rule({ header: { 'X-User': 'sub' } });
const api = gate.rule({ bearer: true, audience: 'api', unauthenticated: '401' });

test('100000 guarded requests: a session, a bearer token, nobody, something broken', async (t) => {
  const { cookie } = await login(gate, provider, rule);
  const token = provider.jwt({ sub: 's', aud: 'api', client_id: 'c', jti: '1' }, { typ: 'at+jwt' });
  const requests = [
    [incoming('/page', { cookie }), rule], [incoming('/api', { authorization: `Bearer ${token}` }), api], [incoming('/page', { accept: '*/*' }), rule],
    [incoming('/api', { authorization: 'Bearer x.y.z' }), api], [incoming('/page', { cookie: '\u010a' }), rule], [incoming('/page', { cookie: `${cookie}x` }), rule],
  ];
  await mustNotGrow(t, 100_000, (i) => {
    const [message, place] = requests[i % requests.length];
    const verdict = gate.guard(gate.request(message), place);
    if (i % requests.length === 0) assert.equal(verdict.claims.sub, 'person-ada');
    return verdict;
  });
});

test('100000 whole sign-ins', async (t) => {
  await mustNotGrow(t, 100_000, async () => {
    provider.asked.length = 0;
    const { verdict } = await login(gate, provider, rule);
    assert.equal(verdict.signedIn, true);
  }, { part: 0.02 });
});

test('2000 gates that are opened and left, with sign-ins under way', async (t) => {
  await mustNotGrow(t, 2000, async (i) => {
    const own = new Gate({ issuer: provider.issuer, ...CLIENT, fetchTimeout: 1, customFetch: () => new Promise(() => {}), log() {} });
    const left = { on() {}, once(name, leave) { setImmediate(leave); }, removeListener() {}, encrypted: true };
    await own.guard(own.request(incoming('/page', {}, { socket: left })), own.rule());
    if (i % 2) own.close();
    if (i % 20 === 0) await measure();
  }, { settle: 1200 }); // a fetch that others might share goes on until its time is over
});
