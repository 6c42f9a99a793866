// SPDX-License-Identifier: Apache-2.0
// The package oidc when something is wrong: tokens, answers, providers. Nothing of it is a 500, and nothing ends the process.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import oidc from '../../servers/node/lib/oidc/index.js';
import { Browser } from '../support/browser.mjs';
import { freePort, until } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { openServer, require, SECRET, seconds, startProvider } from './oidc-stage.mjs';

const stage = openStage('oidc-trouble');
const test = testOn(stage);
const practice = await startProvider(stage);
const CALLBACK = '/auth/oidc/callback';

/** An application with one protected page, and what its error handler saw. */
async function application(t, more = {}, done = undefined) {
  const { server, origin } = await openServer(t);
  const auth = new oidc.Auth({
    oidcServer: practice.issuer('ok'), clientId: 'practice', clientSecret: 'practice-secret', callbackURL: `${origin}${CALLBACK}`,
    cookieSecret: SECRET, log: () => {}, ...more,
  }, done);
  t.after(() => auth.close());
  const middleware = new oidc.middleware.Express(auth);
  const errors = [];
  const app = require('express5')();
  app.use(require('cookie-parser')());
  app.get('/login', middleware.auth({ redirectToOidc: true }));
  app.get(CALLBACK, middleware.auth(), (req, res) => res.json(req.user));
  app.get('/profile', middleware.auth(), (req, res) => res.json(req.user));
  app.use((error, req, res, next) => { // eslint-disable-line no-unused-vars
    errors.push(error);
    res.status(error.status ?? 500).end();
  });
  server.on('request', app);
  return { origin, auth, errors, get: (path, init) => fetch(`${origin}${path}`, { redirect: 'manual', ...init }) };
}

const tokens = [
  ['another issuer and audience', { iss: 'https://evil.example', aud: 'other' }],
  ['another audience', { aud: 'other' }],
  ['several audiences and no azp', { aud: ['practice', 'other'] }],
  ['no audience', { aud: null }],
  ['expired an hour ago', { exp: seconds() - 3600 }],
  ['no expiry', { exp: null }],
  ['not valid yet', { nbf: seconds() + 3600 }],
  ['no sub', { sub: null }],
  ['an unknown kid', {}, { header: { kid: 'nobody-knows' } }],
  ['a broken signature', {}, { break: 'flip' }],
  ['a stranger\'s signature', {}, { sign: 'stranger' }],
  ['alg none', {}, { header: { alg: 'none' }, sign: 'none' }],
  ['an access token', { scope: 'openid', client_id: 'practice' }, { header: { typ: 'at+jwt' } }],
];

test('a bad ID Token is 401 with a challenge, by query and by header', async (t) => {
  const { get, errors } = await application(t);
  assert.equal((await get(`/profile?id_token=${await practice.idToken()}`)).status, 200);
  for (const [what, claims, form] of tokens) {
    const token = await practice.idToken('ok', claims, form);
    for (const [path, init] of [[`/profile?id_token=${token}`], ['/profile', { headers: { Authorization: `Bearer ${token}` } }]]) {
      const answer = await get(path, init);
      assert.equal(answer.status, 401, what);
      assert.match(answer.headers.get('www-authenticate'), /error="invalid_token"/, what);
    }
  }
  assert.deepEqual(errors, []);
});

test('what is no token at all is refused, never a 500', async (t) => {
  const { get, errors } = await application(t);
  const token = await practice.idToken();
  for (const query of ['id_token=garbage', 'id_token=a.b.c', 'id_token=', 'id_token=%00', `id_token=${'x'.repeat(20000)}`, 'id_token=e30.e30.e30',
    `id_token=${token}&id_token=${token}`, `id_token=${token}&access_token=${token}`]) {
    const { status } = await get(`/profile?${query}`);
    assert.ok([400, 401, 431].includes(status), `${query.slice(0, 40)}: ${status}`);
  }
  for (const query of [`id_token[]=${token}`, `id_token[a]=${token}`, `id_token[0][1]=${token}`]) assert.equal((await get(`/profile?${query}`)).status, 401, query.slice(0, 20));
  for (const value of ['Bearer', 'Bearer a b', `Bearer ${token} x`, `bearer  ${token}x`]) {
    const { status } = await get('/profile', { headers: { Authorization: value } });
    assert.ok([400, 401].includes(status), value.slice(0, 20));
  }
  assert.equal((await get('/profile', { headers: { Authorization: 'Basic eDp5' } })).status, 401);
  assert.deepEqual(errors, []);
});

test('a bad token is not passed over for a good session, and does not lead to a sign-in', async (t) => {
  const { origin, get } = await application(t);
  const browser = new Browser();
  const first = await signIn(browser, `${origin}/login`);
  assert.equal(first.json.claims.sub, 'person-ada');
  assert.equal((await browser.open(`${origin}/profile`)).status, 200);
  assert.equal((await browser.open(`${origin}/profile?id_token=garbage`)).status, 401);
  assert.equal((await get('/login?id_token=garbage')).status, 401);
});

test('an answer of the provider that somebody else asked for signs nobody in', async (t) => {
  const { origin } = await application(t);
  const attacker = new Browser();
  let answer;
  attacker.adjust = (url) => {
    if (url.pathname === CALLBACK) answer = url;
    return url;
  };
  const hold = async () => {
    const login = await attacker.request(new URL(`${origin}/login`), { mode: 'navigate' });
    const url = login.location;
    url.searchParams.set('practice_login', 'alan');
    return (await attacker.request(url, { mode: 'navigate' })).location;
  };
  answer = await hold();
  assert.equal(answer.pathname, CALLBACK);
  const victim = new Browser();
  const got = await victim.open(answer);
  assert.equal(got.status, 400);
  assert.equal(victim.jar.find(/^oidcSession/).length, 0);
});

