// SPDX-License-Identifier: Apache-2.0
// Verdicts that stand: a known token is let in without asking the engine, and for everything else it is asked.
import assert from 'node:assert/strict';
import { createHmac, sign } from 'node:crypto';
import { mock, test } from 'node:test';
import { Gate } from '../../servers/node/index.js';
import { Known } from '../../servers/node/lib/known.js';
import { makePair } from '../support/keys.mjs';

const ISSUER = 'https://op.example';
const CLIENT = { clientId: 'rs', clientSecret: 'secret', cookieSecret: 's'.repeat(32) };
const RULE = { bearer: true, audience: 'api', unauthenticated: '401' };
const seconds = () => Math.floor(Date.now() / 1000);
const base64url = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');

/** A provider of one key, which can be another's from now on. */
function provider() {
  let pair = makePair('ec', { namedCurve: 'P-256' });
  let kid = 'k1';
  const metadata = { issuer: ISSUER, jwks_uri: `${ISSUER}/keys`, authorization_endpoint: `${ISSUER}/auth`, token_endpoint: `${ISSUER}/token`, introspection_endpoint: `${ISSUER}/ask` };
  const made = {
    rotate() {
      pair = makePair('ec', { namedCurve: 'P-256' });
      kid = 'k2';
    },
    active: { active: true, sub: 'ada', aud: 'api', iss: ISSUER },
    async fetch(url) {
      if (url.includes('openid-configuration')) return Response.json(metadata);
      return Response.json(url.endsWith('/ask') ? made.active : { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }] });
    },
    token(claims = {}) {
      const payload = { iss: ISSUER, aud: 'api', sub: 'ada', iat: seconds(), exp: seconds() + 600, jti: 'j', client_id: 'app', roles: ['reader'], ...claims };
      const text = `${base64url({ alg: 'ES256', typ: 'at+jwt', kid })}.${base64url(payload)}`;
      return `${text}.${sign('sha256', text, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    },
  };
  return made;
}

/** A gate, and how often its engine was asked. */
function open(t, ruleOptions = {}, options = {}) {
  const op = provider();
  const gate = new Gate({ issuer: ISSUER, ...CLIENT, sessionStore: 'application', log() {}, customFetch: (url) => op.fetch(String(url)), ...options });
  const rule = gate.rule({ ...RULE, ...ruleOptions });
  const begin = t.mock.method(gate.current, 'begin');
  t.after(() => gate.close());
  const ask = async (authorization, more = {}, asked = rule) => {
    const before = begin.mock.callCount();
    const rawHeaders = ['Host', 'app.example', ...(authorization === undefined ? [] : ['Authorization', authorization])];
    const headers = { host: 'app.example', ...(authorization !== undefined && { authorization }) };
    const verdict = await gate.guard(gate.request({ method: 'GET', url: '/', headers, rawHeaders, socket: {}, ...more }), asked);
    return { verdict, engineAsked: begin.mock.callCount() - before };
  };
  /** Until it stands. */
  const learn = async (authorization) => {
    await ask(authorization);
    return ask(authorization);
  };
  return { op, gate, rule, ask, learn };
}

test('the third request with a token asks no engine, and hears what the second heard', async (t) => {
  const { op, ask, learn } = open(t, { require: 'roles has reader' });
  const token = op.token();
  const { verdict: known, engineAsked } = await learn(`Bearer ${token}`);
  assert.equal(engineAsked, 1);
  const others = [{}, { method: 'POST', url: '/orders?a=1' }, { url: '/callback' }, { url: '/', originalUrl: '/mounted/' }];
  for (const other of others) {
    const { verdict, engineAsked: again } = await ask(`Bearer ${token}`, other);
    assert.equal(again, 0);
    for (const name of ['pass', 'signedIn', 'status', 'refusal', 'claimsText', 'claims', 'userinfo', 'idToken', 'accessToken', 'refreshToken', 'expires', 'headers', 'identity', 'body', 'gone', 'error']) {
      assert.deepEqual(verdict[name], known[name], name);
    }
    assert.equal(verdict.accessToken, token);
  }
});

test('what an application does to the claims of one request is not seen by the next', async (t) => {
  const { op, ask, learn } = open(t);
  const authorization = `Bearer ${op.token()}`;
  await learn(authorization);
  const { verdict } = await ask(authorization);
  verdict.claims.roles.push('admin');
  verdict.claims.sub = 'mallory';
  assert.throws(() => { verdict.done[9] = '{"sub":"mallory"}'; }, TypeError);
  const { verdict: next } = await ask(authorization);
  assert.deepEqual([next.claims.sub, next.claims.roles, next.claimsText.includes('mallory')], ['ada', ['reader'], false]);
});

test('another token with the same end is another token', async (t) => {
  const { op, ask, learn } = open(t);
  const token = op.token();
  await learn(`Bearer ${token}`);
  const [header, payload, signature] = token.split('.');
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url')), sub: 'mallory' };
  const forged = {
    'other claims': `${header}.${base64url(claims)}.${signature}`,
    'another header': `${base64url({ alg: 'none', typ: 'at+jwt' })}.${payload}.${signature}`,
    'HS256 with the end of a good one': `${base64url({ alg: 'HS256', typ: 'at+jwt' })}.${base64url(claims)}.${createHmac('sha256', 'x').update('x').digest('base64url')}${signature.slice(-30)}`,
    'the end alone': signature.slice(-22),
    'one character more': `${token.slice(0, 10)}A${token.slice(10)}`,
  };
  for (const [what, text] of Object.entries(forged)) {
    for (let i = 0; i < 3; i++) {
      const { verdict, engineAsked } = await ask(`Bearer ${text}`);
      assert.deepEqual([verdict.pass, verdict.status, engineAsked], [false, 401, 1], what);
    }
  }
  assert.equal((await ask(`Bearer ${token}`)).verdict.claims.sub, 'ada');
});

test('what does not stand: none, two, one that was taken away or put in its place, another scheme', async (t) => {
  const { op, ask, learn } = open(t);
  const known = `Bearer ${op.token()}`;
  const other = `Bearer ${op.token({ sub: 'grace' })}`;
  await learn(known);
  const twice = (await ask(known, { rawHeaders: ['Authorization', known, 'authorization', known] })).verdict;
  assert.deepEqual([twice.pass, twice.status, twice.refusal], [false, 400, 'bearer_twice']);
  const removed = (await ask(known, { headers: { host: 'app.example' } })).verdict;
  assert.deepEqual([removed.pass, removed.refusal], [false, 'bearer_missing']);
  const replaced = (await ask(known, { headers: { host: 'app.example', authorization: other } })).verdict;
  assert.deepEqual([replaced.pass, replaced.claims.sub, replaced.accessToken], [true, 'grace', other.slice(7)]);
  assert.equal((await ask(undefined)).verdict.refusal, 'bearer_missing');
  assert.equal((await ask(known.replace('Bearer', 'Basic'))).verdict.refusal, 'bearer_missing');
});

test('an Authorization that is put in place after the request was read is judged by nobody, and remembered for nobody', async (t) => {
  const { op, gate, rule, ask } = open(t);
  const mine = `Bearer ${op.token({ sub: 'eve' })}`;
  const hers = `Bearer ${op.token()}`;
  for (let i = 0; i < 3; i++) {
    const headers = { host: 'app.example', authorization: mine };
    const request = gate.request({ method: 'GET', url: '/', headers, rawHeaders: ['Authorization', mine], socket: {} });
    assert.equal(request.path, '/'); // as a guard does that stands in front of everything
    headers.authorization = hers;
    assert.equal((await gate.guard(request, rule)).claims.sub, 'eve');
  }
  assert.equal((await ask(hers)).verdict.claims.sub, 'ada');
  assert.equal((await ask('Bearer junk')).verdict.pass, false);
});

test('it ends with the token, and is not there yet when the clock is set back', async (t) => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.after(() => mock.timers.reset());
  const { op, ask, learn } = open(t);
  const authorization = `Bearer ${op.token({ exp: seconds() + 30, nbf: seconds() })}`;
  await learn(authorization);
  assert.equal((await ask(authorization)).engineAsked, 0);
  mock.timers.setTime(Date.now() - 1000);
  assert.equal((await ask(authorization)).engineAsked, 1);
  mock.timers.setTime(Date.now() + 90_000); // exp, and a minute for clocks that differ
  assert.deepEqual([(await ask(authorization)).verdict.pass, (await ask(authorization)).engineAsked], [true, 0]);
  mock.timers.setTime(Date.now() + 1000);
  const { verdict } = await ask(authorization);
  assert.deepEqual([verdict.pass, verdict.refusal], [false, 'token_exp']);
});

test('a key that is gone is gone for known tokens as well', async (t) => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.after(() => mock.timers.reset());
  const { op, ask, learn } = open(t);
  const authorization = `Bearer ${op.token({ exp: seconds() + 86400 })}`;
  await learn(authorization);
  assert.equal((await ask(authorization)).engineAsked, 0);
  op.rotate();
  assert.equal((await ask(authorization)).verdict.pass, true); // nobody can know yet
  mock.timers.setTime(Date.now() + 31_000);
  assert.equal((await ask(`Bearer ${op.token()}`)).verdict.pass, true); // fetches the keys
  assert.deepEqual([(await ask(authorization)).verdict.pass, (await ask(authorization)).verdict.refusal], [false, 'jwt_key_unknown']);
});

test('nobody has to come with a new token for a key to be missed', async (t) => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.after(() => mock.timers.reset());
  const { op, ask, learn } = open(t);
  const authorization = `Bearer ${op.token({ exp: seconds() + 86400 })}`;
  await learn(authorization);
  op.rotate();
  mock.timers.setTime(Date.now() + 3600_000);
  assert.equal((await ask(authorization)).verdict.refusal, 'jwt_key_unknown');
});

test('a rule has its own, and a rule that is added ends them', async (t) => {
  const { op, gate, ask, learn } = open(t);
  const authorization = `Bearer ${op.token()}`;
  await learn(authorization);
  const other = gate.rule({ ...RULE, audience: 'other' });
  const scoped = gate.rule({ ...RULE, bearerScope: 'write' });
  for (let i = 0; i < 3; i++) {
    const { verdict, engineAsked } = await ask(authorization);
    assert.deepEqual([verdict.pass, engineAsked], [true, i < 2 ? 1 : 0]);
    assert.equal((await ask(authorization, {}, other)).verdict.refusal, 'token_aud');
    assert.equal((await ask(authorization, {}, scoped)).verdict.refusal, 'token_scope');
    assert.equal((await ask(authorization, {}, null)).verdict.signedIn, false);
  }
});

test('a place that looks elsewhere too, or says who is there, is asked each time', async (t) => {
  const places = { 'the query': { bearerFrom: 'header query' }, 'a form': { bearerFrom: 'header form' }, 'a cookie': { bearerFrom: 'header cookie:t' }, 'a header': { header: { 'X-User': 'sub' } } };
  for (const [what, place] of Object.entries(places)) {
    await t.test(what, async (each) => {
      const { op, ask, learn } = open(each, place);
      const authorization = `Bearer ${op.token()}`;
      await learn(authorization);
      const { verdict, engineAsked } = await ask(authorization);
      assert.deepEqual([verdict.pass, engineAsked], [true, 1]);
      assert.deepEqual(verdict.identity, place.header ? [['X-User', 'ada']] : []);
      if (what === 'the query') assert.equal((await ask(authorization, { url: '/?access_token=x' })).verdict.refusal, 'bearer_twice');
    });
  }
});

test('an opaque token stands as long as the answer of introspection is kept', async (t) => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.after(() => mock.timers.reset());
  const { op, ask, learn } = open(t, { bearerType: 'opaque' }, { introspectionCache: '10s' });
  await learn('Bearer abc');
  const { verdict, engineAsked } = await ask('Bearer abc');
  assert.deepEqual([verdict.claims.sub, verdict.accessToken, engineAsked], ['ada', 'abc', 0]);
  op.active = { active: false };
  mock.timers.setTime(Date.now() + 10_000);
  assert.equal((await ask('Bearer abc')).verdict.refusal, 'token_inactive');
});

test('a gate that is closed answers nobody', async (t) => {
  const { op, gate, ask, learn } = open(t);
  const authorization = `Bearer ${op.token()}`;
  await learn(authorization);
  gate.close();
  await assert.rejects(() => ask(authorization), { code: 'GATE_CLOSED' });
});

test('what is known is bounded in number and in time', (t) => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.after(() => mock.timers.reset());
  const known = new Known();
  const text = (i) => `${'x'.repeat(100)}${String(i).padStart(22, '0')}`;
  for (let i = 0; i < 5000; i++) known.keep(text(i), i);
  assert.ok(known.young.size + known.old.size <= 1000);
  assert.deepEqual([known.find(text(4999)), known.find(text(0)), known.find(`y${text(4999)}`)], [4999, undefined, undefined]);
  mock.timers.setTime(Date.now() + 60_000);
  assert.equal(known.find(text(4999)), 4999);
  mock.timers.setTime(Date.now() + 180_000);
  assert.equal(known.find(text(4999)), undefined);
  assert.equal(known.young.size + known.old.size, 0);
});
