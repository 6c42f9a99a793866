// SPDX-License-Identifier: Apache-2.0
// With a provider that others wrote and that is certified.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mirror, valuesOf } from '../support/application.mjs';
import { Browser } from '../support/browser.mjs';
import { makePair } from '../support/keys.mjs';
import { freePort } from '../support/place.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { host, SECRET } from '../hosts/host.mjs';
import { FriendlyProvider, makeKeys } from './op.mjs';

const stage = openStage('interop');
const test = testOn(stage);
const mirror = stage.add(await Mirror.start());
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const ALGS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

// [name, what the provider knows of the client, what we are told]
const clients = [
  ...ALGS.map((alg) => [alg.toLowerCase(), { id_token_signed_response_alg: alg }, { id_token_signed_response_alg: alg }]),
  ['any', { id_token_signed_response_alg: 'ES256' }, {}],
  ['post', { token_endpoint_auth_method: 'client_secret_post' }, { client_auth_method: 'client_secret_post' }],
  ['open', { token_endpoint_auth_method: 'none', client_secret: undefined }, { client_secret: undefined }],
  ...ALGS.map((alg) => [`jwt-${alg.toLowerCase()}`, { token_endpoint_auth_method: 'private_key_jwt', client_secret: undefined }, assertion(alg)]),
  ['signed', { userinfo_signed_response_alg: 'RS256' }, {}],
  ['signed-es', { userinfo_signed_response_alg: 'ES256' }, {}],
  ['form', {}, { response_mode: 'form_post' }],
  ['sealed', {}, { session_store: 'cookie' }],
  ['required', { require_auth_time: true }, { max_age: '300' }],
  ['enc-rsa', ...encrypted('RSA-OAEP-256', 'A128CBC-HS256', 'rsa', { modulusLength: 2048 })],
  ['enc-rsa-sha1', ...encrypted('RSA-OAEP', 'A256GCM', 'rsa', { modulusLength: 3072 })],
  ['enc-p256', ...encrypted('ECDH-ES+A128KW', 'A256GCM', 'ec', { namedCurve: 'P-256' })],
  ['enc-p521', ...encrypted('ECDH-ES+A256KW', 'A192CBC-HS384', 'ec', { namedCurve: 'P-521' })],
  ['enc-x25519', ...encrypted('ECDH-ES', 'A256CBC-HS512', 'x25519', {})],
  ['enc-a128kw', ...encrypted('A128KW', 'A128CBC-HS256')],
  ['enc-a256gcmkw', ...encrypted('A256GCMKW', 'A192GCM')],
  ['enc-dir', ...encrypted('dir', 'A256CBC-HS512')],
];

/** ID Token and userinfo signed and encrypted, to a key of ours or with one made of the secret. */
function encrypted(alg, enc, type, options) {
  const agreed = { id_token_encrypted_response_alg: alg, id_token_encrypted_response_enc: enc, userinfo_encrypted_response_alg: alg, userinfo_encrypted_response_enc: enc };
  const theirs = { ...agreed, userinfo_signed_response_alg: 'RS256' };
  if (!type) return [theirs, agreed];
  const { privateKey, publicKey } = makePair(type, options);
  const file = join(stage.folder, `enc-${alg}-${enc}.jwk`);
  writeFileSync(file, JSON.stringify({ ...privateKey.export({ format: 'jwk' }), use: 'enc', kid: 'ours' }), { mode: 0o600 });
  return [theirs, { ...agreed, decryption_key_file: file, jwk: { ...publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'ours' } }];
}

function assertion(alg) {
  const kinds = { RS256: ['rsa', { modulusLength: 2048 }], PS256: ['rsa', { modulusLength: 2048 }], ES256: ['ec', { namedCurve: 'P-256' }], EdDSA: ['ed25519', {}] };
  const { privateKey, publicKey } = makePair(...kinds[alg]);
  const file = join(stage.folder, `${alg}.key`);
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  return { client_secret: undefined, client_key_file: file, token_endpoint_auth_signing_alg: alg, jwk: { ...publicKey.export({ format: 'jwk' }), use: 'sig', alg } };
}

const tidy = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

const registered = clients.map(([name, theirs, ours]) => tidy({
  client_id: name, client_secret: `secret of ${name}: long enough / & odd`, redirect_uris: [`${origin}/cb/${name}`], response_types: ['code'], grant_types: ['authorization_code'],
  post_logout_redirect_uris: [`${origin}/oidc_signed_out`], ...theirs, ...(ours.jwk && { jwks: { keys: [ours.jwk] } }),
}));

