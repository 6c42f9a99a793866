// SPDX-License-Identifier: Apache-2.0
// How long a socket lives: timers, names, and that nothing stays of a socket that is gone. The gate here is a table of tokens.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mock, test } from 'node:test';
import { Refusal } from '../../servers/node/lib/errors.js';
import { atTime } from '../../servers/node/lib/sockets/deadline.js';
import { readHandshake, isOurPage } from '../../servers/node/lib/sockets/handshake.js';
import { Hub, hubOf } from '../../servers/node/lib/sockets/hub.js';
import { socketAuth } from '../../servers/node/lib/sockets/index.js';

const refusal = new Refusal('bearer_missing');

/** A gate that knows some tokens: {token: {claims, expires}}. */
function tableGate(tokens) {
  return {
    rule: (options) => options,
    log() {},
    request: (req) => ({ ...req, scheme: 'http', authority: req.headers.host }),
    async guard(request) {
      const known = tokens[/^Bearer (.*)/.exec(request.headers.authorization ?? '')?.[1]];
      if (!known) return { pass: false, signedIn: false, status: 401, headers: [['WWW-Authenticate', 'Bearer realm="t"']], error: refusal };
      return { pass: true, signedIn: true, headers: [], userinfo: undefined, ...known };
    },
  };
}

function request(headers = {}, url = '/') {
  const raw = Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((each) => [name, each]));
  return { method: 'GET', url, headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value].flat()[0]])), rawHeaders: raw, socket: new EventEmitter() };
}

/** A Socket.IO socket, as much of it as is used. */
function fakeSocket(req, auth, conn = Object.assign(new EventEmitter(), { readyState: 'open', close() { this.readyState = 'closed'; this.emit('close'); } })) {
  const said = [];
  const socket = Object.assign(new EventEmitter(), {
    request: req, handshake: { auth }, conn, nsp: { name: '/' }, connected: true, said,
    disconnect(close) { said.push(['disconnect', close]); this.connected = false; EventEmitter.prototype.emit.call(this, 'disconnect', 'server'); },
  });
  const emit = socket.emit.bind(socket);
  socket.emit = (name, ...rest) => (name === 'unauthorized' ? Boolean(said.push([name, ...rest])) : emit(name, ...rest));
  return socket;
}

const enter = (middleware, socket) => new Promise((done) => { middleware(socket, done); });

function stopClock(t, now = 1_800_000_000_000) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  mock.timers.tick(now);
  t.after(() => mock.timers.reset());
}

const settle = () => new Promise((done) => { setImmediate(done); });

test('a moment further away than a timer can count comes when it comes', (t) => {
  stopClock(t, 0);
  const act = t.mock.fn();
  const year = 365 * 86400 * 1000;
  atTime(year, act);
  for (let day = 0; day < 364; day++) mock.timers.tick(86400 * 1000);
  assert.equal(act.mock.callCount(), 0);
  mock.timers.tick(86400 * 1000);
  assert.equal(act.mock.callCount(), 1);
});

test('a moment that is called off, and one that never comes', (t) => {
  stopClock(t, 0);
  const act = t.mock.fn();
  atTime(5000, act)();
  atTime(Infinity, act);
  mock.timers.tick(2 ** 32);
  assert.equal(act.mock.callCount(), 0);
});

test('a timer alone does not keep the process', async () => {
  const { run } = await import('../support/process.mjs');
  const module = new URL('../../servers/node/lib/sockets/deadline.js', import.meta.url).href;
  const begun = Date.now();
  const { status } = await run(process.execPath, ['--input-type=module', '-e', `import(${JSON.stringify(module)}).then(({ atTime }) => atTime(Date.now() + 3600000, () => {}));`]);
  assert.equal(status, 0);
  assert.ok(Date.now() - begun < 20000);
});

