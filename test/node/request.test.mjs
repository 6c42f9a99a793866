// SPDX-License-Identifier: Apache-2.0
// From a request of Node's to the engine's: what is believed, what is read, what is left for the application.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { readBody } from '../../servers/node/lib/body.js';
import { GateRequest, Proxies } from '../../servers/node/lib/request.js';
import express4 from 'express4';
import express5 from 'express5';
import { openStage } from '../support/stage.mjs';

const stage = openStage('request');
const nobody = new Proxies(false);
const ask = (incoming, proxies = nobody, given) => new GateRequest({ method: 'GET', url: '/', headers: {}, socket: {}, ...incoming }, proxies, given);

/** Sends bytes to a server; answers what `listener` made of the request. */
async function overWire(text, listener) {
  return new Promise((done, fail) => {
    const server = createServer((req, res) => {
      Promise.resolve(listener(req, res)).then(done, fail).finally(() => { res.end('ok'); });
    }).listen(0, '127.0.0.1', () => {
      const socket = connect(server.address().port, '127.0.0.1', () => socket.write(text, 'latin1'));
      socket.on('data', () => {}).on('error', () => {});
    });
    stage.add({ stop: () => { server.closeAllConnections(); server.close(); } });
  });
}

test('only what the engine looks at goes to it, bytes as they were', async () => {
  const request = await overWire('GET /a?b HTTP/1.1\r\nHost: app.example\r\nX-Other: no\r\nCookie: a=\xe9\r\nCookie: b=2\r\nSec-Fetch-Mode: navigate\r\n\r\n', (req) => new GateRequest(req, nobody));
  assert.deepEqual(request.headers, ['sec-fetch-mode', 'navigate', 'cookie', 'a=\xe9; b=2']);
  assert.deepEqual([request.method, request.scheme, request.authority, request.target, request.path], ['GET', 'http', 'app.example', '/a?b', '/a']);
});

test('Authorization that was sent twice goes twice', async () => {
  const request = await overWire('GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n', (req) => new GateRequest(req, nobody));
  assert.deepEqual(request.headers, ['authorization', 'Bearer a', 'authorization', 'Bearer b']);
});

test('a header that the application has set in place of the client\'s counts', () => {
  assert.deepEqual(ask({ headers: { authorization: 'Bearer new' }, rawHeaders: ['Authorization', 'Bearer old'] }).headers, ['authorization', 'Bearer new']);
  assert.deepEqual(ask({ headers: { cookie: ['a=1', 'b=2'] } }).headers, ['cookie', 'a=1', 'cookie', 'b=2']);
});

for (const [url, target, path] of [
  ['/a/b?c=%2F', '/a/b?c=%2F', '/a/b'], ['/%C3%A9?x', '/%C3%A9?x', '/é'], ['/%zz', '/%zz', '/%zz'], ['*', '*', '*'],
  ['http://other.example/x?y', '/x?y', '/x'], ['HTTPS://other.example', '/', '/'], ['http://other.example?x=/oidc_callback', '/?x=/oidc_callback', '/'], ['http://other.example?', '/?', '/'], ['//other.example/x', '//other.example/x', '//other.example/x'],
]) {
  test(`${url} is ${target}, and its path ${path}`, () => {
    const request = ask({ url });
    assert.deepEqual([request.target, request.path], [target, path]);
  });
}

test('a framework that mounts keeps the whole address in originalUrl; a path that is given counts', () => {
  assert.equal(ask({ url: '/in', originalUrl: '/app/in?x' }).target, '/app/in?x');
  assert.equal(ask({ url: '/x' }, nobody, { path: '/routed' }).path, '/routed');
});

test('HTTP/2 says :authority', () => {
  assert.equal(ask({ headers: { ':authority': 'two.example' } }).authority, 'two.example');
});

const SAYS = { host: 'inner', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'outer.example' };

test('forwarded headers are believed from the peers that were named, and from nobody else', () => {
  const from = (remoteAddress, trusted, headers = SAYS) => {
    const { scheme, authority } = ask({ headers, socket: { remoteAddress } }, new Proxies(trusted));
    return `${scheme}://${authority}`;
  };
  assert.equal(from('10.1.2.3', false), 'http://inner');
  assert.equal(from('10.1.2.3', '10.0.0.0/8'), 'https://outer.example');
  assert.equal(from('::ffff:10.1.2.3', ['10.0.0.0/8']), 'https://outer.example');
  assert.equal(from('11.1.2.3', '10.0.0.0/8'), 'http://inner');
  assert.equal(from('::1', 'loopback'), 'https://outer.example');
  assert.equal(from('127.0.0.9', 'loopback'), 'https://outer.example');
  assert.equal(from(undefined, 'loopback'), 'http://inner');
  assert.equal(from('fd00::1', ['fd00::/16', '::1']), 'https://outer.example');
});

