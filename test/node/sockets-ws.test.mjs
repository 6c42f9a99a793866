// SPDX-License-Identifier: Apache-2.0
// The package ws in each of its modes, and an HTTP upgrade without any package.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { connect as connectTo } from 'node:net';
import { Gate } from '../../servers/node/lib/gate.js';
import oidc from '../../servers/node/lib/oidc/index.js';
import { hubOf, socketAuth } from '../../servers/node/lib/sockets/index.js';
import { Browser } from '../support/browser.mjs';
import { until } from '../support/place.mjs';
import { signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { openServer, require, SECRET, seconds, startProvider } from './oidc-stage.mjs';

const stage = openStage('sockets-ws');
const test = testOn(stage);
const practice = await startProvider(stage);
const { WebSocket, WebSocketServer } = require('ws');

function openGate(t) {
  const gate = new Gate({
    issuer: practice.issuer('ok'), clientId: 'practice', clientSecret: 'practice-secret', redirectUri: '/callback', sessionStore: 'cookie', cookieSecret: SECRET, log: () => {},
  });
  t.after(() => gate.close());
  return gate;
}

const OPTIONS = { audience: 'practice', bearerType: 'id_token' };

/** The ways to put a door before a WebSocket server. Each says who is there to whoever connects. */
const modes = {
  'a server of its own': (server, sockets) => hello(sockets.ws(new WebSocketServer({ server }))),
  noServer: (server, sockets) => {
    const wss = hello(sockets.ws(new WebSocketServer({ noServer: true })));
    server.on('upgrade', (req, socket, head) => wss.handleUpgrade(req, socket, head, (ws) => wss.emit('connection', ws, req)));
    return wss;
  },
  'verifyClient by hand': (server, sockets) => {
    const wss = new WebSocketServer({ server, verifyClient: sockets.verifyClient });
    wss.on('connection', sockets.connection);
    return hello(wss);
  },
  'the upgrade handler': (server, sockets) => {
    const wss = hello(new WebSocketServer({ noServer: true }));
    server.on('upgrade', async (req, socket, head) => {
      const user = await sockets.upgrade(req, socket, head);
      if (user) wss.handleUpgrade(req, socket, head, (ws) => wss.emit('connection', ws, req));
    });
    return wss;
  },
};

function hello(wss) {
  wss.on('connection', (ws, req) => {
    ws.send(`hello ${(ws.user ?? req.user).sub}`);
    ws.on('message', (text) => ws.send(`again ${text}`));
  });
  return wss;
}

/** Connects; answers {ws, hello} or {status, headers, text} of a refusal. */
function connect(t, url, headers = {}) {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), { headers });
  t.after(() => ws.terminate());
  return new Promise((done, fail) => {
    ws.once('message', (text) => done({ ws, hello: String(text) }));
    ws.once('unexpected-response', (req, res) => {
      let text = '';
      res.on('data', (part) => { text += part; }).on('end', () => done({ status: res.statusCode, headers: res.headers, text }));
    });
    ws.once('error', fail);
  });
}

const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const closed = (ws) => once(ws, 'close').then(([code, reason]) => [code, String(reason)]);

