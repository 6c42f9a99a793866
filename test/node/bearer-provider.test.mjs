// SPDX-License-Identifier: Apache-2.0
// bearer() and the provider behind it: new keys, a provider that is down, introspection, several issuers, the clock.
import assert from 'node:assert/strict';
import { describe, mock } from 'node:test';
import { bearer } from '../../servers/node/lib/bearer/index.js';
import { freePort, until } from '../support/place.mjs';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { call, minter, open, seconds } from './bearer-stage.mjs';

const stage = openStage('bearer-provider');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));
const mint = minter(practice);

const CLIENT = { clientId: 'practice', clientSecret: 'practice-secret' };
const asked = async (label, endpoint) => (await practice.log(label)).filter((entry) => entry.endpoint === endpoint).length;

/** An Express application with one route behind bearer(). */
async function serve(t, options, framework = 'express 5') {
  const lines = [];
  const middleware = bearer({ audience: 'api', log: (level, line) => lines.push(`${level} ${line}`), ...options });
  t.after(() => middleware.close());
  const origin = await open(t, framework, { '/': [middleware] });
  return { lines, middleware, ask: (token, how) => call(`${origin}/`, { token, ...how }) };
}

test('answers without a promise when the engine does', async (t) => {
  const label = 'ok~atjwt~aud-api~sync';
  const { ask, middleware } = await serve(t, { issuer: practice.issuer(label) });
  const token = await mint(label);
  assert.equal((await ask(token)).status, 200);
  let passed = false;
  const req = { method: 'GET', url: '/', headers: { host: 'x', authorization: `Bearer ${token}` } };
  middleware(req, {}, () => { passed = true; });
  assert.equal(passed, true, 'next() has run before the call returned');
  assert.equal(req.auth.payload.sub, 'person-ada');
});

test('new keys at the provider need no restart; the old ones are good for nothing', async (t) => {
  const label = 'ok~atjwt~aud-api~rotated';
  const { ask } = await serve(t, { issuer: practice.issuer(label) });
  const before = await mint(label);
  assert.equal((await ask(before)).status, 200);
  await practice.rotate(label);
  assert.equal((await ask(await mint(label))).status, 200);
  assert.equal((await ask(before)).status, 401);
});

test('unknown keys and bad signatures make nobody ask for keys each time', async (t) => {
  const label = 'ok~atjwt~aud-api~flood';
  const { ask } = await serve(t, { issuer: practice.issuer(label) });
  assert.equal((await ask(await mint(label))).status, 200);
  for (let i = 0; i < 12; i++) {
    assert.equal((await ask(await mint(label, { header: { kid: `new-${i}` } }))).status, 401);
    assert.equal((await ask(await mint(label, { sign: 'stranger' }))).status, 401);
  }
  assert.ok(await asked(label, 'jwks') <= 3);
});

/** Read by the engine before anything is believed: whose it says it is. */
const claimed = (issuer) => [{ alg: 'RS256', typ: 'at+jwt' }, { iss: issuer }].map((each) => Buffer.from(JSON.stringify(each)).toString('base64url')).join('.');

describe('a provider that is down when the application starts', { concurrency: 8 }, () => {
  for (const framework of ['express 4', 'fastify 5', 'koa 3', 'restify 11', 'node:http']) {
    test(`503, and then it works: ${framework}`, async (t) => {
      const port = await freePort();
      const issuer = `http://127.0.0.1:${port}/f/ok~atjwt~aud-api`;
      const { ask } = await serve(t, { issuer, fetchTimeout: 5 }, framework);
      assert.equal((await ask(undefined)).status, 401, 'without a token there is nothing to ask the provider');
      const down = await ask(`${claimed(issuer)}.AAAA`);
      assert.deepEqual([down.status, down.headers['retry-after'], down.headers['www-authenticate']], [503, '5', undefined]);
      const late = await Practice.start(['--quiet'], port);
      t.after(() => late.stop());
      const token = await minter(late)('ok~atjwt~aud-api');
      await until('the provider is asked again', async () => (await ask(token)).status === 200, 40000);
    });
  }
});

