// SPDX-License-Identifier: Apache-2.0
// Sessions in a store: what is written and when, ids, and a store that is down. Redis is a real one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe } from 'node:test';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createClient } from 'redis';
import { freePort, pause } from '../support/place.mjs';
import { Program } from '../support/process.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { Asked } from '../../servers/node/lib/session/ask.js';
import { Client, DAY, idToken, site, SlowStore } from './session-support.mjs';

const stage = openStage('session-store');
const test = testOn(stage);

const writes = (store) => store.asked.filter((line) => !line.startsWith('get')).map((line) => line.replace(/ .*ended-.*/, ' mark').replace(/ [0-9a-f]{32}/, ' row'));

describe('ids that could be the name of something else', () => {
  for (const id of ['../uploads/x', '..', '.', 'a/b', 'a\\b', 'a\0b', 'a\nb', '/etc/x', 'x'.repeat(257)]) {
    test(`${JSON.stringify(id).slice(0, 30)} is asked of no store`, async () => {
      const store = new SlowStore();
      const { origin } = await site(stage, { store });
      const answer = await fetch(`${origin}/see`, { headers: { cookie: `appSession=${encodeURIComponent(id)}` } });
      assert.equal(answer.status, 200);
      assert.deepEqual(store.asked, []);
    });
  }
});

test('a file that is not there is a miss; a socket that is not there is a store that is down', async () => {
  const says = (syscall) => new Asked({ get(id, done) { setImmediate(done, Object.assign(new Error('no'), { code: 'ENOENT', syscall })); } }).get('x');
  assert.equal(await says('open'), undefined);
  for (const syscall of ['connect', undefined]) await assert.rejects(says(syscall), { id: 'store_down' });
  const fails = (syscall) => {
    const error = Object.assign(new Error('no'), { code: 'ENOENT', syscall });
    return new Asked({ set(id, row, done) { setImmediate(done, error); }, destroy(id, done) { setImmediate(done, error); } });
  };
  await fails('unlink').destroy('x'); // it is gone
  await assert.rejects(fails('open').set('x', {}), { id: 'store_down' }, 'nothing was written');
});

describe('what is written', () => {
  test('one row for a sign-in, in the known form, and none for what only reads', async () => {
    const store = new SlowStore();
    const { origin } = await site(stage, { store });
    const client = new Client(origin);
    assert.equal(await client.see(), null);
    assert.deepEqual(store.asked, [], 'without a cookie nobody asks the store');
    const [cookie] = (await client.get('/in')).cookies;
    const [[id, row]] = store.sessions;
    assert.match(cookie, new RegExp(`^appSession=${id}; Path=/; HttpOnly; SameSite=Lax; Expires=`));
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(row.data.sub, 'ada');
    assert.equal(row.header.exp - row.header.iat, DAY);
    assert.equal(row.header.uat, row.header.iat);
    assert.equal(row.cookie.expires, row.header.exp * 1000);
    assert.equal((await client.see()).sub, 'ada');
    assert.deepEqual((await client.get('/see')).cookies, []);
    assert.deepEqual(writes(store), ['set row']);
    assert.equal((await client.see('/count')).count, 1);
    assert.equal((await client.see()).count, 1);
    assert.deepEqual(writes(store), ['set row', 'set row']);
  });

  test('of somebody who has not signed in: nothing until there is something', async () => {
    const store = new SlowStore();
    const { origin } = await site(stage, { store }, { '/look': (visit, req, res) => res.end(String(visit.data.x)) });
    const client = new Client(origin);
    assert.deepEqual((await client.get('/look')).cookies, []);
    assert.equal((await client.see('/count')).count, 1);
    assert.equal((await client.see('/count')).count, 2);
    assert.equal(store.sessions.length, 1);
  });

  test('a stream that has begun before the row is there has its cookie all the same', async () => {
    const store = new SlowStore(20);
    const { origin } = await site(stage, { store }, { '/stream': (visit, req, res) => { visit.data.n = 1; res.write('x'); res.end('y'); } });
    const client = new Client(origin);
    assert.equal((await client.get('/stream')).text, 'xy');
    assert.equal((await client.see()).n, 1);
  });

  test('an emptied one is destroyed', async () => {
    const store = new SlowStore();
    const { origin } = await site(stage, { store }, { '/clear': (visit, req, res) => { for (const name of Object.keys(visit.data)) delete visit.data[name]; res.end(); } });
    const client = new Client(origin);
    await client.get('/in');
    await client.get('/clear');
    assert.deepEqual(store.sessions, []);
    assert.deepEqual(client.cookies(), []);
  });

  test('used for long it is touched, row and cookie', async () => {
    const store = new SlowStore();
    const { origin } = await site(stage, { store });
    const client = new Client(origin);
    await client.get('/in');
    const [[id, row]] = store.sessions;
    store.rows.set(id, JSON.stringify({ ...row, header: { ...row.header, uat: row.header.uat - 9000 } }));
    assert.equal((await client.get('/see')).cookies.length, 1);
    assert.equal(store.sessions[0][1].header.iat, row.header.iat);
    assert.ok(store.sessions[0][1].header.uat >= row.header.uat);
    assert.deepEqual((await client.get('/see')).cookies, []);
  });
});

