// SPDX-License-Identifier: Apache-2.0
// Socket.IO 2, 3 and 4, with their own clients: who gets in, what who does not is told, and how a socket ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { auth } from '../../servers/node/lib/express/index.js';
import { Gate } from '../../servers/node/lib/gate.js';
import { expressGuard } from '../../servers/node/lib/guard/index.js';
import oidc from '../../servers/node/lib/oidc/index.js';
import { hubOf, socketAuth } from '../../servers/node/lib/sockets/index.js';
import { Browser } from '../support/browser.mjs';
import { until } from '../support/place.mjs';
import { asPerson, signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { openServer, require, SECRET, seconds, startProvider } from './oidc-stage.mjs';

const stage = openStage('sockets-io');
const test = testOn(stage);
const practice = await startProvider(stage);
const io2 = require('socket.io2');
const client2 = require('socket.io-client2');
const io3 = require('socket.io3');
const { io: client3 } = require('socket.io-client3');
const { Server } = require('socket.io');
const { io: client4 } = require('socket.io-client');

function openAuth(t, origin) {
  const auth = new oidc.Auth({
    oidcServer: practice.issuer('ok'), clientId: 'practice', clientSecret: 'practice-secret', callbackURL: `${origin}/auth/oidc/callback`,
    cookieSecret: SECRET, log: () => {},
  });
  t.after(() => auth.close());
  return auth;
}

/** Connects; answers the socket, and how it went: 'connect', or the error. */
async function connect(t, client, url, options) {
  const socket = client(url, { forceNew: true, reconnection: false, transports: ['websocket'], ...options });
  t.after(() => socket.close());
  const outcome = await new Promise((done) => {
    for (const name of ['connect', 'connect_error', 'error']) socket.once(name, (error) => done(error ?? name));
  });
  return { socket, outcome };
}

const ended = (socket) => {
  const said = [];
  socket.on('unauthorized', (why) => said.push(why));
  return once(socket, 'disconnect').then(([reason]) => ({ said, reason }));
};

/** What differs between them, so that the tests below are the same for all. */
const versions = {
  2: { open: (server) => io2(server), client: client2, refused: ({ outcome }) => outcome },
  3: { open: (server) => io3(server), client: client3, refused: ({ outcome }) => ({ ...outcome.data, text: outcome.message }) },
  4: { open: (server) => new Server(server), client: client4, refused: ({ outcome }) => ({ ...outcome.data, text: outcome.message }) },
};

// ---- the example of the readme

test('Socket.IO 2: the example of the readme, server and client', async (t) => {
  const { server: http, origin, port } = await openServer(t);
  http.on('request', require('express4')());
  const auth = openAuth(t, origin);
  const io = io2(http);
  t.after(() => io.close());
  const middleware = new oidc.middleware.SocketIO(auth);
  io.set('authorization', middleware.auth);
  io.on('connect', (socket) => {
    socket.on('something', () => {
      socket.emit('reply', `to something of ${socket.request.user.claims.sub}`);
    });
  });
  const socket = client2.connect(`http://127.0.0.1:${port}`, {
    'reconnection delay': 0, 'reopen delay': 0, 'force new connection': true,
    query: `id_token=${await practice.idToken()}`, transports: ['websocket'],
  });
  t.after(() => socket.close());
  socket.on('connect', () => socket.emit('something'));
  const [reply] = await once(socket, 'reply');
  assert.equal(reply, 'to something of person-ada');
});

test('Socket.IO 2: io.set refuses a bad token, and a transport that it could not end', async (t) => {
  const { server, origin } = await openServer(t);
  const io = io2(server);
  t.after(() => io.close());
  io.set('authorization', new oidc.middleware.SocketIO(openAuth(t, origin)).auth);
  io.on('connect', () => assert.fail('somebody got in'));
  const bad = await connect(t, client2, origin, { query: 'id_token=garbage' });
  assert.ok(!/connect/.test(bad.outcome), String(bad.outcome));
  const none = await connect(t, client2, origin);
  assert.equal(none.outcome, 'Please sign in first.');
  const polling = await connect(t, client2, origin, { query: `id_token=${await practice.idToken()}`, transports: ['polling'] });
  assert.match(polling.outcome, /websocket/);
});

test('Socket.IO 2: io.set ends a socket when the token does', async (t) => {
  const { server, origin } = await openServer(t);
  const auth = openAuth(t, origin);
  const io = io2(server);
  t.after(() => io.close());
  io.set('authorization', new oidc.middleware.SocketIO(auth).auth);
  const { socket, outcome } = await connect(t, client2, origin, { query: `id_token=${await practice.idToken('ok', { exp: seconds() + 2 })}` });
  assert.equal(outcome, 'connect');
  await ended(socket);
  await until('nothing stays', () => hubOf(auth.gate).size === 0);
});

// ---- what all versions do

for (const [version, { open, client, refused }] of Object.entries(versions)) {
  async function setUp(t, listen = () => {}) {
    const { server, origin } = await openServer(t);
    const auth = openAuth(t, origin);
    const middleware = new oidc.middleware.SocketIO(auth);
    const io = open(server);
    t.after(() => io.close());
    io.use(middleware.auth);
    io.on('connection', (socket) => {
      socket.on('who', (answer) => answer(socket.user.claims.sub));
      listen(socket);
    });
    return { origin, auth, io, middleware, server };
  }

  test(`Socket.IO ${version}: a good token gets in, by query and by header, on each transport`, async (t) => {
    const seen = [];
    const { origin } = await setUp(t, (socket) => seen.push([socket.user, socket.data.user, socket.request.user, socket.handshake.user]));
    const token = await practice.idToken();
    const headers = { extraHeaders: { Authorization: `Bearer ${token}` }, transportOptions: { polling: { extraHeaders: { Authorization: `Bearer ${token}` } } } };
    // The first finds nothing known of the provider, and its connection is closed before there is an answer.
    for (const how of [{ ...headers, transports: ['polling'] }, { query: { id_token: token } }, headers, { query: { id_token: token }, transports: ['polling', 'websocket'] }]) {
      const { socket, outcome } = await connect(t, client, origin, how);
      assert.equal(outcome, 'connect');
      assert.equal(await new Promise((done) => { socket.emit('who', done); }), 'person-ada');
    }
    for (const users of seen) for (const user of users) assert.equal(user.jwt.raw, token);
  });

  test(`Socket.IO ${version}: who is refused hears why`, async (t) => {
    const { origin } = await setUp(t, () => assert.fail('somebody got in'));
    const cases = [
      [{}, 'bearer_missing', 'login_required'],
      [{ query: { id_token: await practice.idToken('ok', { aud: 'other' }) } }, 'token_aud', 'invalid_token'],
      [{ query: { id_token: await practice.idToken('ok', { exp: seconds() - 3600 }) } }, 'token_exp', 'invalid_token'],
      [{ query: { id_token: 'garbage' } }, 'bearer_opaque', 'invalid_token'],
    ];
    for (const [how, id, code] of cases) {
      const data = refused(await connect(t, client, origin, how));
      assert.equal(data.id, id, JSON.stringify(data));
      assert.equal(data.code, code);
      assert.ok(data.clause.startsWith('RFC'));
      assert.ok((data.text ?? data.message).length > 5);
    }
  });

  test(`Socket.IO ${version}: a socket ends with its token, and is told so`, async (t) => {
    const { origin, auth } = await setUp(t);
    const { socket, outcome } = await connect(t, client, origin, { query: { id_token: await practice.idToken('ok', { exp: seconds() + 2 }) } });
    assert.equal(outcome, 'connect');
    const { said, reason } = await ended(socket);
    assert.deepEqual(said, [{ code: 4401, reason: 'token expired' }]);
    assert.equal(reason, 'io server disconnect');
    await until('nothing stays', () => hubOf(auth.gate).size === 0);
  });

  test(`Socket.IO ${version}: all sockets of a person end when they are signed out`, async (t) => {
    const { origin, auth, middleware } = await setUp(t);
    const ada = { query: { id_token: await practice.idToken() } };
    const alan = { query: { id_token: await practice.idToken('ok', { sub: 'person-alan' }) } };
    const sockets = [];
    for (const how of [ada, { ...ada, transports: ['polling'] }, alan]) sockets.push((await connect(t, client, origin, how)).socket);
    const ends = sockets.map(ended);
    assert.equal(middleware.sockets.signOut({ iss: practice.issuer('ok'), sub: 'person-ada' }), 2);
    for (const end of ends.slice(0, 2)) assert.deepEqual((await end).said, [{ code: 4401, reason: 'signed out' }]);
    assert.equal(sockets[2].connected, true);
    sockets[2].close();
    await until('nothing stays', () => hubOf(auth.gate).size === 0);
  });

  test(`Socket.IO ${version}: Express's session lets in, and its end ends`, async (t) => {
    const { origin, auth, server } = await setUp(t);
    const express = new oidc.middleware.Express(auth);
    const app = require('express4')();
    app.use(require('cookie-parser')());
    app.get('/auth/oidc/callback', express.auth(), (req, res) => res.json(req.user.claims));
    app.get('/login', express.auth({ redirectToOidc: true }));
    app.get('/logout', express.logout());
    const [engine] = server.listeners('request');
    server.removeAllListeners('request');
    server.on('request', (req, res) => (req.url.startsWith('/socket.io') ? engine : app)(req, res));
    const browser = new Browser();
    await signIn(browser, `${origin}/login`);
    const headers = (from) => {
      const all = { Cookie: browser.jar.header(new URL(origin)), ...(from && { Origin: from }) };
      return { extraHeaders: all, transportOptions: { polling: { extraHeaders: all } } };
    };
    const { socket, outcome } = await connect(t, client, origin, headers(origin));
    assert.equal(outcome, 'connect');
    assert.equal(await new Promise((done) => { socket.emit('who', done); }), 'person-ada');
    for (const from of ['https://evil.example', 'null', undefined, `${origin}0`]) {
      for (const transports of [['websocket'], ['polling']]) {
        const data = refused(await connect(t, client, origin, { ...headers(from), transports }));
        assert.deepEqual([data.id, data.clause], ['socket_origin', 'RFC 6455 10.2'], String(from));
      }
    }
    const end = ended(socket);
    assert.equal((await browser.request(new URL(`${origin}/logout`), { mode: 'navigate' })).status, 303);
    assert.deepEqual((await end).said, [{ code: 4401, reason: 'signed out' }]);
    assert.equal(refused(await connect(t, client, origin, headers(origin))).id, 'bearer_missing');
    await until('nothing stays', () => hubOf(auth.gate).size === 0);
  });
}

// ---- Socket.IO 4 alone

function openApi(t, socketOptions = {}) {
  const gate = new Gate({
    issuer: practice.issuer('ok'), clientId: 'practice', clientSecret: 'practice-secret', redirectUri: '/callback', sessionStore: 'cookie', cookieSecret: SECRET, log: () => {},
  });
  t.after(() => gate.close());
  return { gate, sockets: socketAuth(gate, { audience: 'practice', bearerType: 'id_token', ...socketOptions }) };
}

async function openIo4(t, sockets, options) {
  const { server, origin } = await openServer(t);
  const io = new Server(server, options);
  t.after(() => io.close());
  io.use(sockets.socketio);
  return { io, origin };
}

test('Socket.IO 4: auth.token, bare or with Bearer; what is no text is refused; the query is not looked at', async (t) => {
  const { sockets } = openApi(t);
  const { io, origin } = await openIo4(t, sockets);
  io.on('connection', (socket) => socket.emit('you', socket.user.sub));
  const token = await practice.idToken();
  for (const auth of [{ token }, { token: `Bearer ${token}` }]) {
    const { socket, outcome } = await connect(t, client4, origin, { auth });
    assert.equal(outcome, 'connect');
    socket.close();
  }
  for (const auth of [{ token: [token] }, { token: { token } }, { token: 7 }]) {
    assert.equal((await connect(t, client4, origin, { auth })).outcome.data.id, 'bearer_malformed');
  }
  const both = { auth: { token }, extraHeaders: { Authorization: `Bearer ${await practice.idToken()}` } };
  assert.equal((await connect(t, client4, origin, both)).outcome.data.id, 'bearer_twice');
  assert.equal((await connect(t, client4, origin, { query: { id_token: token } })).outcome.data.id, 'bearer_missing');
});

test('Socket.IO 4: a namespace has its own door', async (t) => {
  const { sockets, gate } = openApi(t);
  const staff = socketAuth(gate, { audience: 'practice', bearerType: 'id_token', require: 'groups has "staff"' });
  const { server, origin } = await openServer(t);
  const io = new Server(server);
  t.after(() => io.close());
  io.of('/all').use(sockets.socketio);
  io.of('/staff').use(staff.socketio);
  const token = await practice.idToken();
  assert.equal((await connect(t, client4, `${origin}/all`, { auth: { token } })).outcome, 'connect');
  assert.equal((await connect(t, client4, `${origin}/staff`, { auth: { token } })).outcome.data.id, 'not_allowed');
  assert.equal((await connect(t, client4, `${origin}/staff`, { auth: { token: await practice.idToken('ok', { groups: ['staff'] }) } })).outcome, 'connect');
});

test('Socket.IO 4: a socket that another middleware refuses leaves nothing', async (t) => {
  const { sockets, gate } = openApi(t);
  const { io, origin } = await openIo4(t, sockets);
  io.use((socket, next) => next(new Error('not today')));
  const { socket, outcome } = await connect(t, client4, origin, { auth: { token: await practice.idToken() } });
  assert.equal(outcome.message, 'not today');
  socket.close();
  await until('nothing stays', () => hubOf(gate).size === 0);
});

test('Socket.IO 4: who joins twice on one connection is there once, and no longer than the login', async (t) => {
  const { sockets, gate } = openApi(t);
  const { io, origin } = await openIo4(t, sockets);
  io.on('connection', (socket) => socket.join('news'));
  const { WebSocket } = require('ws');
  for (const leave of [true, false]) {
    const ws = new WebSocket(`${origin.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    t.after(() => ws.terminate());
    const heard = [];
    ws.on('message', (text) => heard.push(String(text)));
    await once(ws, 'open');
    const join = `40${JSON.stringify({ token: await practice.idToken() })}`;
    ws.send(join);
    ws.send(join);
    await until('both have been answered', () => heard.filter((text) => text.startsWith('4')).length >= 2 && io.sockets.sockets.size <= 1);
    if (leave) ws.send('41');
    if (leave) await until('it has left', () => io.sockets.sockets.size === 0);
    sockets.signOut({ iss: practice.issuer('ok'), sub: 'person-ada' });
    await until('nobody is there', () => io.sockets.sockets.size === 0 && hubOf(gate).size === 0);
    heard.length = 0;
    io.to('news').emit('for those who are signed in');
    await new Promise((done) => { setTimeout(done, 50); });
    assert.deepEqual(heard.filter((text) => text.includes('for those')), []);
  }
});

test('Socket.IO 4: a connection that is resumed is looked at again', async (t) => {
  const { sockets } = openApi(t);
  const { io, origin } = await openIo4(t, sockets, { connectionStateRecovery: {} });
  const seen = [];
  io.on('connection', (socket) => seen.push(socket));
  const token = await practice.idToken('ok', { exp: seconds() + 3 });
  const { socket } = await connect(t, client4, origin, { auth: { token }, reconnection: true, reconnectionDelay: 10 });
  seen[0].emit('something'); // recovery needs an offset
  await once(socket, 'something');
  const refusal = once(socket, 'connect_error');
  await until('the token has expired but for a moment', () => seconds() >= JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp - 1);
  socket.io.engine.close();
  await once(socket, 'disconnect');
  socket.connect();
  const later = await Promise.race([refusal.then(([error]) => error.data.id), once(socket, 'connect').then(() => 'connected')]);
  if (later === 'connected') assert.deepEqual((await ended(socket)).said, [{ code: 4401, reason: 'token expired' }]);
  else assert.equal(later, 'token_exp');
});

test('Socket.IO 4: the gate\'s own session lets in, and its end ends; a cookie of nobody does not', async (t) => {
  const { server, origin } = await openServer(t);
  const gate = new Gate({
    issuer: practice.issuer('ok'), clientId: 'practice', clientSecret: 'practice-secret', redirectUri: '/callback', logoutUri: '/logout', sessionStore: 'cookie', cookieSecret: SECRET, log: () => {},
  });
  t.after(() => gate.close());
  const io = new Server(server);
  t.after(() => io.close());
  io.use(socketAuth(gate, { signIn: 'default' }).socketio);
  const guard = expressGuard(gate);
  const app = require('express5')();
  app.use(guard.site());
  app.get('/', guard.place({}), (req, res) => res.end(req.oidcGate.claims.sub));
  const [engine] = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (req, res) => (req.url.startsWith('/socket.io') ? engine : app)(req, res));
  const people = [];
  for (const who of ['ada', 'alan']) {
    const browser = new Browser();
    assert.equal((await signIn(browser, `${origin}/`, who)).text, `person-${who}`);
    const extraHeaders = { Cookie: browser.jar.header(new URL(origin)), Origin: origin };
    const { socket, outcome } = await connect(t, client4, origin, { extraHeaders });
    assert.equal(outcome, 'connect');
    people.push({ browser, socket });
  }
  const [ada, alan] = people;
  const asked = await ada.browser.request(new URL(`${origin}/logout`), { mode: 'navigate', site: 'cross-site' });
  assert.equal(asked.status, 200, 'whether it is meant');
  assert.equal(ada.socket.connected, true);
  const end = ended(ada.socket);
  assert.equal((await ada.browser.request(new URL(`${origin}/logout`), { mode: 'navigate' })).status, 303);
  assert.deepEqual((await end).said, [{ code: 4401, reason: 'signed out' }]);
  assert.equal(alan.socket.connected, true);
  const replaced = ended(alan.socket);
  const stranger = new Browser();
  const begun = await stranger.request(new URL(origin), { mode: 'navigate' });
  for (const cookie of alan.browser.jar.cookies) stranger.jar.cookies.push(cookie); // somebody signs in where alan is signed in
  await stranger.open(asPerson('ada')(begun.location));
  assert.deepEqual((await replaced).said, [{ code: 4401, reason: 'signed out' }]);
  await until('nothing stays', () => hubOf(gate).size === 0);
  assert.equal((await connect(t, client4, origin, { extraHeaders: { Cookie: 'a=b', Origin: origin } })).outcome.data.id, 'no_session');
});

test('Socket.IO 4: with the sessions of gatewright/express', async (t) => {
  const { server, origin } = await openServer(t);
  const sessions = auth({
    issuerBaseURL: practice.issuer('ok'), baseURL: origin, clientID: 'practice', clientSecret: 'practice-secret', secret: SECRET,
    authorizationParams: { response_type: 'code' }, idpLogout: false,
  });
  t.after(() => sessions.close());
  const io = new Server(server);
  t.after(() => io.close());
  io.use(socketAuth(sessions).socketio);
  const app = require('express5')();
  app.use(sessions);
  app.get('/', (req, res) => res.end(req.oidc.user.sub));
  const [engine] = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (req, res) => (req.url.startsWith('/socket.io') ? engine : app)(req, res));
  io.on('connection', (socket) => socket.on('who', (answer) => answer(socket.user.sub)));
  const browser = new Browser();
  assert.equal((await signIn(browser, `${origin}/`)).text, 'person-ada');
  const extraHeaders = { Cookie: browser.jar.header(new URL(origin)), Origin: origin };
  const { socket, outcome } = await connect(t, client4, origin, { extraHeaders });
  assert.equal(outcome, 'connect', String(outcome.data?.id));
  assert.equal(await new Promise((done) => { socket.emit('who', done); }), 'person-ada');
  assert.equal((await connect(t, client4, origin, { extraHeaders: { ...extraHeaders, Origin: 'https://evil.example' } })).outcome.data.id, 'socket_origin');
  const end = ended(socket);
  await browser.request(new URL(`${origin}/logout`), { mode: 'navigate' });
  assert.deepEqual((await end).said, [{ code: 4401, reason: 'signed out' }]);
  assert.equal((await connect(t, client4, origin, { extraHeaders })).outcome.data.id, 'no_session');
});
