// SPDX-License-Identifier: Apache-2.0
// Access tokens of a provider that others wrote: JWTs for a resource (RFC 9068, RFC 8707), opaque ones by introspection, plain
// (RFC 7662) and signed (RFC 9701).
import assert from 'node:assert/strict';
import { Mirror, valuesOf } from '../support/application.mjs';
import { freePort } from '../support/place.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { host } from '../hosts/host.mjs';
import { FriendlyProvider, makeKeys } from './op.mjs';

const stage = openStage('interop-bearer');
const test = testOn(stage);
const mirror = stage.add(await Mirror.start());
const port = await freePort();
const ALGS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const API = 'https://api.example';

// A resource says by its path how its tokens are made: /jwt/es256, /opaque.
function resourceServer(resource) {
  const [, format, alg] = new URL(resource).pathname.split('/');
  const sign = ALGS.find((each) => each.toLowerCase() === alg);
  return { scope: 'read write', audience: resource, accessTokenTTL: 300, accessTokenFormat: format, ...(sign && { jwt: { sign: { alg: sign } } }) };
}

const settings = {
  features: {
    clientCredentials: { enabled: true }, introspection: { enabled: true }, jwtIntrospection: { enabled: true }, revocation: { enabled: true },
    resourceIndicators: { enabled: true, getResourceServerInfo: (ctx, resource) => resourceServer(resource) },
  },
};
const machine = { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] };
const clients = [
  { client_id: 'caller', client_secret: 'secret of the caller', ...machine },
  { client_id: 'service', client_secret: 'secret of the service: & odd', ...machine },
  { client_id: 'service-post', client_secret: 'secret of another', token_endpoint_auth_method: 'client_secret_post', ...machine },
  { client_id: 'service-signed', client_secret: 'secret of a third', introspection_signed_response_alg: 'ES256', ...machine },
];

const provider = new FriendlyProvider(await freePort());
await provider.start(clients, makeKeys(1), settings);
stage.add(provider);

const places = [
  ...ALGS.map((alg) => ({ path: `/${alg.toLowerCase()}/`, headers: { 'X-Sub': 'sub' }, options: { bearer: 'plain', audience: `${API}/jwt/${alg.toLowerCase()}` } })),
  { path: '/write/', options: { bearer: 'plain', audience: `${API}/jwt/rs256`, bearer_scope: 'write' } },
  { path: '/opaque/', headers: { 'X-Client': 'client_id' }, options: { bearer: 'plain', audience: `${API}/opaque`, bearer_type: 'opaque' } },
  { path: '/post/', options: { bearer: 'post', audience: `${API}/opaque`, bearer_type: 'opaque' } },
  { path: '/signed/', options: { bearer: 'signed', audience: `${API}/opaque`, bearer_type: 'opaque', upstream_token: 'phantom' } },
];
const server = await host.open(stage, {
  workers: 1,
  providers: {
    plain: { issuer: provider.issuer, client_id: 'service', client_secret: 'secret of the service: & odd', introspection_cache: '1s' },
    post: { issuer: provider.issuer, client_id: 'service-post', client_secret: 'secret of another', client_auth_method: 'client_secret_post' },
    signed: { issuer: provider.issuer, client_id: 'service-signed', client_secret: 'secret of a third', introspection_signed_response: 'on' },
  },
  sites: [{ port, upstream: mirror.origin, places }],
});

const basic = (id, secret) => `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
const asCaller = { Authorization: basic('caller', 'secret of the caller') };

async function getToken(resource, scope = 'read') {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }), ...(resource && { resource: API + resource }) });
  const answer = await fetch(`${provider.issuer}/token`, { method: 'POST', headers: asCaller, body });
  const { access_token: token, ...rest } = await answer.json();
  assert.ok(token, JSON.stringify(rest));
  return token;
}

const call = (path, token) => fetch(new URL(path, server.origin()), { headers: { Authorization: `Bearer ${token}` } });

async function assertPassed(answer) {
  const text = await answer.text();
  assert.equal(answer.status, 200, `${text} ${answer.headers.get('www-authenticate')}`);
  return JSON.parse(text);
}

const part = (token, i) => JSON.parse(Buffer.from(token.split('.')[i], 'base64url'));

for (const alg of ALGS) {
  test(`${alg}: a JWT for this service`, async () => {
    const token = await getToken(`/jwt/${alg.toLowerCase()}`);
    assert.equal(part(token, 0).alg, alg);
    assert.equal(part(token, 0).typ, 'at+jwt');
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(valuesOf(await assertPassed(await call(`/${alg.toLowerCase()}/`, token)), 'X-Sub'), [part(token, 1).sub]);
    }
    const other = ALGS.find((each) => each !== alg).toLowerCase();
    assert.equal((await call(`/${other}/`, token)).status, 401);
  });
}

test('the scope that was granted', async () => {
  const answer = await call('/write/', await getToken('/jwt/rs256', 'read'));
  assert.equal(answer.status, 403);
  assert.match(answer.headers.get('www-authenticate'), /insufficient_scope.*scope="write"/);
  await assertPassed(await call('/write/', await getToken('/jwt/rs256', 'read write')));
});

test('an opaque token, asked about with either authentication', async () => {
  const token = await getToken('/opaque');
  assert.ok(!token.includes('.'));
  assert.deepEqual(valuesOf(await assertPassed(await call('/opaque/', token)), 'X-Client'), ['caller']);
  await assertPassed(await call('/post/', token));
});

test('an opaque token that nobody issued, or for nobody', async () => {
  assert.equal((await call('/opaque/', 'never-issued')).status, 401);
  assert.equal((await call('/opaque/', await getToken(null, ''))).status, 401);
  assert.match(server.text, /oidc: token_aud: /);
});

test('a token that is revoked is refused once its answer is old', async () => {
  const token = await getToken('/opaque');
  await assertPassed(await call('/opaque/', token));
  const revoked = await fetch(`${provider.issuer}/token/revocation`, { method: 'POST', headers: asCaller, body: new URLSearchParams({ token }) });
  assert.equal(revoked.status, 200);
  await new Promise((done) => setTimeout(done, 2100));
  assert.equal((await call('/opaque/', token)).status, 401);
});

test('a signed answer becomes the phantom', async () => {
  const told = await assertPassed(await call('/signed/', await getToken('/opaque')));
  const [phantom] = valuesOf(told, 'Authorization').map((value) => value.replace(/^Bearer /, ''));
  assert.equal(part(phantom, 0).typ, 'token-introspection+jwt');
  assert.equal(part(phantom, 0).alg, 'ES256');
  assert.equal(part(phantom, 1).token_introspection.active, true);
  assert.equal(part(phantom, 1).aud, 'service-signed');
  assert.equal((await call('/signed/', 'never-issued')).status, 401);
});