describe('ids', () => {
  test('an id that somebody put into the browser is nobody’s, and a sign-in takes another', async () => {
    const store = new SlowStore();
    const { origin } = await site(stage, { store });
    const client = new Client(origin);
    client.browser.jar.set(new URL(origin), 'appSession=chosen-by-mallory; Path=/');
    await client.get('/count');
    await client.get('/in');
    assert.ok(!store.rows.has('chosen-by-mallory'));
    assert.equal(store.sessions.length, 1);
  });

  test('an id from the time before cookies were signed: its cookie is signed with the next answer', async () => {
    const store = new SlowStore();
    const before = await site(stage, { store });
    const client = new Client(before.origin);
    await client.get('/in');
    const after = await site(stage, { store, signSessionStoreCookie: true, requireSignedSessionStoreCookie: false });
    const moved = new Client(after.origin, client.browser);
    const { json, cookies } = await moved.get('/see');
    assert.equal(json.sub, 'ada');
    assert.match(cookies.join(), /^appSession=[0-9a-f]{32}\.[\w-]{43};/);
    assert.deepEqual((await moved.get('/see')).cookies, [], 'once');
    const strict = await site(stage, { store, signSessionStoreCookie: true });
    assert.equal((await new Client(strict.origin, client.browser).see()).sub, 'ada');
  });

  test('a sign-in makes a new id, keeps what the visitor had, and ends the old row', async () => {
    const store = new SlowStore();
    const { origin, sessions } = await site(stage, { store });
    const client = new Client(origin);
    const ended = [];
    sessions.onEnd((id) => ended.push(id));
    await client.get('/count');
    const [[before]] = store.sessions;
    await client.get('/in');
    const [[id, row]] = store.sessions;
    assert.notEqual(id, before);
    assert.equal(row.data.count, 1);
    assert.deepEqual(ended, [before]);
    await client.get('/in');
    assert.equal(store.sessions.length, 1);
    assert.notEqual(store.sessions[0][0], id);
    const mallory = new Client(origin);
    mallory.browser.jar.set(new URL(origin), `appSession=${before}; Path=/`);
    assert.equal(await mallory.see(), null);
  });

  test('what is no id of a session is nobody: marks, rows of others, anything', async () => {
    const store = new SlowStore();
    const { origin } = await site(stage, { store });
    const client = new Client(origin);
    await client.get('/in');
    await client.get('/out');
    store.rows.set('other', JSON.stringify({ cookie: {}, passport: { user: 'ada' } }));
    store.rows.set('list', JSON.stringify({ header: { iat: 1, uat: 9e9, exp: 9e9 }, data: [] }));
    store.rows.set('string', JSON.stringify('ada'));
    for (const id of [...store.rows.keys(), '__proto__', 'x'.repeat(5000), '%00', '']) {
      client.browser.jar.set(new URL(origin), `appSession=${id}; Path=/`);
      assert.equal(await client.see(), null, id);
    }
  });

  test('genid makes them, now or later; what it cannot make is an error', async () => {
    const store = new SlowStore();
    let made = 'mine-1';
    const { origin } = await site(stage, { store, genid: (req) => (req.url === '/in' ? Promise.resolve(made) : 'at-once') });
    const client = new Client(origin);
    await client.get('/count');
    assert.deepEqual([...store.rows.keys()], ['at-once']);
    await client.get('/in');
    assert.ok(store.rows.has('mine-1'));
    made = 7;
    const refused = await client.get('/in');
    assert.equal(refused.status, 500);
    assert.match(refused.json.message, /genid/);
  });
});

