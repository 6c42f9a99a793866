// SPDX-License-Identifier: Apache-2.0
// FETCH: time, size and redirects have an end; equal ones are one; an application's own fetch is held to the same.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import https from 'node:https';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Fetcher, wordsFor } from '../../servers/node/lib/fetch.js';
import { makeCertificate } from '../support/certificate.mjs';
import { openStage } from '../support/stage.mjs';

const stage = openStage('fetch');
const hits = [];
const bomb = gzipSync(Buffer.alloc(50 << 20));
const places = {
  '/plain': (req, res) => { res.writeHead(201, { 'X-A': 'b' }).end('hello'); },
  '/redirect': (req, res) => { res.writeHead(302, { Location: '/plain' }).end('moved'); },
  '/large': (req, res) => { res.end('x'.repeat(2000)); },
  '/bomb': (req, res) => { res.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb); },
  '/never': () => {},
  '/drip': (req, res) => { res.writeHead(200); const timer = setInterval(() => res.write('x'), 20); res.on('close', () => clearInterval(timer)); },
  '/headers': (req, res) => { for (let i = 0; i < 250; i++) res.setHeader(`X-${i}`, 'a'); res.end(); },
  '/broken': (req, res) => { res.writeHead(200, { 'Content-Length': '100' }); res.write('abc'); setTimeout(() => res.destroy(), 20); },
  '/echo': async (req, res) => {
    const parts = [];
    for await (const part of req) parts.push(part);
    res.end(JSON.stringify({ method: req.method, headers: req.headers, body: Buffer.concat(parts).toString() }));
  },
};
const server = createServer({ maxHeaderSize: 65536 }, (req, res) => {
  hits.push(req.url);
  places[new URL(req.url, 'http://x').pathname](req, res);
});
await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
stage.add({ stop: () => { server.closeAllConnections(); server.close(); } });
const origin = `http://127.0.0.1:${server.address().port}`;

const need = (path, more = {}) => ({ method: 'GET', url: path.startsWith('http') ? path : origin + path, headers: [], maxBytes: 1000, timeoutMs: 2000, ...more });
const plain = new Fetcher();
const FAILED = 3;

test('an answer comes with status, headers and body', async () => {
  const reply = await plain.fetch(need('/plain'));
  assert.deepEqual([reply.outcome, reply.status, reply.body.toString()], [0, 201, 'hello']);
  assert.equal(reply.headers[reply.headers.indexOf('x-a') + 1], 'b');
});

test('what the engine says is sent, and no credentials', async () => {
  const { body } = await plain.fetch(need('/echo', { method: 'POST', headers: ['Content-Type', 'application/x-www-form-urlencoded', 'Authorization', 'Basic eDp5'], body: Buffer.from('a=\xe9', 'latin1') }));
  const seen = JSON.parse(body);
  assert.deepEqual([seen.method, seen.headers['content-type'], seen.headers.authorization, seen.headers.cookie], ['POST', 'application/x-www-form-urlencoded', 'Basic eDp5', undefined]);
});

test('a redirect is an answer, and nobody goes there', async () => {
  hits.length = 0;
  const reply = await plain.fetch(need('/redirect'));
  assert.deepEqual([reply.outcome, reply.status, hits], [0, 302, ['/redirect']]);
});

test('what unpacks to too much is not unpacked', async () => {
  const before = process.memoryUsage().rss;
  assert.match((await plain.fetch(need('/bomb'))).why, /more than 1000 bytes/);
  assert.ok(process.memoryUsage().rss - before < 20 << 20);
});

for (const [path, why] of [['/large', /more than 1000 bytes/], ['/never', /no answer within 200 ms/], ['/drip', /no answer within 200 ms/],
  ['/headers', /too many headers|OVERFLOW/i], ['/broken', /./], ['http://127.0.0.1:1/x', /ECONNREFUSED|bad port/], ['http://host.invalid/', /ENOTFOUND|EAI_AGAIN/]]) {
  test(`${path}: no answer, and why`, async () => {
    const reply = await plain.fetch(need(path, { timeoutMs: 200 }));
    assert.equal(reply.outcome, FAILED);
    assert.match(reply.why, why);
  });
}

