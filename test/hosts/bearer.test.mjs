// SPDX-License-Identifier: Apache-2.0
// A service behind bearer tokens: which are let in and which are not, what is answered, what is asked of the provider, and what the
// application gets.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { valuesOf } from '../support/application.mjs';
import { Browser } from '../support/browser.mjs';
import { makePair } from '../support/keys.mjs';
import { freePort, makeFolder, pause, removeFolder } from '../support/place.mjs';
import { listFaults, signedIn } from '../support/practice.mjs';
import { rawGet } from '../support/raw.mjs';
import { client, host, SECRET, setUp } from './host.mjs';

const JWT = 'ok~bearer~aud-api';
const TWO = 'ok~es256~aud-api';
const ASK = 'ok~ask~aud-api';
const PHANTOM = 'ok~phantom~aud-api';
const SIGNED = 'ok~signed~aud-api';
const BY_KEY = 'ok~bykey~aud-api';

const folder = makeFolder('bearer-key');
const keyFile = (name) => join(folder, name);
const pair = makePair('ec', { namedCurve: 'P-256' });
writeFileSync(keyFile('private.pem'), pair.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
writeFileSync(keyFile('public.pem'), pair.publicKey.export({ format: 'pem', type: 'spki' }));

const faults = (await listFaults()).filter(({ kind }) => kind.startsWith('introspection')).map((fault, i) => ({ ...fault, name: `fault${i}` }));
const isSigned = ({ kind }) => kind === 'introspection_signed';

const accept = (bearer, more) => ({ bearer, audience: 'api', ...more });
const opaque = (bearer, more) => accept(bearer, { bearer_type: 'opaque', ...more });

const places = [
  { path: '/jwt/', options: accept('jwt'), headers: { 'X-User-Sub': 'sub', 'X-Scope': 'scope' } },
  { path: '/both/', options: accept('jwt two') },
  { path: '/other/', options: accept('jwt', { audience: 'other' }) },
  { path: '/scope/', options: accept('jwt', { bearer_scope: 'read write' }) },
  { path: '/plain/', options: accept('jwt', { bearer_type: 'jwt id_token' }) },
  { path: '/rule/', options: accept('jwt'), require: ['groups has "staff"'] },
  { path: '/query/', options: accept('jwt', { bearer_from: 'header query' }) },
  { path: '/form/', options: accept('jwt', { bearer_from: 'form' }) },
  { path: '/cookie/', options: accept('jwt', { bearer_from: 'cookie:token' }) },
  { path: '/session/', provider: 'main', options: accept('main two') },
  { path: '/none/', options: accept('jwt', { upstream_token: 'none' }), unauthenticated: 'pass' },
  { path: '/ask/', options: opaque('ask'), headers: { 'X-User-Sub': 'sub' } },
  { path: '/bykey/', options: opaque('bykey'), headers: { 'X-User-Sub': 'sub' } },
  { path: '/phantom/', options: opaque('phantom', { upstream_token: 'phantom' }) },
  { path: '/phantom-jwt/', options: accept('phantom', { upstream_token: 'phantom' }) },
  { path: '/signed/', options: opaque('signed', { upstream_token: 'phantom' }) },
  ...faults.map((fault) => ({ path: `/${fault.name}/`, options: opaque(fault.name) })),
  { path: '/open/' },
];

const slowly = ({ id }) => (id.includes('slow') ? { fetch_timeout: '1s' } : {});
const world = await setUp('bearer', {
  cookieSecrets: [SECRET],
  practiceArgs: ['--client', 'practice:practice-secret', '--client-key', `service:${keyFile('public.pem')}`],
  providers: ({ practice }) => ({
    bykey: client(practice, BY_KEY, { client_id: 'service', client_secret: [], client_key_file: keyFile('private.pem') }),
    jwt: client(practice, JWT, { access_token_signing_alg: 'RS256' }),
    two: client(practice, TWO, { access_token_signing_alg: 'ES256' }),
    ask: client(practice, ASK),
    phantom: client(practice, PHANTOM, { client_auth_method: 'client_secret_post' }),
    signed: client(practice, SIGNED, { introspection_signed_response: 'on' }),
    ...Object.fromEntries(faults.map((fault) => [fault.name, client(practice, `${fault.id}~aud-api`, {
      ...slowly(fault), ...(isSigned(fault) && { introspection_signed_response: 'on' }) })])),
  }),
  sites: async ({ mirror, port }) => [
    { port, upstream: mirror.origin, places },
    { port: await freePort(), upstream: mirror.origin, provider: 'main', options: accept('main'), places: [
      { path: '/' },
      { path: '/open/', provider: 'off' },
      { path: '/token/', provider: 'off', options: accept('jwt') },
      { path: '/session/', options: { bearer: 'off' } },
      { path: '/neither/', provider: 'off', options: { bearer: 'off' } },
    ] },
  ],
});
const { test, practice, mirror, port, url } = world;
removeFolder(folder); // all have read what they need

async function mint(label, form = {}) {
  const fields = Object.fromEntries(Object.entries(form).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value]));
  return (await practice.control(label, 'mint', fields)).text();
}

