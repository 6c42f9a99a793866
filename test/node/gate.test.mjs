// SPDX-License-Identifier: Apache-2.0
// The gate, at the practice provider: places that it guards, and an application that keeps its own sessions.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test as plainTest } from 'node:test';
import { Gate } from '../../servers/node/index.js';
import { Browser } from '../support/browser.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';

const stage = openStage('gate');
const test = testOn(stage);
const practice = stage.add(await Practice.start());
const SECRET = 'g'.repeat(32);
const CLIENT = { clientId: 'practice', clientSecret: 'practice-secret', scope: 'openid profile email', cookieSecret: SECRET };

/** A server whose listener answers with what it returns. */
async function serve(listener) {
  const server = createServer(async (req, res) => {
    try {
      const { status = 200, headers = [], body } = await listener(req);
      for (const [name, value] of headers) res.appendHeader(name, value);
      res.writeHead(status).end(body);
    } catch (error) {
      res.writeHead(500).end(error.stack);
    }
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  stage.add({ stop: () => { server.closeAllConnections(); server.close(); } });
  return `http://127.0.0.1:${server.address().port}`;
}

function show({ headers, ...shown }) {
  return { headers, body: JSON.stringify(shown) };
}

/** A site where everything is guarded. */
async function guarded(label, options = {}, ruleOptions = {}) {
  const lines = [];
  const gate = new Gate({ issuer: practice.issuer(label), ...CLIENT, logoutUri: '/logout', log: (level, line) => lines.push(line), ...options });
  const rule = gate.rule(ruleOptions);
  const origin = await serve(async (req) => {
    const verdict = await gate.guard(gate.request(req), rule);
    if (!verdict.pass) return verdict;
    const { headers, identity, claims, userinfo, idToken, accessToken, expires } = verdict;
    return show({ headers, identity, claims, userinfo, idToken, accessToken, expires, groups: verdict.claim('groups'), none: verdict.claim('toString') });
  });
  return { gate, rule, origin, lines };
}

test('a guarded place signs in, says who is there, and signs out', async () => {
  const { origin } = await guarded('ok~gate1', {}, { header: { 'X-User': 'sub', 'X-Name': 'name' } });
  const browser = new Browser();
  const { status, json } = await signIn(browser, `${origin}/reports?x=1`);
  assert.equal(status, 200);
  assert.deepEqual(json.identity, [['X-User', 'person-ada'], ['X-Name', 'Ada Lovelace']]);
  assert.equal(json.claims.sub, 'person-ada');
  assert.deepEqual(json.groups, ['engineers', 'admins']);
  assert.equal(json.none, undefined);
  assert.match(json.idToken, /^eyJ/);
  assert.ok(json.accessToken && json.expires > Date.now() / 1000 + 3600);
  assert.deepEqual(browser.jar.refused, []);
  const out = await browser.open(`${origin}/logout`, { from: `${origin}/` });
  assert.equal(out.status, 200, String(out));
  assert.equal((await browser.request(`${origin}/reports`)).status, 302);
  assert.deepEqual(await practice.violations('ok~gate1'), []);
});

test('what is no navigation gets 401, and a rule that does not hold 403', async () => {
  const { origin } = await guarded('ok~gate2', {}, { require: 'groups has "nobody"' });
  const xhr = await new Browser().request(`${origin}/api`, { mode: 'cors', headers: { accept: 'application/json' } });
  assert.deepEqual([xhr.status, xhr.json.error ?? xhr.json.id ?? 'none'].slice(0, 1), [401]);
  assert.equal((await signIn(new Browser(), `${origin}/`)).status, 403);
});

test('the callback by form_post, whose body nobody has parsed', async () => {
  const { origin } = await guarded('ok~gate3', { responseMode: 'form_post' });
  assert.equal((await signIn(new Browser(), `${origin}/x`)).json.claims.sub, 'person-ada');
});

test('bearer tokens: one that is good, one for somebody else, none', async () => {
  const label = 'ok~atjwt~aud-api';
  const { origin } = await guarded(label, {}, { bearer: true, audience: 'api', unauthenticated: '401' });
  const token = await (await practice.control(label, 'mint', {})).text();
  const other = await (await practice.control(label, 'mint', { claims: '{"aud":"other"}' })).text();
  const ask = (authorization) => new Browser().request(`${origin}/api`, { mode: 'cors', headers: { authorization } });
  assert.equal((await ask(`Bearer ${token}`)).json.claims.sub, 'person-ada');
  const refused = await ask(`Bearer ${other}`);
  assert.equal(refused.status, 401);
  assert.match(refused.headers['www-authenticate'], /error="invalid_token"/);
  assert.equal((await ask(undefined)).status, 401);
});

test('bearer tokens: the same is known of one that is new and of one that was seen before, wherever it came from', async () => {
  const label = 'ok~atjwt~aud-api';
  const { origin } = await guarded(label, {}, { bearer: true, audience: 'api', bearerFrom: 'header query cookie:token', unauthenticated: '401' });
  const ways = {
    header: (token) => ({ headers: { authorization: `Bearer ${token}` } }),
    'header, in capitals and with spaces': (token) => ({ headers: { authorization: `BEARER   ${token}` } }),
    query: (token) => ({ query: `?access_token=${token}` }),
    cookie: (token) => ({ headers: { cookie: `token=${token}` } }),
    'cookie, beside another scheme': (token) => ({ headers: { authorization: `Basic ${token}`, cookie: `token=${token}` } }),
  };
  for (const [name, way] of Object.entries(ways)) {
    const token = await (await practice.control(label, 'mint', { claims: JSON.stringify({ note: name }) })).text();
    const { query = '', headers } = way(token);
    const wanted = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    for (const time of ['new', 'known', 'known']) {
      const { json } = await new Browser().request(`${origin}/api${query}`, { mode: 'cors', headers });
      assert.deepEqual([json.accessToken, json.expires, json.claims, json.userinfo, json.idToken], [token, wanted.exp, wanted, undefined, undefined], `${name}, ${time}`);
    }
  }
});

test('an opaque token: what introspection said of it is said of it again, with its end and without', async () => {
  for (const exp of [undefined, Math.floor(Date.now() / 1000) + 600]) {
    let asked = 0;
    const metadata = { issuer: 'https://op.example', introspection_endpoint: 'https://op.example/introspect', jwks_uri: 'https://op.example/keys', authorization_endpoint: 'https://op.example/auth', token_endpoint: 'https://op.example/token' };
    const customFetch = async (url) => {
      if (String(url).includes('openid-configuration')) return Response.json(metadata);
      asked++;
      return Response.json({ active: true, sub: 'ada', aud: 'api', iss: metadata.issuer, exp });
    };
    const gate = new Gate({ issuer: metadata.issuer, ...CLIENT, sessionStore: 'application', log() {}, customFetch });
    const rule = gate.rule({ bearer: true, audience: 'api', bearerType: 'opaque', unauthenticated: '401' });
    const request = { method: 'GET', url: '/', headers: { host: 'app.example', authorization: 'Bearer abc' }, socket: { encrypted: true } };
    for (let i = 0; i < 3; i++) {
      const verdict = await gate.guard(gate.request(request), rule);
      assert.deepEqual([verdict.pass, verdict.refusal, verdict.claims?.sub, verdict.accessToken, verdict.expires, verdict.idToken], [true, null, 'ada', 'abc', exp, undefined], `exp ${exp}, ${i}`);
    }
    assert.ok(asked <= (exp ? 1 : 3), `asked ${asked} times`);
    gate.close();
  }
});

test('bearer tokens from a cookie, beside two Authorization headers: the token is the one that was checked', async () => {
  const label = 'ok~atjwt~aud-api';
  const { gate, rule } = await guarded(label, {}, { bearer: true, audience: 'api', bearerFrom: 'cookie:token', unauthenticated: '401' });
  const token = await (await practice.control(label, 'mint', {})).text();
  for (const [first, second] of [['x'.repeat(2000), `Basic ${token}`], [`Basic ${token}`, 'x'.repeat(2000)]]) {
    const headers = { host: 'app.example', cookie: `token=${token}`, authorization: first };
    const rawHeaders = ['Host', 'app.example', 'Cookie', `token=${token}`, 'Authorization', first, 'Authorization', second];
    for (const time of ['new', 'known']) {
      const verdict = await gate.guard(gate.request({ method: 'GET', url: '/', headers, rawHeaders, socket: {} }), rule);
      assert.deepEqual([verdict.pass, verdict.refusal, verdict.accessToken], [true, null, token], time);
    }
  }
});

/** An application that keeps its own sessions. */
async function application(label, more = {}) {
  let gate;
  const asked = [];
  const origin = await serve(async (req) => {
    const request = gate.request(req);
    const { pathname, searchParams } = new URL(req.url, 'http://x');
    const given = Object.fromEntries(searchParams);
    const parameters = given.parameters && JSON.parse(given.parameters);
    if (pathname === '/in') return gate.signIn(request, { returnTo: given.to, note: given.note, parameters });
    if (pathname === '/out') return gate.signOut(request, { returnTo: given.to, idToken: given.hint, parameters });
    const verdict = await gate.callback(request);
    asked.push(verdict);
    if (!verdict.pass) return verdict;
    const { headers, signedIn, claims, userinfo, returnTo, note, tokenResponse, refreshToken, idToken, accessToken } = verdict;
    return show({ headers, signedIn, claims, userinfo, returnTo, note, tokenResponse, refreshToken, idToken, accessToken });
  });
  gate = new Gate({ issuer: practice.issuer(label), ...CLIENT, redirectUri: `${origin}/cb`, sessionStore: 'application', log() {}, ...more });
  return { gate, origin, asked };
}

test('an application asks for sign-in, and gets back what it gave', async () => {
  const { origin, gate } = await application('ok~gate4');
  const start = `${origin}/in?${new URLSearchParams({ to: '/reports?x=%C3%A9', note: 'nöte \u{1f600}', parameters: '{"prompt":"login","scope":"openid email"}' })}`;
  const first = await new Browser().request(start);
  assert.deepEqual([first.location.searchParams.get('prompt'), first.location.searchParams.get('scope')], ['login', 'openid email']);
  const { json } = await signIn(new Browser(), start);
  assert.deepEqual([json.returnTo, json.note], ['/reports?x=%C3%A9', 'nöte \u{1f600}']);
  assert.deepEqual([json.signedIn, json.claims.sub, json.userinfo.sub], [true, 'person-ada', 'person-ada']);
  assert.equal(json.tokenResponse.refresh_token, json.refreshToken);
  assert.equal(json.tokenResponse.id_token, json.idToken);
  assert.equal(json.tokenResponse.access_token, json.accessToken);
  assert.equal(gate.answers('/cb'), false, 'the application routes it');
  const out = await new Browser().request(`${origin}/out?${new URLSearchParams({ to: `${origin}/bye`, hint: json.idToken, parameters: '{"ui_locales":"de"}' })}`);
  assert.equal(out.status, 303);
  const sent = out.location.searchParams;
  assert.deepEqual([sent.get('post_logout_redirect_uri'), sent.get('id_token_hint'), sent.get('ui_locales')], [`${origin}/bye`, json.idToken, 'de']);
});

test('a callback that is none, or an error of the provider\'s, is a refusal with an Error', async () => {
  const { origin, asked } = await application('ok~gate5');
  assert.equal((await new Browser().request(`${origin}/cb?state=x&code=y`)).status, 400);
  const [unknown] = asked;
  assert.deepEqual([unknown.refusal, unknown.error.status, unknown.error.id], ['attempt_unknown', 400, 'attempt_unknown']);
  assert.ok(unknown.error instanceof Error && unknown.error.message && unknown.error.clause);
  const browser = new Browser();
  await signIn(browser, `${origin}/in`, 'ada', { parameters: { practice_error: 'access_denied' } });
  const denied = asked.at(-1);
  assert.equal(denied.error.provider.error, 'access_denied');
  assert.equal(denied.pass, false);
  assert.equal((await new Browser().request(`${origin}/in?${new URLSearchParams({ parameters: '{"state":"mine"}' })}`)).status, 400);
});

test('to be asked for a sign-in, a provider must leave sessions to the application', async () => {
  const { gate } = await guarded('ok~gate6');
  const refused = await gate.signIn(gate.request({ method: 'GET', url: '/', headers: { host: 'a' }, socket: {} }));
  assert.deepEqual([refused.pass, refused.status, refused.refusal], [false, 503, 'internal']);
  await assert.rejects(gate.signIn(gate.request({ headers: {} }), { provider: 'other' }), /is not defined/);
});

test('what a refused parameter holds is not logged: it may be a token', async () => {
  const { gate, lines } = await guarded('ok~gate10', { sessionStore: 'application' }, { bearer: true, audience: 'api' });
  const request = gate.request({ method: 'GET', url: '/', headers: { host: '127.0.0.1' }, socket: {} });
  const token = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.secret';
  for (const name of ['request', 'state', 'client_id', 'id_token_hint', 'post_logout_redirect_uri', 'max_age']) {
    const [way, parameters] = [/^(request|state|max)/.test(name) ? 'signIn' : 'signOut', { login_hint: 'ada@example.org', [name]: token }];
    const verdict = await gate[way](request, { parameters });
    assert.equal(verdict.refusal, 'parameter_refused', name);
    assert.match(lines.at(-1), new RegExp(`detail: ${name}\\b`));
    assert.doesNotMatch(lines.at(-1), /secret|ada@/);
  }
});

test('metadata that are none are a refusal, with nothing of them in its words', async () => {
  for (const body of ['<html>the inside of a private page</html>', 'null', '[]', '5', '']) {
    const gate = new Gate({ issuer: 'https://op.example', ...CLIENT, log() {}, customFetch: async () => new Response(body) });
    await assert.rejects(gate.metadata(), { id: 'metadata_malformed', status: 502, message: /cannot be used$/ });
    gate.close();
  }
});

test('nothing goes to an address in the clear: a token would go along', async () => {
  const asked = [];
  const customFetch = async (url) => {
    asked.push(url);
    return new Response('{}');
  };
  const gate = new Gate({ issuer: 'https://op.example', ...CLIENT, log() {}, customFetch });
  for (const url of ['http://op.example/userinfo', 'http://localhost.evil.example/', 'http://127.0.0.1.evil.example/', 'ftp://op.example/', 'data:,x', 'blob:https://op.example/x', '/userinfo', '', undefined]) {
    await assert.rejects(gate.fetchFrom(url, { headers: { Authorization: 'Bearer secret' } }), { id: 'metadata_insecure', status: 502 });
  }
  assert.deepEqual(asked, []);
  for (const url of ['https://op.example/userinfo', 'http://localhost:8080/', 'http://127.0.0.2/', 'http://[::1]/']) assert.equal((await gate.fetchFrom(url)).status, 200);
  gate.close();
  const bold = new Gate({ issuer: 'http://op.example', ...CLIENT, allowInsecureHttp: true, log() {}, customFetch });
  assert.equal((await bold.fetchFrom('http://op.example/userinfo')).status, 200);
  bold.close();
});

test('metadata, and endpoints that the engine has no use for', async () => {
  const { gate } = await guarded('ok~gate7');
  const document = await gate.metadata();
  assert.equal(document.issuer, practice.issuer('ok~gate7'));
  assert.equal(await gate.metadata(), document);
  const { status, headers } = await gate.fetchFrom(document.userinfo_endpoint, { headers: { Authorization: 'Bearer none' } });
  assert.equal(status, 401);
  assert.equal(typeof headers, 'object');
  const { gate: wrong } = await guarded('ok~gate7', { issuer: `${practice.issuer('ok~gate7')}/`, configUrl: `${practice.issuer('ok~gate7')}/.well-known/openid-configuration` });
  await assert.rejects(wrong.metadata(), { id: 'metadata_malformed', status: 502 });
  await assert.rejects(gate.fetchFrom('http://127.0.0.1:1/'), { id: 'provider_down', status: 503 });
});

plainTest('sealed text has the gate\'s own secrets, or others', () => {
  const gate = new Gate({ issuer: 'https://op.example', clientId: 'app', cookieSecret: SECRET, log() {} });
  const sealed = gate.sealer(undefined, 'p').seal({ iat: 5, 'a"b': 'c' }, 'text');
  assert.deepEqual(gate.sealer([SECRET], 'p').unseal(sealed), { header: { alg: 'dir', enc: 'A256GCM', iat: 5, 'a"b': 'c' }, text: 'text' });
  assert.equal(gate.sealer('x'.repeat(32), 'p').unseal(sealed), null);
  assert.throws(() => gate.sealer(undefined, 'p').seal({}, 'x'.repeat(70_000)), RangeError);
});

plainTest('a rule of another gate is none of this one\'s', () => {
  const one = new Gate({ issuer: 'https://op.example', clientId: 'app', cookieSecret: SECRET, log() {} });
  const two = new Gate({ issuer: 'https://op.example', clientId: 'app', cookieSecret: SECRET, log() {} });
  assert.throws(() => one.guard(one.request({ headers: {} }), two.rule()), TypeError);
});
