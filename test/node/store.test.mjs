// SPDX-License-Identifier: Apache-2.0
// STORE over an express-session store that is quick, slow, broken or dumb, over a real Redis, and over one of promises.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createClient } from 'redis';
import { openStore } from '../../servers/node/lib/store.js';
import { freePort, pause } from '../support/place.mjs';
import { Program } from '../support/process.mjs';
import { SlowStore } from '../support/slow_store.mjs';
import { openStage } from '../support/stage.mjs';

const stage = openStage('store');
const [GET, TAKE, ADD, PUT, DROP] = [0, 1, 2, 3, 4];
const [OK, ABSENT, EXISTS, FAILED] = [0, 1, 2, 3];
const soon = () => Math.floor(Date.now() / 1000) + 100;
const value = Buffer.from([0, 255, 128, 10, 13, 7]);

/** The five operations, as the engine asks for them. */
function asker(store, how) {
  const opened = openStore(store, how);
  const ask = (op, keys, content, expires) => opened.reply([1, undefined, null, op, keys.map((key) => Buffer.from(key, 'latin1')), content, expires]);
  return {
    get: async (...keys) => {
      const { outcome, values, why } = await ask(GET, keys);
      return outcome === OK ? values.map((each) => each && Buffer.from(each).toString('latin1')) : [outcome, why];
    },
    take: async (key) => (await ask(TAKE, [key])).values[0],
    add: async (key, content = value, expires = soon()) => (await ask(ADD, [key], content, expires)).outcome,
    put: async (key, content = value, expires = soon()) => (await ask(PUT, [key], content, expires)).outcome,
    drop: async (...keys) => (await ask(DROP, keys)).outcome,
    ask,
  };
}

/** What every store has to do. */
function sameForAll(name, open) {
  test(`${name}: the five operations`, async () => {
    const store = asker(await open());
    const KEY = '\u0001k\u00ff';
    assert.deepEqual(await store.get(KEY, 'other'), [null, null]);
    assert.equal(await store.put(KEY), ABSENT);
    assert.deepEqual(await store.get(KEY), [null], 'PUT creates nothing');
    assert.equal(await store.add(KEY), OK);
    assert.equal(await store.add(KEY, Buffer.from('new')), EXISTS);
    assert.deepEqual(await store.get('other', KEY), [null, value.toString('latin1')]);
    assert.equal(await store.put(KEY, Buffer.from('two')), OK);
    assert.deepEqual(await store.get(KEY), ['two']);
    assert.equal(await store.drop(KEY, 'never'), OK);
    assert.equal(await store.drop(KEY), OK);
    assert.equal(await store.put(KEY), ABSENT);
    assert.deepEqual(await store.get(KEY), [null]);
    assert.equal(await store.add(KEY, Buffer.from('three')), OK, 'a key may be used again');
    assert.deepEqual(await store.get(KEY), ['three']);
    assert.equal(Buffer.from(await store.take(KEY)).toString(), 'three');
    assert.equal(await store.take(KEY), null);
    assert.deepEqual(await store.get(KEY), [null]);
  });

  test(`${name}: what has expired is not there, whatever the store thinks`, async () => {
    const store = asker(await open());
    assert.equal(await store.add('e', value, Math.floor(Date.now() / 1000) - 1), OK);
    assert.deepEqual(await store.get('e'), [null]);
    assert.equal(await store.put('e'), ABSENT);
    assert.equal(await store.add('e', value), OK);
    await store.drop('e');
  });

  test(`${name}: 64 KiB, and one of many takers and adders in a process`, async () => {
    const store = asker(await open());
    const large = Buffer.alloc(65536, 7);
    assert.equal(await store.add('large', large), OK);
    assert.equal((await store.get('large'))[0], large.toString('latin1'));
    assert.deepEqual((await Promise.all([1, 2, 3].map(() => store.take('large')))).filter(Boolean).length, 1);
    assert.deepEqual((await Promise.all([1, 2, 3].map(() => store.add('one')))).sort(), [OK, EXISTS, EXISTS]);
  });
}