const call = (path, token, more = {}) => fetch(url(path), {
  redirect: 'manual', ...more, headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...more.headers } });

async function assertPassed(answer) {
  const text = await answer.text();
  assert.equal(answer.status, 200, `${text}\n${answer.headers.get('www-authenticate')}`);
  return JSON.parse(text);
}

async function assertRefused(answer, status, challenge) {
  const seen = mirror.seen.length;
  await answer.text();
  assert.equal(answer.status, status);
  assert.match(answer.headers.get('www-authenticate') ?? '', challenge);
  assert.equal(mirror.seen.length, seen);
}

const asked = async (label, endpoint) => (await practice.log(label)).filter((entry) => entry.endpoint === endpoint).length;

test('a good token is let in; its claims and the token itself reach the application', async () => {
  const token = await mint(JWT);
  const told = await assertPassed(await call('/jwt/x?a=b', token));
  assert.equal(told.target, '/jwt/x?a=b');
  assert.deepEqual(valuesOf(told, 'X-User-Sub'), ['person-ada']);
  assert.deepEqual(valuesOf(told, 'X-Scope'), ['openid profile']);
  assert.deepEqual(valuesOf(told, 'Authorization'), [`Bearer ${token}`]);
});

for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
  test(`${method} needs a token, and is let in with one`, async () => {
    await assertRefused(await call('/jwt/', undefined, { method }), 401, /^Bearer realm="jwt"$/);
    assert.equal((await assertPassed(await call('/jwt/', await mint(JWT), { method }))).method, method);
  });
}

test('no token: 401 without an error code, and no redirect', async () => {
  for (const headers of [{}, { Accept: 'text/html' }, { Authorization: 'Basic YTpi' }]) {
    await assertRefused(await call('/jwt/', undefined, { headers }), 401, /^Bearer realm="jwt"$/);
  }
  assert.equal((await new Browser().request(url('/jwt/'))).status, 401);
});

test('a place without a rule stays open', async () => {
  await assertPassed(await call('/open/', 'anything'));
});

const invalid = /^Bearer realm="jwt", error="invalid_token", error_description="[^"]+"$/;
const past = Math.floor(Date.now() / 1000) - 3600;

const forgeries = {
  'a token of garbage': () => 'garbage',
  'three segments of garbage': () => 'a.b.c',
  'another audience': () => mint(JWT, { claims: { aud: 'other' } }),
  'no audience': () => mint(JWT, { claims: { aud: null } }),
  'expired': () => mint(JWT, { claims: { exp: past } }),
  'no exp': () => mint(JWT, { claims: { exp: null } }),
  'exp as a string': () => mint(JWT, { claims: { exp: String(past + 7200) } }),
  'nbf in the future': () => mint(JWT, { claims: { nbf: past + 7200 } }),
  'another issuer': () => mint(JWT, { claims: { iss: 'https://other.example' } }),
  'our issuer with a slash': () => mint(JWT, { claims: { iss: `${practice.issuer(JWT)}/` } }),
  'no client_id': () => mint(JWT, { claims: { client_id: null } }),
  'no sub': () => mint(JWT, { claims: { sub: null } }),
  'bound to a key': () => mint(JWT, { claims: { cnf: { jkt: 'x' } } }),
  'typ JWT': () => mint(JWT, { header: { typ: 'JWT' } }),
  'typ logout+jwt': () => mint(JWT, { header: { typ: 'logout+jwt' } }),
  'no typ': () => mint(JWT, { header: { typ: null } }),
  'alg none': () => mint(JWT, { header: { alg: 'none' }, sign: 'none' }),
  'alg none with garbage': () => mint(JWT, { header: { alg: 'none' }, sign: 'garbage' }),
  'HS256 with the client secret': () => mint(JWT, { header: { alg: 'HS256' }, sign: 'hs256-secret' }),
  'HS256 with the public key': () => mint(JWT, { header: { alg: 'HS256' }, sign: 'hs256-pem' }),
  'HS256 with nothing': () => mint(JWT, { header: { alg: 'HS256' }, sign: 'hs256-empty' }),
  'another key': () => mint(JWT, { sign: 'stranger' }),
  'PS256 where RS256 is agreed': () => mint(JWT, { header: { alg: 'PS256' }, sign: 'ps256-on-rs256' }),
  'a flipped bit': () => mint(JWT, { break: 'flip' }),
  'a short signature': () => mint(JWT, { break: 'truncate' }),
  'crit': () => mint(JWT, { header: { crit: ['exp'], exp: past } }),
  'b64': () => mint(JWT, { header: { b64: false } }),
  'a kid with a path': () => mint(JWT, { header: { kid: '../../dev/null' } }),
  'the other issuer’s token': () => mint(TWO),
};