test('opaque tokens: the provider is asked, as this client; an endpoint that is down is a 503', async (t) => {
  const label = 'ok~aud-api~opaque';
  const { ask } = await serve(t, { issuer: practice.issuer(label), tokenTypes: 'opaque', introspectionCache: 0, ...CLIENT });
  const token = await mint(label, { opaque: '1', claims: { aud: 'api', tenant: 7 } });
  const { status, json } = await ask(token);
  assert.equal(status, 200);
  assert.deepEqual([json.token, json.payload.sub, json.payload.tenant, json.header], [token, 'person-ada', 7, null]);
  await practice.control(label, 'revoke', { token });
  assert.equal((await ask(token)).status, 401);
  assert.equal((await ask('never-issued')).status, 401);
  assert.equal((await ask(await mint(label, { opaque: '1', claims: { aud: 'other' } }))).status, 401);
  const fresh = await mint(label, { opaque: '1', claims: { aud: 'api' } });
  await practice.down(label, 'introspect', 500);
  assert.equal((await ask(fresh)).status, 503);
  await practice.up(label);
  assert.equal((await ask(fresh)).status, 200);
  assert.deepEqual(await practice.violations(label), []);
});

test('opaque tokens are not taken where they are not asked for, and JWTs not where only opaque ones are', async (t) => {
  const label = 'ok~atjwt~aud-api~kinds';
  const jwts = await serve(t, { issuer: practice.issuer(label) });
  assert.equal((await jwts.ask(await mint(label, { opaque: '1', claims: { aud: 'api' } }))).status, 401);
  const both = await serve(t, { issuer: practice.issuer(label), tokenTypes: ['at+jwt', 'opaque'], ...CLIENT });
  assert.equal((await both.ask(await mint(label, { opaque: '1', claims: { aud: 'api' } }))).status, 200);
  assert.equal((await both.ask(await mint(label))).status, 200);
});

test('jwt and id_token, where they are asked for', async (t) => {
  const label = 'ok~atjwt~aud-api~types';
  const plain = await mint(label, { header: { typ: 'JWT' }, claims: { client_id: null } });
  const idToken = await mint(label, { header: { typ: 'JWT' }, claims: { aud: 'practice', client_id: null, scope: null, nonce: 'n' } });
  const jwt = await serve(t, { issuer: practice.issuer(label), tokenTypes: 'jwt' });
  assert.equal((await jwt.ask(plain)).status, 200);
  assert.equal((await jwt.ask(idToken)).status, 401);
  const id = await serve(t, { issuer: practice.issuer(label), tokenTypes: 'id_token', audience: 'practice' });
  assert.equal((await id.ask(idToken)).status, 200);
  assert.equal((await id.ask(plain)).status, 401);
});

test('several issuers: each has its own keys; options of its own where it is an object', async (t) => {
  const [one, two] = ['ok~atjwt~aud-api~a', 'ok~es256~atjwt~aud-api~b'];
  const { ask } = await serve(t, { issuer: [{ issuer: practice.issuer(one), accessTokenSigningAlg: 'RS256' }, { issuer: practice.issuer(two), accessTokenSigningAlg: 'ES256' }] });
  assert.equal((await ask(await mint(one))).status, 200);
  assert.equal((await ask(await mint(two))).status, 200);
  assert.equal((await ask(await mint(two, { claims: { iss: practice.issuer(one) } }))).status, 401);
  assert.equal((await ask(await mint('ok~atjwt~aud-api~c'))).status, 401);
  const narrow = await serve(t, { issuer: [practice.issuer(one), practice.issuer(two)], algorithms: 'ES256' });
  assert.equal((await narrow.ask(await mint(one))).status, 401);
  assert.equal((await narrow.ask(await mint(two))).status, 200);
});

