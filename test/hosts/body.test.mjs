// SPDX-License-Identifier: Apache-2.0
// Bodies and upgraded connections pass through untouched, or not at all.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { valuesOf, startSample } from '../support/application.mjs';
import { Browser, readForm } from '../support/browser.mjs';
import { until } from '../support/place.mjs';
import { asPerson, signedIn, signIn } from '../support/practice.mjs';
import { rawRequest } from '../support/raw.mjs';
import { client, identity, setUp } from './host.mjs';

const sample = await startSample();
const world = await setUp('body', {
  providers: ({ practice }) => ({ post: client(practice, 'ok~post', { redirect_uri: '/post_callback', response_mode: 'form_post' }) }),
  site: {
    places: [
      { path: '/ws', provider: 'main', upstream: sample.origin, headers: identity },
      { path: '/form/', provider: 'post', headers: identity },
    ],
  },
});
world.stage.add(sample);
const { test, practice, mirror, port, url } = world;
const browser = await signedIn(url('/'));

function hashOf(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

const MIB = randomBytes(1024 * 1024);

for (const [what, headers, send] of [
  ['of 1 MiB with its length', { 'content-length': String(MIB.length) }, MIB],
  ['of 1 MiB in chunks', { 'transfer-encoding': 'chunked' }, (request) => {
    for (let at = 0; at < MIB.length; at += 70000) request.write(MIB.subarray(at, at + 70000));
    request.end();
  }],
  ['that comes slowly', { 'transfer-encoding': 'chunked' }, (request) => {
    request.write(MIB.subarray(0, 1000));
    setTimeout(() => request.end(MIB.subarray(1000)), 300);
  }],
  ['after Expect: 100-continue', { 'content-length': String(MIB.length), expect: '100-continue' }, MIB],
]) {
  test(`a body ${what} reaches the application untouched`, async () => {
    const answer = await browser.request(url('/upload'), {
      method: 'POST', mode: 'cors', from: url('/'), body: send, headers: { ...headers, 'content-type': 'application/octet-stream' },
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json.body, { length: MIB.length, sha256: hashOf(MIB) });
    assert.deepEqual(valuesOf(answer.json, 'X-User-Name'), ['Ada Lovelace']);
  });
}

test('an empty body stays empty', async () => {
  const answer = await browser.request(url('/upload'), { method: 'POST', mode: 'cors', from: url('/'), headers: { 'content-length': '0' } });
  assert.equal(answer.json.body.length, 0);
});

test('the body of a refused request is not passed on, and the connection stays in step', async () => {
  const before = mirror.seen.length;
  const body = 'GET /public/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
  const answer = await rawRequest(port, `POST /x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
    `GET /public/after HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
  assert.equal(answer.status, 401);
  assert.match(answer.text, /public\/after/, 'the next request on the connection is answered');
  assert.deepEqual(mirror.seen.slice(before).map((told) => told.target), ['/public/after']);
});

test('a large body of a refused request is not taken for requests either', async () => {
  const before = mirror.seen.length;
  const answer = await new Browser().request(url('/x'), {
    method: 'PUT', mode: 'cors', from: url('/'), body: MIB, headers: { 'content-length': String(MIB.length) },
  }).catch((error) => error);
  assert.ok(answer.status === 401 || /EPIPE|ECONNRESET|hang up/.test(answer.message), String(answer));
  assert.equal(mirror.seen.length, before);
});

// ---- form_post ----

async function callbackForm(person = new Browser()) {
  const first = await person.request(url('/form/page?a=b'));
  const page = await person.request(asPerson('ada')(first.location));
  return { person, page, form: readForm(page) };
}

function post(person, form, body, headers = {}) {
  return person.request(form.action, {
    method: 'POST', from: practice.origin, body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': typeof body === 'string' ? String(Buffer.byteLength(body)) : undefined, ...headers,
    },
  });
}

test('form_post: sign-in leads to the page that was asked for', async () => {
  const shown = await signIn(new Browser(), url('/form/page?a=b'));
  assert.equal(shown.status, 200, String(shown));
  assert.equal(shown.json.target, '/form/page?a=b');
  assert.equal(shown.json.method, 'GET');
});

test('form_post: also where the provider is another site', async () => {
  const { person, form } = await callbackForm();
  const body = new URLSearchParams(form.fields).toString();
  const answer = await person.request(form.action, {
    method: 'POST', from: 'http://localhost:1/', body, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
  });
  assert.equal(answer.status, 303);
  assert.equal(answer.location.href, url('/form/page?a=b'));
});

test('form_post: an answer by GET is refused', async () => {
  const { person, form } = await callbackForm();
  const answer = await person.request(`${form.action}?${new URLSearchParams(form.fields)}`);
  assert.equal(answer.status, 400);
  assert.match(world.server.text, /oidc: response_mode: /);
});

test('form_post: a form by another type is refused', async () => {
  const { person, form } = await callbackForm();
  const answer = await post(person, form, JSON.stringify(form.fields), { 'content-type': 'application/json' });
  assert.equal(answer.status, 400);
  assert.match(world.server.text, /oidc: response_malformed: /);
});

test('form_post: a form beyond 64 KiB is refused', async () => {
  const { person, form } = await callbackForm();
  const answer = await post(person, form, `${new URLSearchParams(form.fields)}&x=${'y'.repeat(70000)}`);
  assert.equal(answer.status, 400);
});

test('form_post: a form in chunks is read', async () => {
  const { person, form } = await callbackForm();
  const answer = await post(person, form, (request) => request.end(new URLSearchParams(form.fields).toString()),
    { 'transfer-encoding': 'chunked' });
  assert.equal(answer.status, 303);
});

test('form_post: with the fields in the query instead nobody is signed in', async () => {
  const { person, form } = await callbackForm();
  const answer = await post(person, { action: `${form.action}?${new URLSearchParams(form.fields)}` }, '');
  assert.equal(answer.status, 400);
});

test('an answer by POST where a query was asked for is refused', async () => {
  const person = new Browser();
  const first = await person.request(url('/x'));
  const { location } = await person.request(asPerson('ada')(first.location));
  const answer = await post(person, { action: location.href.split('?')[0] }, location.search.slice(1));
  assert.equal(answer.status, 400);
  assert.match(world.server.text, /oidc: response_mode: /);
});

// ---- WebSocket ----

function upgrade(cookie) {
  return new Promise((done, fail) => {
    const request = http.get(url('/ws'), {
      agent: false,
      headers: {
        connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64'),
        origin: world.origin, 'sec-fetch-mode': 'websocket', 'sec-fetch-site': 'same-origin', ...(cookie && { cookie }),
      },
    });
    request.on('upgrade', (response, socket, head) => done({ status: response.statusCode, socket, head }));
    request.on('response', (response) => done({ status: response.statusCode, headers: response.headers }));
    request.on('error', fail);
  });
}

/** A masked text frame: RFC 6455 5.2. */
function frame(text) {
  const mask = randomBytes(4);
  const payload = Buffer.from(text).map((byte, i) => byte ^ mask[i % 4]);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
}

test('a WebSocket without a session is answered 401', async () => {
  const answer = await upgrade();
  assert.equal(answer.status, 401);
  assert.match(answer.headers['www-authenticate'], /realm=/);
});

test('a WebSocket with a session is a WebSocket', async () => {
  const { status, socket } = await upgrade(browser.jar.header(new URL(url('/'))));
  assert.equal(status, 101);
  let bytes = Buffer.alloc(0);
  socket.on('data', (part) => { bytes = Buffer.concat([bytes, part]); });
  socket.write(frame('hello'));
  await until('the echo is there', () => bytes.length >= 7);
  socket.destroy();
  assert.equal(bytes.subarray(2).toString(), 'hello');
});

test('the provider has nothing to complain about', async () => {
  assert.deepEqual(await practice.violations(), []);
  assert.deepEqual(await practice.violations('ok~post'), []);
});