test('of several, the nearest proxy\'s word counts: the others may be the client\'s', () => {
  const from = (headers) => {
    const { scheme, authority } = ask({ headers: { host: 'inner', ...headers }, socket: { remoteAddress: '::1', encrypted: true } }, new Proxies('loopback'));
    return `${scheme}://${authority}`;
  };
  assert.equal(from({ 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'evil.example, outer.example' }), 'http://outer.example');
  assert.equal(from({ forwarded: 'for=1;host=evil.example;proto=https, for=2;proto=http;host="outer.example:8080"' }), 'http://outer.example:8080');
  assert.equal(from({ 'x-forwarded-proto': 'http', 'x-forwarded-host': 'outer.example', forwarded: 'host=evil.example;proto=https' }), 'http://outer.example');
  assert.equal(from({ 'x-forwarded-proto': 'gopher' }), 'https://inner');
});

test('to believe everybody is not offered', () => {
  assert.throws(() => new Proxies(true), /name the addresses/);
  for (const entry of ['all', '10.0.0.0/x', '1.2.3', '']) assert.throws(() => new Proxies([entry]), /is no address/);
  assert.throws(() => new Proxies('10.0.0.0/99'));
});

// ---- bodies

const text = (reply) => reply.body?.toString();
const post = (body) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test('a body that was parsed is written again: object, text, bytes', () => {
  const read = (body, given) => readBody(ask({ body }, nobody, given), 100);
  assert.equal(text(read({ code: 'a b', list: ['1', '2'], deep: { x: 1 }, none: null, n: 5 })), 'code=a+b&list=1&list=2&n=5');
  assert.equal(text(read('a=1')), 'a=1');
  assert.equal(text(read(Buffer.from('b=2'))), 'b=2');
  assert.equal(text(read(undefined, { body: { c: '3' } })), 'c=3');
  assert.match(read('x'.repeat(101)).why, /larger than 100 bytes/);
  assert.match(read(undefined).why, /was read already/);
});

test('a body that nobody has parsed is read, and left for who comes after', async () => {
  const [reply, req] = await overWire(post('a=1&b=x+y&b=2'), async (incoming) => [await readBody(new GateRequest(incoming, nobody), 100), incoming]);
  assert.equal(text(reply), 'a=1&b=x+y&b=2');
  assert.deepEqual({ ...req.body }, { a: '1', b: ['x y', '2'] });
  assert.equal(req.rawBody.toString(), 'a=1&b=x+y&b=2');
  assert.equal(text(await readBody(new GateRequest(req, nobody), 100)), 'a=1&b=x+y&b=2');
});

test('a body that is too large, breaks off, or was read by somebody else', async () => {
  const read = (max) => (incoming) => readBody(new GateRequest(incoming, nobody), max);
  assert.match((await overWire(post('x'.repeat(5000)), read(100))).why, /larger than 100/);
  const broken = overWire('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nabc', (incoming) => {
    setTimeout(() => incoming.socket.destroy(), 20);
    return read(100)(incoming);
  });
  assert.match((await broken).why, /broke off/);
  const drained = await overWire(post('a=1'), async (incoming) => {
    for await (const part of incoming) assert.ok(part.length);
    return read(100)(incoming);
  });
  assert.match(drained.why, /was read already/);
});

for (const [name, express] of [['Express 4', express4], ['Express 5', express5]]) {
  test(`${name}: the body is there for the application, whoever reads it first`, async () => {
    const seen = [];
    const app = express();
    app.post('/first', async (req, res, next) => {
      seen.push(text(await readBody(new GateRequest(req, nobody), 100)));
      next();
    });
    app.use(express.json());
    app.post('/json', async (req, res, next) => {
      seen.push(text(await readBody(new GateRequest(req, nobody), 100)));
      next();
    });
    app.use(express.urlencoded({ extended: true }));
    app.post('/after', async (req, res, next) => {
      seen.push(text(await readBody(new GateRequest(req, nobody), 100)));
      next();
    });
    app.use((req, res) => res.json(req.body));
    const server = app.listen(0);
    stage.add({ stop: () => { server.closeAllConnections(); server.close(); } });
    const url = `http://127.0.0.1:${server.address().port}`;
    for (const path of ['/first', '/json', '/after']) {
      const response = await fetch(url + path, { method: 'POST', body: new URLSearchParams({ a: '1', b: 'x y' }) });
      assert.deepEqual(await response.json(), { a: '1', b: 'x y' }, path);
    }
    assert.deepEqual(seen, ['a=1&b=x+y', 'a=1&b=x+y', 'a=1&b=x+y']);
  });
}