sameForAll('MemoryStore', async () => new session.MemoryStore());
sameForAll('a store of 50 ms', async () => new SlowStore(50));

const port = await freePort();
const redis = stage.add(new Program('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { name: 'redis' }));
await redis.said(/Ready to accept connections/);
const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: false } });
client.on('error', () => {});
await client.connect();
stage.add({ stop: () => client.destroy() });
sameForAll('connect-redis', async () => new RedisStore({ client }));

const promises = () => {
  const rows = new Map();
  const live = (key) => (rows.get(key)?.expires > Date.now() / 1000 ? rows.get(key).value : null);
  return {
    get: async (key) => live(key),
    take: async (key) => { const found = live(key); rows.delete(key); return found; },
    add: async (key, content, expires) => (live(key) ? false : Boolean(rows.set(key, { value: content, expires }))),
    put: async (key, content, expires) => (live(key) ? Boolean(rows.set(key, { value: content, expires })) : false),
    drop: async (key) => { rows.delete(key); },
  };
};
sameForAll('a store of promises', async () => promises());

test('Redis forgets rows and marks by itself', async () => {
  await client.flushDb();
  const store = asker(new RedisStore({ client }));
  await store.add('x', value, soon());
  await store.drop('x');
  const keys = await client.keys('*');
  assert.equal(keys.length, 1, 'a mark is left');
  const ttl = await client.ttl(keys[0]);
  assert.ok(ttl > 200 && ttl <= 270, `the row's end, one span, and a minute: ${ttl}`);
});

// ---- races; each store of these has 200 ms for each of its operations

/** Two processes over one store: they share rows, and no lines. */
function twoProcesses(ms = 200) {
  const slow = new SlowStore(ms);
  return [asker(slow), asker(slow), slow];
}

test('a use that is written down while the session is dropped elsewhere brings nothing back, whenever that is', async () => {
  await Promise.all([0, 100, 250, 350, 450, 550, 650, 900].map(async (when) => {
    const [here, there] = twoProcesses();
    await here.add('s');
    const put = here.put('s', Buffer.from('touched'));
    await pause(when);
    assert.equal(await there.drop('s'), OK);
    assert.deepEqual(await there.get('s'), [null], `${when} ms`);
    await put;
    assert.deepEqual([await here.get('s'), await there.get('s')], [[null], [null]], `${when} ms`);
    assert.equal(await here.put('s'), ABSENT);
  }));
});

test('nor when the row is written last, and its writer dies with that', async () => {
  const [here, there, slow] = twoProcesses(5);
  await here.add('s');
  const rows = slow.rows;
  const set = slow.set.bind(slow);
  slow.set = (id, row, callback) => (id.startsWith('gatewright.') ? setTimeout(set, 200, id, row, () => {}) : set(id, row, callback));
  here.put('s', Buffer.from('touched')); // never answered
  assert.equal(await there.drop('s'), OK);
  await pause(300);
  assert.ok([...rows.keys()].some((key) => key.startsWith('gatewright.')), 'the row is there again');
  assert.deepEqual([await here.get('s'), await there.get('s'), await there.put('s')], [[null], [null], ABSENT]);
});

test('in one process operations on a key stand in line, and on others do not wait', async () => {
  const slow = new SlowStore(50);
  const store = asker(slow);
  await store.add('s');
  const done = await Promise.all([store.put('s', Buffer.from('a')), store.drop('s'), store.put('s', Buffer.from('b'))]);
  assert.deepEqual(done, [OK, OK, ABSENT]);
  const begun = Date.now();
  await Promise.all(Array.from({ length: 20 }, (_, i) => store.add(`k${i}`)));
  assert.ok(Date.now() - begun < 500);
  assert.equal(openStore(slow).values.lines.size, 0);
});

// ---- trouble: never a miss

test('an error is not a miss', async () => {
  const slow = new SlowStore(0);
  const store = asker(slow);
  await store.add('s');
  slow.down = true;
  for (const [op, ...rest] of [['add'], ['put', value], ['drop']]) assert.equal(await store[op]('s', ...rest), FAILED, op);
  assert.deepEqual(await store.get('s'), [FAILED, 'the store is down']);
  slow.down = false;
  assert.deepEqual(await store.get('s'), [value.toString('latin1')]);
});