const provider = new FriendlyProvider(await freePort());
let keys = makeKeys(1);
await provider.start(registered, keys);
stage.add(provider);

const server = await host.open(stage, {
  workers: 1,
  cookieSecrets: [SECRET],
  providers: Object.fromEntries(clients.map(([name, , { jwk, ...ours }]) => [name, tidy({
    issuer: provider.issuer, client_id: name, client_secret: `secret of ${name}: long enough / & odd`, scope: 'openid profile email groups',
    redirect_uri: `/cb/${name}`, logout_uri: `/${name}/logout`, ...ours,
  })])),
  sites: [{ port, upstream: mirror.origin, places: clients.map(([name]) => ({ path: `/${name}/`, provider: name,
    headers: { 'X-User-Sub': 'sub', 'X-User-Name': 'name', 'X-User-Groups': 'groups', 'X-User-Verified': 'email_verified' } })) }],
});

async function signIn(name, browser = new Browser()) {
  let shown = await browser.open(`${origin}/${name}/page?a=b`);
  if (shown.url.origin === provider.issuer && shown.status === 200) shown = await browser.submit(shown); // form_post
  return { browser, shown };
}

for (const [name] of clients) {
  test(`${name}: sign-in, claims from the ID Token and from userinfo`, async () => {
    const { shown } = await signIn(name);
    assert.equal(shown.status, 200, String(shown));
    assert.equal(shown.json.target, `/${name}/page?a=b`);
    assert.deepEqual(valuesOf(shown.json, 'X-User-Sub'), ['kaethe']);
    assert.deepEqual(valuesOf(shown.json, 'X-User-Groups'), ['flyers,inventors']);
    assert.deepEqual(valuesOf(shown.json, 'X-User-Verified'), ['true']);
    assert.equal(Buffer.from(valuesOf(shown.json, 'X-User-Name')[0], 'latin1').toString('utf8'), 'Käthe Paulus');
  });
}

test('an ID Token that came encrypted goes back as a hint that the provider can read', async () => {
  const { browser } = await signIn('enc-rsa');
  const asked = await browser.open(`${origin}/enc-rsa/logout`, { from: `${origin}/enc-rsa/page` });
  assert.equal(asked.url.origin, provider.issuer);
  assert.equal(asked.url.searchParams.get('id_token_hint').split('.').length, 3);
  const shown = await browser.submit(asked, { logout: 'yes' });
  assert.equal(shown.url.pathname, '/oidc_signed_out', String(shown));
});

test('sign-out here and there, and back', async () => {
  const { browser } = await signIn('rs256');
  const asked = await browser.open(`${origin}/rs256/logout`, { from: `${origin}/rs256/page` });
  assert.equal(asked.url.origin, provider.issuer);
  const shown = await browser.submit(asked, { logout: 'yes' });
  assert.equal(shown.url.pathname, '/oidc_signed_out', String(shown));
  assert.match(shown.words, /You are signed out/);
  const next = await browser.request(`${origin}/rs256/page`);
  assert.equal(next.status, 302);
  assert.ok(!browser.jar.find(/^_session$/).some((cookie) => cookie.value), 'the provider’s session has ended too');
});

test('the second sign-in of a browser needs no page at the provider', async () => {
  const { browser } = await signIn('rs256');
  browser.jar.drop(/^oidc_/);
  const { shown } = await signIn('rs256', browser);
  assert.equal(shown.status, 200);
  assert.ok(!shown.history.some((step) => step.url.pathname.startsWith('/auto/')));
});

test('new keys at the provider', async () => {
  await provider.stop();
  const before = keys;
  keys = makeKeys(2);
  await provider.start(registered, [...keys, ...before]);
  for (const alg of ALGS) assert.equal((await signIn(alg.toLowerCase())).shown.status, 200, alg);
  assert.ok(provider.calls.filter((call) => call === 'GET /jwks').length >= 2);
});

test('a client that the provider does not know any more: the log says what to check', async () => {
  await provider.stop();
  await provider.start(registered.map((client) => (client.client_id === 'rs256' ? { ...client, client_secret: 'another' } : client)), keys);
  const { shown } = await signIn('rs256');
  assert.equal(shown.status, 502);
  assert.match(server.text, /oidc: client_refused: .*provider: rs256/);
});