test('answers that are none', async (t) => {
  const { get, errors } = await application(t);
  for (const query of ['', '?code=x', '?code=x&state=y', '?state=y', '?code[]=x&state=y', '?code=x&code=y&state=z', '?error=access_denied', '?error=x&state=y', '?%']) {
    assert.equal((await get(`${CALLBACK}${query}`)).status, 400, query);
  }
  assert.deepEqual(errors, []);
});

test('a person who says no is 403', async (t) => {
  const { origin } = await application(t);
  const answer = await signIn(new Browser(), `${origin}/login`, 'ada', { parameters: { practice_error: 'access_denied' } });
  assert.equal(answer.status, 403);
});

const providers = [
  'oidcc-client-test-invalid-iss', 'oidcc-client-test-invalid-aud', 'oidcc-client-test-missing-sub', 'oidcc-client-test-idtoken-sig-none',
  'oidcc-client-test-invalid-sig-rs256', 'gw-expired',
];

test('an ID Token of the provider that is wrong, or none, signs nobody in and ends nothing', async (t) => {
  for (const label of providers) {
    const { origin, errors } = await application(t, { oidcServer: practice.issuer(label) });
    const browser = new Browser();
    const answer = await signIn(browser, `${origin}/login`);
    assert.ok([401, 502].includes(answer.status), `${label}: ${answer}`);
    assert.equal(browser.jar.find(/^oidcSession/).length, 0, label);
    assert.deepEqual(errors, [], label);
  }
});

/** A provider that answers whatever is said. */
async function oddProvider(t, idToken) {
  const server = createServer((req, res) => {
    const issuer = `http://127.0.0.1:${server.address().port}`;
    res.setHeader('Content-Type', 'application/json');
    if (req.url.startsWith('/.well-known')) {
      res.end(JSON.stringify({
        issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'],
        subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'] }));
    } else if (req.url === '/jwks') res.end('{"keys":[]}');
    else res.end(JSON.stringify({ access_token: 'a', token_type: 'Bearer', id_token: idToken }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

test('an ID Token that is no JWT is an answer of 401 or 502', async (t) => {
  for (const idToken of ['garbage', '..', 'a.b.c', '', null, 7, {}, ['x'], 'e30.e30.']) {
    const { origin, errors } = await application(t, { oidcServer: await oddProvider(t, idToken) });
    const browser = new Browser();
    const login = await browser.request(new URL(`${origin}/login`), { mode: 'navigate' });
    const answer = await browser.open(`${origin}${CALLBACK}?code=x&state=${login.location.searchParams.get('state')}`);
    assert.ok([401, 502].includes(answer.status), `${JSON.stringify(idToken)}: ${answer}`);
    assert.deepEqual(errors, []);
  }
});

test('a provider that is down at the start is asked again; requests get 503 meanwhile', async (t) => {
  const port = await freePort();
  const calls = [];
  const { get, auth } = await application(t, { oidcServer: `http://127.0.0.1:${port}/f/ok` }, (error) => calls.push(error));
  await until('done was called', () => calls.length);
  assert.ok(calls[0] instanceof Error);
  for (const path of ['/login', '/profile?id_token=e30.e30.e30']) {
    const answer = await get(path);
    assert.ok(path === '/login' ? answer.status === 503 : [401, 503].includes(answer.status), `${path}: ${answer.status}`);
  }
  const late = stage.add(await Practice.start(['--quiet'], port));
  await auth.ready;
  assert.equal(calls.length, 1);
  await until('sign-in works', async () => (await get('/login')).status === 302, 8000); // the engine asks every five seconds
  await late.stop();
});

test('new keys of the provider count without a restart; unknown ones are not asked for each time', async (t) => {
  const label = 'ok~rotates';
  const { get } = await application(t, { oidcServer: practice.issuer(label) });
  assert.equal((await get(`/profile?id_token=${await practice.idToken(label)}`)).status, 200);
  await practice.rotate(label);
  assert.equal((await get(`/profile?id_token=${await practice.idToken(label)}`)).status, 200);
  for (let i = 0; i < 20; i++) {
    const token = await practice.idToken(label, {}, { header: { kid: `unknown-${i}` } });
    assert.equal((await get(`/profile?id_token=${token}`)).status, 401);
  }
  const asked = (await practice.log(label)).filter(({ endpoint }) => endpoint === 'jwks').length;
  assert.ok(asked <= 4, `${asked} times for the keys`);
});

test('every algorithm', async (t) => {
  for (const alg of ['ps256', 'es256', 'eddsa']) {
    const label = `ok~${alg}`;
    const { origin, get } = await application(t, { oidcServer: practice.issuer(label) });
    const answer = await signIn(new Browser(), `${origin}/login`);
    assert.equal(answer.status, 200, `${alg}: ${answer}`);
    assert.equal((await get(`/profile?id_token=${answer.json.jwt.raw}`)).status, 200, alg);
  }
});

test('two clients in one process share nothing', async (t) => {
  const one = await application(t, { oidcServer: practice.issuer('ok~one') });
  const two = await application(t, { oidcServer: practice.issuer('ok~two'), cookieSecret: `${SECRET} of the other` });
  const token = await practice.idToken('ok~one');
  assert.equal((await one.get(`/profile?id_token=${token}`)).status, 200);
  assert.equal((await two.get(`/profile?id_token=${token}`)).status, 401);
  const browser = new Browser();
  await signIn(browser, `${one.origin}/login`);
  assert.equal((await browser.open(`${two.origin}/profile`)).status, 401); // cookies know no ports
});
