// SPDX-License-Identifier: Apache-2.0
// Tokens made by npm jose, of every algorithm; the provider is nothing but a globalThis.fetch that was replaced.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { bearer } from '../../servers/node/lib/bearer/index.js';
import { seconds } from './bearer-stage.mjs';

const ISSUER = 'https://op.example';
const DEFAULTS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const pairs = new Map();
const realFetch = globalThis.fetch;

const answers = {
  '/.well-known/openid-configuration': () => ({
    issuer: ISSUER, jwks_uri: `${ISSUER}/jwks`, authorization_endpoint: `${ISSUER}/a`, token_endpoint: `${ISSUER}/t`,
    response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'],
  }),
  '/jwks': async () => ({ keys: await Promise.all([...pairs].map(async ([alg, { publicKey }]) => ({ ...await exportJWK(publicKey), kid: alg, alg, use: 'sig' }))) }),
};

before(async () => {
  for (const alg of DEFAULTS) pairs.set(alg, await generateKeyPair(alg, { extractable: true }));
  globalThis.fetch = async (url) => {
    const { origin, pathname } = new URL(String(url));
    if (origin !== ISSUER || !answers[pathname]) throw new Error(`nobody asks for ${url}`);
    return Response.json(await answers[pathname]());
  };
});
after(() => { globalThis.fetch = realFetch; });

function sign(alg, { claims = {}, header = {}, key = pairs.get(alg).privateKey } = {}) {
  return new SignJWT({ iss: ISSUER, aud: 'api', sub: 'ada', client_id: 'c', jti: 'j', iat: seconds(), exp: seconds() + 300, ...claims })
    .setProtectedHeader({ alg, typ: 'at+jwt', kid: alg, ...header }).sign(key);
}

/** One request without a server: what bearer() does to it. */
function ask(middleware, token) {
  return new Promise((done, fail) => {
    const req = { method: 'GET', url: '/', headers: { host: 'api.example', authorization: `Bearer ${token}` } };
    const res = { appendHeader() {}, end: () => done({ status: res.statusCode }) };
    middleware(req, res, (error) => (error ? fail(error) : done({ status: 200, auth: req.auth })));
  });
}

const open = (t, options) => {
  const middleware = bearer({ issuer: ISSUER, audience: 'api', log() {}, ...options });
  t.after(() => middleware.close());
  return middleware;
};

for (const alg of DEFAULTS) {
  test(`${alg}: signed by jose, let in; a changed payload is not`, async (t) => {
    const middleware = open(t);
    const token = await sign(alg);
    const { status, auth } = await ask(middleware, token);
    assert.equal(status, 200);
    assert.deepEqual([auth.header.alg, auth.payload.sub, auth.token], [alg, 'ada', token]);
    const [header, , signature] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ ...auth.payload, sub: 'mallory' })).toString('base64url');
    assert.equal((await ask(middleware, `${header}.${forged}.${signature}`)).status, 401);
  });
}

test('algorithms narrows what is accepted, and none of the others is', async (t) => {
  const middleware = open(t, { algorithms: ['ES256'] });
  for (const alg of DEFAULTS) assert.equal((await ask(middleware, await sign(alg))).status, alg === 'ES256' ? 200 : 401, alg);
});

test('HMAC with whatever secret is refused', async (t) => {
  const middleware = open(t);
  for (const kid of ['RS256', 'HS256', undefined]) {
    assert.equal((await ask(middleware, await sign('HS256', { header: { kid }, key: new Uint8Array(32).fill(7) }))).status, 401);
  }
});

test('a token for one algorithm, verified with the key of another, is refused', async (t) => {
  const middleware = open(t);
  assert.equal((await ask(middleware, await sign('RS256', { header: { kid: 'PS256' } }))).status, 401);
  assert.equal((await ask(middleware, await sign('RS512', { header: { kid: 'RS256' } }))).status, 401);
});

test('req.auth: nothing of the token in what is printed, and none of it shared between requests', async (t) => {
  const middleware = open(t);
  const token = await sign('ES256', { claims: { roles: ['a'] } });
  const [one, two] = [await ask(middleware, token), await ask(middleware, token)];
  one.auth.payload.roles.push('admin');
  one.auth.header.alg = 'none';
  assert.deepEqual([two.auth.payload.roles, two.auth.header.alg], [['a'], 'ES256']);
  const { inspect } = await import('node:util');
  for (const text of [inspect(two.auth), inspect({ auth: two.auth }, { depth: 9, showHidden: true }), JSON.stringify(two.auth)]) assert.ok(!text.includes(token));
});

test('claims named as members of every object are claims or nothing', async (t) => {
  const { claimEquals } = await import('../../servers/node/lib/bearer/index.js');
  const middleware = open(t);
  const { auth } = await ask(middleware, await sign('ES256', { claims: { scope: 'read' } }));
  const answer = await new Promise((done) => {
    const res = { appendHeader() {}, end: () => done(res.statusCode) };
    claimEquals('constructor', null)({ auth, headers: {} }, res, () => done(200));
  });
  assert.equal(answer, 403);
});

test('an opaque token with two dots has no header, and can be printed', async () => {
  const { Auth } = await import('../../servers/node/lib/bearer/auth.js');
  const { inspect } = await import('node:util');
  for (const token of ['a.b.c', '..', '%.%.%', 'bnVsbA.x.y']) {
    const auth = new Auth({}, { accessToken: token, claims: { sub: 'ada' } });
    assert.equal(auth.header ?? undefined, undefined, token);
    assert.match(inspect(auth) + JSON.stringify(auth), /ada/);
  }
});