describe('a store that is down', () => {
  test('is 503 and not nobody; afterwards the session is there', async () => {
    const store = new SlowStore();
    const { origin } = await site(stage, { store });
    const client = new Client(origin);
    await client.get('/in');
    store.down.add('get');
    const refused = await client.get('/see');
    assert.equal(refused.status, 503);
    assert.equal(refused.json.id, 'store_down');
    assert.equal(refused.headers['retry-after'], '5');
    assert.deepEqual(refused.cookies, []);
    store.down.clear();
    assert.equal((await client.see()).sub, 'ada');
  });

  test('a sign-in is refused and leaves nothing', async () => {
    const store = new SlowStore();
    const { origin } = await site(stage, { store });
    const client = new Client(origin);
    store.down.add('set');
    const refused = await client.get('/in');
    assert.equal(refused.status, 503);
    assert.deepEqual(refused.cookies, []);
  });

  // Once the mark is there nobody is signed in any more, though the row could not be taken away.
  for (const [what, kept] of [['set', 'ada'], ['destroy', null]]) {
    test(`a sign-out is not confirmed when "${what}" fails`, async () => {
      const store = new SlowStore();
      const { origin } = await site(stage, { store });
      const client = new Client(origin);
      await client.get('/in');
      store.down.add(what);
      const refused = await client.get('/out');
      assert.equal(refused.status, 503);
      assert.deepEqual(refused.cookies, []);
      store.down.clear();
      assert.equal((await client.see())?.sub ?? null, kept);
    });
  }

  test('a change is not confirmed: 503 in place of the answer', async () => {
    const store = new SlowStore();
    const { origin, log } = await site(stage, { store });
    const client = new Client(origin);
    await client.get('/in');
    store.down.add('set');
    const refused = await client.get('/count');
    assert.equal(refused.status, 503);
    assert.doesNotMatch(refused.text, /count/);
    assert.match(log.join(), /store_down/);
    assert.doesNotMatch(log.join(), /eyJ/, 'nothing of the session is in the log');
    store.down.clear();
    assert.equal((await client.see()).count, undefined);
  });
});

describe('kinds of stores', () => {
  test('one that answers promises', async () => {
    const rows = new Map();
    const store = {
      get: async (id) => structuredClone(rows.get(id)),
      set: async (id, row) => { rows.set(id, structuredClone(row)); },
      destroy: async (id) => { rows.delete(id); },
    };
    const { origin } = await site(stage, { store });
    const client = new Client(origin);
    await client.get('/in');
    assert.equal((await client.see()).sub, 'ada');
    await client.get('/out');
    assert.equal(rows.size, 1);
    assert.equal(await client.see(), null);
  });

  test('an answer is the callback’s, not that of a promise beside it; an error of either is one', async () => {
    const asked = new Asked({
      async get(id, callback) { setTimeout(callback, 30, null, { late: true }); },
      async set(id, row, callback) { if (!callback) return; throw new Error('refused'); },
      destroy() { throw new Error('at once'); },
    });
    assert.deepEqual(await asked.get('x'), { late: true });
    await assert.rejects(asked.set('x', {}), { id: 'store_down', status: 503 });
    await assert.rejects(asked.destroy('x'), { id: 'store_down' });
  });

  test('no answer is store_down after five seconds', async () => {
    const began = Date.now();
    await assert.rejects(new Asked({ get(id, callback) { void callback; }, set() {}, destroy() {} }).get('x'), { id: 'store_down' });
    assert.ok(Date.now() - began >= 4900);
  });

  test('express-session’s MemoryStore', async () => {
    const store = new session.MemoryStore();
    const { origin } = await site(stage, { store });
    const client = new Client(origin);
    await client.get('/in');
    assert.equal((await client.see()).sub, 'ada');
    await client.get('/out');
    assert.equal(await client.see(), null);
  });
});