for (const [what, make] of Object.entries(forgeries)) {
  test(`refused: ${what}`, async () => {
    await assertRefused(await call('/jwt/', await make()), 401, invalid);
  });
}

test('a jku is not fetched, a jwk not used', async () => {
  const header = { jku: `${practice.issuer(JWT)}/stranger-jwks`, jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, x5u: `${practice.issuer(JWT)}/stranger-jwks` };
  await assertRefused(await call('/jwt/', await mint(JWT, { header, sign: 'stranger' })), 401, invalid);
  assert.equal(await asked(JWT, 'stranger_jwks'), 0);
});

test('one token at a time', async () => {
  const token = await mint(JWT);
  const twice = await rawGet(port, '/jwt/', [['Authorization', `Bearer ${token}`], ['authorization', `Bearer ${token}`]]);
  assert.equal(twice.status, 400);
  await assertRefused(await call(`/query/?access_token=${token}`, token), 400, /error="invalid_request"/);
  await assertRefused(await call(`/query/?access_token=${token}&access_token=${token}`), 400, /error="invalid_request"/);
  await assertRefused(await call('/jwt/', undefined, { headers: { Authorization: 'Bearer' } }), 400, /error="invalid_request"/);
  await assertRefused(await call('/jwt/', 'two words'), 400, /error="invalid_request"/);
});

test('a token in a query, a form or a cookie, where the rule says so and nowhere else', async () => {
  const token = await mint(JWT);
  const form = { method: 'POST', body: new URLSearchParams({ access_token: token, note: 'kept' }) };
  await assertPassed(await call(`/query/?access_token=${token}`));
  await assertPassed(await call('/cookie/', undefined, { headers: { Cookie: `a=b; token=${token}` } }));
  const told = await assertPassed(await call('/form/', undefined, form));
  assert.equal(told.body.length, form.body.toString().length);
  await assertRefused(await call(`/jwt/?access_token=${token}`), 401, /^Bearer realm="jwt"$/);
  await assertRefused(await call('/jwt/', undefined, { headers: { Cookie: `token=${token}` } }), 401, /^Bearer realm="jwt"$/);
  await assertRefused(await call('/jwt/', undefined, form), 401, /^Bearer realm="jwt"$/);
  await assertRefused(await call('/cookie/', token), 401, /^Bearer realm="jwt"$/);
});

test('scopes: 403 says which', async () => {
  await assertRefused(await call('/scope/', await mint(JWT, { claims: { scope: 'read' } })), 403,
    /error="insufficient_scope", .*scope="read write"/);
  await assertPassed(await call('/scope/', await mint(JWT, { claims: { scope: 'write x read' } })));
  await assertPassed(await call('/scope/', await mint(JWT, { claims: { scope: null, scp: ['read', 'write'] } })));
});

test('a rule over the claims of a token', async () => {
  assert.equal((await call('/rule/', await mint(JWT))).status, 403);
  await assertPassed(await call('/rule/', await mint(JWT, { claims: { groups: ['staff'] } })));
});

test('two issuers on one place; each with its own keys and algorithms', async () => {
  await assertPassed(await call('/both/', await mint(JWT)));
  await assertPassed(await call('/both/', await mint(TWO)));
  await assertRefused(await call('/both/', await mint(TWO, { claims: { iss: practice.issuer(JWT) } })), 401, invalid);
});

test('access tokens that do not follow RFC 9068, and ID Tokens, where the rule says so', async () => {
  const header = { typ: 'JWT' };
  await assertPassed(await call('/plain/', await mint(JWT, { header })));
  await assertPassed(await call('/plain/', await mint(JWT, { header, claims: { nonce: 'n', azp: 'api' } })));
  await assertRefused(await call('/plain/', await mint(JWT, { header, claims: { nonce: 'n', azp: 'another' } })), 401, invalid);
  await assertRefused(await call('/plain/', await mint(JWT, { header, claims: { typ: 'Refresh' } })), 401, invalid);
  await assertRefused(await call('/plain/', await mint(JWT, { header, claims: { events: {} } })), 401, invalid);
});