for (const [mode, open] of Object.entries(modes)) {
  async function setUp(t, options = OPTIONS) {
    const { server, origin } = await openServer(t);
    const gate = openGate(t);
    const sockets = socketAuth(gate, options);
    const wss = open(server, sockets);
    t.after(() => wss.close());
    return { origin, gate, sockets };
  }

  test(`ws, ${mode}: a good token gets in`, async (t) => {
    const { origin, gate } = await setUp(t);
    const { ws, hello: said } = await connect(t, origin, bearer(await practice.idToken()));
    assert.equal(said, 'hello person-ada');
    ws.send('x');
    assert.equal(String((await once(ws, 'message'))[0]), 'again x');
    ws.close();
    await closed(ws);
    await until('nothing stays', () => hubOf(gate).size === 0);
  });

  test(`ws, ${mode}: who is refused gets an HTTP answer with a challenge`, async (t) => {
    const { origin, gate } = await setUp(t);
    const none = await connect(t, origin);
    assert.equal(none.status, 401);
    assert.match(none.headers['www-authenticate'], /^Bearer realm="[^"]*"$/);
    const bad = await connect(t, origin, bearer(await practice.idToken('ok', { aud: 'other' })));
    assert.equal(bad.status, 401);
    assert.match(bad.headers['www-authenticate'], /error="invalid_token"/);
    const query = await connect(t, `${origin}/?id_token=${await practice.idToken()}`);
    assert.equal(query.status, 401, 'the query is not looked at');
    assert.equal((await connect(t, origin, { Authorization: 'Bearer' })).status, 400);
    assert.equal(hubOf(gate).size, 0);
  });

  test(`ws, ${mode}: the query, where it is asked for`, async (t) => {
    const { origin } = await setUp(t, { ...OPTIONS, query: 'token' });
    const token = await practice.idToken();
    assert.equal((await connect(t, `${origin}/?token=${token}`)).hello, 'hello person-ada');
    assert.equal((await connect(t, `${origin}/?id_token=${token}`)).status, 401);
    assert.equal((await connect(t, `${origin}/?token=${token}&token=${await practice.idToken()}`)).status, 400);
    assert.equal((await connect(t, `${origin}/?token[]=${token}`)).status, 400);
  });

  test(`ws, ${mode}: a socket ends with its token`, async (t) => {
    const { origin, gate } = await setUp(t);
    const { ws } = await connect(t, origin, bearer(await practice.idToken('ok', { exp: seconds() + 2 })));
    assert.deepEqual(await closed(ws), [4401, 'token expired']);
    await until('nothing stays', () => hubOf(gate).size === 0);
  });

  test(`ws, ${mode}: a socket ends when its person is signed out`, async (t) => {
    const { origin, gate, sockets } = await setUp(t);
    const { ws } = await connect(t, origin, bearer(await practice.idToken()));
    const other = await connect(t, origin, bearer(await practice.idToken('ok', { sub: 'person-alan' })));
    const end = closed(ws);
    assert.equal(sockets.signOut({ iss: practice.issuer('ok'), sub: 'person-ada' }), 1);
    assert.deepEqual(await end, [4401, 'signed out']);
    assert.equal(other.ws.readyState, WebSocket.OPEN);
    other.ws.close();
    await until('nothing stays', () => hubOf(gate).size === 0);
  });
}

test('a client that leaves while it is looked at leaves nothing', async (t) => {
  const { server, origin, port } = await openServer(t);
  const gate = openGate(t);
  const session = async () => {
    await new Promise((done) => { setTimeout(done, 100); });
    return { id: 's', claims: { iss: 'i', sub: 'ada' } };
  };
  const sockets = socketAuth(gate, { ...OPTIONS, session });
  const users = [];
  server.on('upgrade', async (req, socket, head) => users.push(await sockets.upgrade(req, socket, head)));
  const req = http.request({ port, host: '127.0.0.1', headers: { Connection: 'Upgrade', Upgrade: 'websocket', Cookie: 'a=b', Origin: origin } });
  req.on('error', () => {}).end();
  setTimeout(() => req.destroy(), 30);
  await until('it was looked at', () => users.length);
  assert.deepEqual([users, hubOf(gate).size], [[null], 0]);
});