describe('Redis', () => {
  const world = {};

  async function startRedis(port) {
    const redis = new Program('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', stage.folder, '--appendonly', 'yes', '--appendfsync', 'always'], { name: 'redis' });
    await redis.said(/Ready to accept connections/);
    return redis;
  }

  test('a session, its time to live, its end', async () => {
    world.port = await freePort();
    world.redis = stage.add(await startRedis(world.port));
    world.client = createClient({ url: `redis://127.0.0.1:${world.port}`, socket: { reconnectStrategy: 50 }, disableOfflineQueue: true }).on('error', () => {});
    await world.client.connect();
    stage.add({ stop: () => world.client.destroy() });
    world.store = new RedisStore({ client: world.client, prefix: 'app:' });
    const { origin } = await site(stage, { store: world.store });
    world.browser = new Client(origin);
    await world.browser.get('/in');
    const [key] = await world.client.keys('app:*');
    const left = await world.client.ttl(key);
    assert.ok(left > DAY - 10 && left <= DAY, String(left));
    assert.equal((await world.browser.see('/count')).count, 1);
    await world.browser.get('/out');
    const [mark, ...rest] = await world.client.keys('app:*');
    assert.match(mark, /^app:ended-/);
    assert.deepEqual(rest, []);
    assert.ok(await world.client.ttl(mark) > 7 * DAY - 10);
    assert.equal(await world.browser.see(), null);
  });

  test('gone it is 503; back again, everybody is still signed in', async () => {
    await world.browser.get('/in');
    await world.redis.stop();
    const refused = await world.browser.get('/see');
    assert.equal(refused.status, 503);
    assert.equal(refused.json.id, 'store_down');
    assert.deepEqual(refused.cookies, []);
    stage.add(await startRedis(world.port));
    for (let i = 0; i < 100 && !world.client.isReady; i++) await pause(50);
    assert.equal((await world.browser.see()).sub, 'ada');
  });

  test('two hosts with one Redis: a sign-out on one is one on the other, with a request on its way there', async () => {
    const [one, other] = await Promise.all([site(stage, { store: world.store }), site(stage, { store: world.store })]);
    const here = new Client(one.origin);
    await here.get('/in');
    const there = new Client(other.origin);
    there.browser.jar = here.browser.jar.copy();
    const onItsWay = there.get('/slow?write=1&ms=150');
    await pause(50);
    await here.get('/out');
    await onItsWay;
    assert.equal(await there.see(), null);
  });
});

test('redis-server is at hand', () => assert.match(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }), /Redis server/));
test('an ID Token of these tests is one', () => assert.equal(idToken({ sub: 'ada' }).split('.').length, 3));

test('what a store says of its failure is a few words in one line, and quotes no row', async () => {
  const row = { data: { id_token: 'eyJ.secret' } };
  const said = [
    'a text that quotes {"id_token":"eyJ.secret"}', new Error('could not write {"id_token":"eyJ.secret"}'), Object.assign(new Error('x'), { code: 'E\r\nerror: somebody else\u001b[2J' }),
    Object.assign(new Error('x'), { code: 'E'.repeat(5000) }), { code: { toString() { throw new Error('trap'); } } }, Object.create(null), 7, Symbol('eyJ.secret'),
  ];
  for (const error of said) {
    for (const store of [{ set: (id, kept, done) => done(error) }, { set: async () => { throw error; } }, { set() { throw error; } }]) {
      await assert.rejects(new Asked(store).set('id', row), ({ id, message }) => {
        assert.equal(id, 'store_down');
        assert.ok(message.length < 200 && /^[\x20-\x7e]*$/.test(message) && !message.includes('secret'), message);
        return true;
      });
    }
  }
});