test('what one place has let in, another decides for itself', async () => {
  const token = await mint(JWT);
  await assertPassed(await call('/jwt/', token));
  await assertRefused(await call('/other/', token), 401, invalid);
  await assertPassed(await call('/jwt/', token));
});

test('a known token asks nobody; a bad signature neither; unknown keys ask seldom', async () => {
  const token = await mint(JWT);
  await assertPassed(await call('/jwt/', token));
  const before = await asked(JWT, 'jwks');
  for (let i = 0; i < 5; i++) await assertPassed(await call('/jwt/', token));
  for (let i = 0; i < 5; i++) await assertRefused(await call('/jwt/', await mint(JWT, { sign: 'stranger' })), 401, invalid);
  assert.equal(await asked(JWT, 'jwks'), before);
  for (let i = 0; i < 10; i++) await assertRefused(await call('/jwt/', await mint(JWT, { header: { kid: `new-${i}` } })), 401, invalid);
  assert.ok(await asked(JWT, 'jwks') <= before + 2);
});

test('new keys at the provider', async () => {
  await assertPassed(await call('/both/', await mint(TWO)));
  await practice.rotate(TWO);
  await assertPassed(await call('/both/', await mint(TWO)));
});

test('a session serves as well; a bad token is not passed over for it', async () => {
  const browser = await signedIn(url('/session/'));
  assert.equal(browser.first.status, 200);
  const cookie = browser.jar.header(new URL(url('/session/')));
  await assertPassed(await call('/session/', undefined, { headers: { Cookie: cookie } }));
  await assertPassed(await call('/session/', await mint(TWO)));
  await assertRefused(await call('/session/', 'bad.to.ken', { headers: { Cookie: cookie } }), 401, /invalid_token/);
  assert.equal((await new Browser().request(url('/session/'))).status, 302);
  await assertRefused(await call('/session/'), 401, /^Bearer realm="main"$/);
});

test('the application gets no token where it is to get none, from whom it may come', async () => {
  for (const headers of [{ Authorization: `Bearer ${await mint(JWT)}` }, { Authorization: 'Basic YTpi' }, {}]) {
    const told = await assertPassed(await call('/none/', undefined, { headers }));
    assert.deepEqual(valuesOf(told, 'Authorization'), []);
  }
});

test('off: what a level above asks for can be taken back, together or one by one', async () => {
  const at = (path, token, more) => call(new URL(path, world.server.origin(1)).href, token, more);
  const open = async (path) => (await new Browser().request(new URL(path, world.server.origin(1)).href)).status;
  await assertRefused(await at('/', 'x.y.z'), 401, /invalid_token/);
  assert.equal(await open('/'), 302);
  await assertPassed(await at('/open/', 'x.y.z'));
  assert.equal(await open('/open/'), 200);
  await assertPassed(await at('/token/', await mint(JWT)));
  await assertRefused(await at('/token/'), 401, /^Bearer realm="jwt"$/);
  assert.equal(await open('/token/'), 401);
  assert.equal(await open('/session/'), 302);
  await assertRefused(await at('/session/', await mint(JWT)), 401, /^OpenIDConnect /);
  assert.equal(await open('/neither/'), 200);
});

// ---- introspection ----

test('an opaque token: asked once, then known, also when it is not active', async () => {
  const token = await mint(ASK, { opaque: '1' });
  for (let i = 0; i < 3; i++) assert.deepEqual(valuesOf(await assertPassed(await call('/ask/', token)), 'X-User-Sub'), ['person-ada']);
  assert.equal(await asked(ASK, 'introspect'), 1);
  for (let i = 0; i < 3; i++) await assertRefused(await call('/ask/', 'never-issued'), 401, /error="invalid_token"/);
  assert.equal(await asked(ASK, 'introspect'), 2);
});