test('one provider that is down keeps no token of another from its place', async (t) => {
  const [one, two] = ['ok~atjwt~aud-api~up', 'ok~atjwt~aud-api~down'];
  const { ask } = await serve(t, { issuer: [practice.issuer(two), practice.issuer(one)] });
  const token = await mint(two);
  await practice.down(two, 'discovery', 503);
  assert.equal((await ask(await mint(one))).status, 200);
  assert.equal((await ask(token)).status, 503);
});

test('applications in one process share nothing', async (t) => {
  const label = 'ok~atjwt~aud-api~apart';
  const a = await serve(t, { issuer: practice.issuer(label) });
  const b = await serve(t, { issuer: practice.issuer(label), audience: 'other' });
  const token = await mint(label);
  for (const wanted of [200, 200]) assert.equal((await a.ask(token)).status, wanted);
  assert.equal((await b.ask(token)).status, 401);
  a.middleware.close();
  assert.equal((await b.ask(await mint(label, { claims: { aud: 'other' } }))).status, 200);
  const closed = await a.ask(token);
  assert.equal(closed.status, 503, 'what is closed lets nobody in');
});

test('the clock is the process’s: a token ends when it says, known or not', async (t) => {
  const label = 'ok~atjwt~aud-api~clock';
  const { ask } = await serve(t, { issuer: practice.issuer(label), clockTolerance: 5 });
  const token = await mint(label, { claims: { exp: seconds() + 300 } });
  const early = await mint(label, { claims: { nbf: seconds() + 200, exp: seconds() + 900 } });
  assert.deepEqual([(await ask(token)).status, (await ask(early)).status], [200, 401]);
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 304_000 });
  t.after(() => mock.timers.reset());
  assert.deepEqual([(await ask(token)).status, (await ask(early)).status], [200, 200], 'within the tolerance');
  mock.timers.setTime(Date.now() + 2000);
  assert.equal((await ask(token)).status, 401);
});

test('globalThis.fetch may be replaced, and customFetch goes before it', async (t) => {
  const label = 'ok~atjwt~aud-api~intercepted';
  const asks = [];
  const real = globalThis.fetch;
  globalThis.fetch = (url, init) => {
    asks.push(String(url));
    return real(url, init);
  };
  t.after(() => { globalThis.fetch = real; });
  const token = await mint(label);
  asks.length = 0;
  const { ask } = await serve(t, { issuer: practice.issuer(label) });
  assert.equal((await ask(token)).status, 200);
  assert.ok(asks.some((url) => url.endsWith('/.well-known/openid-configuration')) && asks.some((url) => url.endsWith('/jwks')));
  asks.length = 0;
  const custom = [];
  const other = await serve(t, { issuer: practice.issuer(label), customFetch: (url, init) => { custom.push(String(url)); return real(url, init); } });
  assert.equal((await other.ask(token)).status, 200);
  assert.deepEqual([asks.length, custom.length], [0, 2]);
});

test('many requests with one unknown token ask the provider once', async (t) => {
  const label = 'ok~atjwt~aud-api~many';
  const token = await mint(label);
  await practice.delay(label, 'jwks', 200);
  const { ask } = await serve(t, { issuer: practice.issuer(label) });
  const statuses = (await Promise.all(Array.from({ length: 20 }, () => ask(token)))).map(({ status }) => status);
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.deepEqual([await asked(label, 'jwks'), await asked(label, 'discovery')], [1, 1]);
});

test('a refusal is one line in the log: its id, its clause, and nothing of the token', async (t) => {
  const label = 'ok~atjwt~aud-api~log';
  const { ask, lines } = await serve(t, { issuer: practice.issuer(label) });
  const token = await mint(label, { claims: { aud: 'other' } });
  await ask(token);
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^error token_aud: .*\[RFC 9068 4\]/);
  assert.ok(!lines[0].includes(token.slice(0, 40)));
});