const odd = (get, more = {}) => ({ get, set: (id, row, callback) => callback(null), destroy: (id, callback) => callback(null), ...more });
for (const [name, store] of Object.entries({
  throws: odd(() => { throw new Error('thrown'); }),
  rejects: odd(async () => { throw new Error('rejected'); }),
  'says an error that is no Error': odd((id, callback) => callback('bad')),
  'says ENOENT': odd((id, callback) => callback(Object.assign(new Error('no file'), { code: 'ENOENT' }))),
  'is behind a socket that is not there': odd((id, callback) => callback(Object.assign(new Error('connect ENOENT'), { code: 'ENOENT', syscall: 'connect' }))),
  'answers with another kind of row': odd((id, callback) => callback(null, { gatewright: { value: 7 } })),
  'answers with text for a row': odd((id, callback) => callback(null, { gatewright: 'x' })),
  'is of promises, and answers with text': { ...promises(), get: async () => 'text' },
  'is of promises, and rejects': { ...promises(), get: async () => { throw new Error('no'); } },
})) {
  test(`a store that ${name} has failed`, async () => {
    const [outcome, why] = await asker(store).get('s');
    assert.equal(outcome, FAILED);
    assert.ok(why.length > 0);
  });
}

test('a store of promises that answers neither yes nor no has failed', async () => {
  assert.equal(await asker({ ...promises(), add: async () => undefined }).add('s'), FAILED);
  assert.equal(await asker({ ...promises(), put: async () => 1 }).put('s'), FAILED);
});

test('a store that never answers has failed after its time, and the next is asked anew', async () => {
  const slow = new SlowStore(0);
  const store = asker(slow, { waitMs: 60 });
  await store.add('s');
  const get = slow.get.bind(slow);
  slow.get = () => {};
  const begun = Date.now();
  assert.deepEqual(await store.get('s'), [FAILED, 'no answer within 60 ms']);
  assert.equal(await store.put('s'), FAILED);
  assert.ok(Date.now() - begun < 1000);
  slow.get = get;
  await pause(80);
  assert.equal(await store.put('s'), OK);
});

test('a Redis that goes away has failed, and is no miss', async () => {
  const store = asker(new RedisStore({ client }), { waitMs: 1000 });
  await store.add('gone');
  await redis.stop();
  assert.equal((await store.get('gone'))[0], FAILED);
  assert.equal(await store.drop('gone'), FAILED);
});

test('a store of files says ENOENT of a session that is not there', async () => {
  const rows = new Map();
  const files = {
    get(id, done) { setImmediate(() => (rows.has(id) ? done(null, rows.get(id)) : done(Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' })))); },
    set(id, row, done) { rows.set(id, row); setImmediate(done); },
    destroy(id, done) { rows.delete(id); setImmediate(done); },
  };
  const store = asker(files);
  assert.deepEqual(await store.get('x'), [null]);
  assert.equal(await store.add('x'), OK);
  assert.equal((await store.get('x'))[0], value.toString('latin1'));
  const broken = asker({ ...files, get(id, done) { setImmediate(done, Object.assign(new Error('no'), { code: 'EACCES' })); } });
  assert.equal((await broken.get('x'))[0], FAILED);
  const full = asker({ ...files, set(id, row, done) { setImmediate(done, Object.assign(new Error('no folder'), { code: 'ENOENT', syscall: 'open' })); } });
  assert.equal(await full.add('y'), FAILED, 'nothing was written');
});

test('a store that answers by promises alone is heard', async () => {
  const rows = new Map();
  const store = asker({ get: async (id) => rows.get(id), set: async (id, row) => { rows.set(id, row); }, destroy: async (id) => { rows.delete(id); } });
  assert.equal(await store.add('x'), OK);
  assert.equal((await store.get('x'))[0], value.toString('latin1'));
  await store.drop('x');
  assert.deepEqual(await store.get('x'), [null]);
});