test('the hub: the narrowest name counts, and nothing stays', () => {
  const hub = new Hub();
  const ended = [];
  const add = (name, login) => hub.add(login, () => ended.push(name));
  const gone = [
    add('ada here', { session: 's1', iss: 'i', sub: 'ada', sid: 'p1' }),
    add('ada there', { session: 's2', iss: 'i', sub: 'ada', sid: 'p2' }),
    add('another issuer', { iss: 'j', sub: 'ada' }),
  ];
  assert.equal(hub.signOut({ session: 's1', iss: 'i', sub: 'ada' }), 1);
  assert.equal(hub.signOut({ iss: 'i', sid: 'p2' }), 1);
  assert.deepEqual(ended, ['ada here', 'ada there']);
  assert.equal(hub.signOut({ iss: 'i', sub: 'ada' }), 2);
  assert.equal(hub.signOut({ iss: 'i', sub: 'nobody' }), 0);
  assert.throws(() => hub.signOut({ iss: 'i' }), TypeError);
  assert.throws(() => hub.signOut({ sub: 'ada' }), TypeError);
  for (const forget of gone) forget();
  assert.equal(hub.size, 0);
});

test('the hub: one socket whose listeners are broken does not keep the others', () => {
  const hub = new Hub();
  const ended = [];
  for (const name of ['a', 'b', 'c']) {
    hub.add({ session: 's' }, () => {
      ended.push(name);
      if (name === 'a') throw new Error('of the application');
    });
  }
  assert.throws(() => hub.signOut({ session: 's' }), /of the application/);
  assert.deepEqual(ended, ['a', 'b', 'c']);
});

test('the hub: names cannot be mixed up by what stands in them', () => {
  const hub = new Hub();
  const end = () => assert.fail('another login ended');
  hub.add({ iss: 'i', sub: 'x"],["sub","i","y' }, end);
  hub.add({ iss: 'i","y', sub: 'z' }, end);
  assert.equal(hub.signOut({ iss: 'i', sub: 'y' }), 0);
});

test('the hub: sign-outs are remembered for a minute, and never too many of them', (t) => {
  stopClock(t);
  const hub = new Hub();
  const begun = Date.now();
  hub.signOut({ session: 'a' });
  assert.equal(hub.hasEnded({ session: 'a' }, begun), true);
  assert.equal(hub.hasEnded({ session: 'b' }, begun), false);
  assert.equal(hub.hasEnded({ session: 'a' }, begun + 1), false);
  for (let i = 0; i < 20_000; i++) hub.signOut({ session: `s${i}` });
  assert.ok(hub.recent.size <= 10_000);
  mock.timers.tick(61_000);
  hub.signOut({ session: 'last' });
  assert.equal(hub.recent.size, 1);
});

test('a token ends its socket at its expiry: an event with the reason, then the end', async (t) => {
  stopClock(t);
  const gate = tableGate({ good: { claims: { iss: 'i', sub: 'ada' }, expires: 1_800_000_000 + 40 * 86400 } });
  const socket = fakeSocket(request(), { token: 'good' });
  assert.equal(await enter(socketAuth(gate).socketio, socket), undefined);
  assert.deepEqual([socket.user, socket.data.user, socket.request.user].map((user) => user.sub), ['ada', 'ada', 'ada']);
  mock.timers.tick(39 * 86400 * 1000);
  await settle();
  assert.deepEqual(socket.said, []);
  mock.timers.tick(86400 * 1000);
  await settle();
  assert.deepEqual(socket.said, [['unauthorized', { code: 4401, reason: 'token expired' }], ['disconnect', true]]);
  assert.equal(hubOf(gate).size, 0);
});

test('a session that was used meanwhile goes on; one that was not ends', async (t) => {
  stopClock(t);
  let expires = 1_800_000_060;
  const gate = tableGate({});
  const session = () => ({ id: 's', claims: { sub: 'ada' }, expires });
  const socket = fakeSocket(request({ Cookie: 'a=b', Host: 'h', Origin: 'http://h' }));
  await enter(socketAuth(gate, { session }).socketio, socket);
  expires += 60;
  mock.timers.tick(60_000);
  await settle();
  assert.deepEqual(socket.said, []);
  mock.timers.tick(60_000);
  await settle();
  assert.deepEqual(socket.said, [['unauthorized', { code: 4401, reason: 'session expired' }], ['disconnect', true]]);
  assert.equal(hubOf(gate).size, 0);
});

test('a session whose store is down at its end ends', async (t) => {
  stopClock(t);
  let down = false;
  const session = async () => {
    if (down) throw new Error('down');
    return { id: 's', claims: { sub: 'ada' }, expires: 1_800_000_060 };
  };
  const socket = fakeSocket(request({ Cookie: 'a=b', Host: 'h', Origin: 'http://h' }));
  await enter(socketAuth(tableGate({}), { session }).socketio, socket);
  down = true;
  mock.timers.tick(60_000);
  await settle();
  assert.equal(socket.said[0][1].reason, 'session expired');
});