test('an application\'s own fetch gets url and init, and is held to time, size and redirects', async () => {
  const with1 = (custom, more) => new Fetcher(custom).fetch(need('/plain', more));
  let seen;
  await with1(async (...args) => { seen = args; return new Response('x'); });
  assert.equal(seen[0], `${origin}/plain`);
  assert.deepEqual([seen[1].method, seen[1].redirect, seen[1].credentials, seen[1].signal instanceof AbortSignal], ['GET', 'manual', 'omit', true]);
  assert.match((await with1(() => new Promise(() => {}), { timeoutMs: 50 })).why, /no answer within 50 ms/);
  assert.match((await with1(async () => new Response('x'.repeat(1001)))).why, /more than 1000/);
  assert.match((await with1(async () => ({ status: 200, headers: new Headers(), arrayBuffer: async () => new ArrayBuffer(1001) }))).why, /more than 1000/);
  assert.match((await with1((url) => fetch(url.replace('plain', 'redirect')))).why, /redirect/);
  for (const odd of [async () => undefined, async () => ({}), async () => ({ status: 200 }), () => { throw new Error('no'); }, async () => new Response('x', { headers: { a: '\u00e9' } }).json(), 'text']) {
    const reply = await with1(odd);
    assert.equal(reply.outcome, FAILED);
    assert.ok(reply.why.length > 0 && reply.why.length <= 120);
  }
});

test('a test\'s fake timers do not reach the deadline', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const reply = await plain.fetch(need('/never', { timeoutMs: 100 }));
  assert.match(reply.why, /no answer within 100 ms/);
});

test('equal fetches at one moment are one, where the engine says so', async () => {
  hits.length = 0;
  const all = await Promise.all([1, 2, 3].map(() => plain.fetch(need('/plain', { share: true }))));
  assert.deepEqual([hits.length, all.every(({ status }) => status === 201)], [1, true]);
  await Promise.all([1, 2].map((i) => plain.fetch(need('/plain', { share: true, headers: ['X-I', String(i)] }))));
  assert.equal(hits.length, 3);
  await Promise.all([1, 2].map((i) => plain.fetch(need('/plain', { share: true, shareAs: 'keys', headers: ['X-I', String(i)] }))));
  assert.equal(hits.length, 4);
  await Promise.all([1, 2].map(() => plain.fetch(need('/plain'))));
  assert.equal(hits.length, 6);
  assert.equal(plain.running.size, 0);
});

test('who trusts other authorities shares no answer', async () => {
  const asked = [];
  const fetcher = new Fetcher(async (url) => {
    asked.push(url);
    return new Response('from anybody');
  });
  for (const shareAs of ['', 'keys']) {
    const [open, careful] = await Promise.all([{}, { caFile: '/nowhere/ca.pem' }].map((trust) => fetcher.fetch(need('https://op.example/keys', { share: true, shareAs, ...trust }))));
    assert.deepEqual([open.outcome, careful.outcome], [0, FAILED]);
    const [, strict] = await Promise.all([{}, { crlFile: '/nowhere/crl.pem' }].map((trust) => fetcher.fetch(need('https://op.example/keys', { share: true, shareAs, ...trust }))));
    assert.equal(strict.outcome, FAILED);
  }
  assert.equal(asked.length, 4);
});

test('who leaves ends its own exchange, and not the others\'', async () => {
  const left = new AbortController();
  const own = plain.fetch(need('/never'), left.signal);
  const shared = plain.fetch(need('/plain', { share: true }), left.signal);
  left.abort();
  assert.match((await own).why, /given up/);
  assert.equal((await shared).status, 201);
});

test('nothing that was sent stands in the words', () => {
  assert.equal(wordsFor(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET', message: 'secret' } })), 'ECONNRESET');
  assert.equal(wordsFor(new Error('a\nb\u0000c')), 'a b c');
  assert.equal(wordsFor(undefined), 'no connection');
  assert.equal(wordsFor(new DOMException('x', 'AbortError')), 'given up');
});

test('with authorities of one\'s own: those and no others', async () => {
  const { key, cert } = await makeCertificate(stage.folder);
  const secure = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => places[req.url](req, res));
  await new Promise((done) => { secure.listen(0, '127.0.0.1', done); });
  stage.add({ stop: () => { secure.closeAllConnections(); secure.close(); } });
  const url = `https://127.0.0.1:${secure.address().port}`;
  const known = (path, more) => plain.fetch(need(url + path, { caFile: cert, ...more }));
  const reply = await known('/plain');
  assert.deepEqual([reply.outcome, reply.status, reply.body?.toString()], [0, 201, 'hello'], reply.why);
  assert.equal(JSON.parse((await known('/echo', { method: 'POST', body: Buffer.from('a=1') })).body).body, 'a=1');
  assert.equal((await known('/redirect')).status, 302);
  assert.match((await known('/large')).why, /more than 1000/);
  assert.match((await known('/bomb')).why, /more than 1000|encoding/);
  assert.match((await known('/never', { timeoutMs: 100 })).why, /no answer within/);
  assert.equal((await known('/broken')).outcome, FAILED);
  assert.equal((await plain.fetch(need(`${url}/plain`))).outcome, FAILED, 'the system does not know this authority');
  writeFileSync(join(stage.folder, 'other.pem'), 'none');
  assert.equal((await known('/plain', { caFile: join(stage.folder, 'other.pem') })).outcome, FAILED);
  assert.match((await known('/plain', { caFile: join(stage.folder, 'not-there') })).why, /ENOENT/);
});