for (const [path, label, how] of [['/ask/', ASK, 'client_secret_basic'], ['/bykey/', BY_KEY, 'private_key_jwt']]) {
  test(`many requests at once with one new token ask once, by ${how}`, async () => {
    await practice.delay(label, 'introspect', 300);
    const before = await asked(label, 'introspect');
    const token = await mint(label, { opaque: '1' });
    for (const answer of await Promise.all(Array.from({ length: 8 }, () => call(path, token)))) await assertPassed(answer);
    assert.equal(await asked(label, 'introspect'), before + 1);
    await practice.up(label);
    const other = await mint(label, { opaque: '1' });
    await assertPassed(await call(path, other));
    assert.equal(await asked(label, 'introspect'), before + 2);
    const questions = (await practice.log(label)).filter((entry) => entry.endpoint === 'introspect');
    assert.ok(questions.every((entry) => entry.auth === how), JSON.stringify(questions));
    assert.deepEqual(await practice.violations(label), []);
  });
}

test('never known for longer than exp', async () => {
  const token = await mint(ASK, { opaque: '1', claims: { exp: Math.floor(Date.now() / 1000) + 2 } });
  await assertPassed(await call('/ask/', token));
  await pause(2500);
  await assertRefused(await call('/ask/', token), 401, /error="invalid_token"/);
});

test('an endpoint that does not answer is 503, and nothing is kept of it', async () => {
  const token = await mint(ASK, { opaque: '1' });
  for (const status of [0, 500, 503]) {
    await practice.down(ASK, 'introspect', status);
    const answer = await call('/ask/', token);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('www-authenticate'), null);
  }
  await practice.up(ASK);
  await assertPassed(await call('/ask/', token));
});

test('a JWT at a place for opaque tokens is asked about, too', async () => {
  await assertPassed(await call('/ask/', await mint(ASK)));
  await assertRefused(await call('/ask/', await mint(ASK, { sign: 'stranger' })), 401, /error="invalid_token"/);
});

const isJwt = (text) => /^Bearer ey[\w-]+\.ey[\w-]+\.[\w-]+$/.test(text);

test('the phantom: an opaque token outside, a JWT inside', async () => {
  const token = await mint(PHANTOM, { opaque: '1' });
  for (let i = 0; i < 2; i++) {
    const [authorization, ...more] = valuesOf(await assertPassed(await call('/phantom/', token)), 'Authorization');
    assert.ok(isJwt(authorization), authorization);
    assert.deepEqual(more, []);
    assert.equal(JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url')).sub, 'person-ada');
  }
  assert.equal(await asked(PHANTOM, 'introspect'), 1);
  assert.equal((await practice.log(PHANTOM)).find((entry) => entry.endpoint === 'introspect').auth, 'client_secret_post');
  const jwt = await mint(PHANTOM);
  assert.deepEqual(valuesOf(await assertPassed(await call('/phantom-jwt/', jwt)), 'Authorization'), [`Bearer ${jwt}`]);
});

test('a signed answer of introspection is the phantom', async () => {
  const [authorization] = valuesOf(await assertPassed(await call('/signed/', await mint(SIGNED, { opaque: '1' }))), 'Authorization');
  assert.ok(isJwt(authorization), authorization);
  assert.equal(JSON.parse(Buffer.from(authorization.slice(7).split('.')[0], 'base64url')).typ, 'token-introspection+jwt');
});

for (const fault of faults) {
  test(`${fault.id} (${fault.what}): ${fault.expect}`, async () => {
    const answer = await call(`/${fault.name}/`, await mint(`${fault.id}~aud-api`, { opaque: '1' }));
    if (fault.expect === 'accept') {
      await assertPassed(answer);
      return;
    }
    await answer.text();
    assert.ok([401, 502, 503].includes(answer.status), String(answer.status));
    assert.ok(!mirror.seen.some((told) => told.target === `/${fault.name}/`), 'nothing reached the application');
    assert.deepEqual(await practice.violations(`${fault.id}~aud-api`), []);
  });
}

// ---- configuration ----

const only = (...lines) => ({ providers: { op: { issuer: 'https://op.example' } }, sites: [{ port: 8080, upstream: 'http://127.0.0.1:1', places: [{ path: '/', lines }] }] });

for (const [what, options, says] of [
  ['no audience', { bearer: 'op' }, /without audience/],
  ['a provider that is not there', { bearer: 'other', audience: 'a' }, /names no provider that is defined/],
  ['an unknown kind', { bearer: 'op', audience: 'a', bearer_type: 'any' }, /names no kind of token/],
  ['opaque without a client', { bearer: 'op', audience: 'a', bearer_type: 'opaque' }, /has no client_?id/i],
]) {
  test(`${what} does not start`, async () => {
    const description = only();
    description.sites[0].places[0].options = options;
    const { accepted, text } = await host.check(world.stage, description);
    assert.equal(accepted, false);
    assert.match(text, says);
  });
}