test('a token at its very end does not get in', async (t) => {
  stopClock(t);
  const gate = tableGate({ late: { claims: { sub: 'ada' }, expires: 1_800_000_000 } });
  const error = await enter(socketAuth(gate).socketio, fakeSocket(request(), { token: 'late' }));
  assert.deepEqual([error.id, error.status], ['token_exp', 401]);
  assert.equal(hubOf(gate).size, 0);
});

test('a sign-out while the socket is being let in is not forgotten', async () => {
  const gate = tableGate({});
  const sockets = socketAuth(gate, {
    session: async () => {
      sockets.signOut({ session: 's' });
      return { id: 's', claims: { sub: 'ada' } };
    },
  });
  const error = await enter(sockets.socketio, fakeSocket(request({ Cookie: 'a=b', Host: 'h', Origin: 'http://h' })));
  assert.deepEqual([error.id, error.status], ['no_session', 401]);
  assert.equal(hubOf(gate).size, 0);
});

test('a sign-out in any moment between the door and the connection leaves no socket open', async () => {
  for (let moments = 0; moments < 8; moments++) {
    const gate = tableGate({});
    const sockets = socketAuth(gate, {
      session: async () => {
        let later = Promise.resolve();
        for (let i = 0; i < moments; i++) later = later.then(() => {});
        later.then(() => sockets.signOut({ session: 's' }));
        return { id: 's', claims: { sub: 'ada' } };
      },
    });
    const socket = fakeSocket(request({ Cookie: 'a=b', Host: 'h', Origin: 'http://h' }));
    const error = await enter(sockets.socketio, socket);
    await settle();
    assert.ok(error?.id === 'no_session' || !socket.connected, `after ${moments}`);
    const req = request({ Cookie: 'a=b', Host: 'h', Origin: 'http://h' });
    const raw = Object.assign(req.socket, { readable: true, writable: true, destroyed: false, pause() {}, destroy() { this.destroyed = true; }, end() { this.destroyed = true; return this; } });
    const let_in = await new Promise((done) => { sockets.verifyClient({ req }, done); });
    await settle();
    assert.ok(!let_in || raw.destroyed, `after ${moments}, verifyClient`);
    assert.equal(hubOf(gate).size, 0, `after ${moments}`);
  }
});

test('an end between being let in and being connected closes the connection', async () => {
  const gate = tableGate({ good: { claims: { iss: 'i', sub: 'ada' } } });
  const sockets = socketAuth(gate);
  const socket = fakeSocket(request(), { token: 'good' });
  socket.connected = false;
  await enter(sockets.socketio, socket);
  sockets.signOut({ iss: 'i', sub: 'ada' });
  assert.equal(socket.conn.readyState, 'closed');
});

test('10,000 sockets come and go, and nothing stays', async (t) => {
  let timers = 0;
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  t.after(() => Object.assign(globalThis, { setTimeout: set, clearTimeout: clear }));
  globalThis.setTimeout = (...args) => { timers++; return set(...args); };
  globalThis.clearTimeout = (timer) => { timers--; return clear(timer); };
  const gate = tableGate({ good: { claims: { iss: 'i', sub: 'ada', sid: 'p' }, expires: Date.now() / 1000 + 3600 } });
  const { socketio } = socketAuth(gate);
  for (let i = 0; i < 10_000; i++) {
    const socket = fakeSocket(request(), { token: 'good' });
    await enter(socketio, socket);
    if (i % 2) socket.emit('disconnect', 'client');
    else socket.conn.close(); // one that another middleware refused
  }
  assert.equal(timers, 0);
  assert.equal(hubOf(gate).size, 0);
});

test('a namespace that is joined again and again on one connection has one watch', async () => {
  const gate = tableGate({ good: { claims: { iss: 'i', sub: 'ada' }, expires: Date.now() / 1000 + 3600 } });
  const { socketio } = socketAuth(gate);
  const { conn } = fakeSocket(request());
  for (let i = 0; i < 50; i++) await enter(socketio, fakeSocket(request(), { token: 'good' }, conn));
  assert.equal([...hubOf(gate).ends.values()][0].size, 1);
  assert.equal(conn.listenerCount('close'), 1);
  conn.close();
  assert.equal(hubOf(gate).size, 0);
});