test('another protocol than WebSocket: the connection itself ends', async (t) => {
  const { server, port } = await openServer(t);
  const gate = openGate(t);
  const sockets = socketAuth(gate, OPTIONS);
  server.on('upgrade', async (req, socket, head) => {
    if (await sockets.upgrade(req, socket, head)) socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello ${req.user.sub}`);
  });
  const req = http.request({ port, host: '127.0.0.1', headers: { Connection: 'Upgrade', Upgrade: 'echo', ...bearer(await practice.idToken()) } });
  req.end();
  const [, socket, head] = await once(req, 'upgrade');
  const first = head.length ? head : (await once(socket, 'data'))[0];
  assert.equal(String(first), 'hello person-ada');
  sockets.signOut({ iss: practice.issuer('ok'), sub: 'person-ada' });
  socket.resume();
  await once(socket, 'close');
  assert.equal(hubOf(gate).size, 0);
});

test('a WebSocket whose speaker writes on after the end does no harm', async (t) => {
  const { server, origin } = await openServer(t);
  const gate = openGate(t);
  const sockets = socketAuth(gate, OPTIONS);
  const wss = new WebSocketServer({ noServer: true });
  server.on('upgrade', async (req, socket, head) => {
    if (!await sockets.upgrade(req, socket, head)) return;
    wss.handleUpgrade(req, socket, head, (ws) => {
      ws.send('hello');
      const timer = setInterval(() => { if (ws.readyState === 1) ws.send('x'.repeat(100_000)); else clearInterval(timer); }, 1);
    });
  });
  const { ws } = await connect(t, origin, bearer(await practice.idToken()));
  const end = closed(ws);
  await new Promise((done) => { setTimeout(done, 50); });
  sockets.signOut({ iss: practice.issuer('ok'), sub: 'person-ada' });
  assert.deepEqual(await end, [4401, 'signed out']);
});

for (const [mode, open] of Object.entries(modes)) {
  test(`ws, ${mode}: who is signed out and does not close is heard no more, and cut off`, async (t) => {
    const { server, port } = await openServer(t);
    const sockets = socketAuth(openGate(t), OPTIONS);
    const wss = open(server, sockets);
    t.after(() => wss.close());
    const heard = [];
    wss.on('connection', (ws) => ws.on('message', (text) => heard.push(String(text))));
    const client = connectTo(port, '127.0.0.1').on('error', () => {});
    t.after(() => client.destroy());
    const mask = (text) => Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
    client.write(`GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${await practice.idToken()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`);
    await once(client, 'data');
    client.write(mask('before'));
    await until('it was heard', () => heard.length === 1);
    const gone = once(client, 'close');
    assert.equal(sockets.signOut({ iss: practice.issuer('ok'), sub: 'person-ada' }), 1);
    client.write(mask('after'));
    client.on('data', () => {});
    await gone;
    assert.deepEqual(heard, ['before']);
  });
}

test('a connection that breaks while it is refused ends nothing else', async (t) => {
  const { server, port } = await openServer(t);
  const sockets = socketAuth(openGate(t), OPTIONS);
  const refused = [];
  server.on('upgrade', async (req, socket, head) => {
    if (await sockets.upgrade(req, socket, head)) return;
    refused.push(socket);
    socket.emit('error', Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET' })); // nobody else would hear it
  });
  const client = connectTo(port, '127.0.0.1').on('error', () => {});
  client.write('GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  client.resume();
  await once(client, 'close');
  assert.equal(refused.length, 1);
});

test('the application\'s own verifyClient is asked too, after ours', async (t) => {
  const { server, origin } = await openServer(t);
  const sockets = socketAuth(openGate(t), OPTIONS);
  const asked = [];
  hello(sockets.ws(new WebSocketServer({ server, verifyClient: ({ req }) => Boolean(asked.push(req.url) && !req.url.includes('no')) })));
  assert.equal((await connect(t, origin)).status, 401);
  assert.deepEqual(asked, []);
  assert.equal((await connect(t, `${origin}/no`, bearer(await practice.idToken()))).status, 401);
  assert.equal((await connect(t, `${origin}/yes`, bearer(await practice.idToken()))).hello, 'hello person-ada');
});

test('a page of another origin does not connect with our cookie', async (t) => {
  const { server, origin } = await openServer(t);
  const auth = new oidc.Auth({
    oidcServer: practice.issuer('ok'), clientId: 'practice', clientSecret: 'practice-secret', callbackURL: `${origin}/cb`, cookieSecret: SECRET, session: true, log: () => {},
  });
  t.after(() => auth.close());
  const middleware = new oidc.middleware.Express(auth);
  server.on('request', require('express5')().use(middleware.auth({ redirectToOidc: true }), (req, res) => res.end('in')));
  const wss = socketAuth(auth, { user: ({ claims }) => claims }).ws(new WebSocketServer({ server }));
  wss.on('connection', (ws) => ws.send(`hello ${ws.user.claims.sub}`));
  const browser = new Browser();
  assert.equal((await signIn(browser, `${origin}/`)).text, 'in');
  const cookie = { Cookie: browser.jar.header(new URL(origin)) };
  assert.equal((await connect(t, origin, { ...cookie, Origin: origin })).hello, 'hello person-ada');
  for (const from of ['https://evil.example', 'http://127.0.0.1', 'null', `${origin}.evil.example`]) {
    assert.equal((await connect(t, origin, { ...cookie, Origin: from })).status, 403, from);
  }
  assert.equal((await connect(t, origin, cookie)).status, 403, 'no Origin: not our page');
  const elsewhere = socketAuth(auth, { origins: ['https://app.example.com'] });
  assert.ok(elsewhere.ws);
});