// ---- what opens a socket

const shown = (headers, url, auth, query = []) => readHandshake(request(headers, url), { auth, query });
const authorizations = ({ request: { rawHeaders } }) => rawHeaders.filter((_, i) => i % 2 && rawHeaders[i - 1] === 'Authorization');

test('a token is bare or with Bearer before it; what is no text is no token', () => {
  assert.deepEqual(authorizations(shown({}, '/', { token: 'x' })), ['Bearer x']);
  assert.deepEqual(authorizations(shown({}, '/', { token: 'Bearer x' })), ['Bearer x']);
  assert.deepEqual(authorizations(shown({ authorization: 'bearer x' }, '/', { token: 'x' })), ['Bearer x']);
  for (const token of [{}, [], ['x'], 7, true, '']) assert.deepEqual(authorizations(shown({}, '/', { token })), ['Bearer']);
  for (const auth of [undefined, null, 'x', {}, { token: null }]) assert.deepEqual(authorizations(shown({}, '/', auth)), []);
});

test('two tokens that differ both reach the engine, which refuses them', () => {
  assert.deepEqual(authorizations(shown({ authorization: 'Bearer y' }, '/', { token: 'x' })), ['Bearer x', 'Bearer y']);
  assert.deepEqual(authorizations(shown({}, '/?id_token=a&id_token=b', {}, ['id_token'])), ['Bearer a', 'Bearer b']);
});

test('the query counts only where it is asked for, and does not go further', () => {
  assert.equal(shown({}, '/s?id_token=a').byToken, false);
  assert.deepEqual(authorizations(shown({}, '/s?id_token=a', undefined, ['id_token'])), ['Bearer a']);
  assert.deepEqual(authorizations(shown({}, '/s?id_token[]=a', undefined, ['id_token'])), ['Bearer']);
  assert.equal(shown({}, '/s?id_token=a&t=1', undefined, ['id_token']).request.url, '/s');
});

test('where a token counts no cookie does; another scheme than Bearer is none', () => {
  assert.equal(shown({ cookie: 'a=b' }, '/', { token: 'x' }).request.headers.cookie, undefined);
  const basic = shown({ cookie: 'a=b', authorization: 'Basic eDp5' }, '/');
  assert.deepEqual([basic.byToken, basic.request.headers.cookie, authorizations(basic)], [false, 'a=b', []]);
});

test('a page is ours by its Origin, or, where there is none, by Sec-Fetch-Site', () => {
  const ours = ['https://app.example'];
  assert.equal(isOurPage({ origin: 'https://app.example' }, ours), true);
  assert.equal(isOurPage({ origin: 'HTTPS://APP.example' }, ours), true);
  for (const origin of ['https://app.example.evil', 'http://app.example', 'https://app.example:8443', 'null', '']) assert.equal(isOurPage({ origin }, ours), false, origin);
  assert.equal(isOurPage({ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, ours), false);
  assert.equal(isOurPage({}, ours), false);
  assert.equal(isOurPage({ 'sec-fetch-site': 'same-site' }, ours), false);
  assert.equal(isOurPage({ 'sec-fetch-site': 'same-origin' }, ours), true);
});

test('an option that cannot be meant is said at once', () => {
  for (const none of [undefined, null, {}, 'gate']) assert.throws(() => socketAuth(none), /^TypeError: socketAuth\(\): give it a Gate/);
  const gate = tableGate({});
  assert.throws(() => socketAuth(gate, { origins: 'https://app.example/path' }), /origins/);
  assert.throws(() => socketAuth(gate, { origins: '*' }));
  assert.throws(() => socketAuth(gate, { session: 'appSession' }), /session/);
  assert.throws(() => socketAuth(gate, { audiences: 'api' }), /did you mean audience/);
  assert.throws(() => socketAuth(gate, { session: () => null, require: 'groups has "staff"' }), /require/);
  assert.throws(() => socketAuth({ socketSource: () => ({ gate, rule: {} }) }, { audience: 'api' }), /audience/);
});
