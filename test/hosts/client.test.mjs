// SPDX-License-Identifier: Apache-2.0
// How we authenticate at the provider, and what we ask of it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePair } from '../support/keys.mjs';
import { makeFolder, removeFolder } from '../support/place.mjs';
import { Browser } from '../support/browser.mjs';
import { signIn } from '../support/practice.mjs';
import { identity, setUp } from './host.mjs';

const folder = makeFolder('keys');

/** A key pair: the private half for the server under test, the public half for the provider. */
function makeKeys(name, type, options, { jwk = false, ...more } = {}) {
  const pair = makePair(type, options);
  const privateFile = join(folder, `${name}.key`);
  const publicFile = join(folder, `${name}.jwk`);
  writeFileSync(privateFile, jwk ? JSON.stringify({ ...pair.privateKey.export({ format: 'jwk' }), ...more })
    : pair.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  writeFileSync(publicFile, JSON.stringify({ ...pair.publicKey.export({ format: 'jwk' }), ...more }));
  return { privateFile, publicFile };
}

const keys = {
  rsa: makeKeys('rsa', 'rsa', { modulusLength: 2048 }, { kid: 'rsa' }),
  pss: makeKeys('pss', 'rsa', { modulusLength: 2048 }, { kid: 'pss', alg: 'PS256' }),
  p256: makeKeys('p256', 'ec', { namedCurve: 'P-256' }, { kid: 'p256' }),
  ed25519: makeKeys('ed25519', 'ed25519', {}, { kid: 'ed25519' }),
  jwk: makeKeys('jwk', 'ec', { namedCurve: 'P-256' }, { jwk: true, kid: 'from-the-jwk' }),
};

// A secret that must be form-encoded before it goes into a header: RFC 6749 2.3.1.
const AWKWARD = 'a:b+c d%e&f=g/ü~"\\';

const clients = {
  basic: { client_id: 'practice', client_secret: 'practice-secret', client_auth_method: 'client_secret_basic' },
  post: { client_id: 'practice', client_secret: 'practice-secret', client_auth_method: 'client_secret_post' },
  awkward: { client_id: 'awk ward', client_secret: AWKWARD },
  awkwardpost: { client_id: 'awk ward', client_secret: AWKWARD, client_auth_method: 'client_secret_post' },
  open: { client_id: 'open' },
  rsa: { client_id: 'rsa', client_key_file: keys.rsa.privateFile, client_key_id: 'rsa' },
  pss: { client_id: 'pss', client_key_file: keys.pss.privateFile, token_endpoint_auth_signing_alg: 'PS256' },
  p256: { client_id: 'p256', client_key_file: keys.p256.privateFile, client_assertion_audience: 'token_endpoint' },
  ed25519: { client_id: 'ed25519', client_key_file: keys.ed25519.privateFile },
  jwk: { client_id: 'jwk', client_key_file: keys.jwk.privateFile },
};

const expected = {
  basic: 'client_secret_basic', post: 'client_secret_post', awkward: 'client_secret_basic', awkwardpost: 'client_secret_post', open: 'none',
  rsa: 'private_key_jwt', pss: 'private_key_jwt', p256: 'private_key_jwt', ed25519: 'private_key_jwt', jwk: 'private_key_jwt',
};

const others = {
  wrong: { client_id: 'practice', client_secret: 'not-the-secret' },
  stale: { client_id: 'rsa', client_key_file: keys.pss.privateFile },
  asked: {
    client_id: 'practice', client_secret: 'practice-secret', extra_auth_args: 'prompt=login&ui_locales=de%20en', acr_values: 'phr 1', max_age: '300',
  },
  offs: { client_id: 'practice', client_secret: 'practice-secret', pkce: 'off', userinfo: 'off' },
  unnonced: { client_id: 'practice', client_secret: 'practice-secret', nonce: 'off' },
  whole: { client_id: 'practice', client_secret: 'practice-secret' },
  bare: { client_id: 'practice', client_secret: 'practice-secret', scope: 'openid' },
};

const world = await setUp('client', {
  practiceArgs: [
    '--client', 'practice:practice-secret', '--client', `awk ward:${AWKWARD}`, '--client', 'open:',
    ...Object.entries(keys).flatMap(([name, { publicFile }]) => ['--client-key', `${name}:${publicFile}`]),
  ],
  providers: ({ practice, port }) => Object.fromEntries(Object.entries({ ...clients, ...others }).map(([name, options]) => [name, {
    issuer: practice.issuer(`ok~${name}`), redirect_uri: name === 'whole' ? `http://localhost:${port}/cb/whole` : `/cb/${name}`,
    scope: 'openid profile email', ...options,
  }])),
  site: { places: Object.keys({ ...clients, ...others }).map((provider) => ({ path: `/${provider}/`, provider, headers: identity })) },
});
world.stage.add({ stop: () => removeFolder(folder) });
const { test, practice, url } = world;

for (const name of Object.keys(clients)) {
  test(`${name}: the token endpoint knows us by ${expected[name]}`, async () => {
    const shown = await signIn(new Browser(), url(`/${name}/`));
    assert.equal(shown.status, 200, String(shown));
    const log = await practice.log(`ok~${name}`);
    const [token] = log.filter((entry) => entry.endpoint === 'token');
    assert.match(token.auth, new RegExp(expected[name]));
    const audience = clients[name].client_assertion_audience ? ['client assertion: aud is not the issuer'] : [];
    assert.deepEqual(log.flatMap((entry) => entry.violations), audience, 'older providers alone want another audience');
  });
}

test('each assertion is used once', async () => {
  for (let i = 0; i < 3; i++) assert.equal((await signIn(new Browser(), url('/rsa/'))).status, 200);
  assert.deepEqual(await practice.violations('ok~rsa'), []);
});

for (const name of ['wrong', 'stale']) {
  test(`${name} credentials: refused, and the log says what to check`, async () => {
    const mark = world.stage.mark();
    const shown = await signIn(new Browser(), url(`/${name}/`));
    assert.equal(shown.status, 502);
    assert.match(shown.words, /not set up correctly/);
    assert.match(world.stage.since(mark), /oidc: client_refused: .*client_secret/);
  });
}

test('no secret stands in the log', () => {
  for (const secret of ['practice-secret', 'not-the-secret', 'BEGIN PRIVATE', 'client_assertion=']) assert.ok(!world.server.text.includes(secret), secret);
});

test('what was configured is asked for', async () => {
  const { location } = await new Browser().request(url('/asked/'));
  const sent = location.searchParams;
  assert.equal(sent.get('prompt'), 'login');
  assert.equal(sent.get('ui_locales'), 'de en');
  assert.equal(sent.get('acr_values'), 'phr 1');
  assert.equal(sent.get('max_age'), '300');
  assert.equal((await signIn(new Browser(), url('/asked/'))).status, 200);
  assert.deepEqual(await practice.violations('ok~asked'), []);
});

test('pkce, nonce and userinfo can be turned off', async () => {
  const offs = await signIn(new Browser(), url('/offs/'));
  assert.equal(offs.status, 200, String(offs));
  const log = await practice.log('ok~offs');
  assert.ok(!log.some((entry) => entry.endpoint === 'userinfo'));
  assert.ok(!log.some((entry) => 'code_challenge' in entry.params));
  const { location } = await new Browser().request(url('/unnonced/'));
  assert.equal(location.searchParams.get('nonce'), null);
  assert.ok(location.searchParams.get('code_challenge'));
  assert.equal((await signIn(new Browser(), url('/unnonced/'))).status, 200);
});

test('a whole redirect_uri is sent as it is, whatever Host says', async () => {
  const { location, cookies } = await new Browser().request(url('/whole/'));
  assert.equal(location.searchParams.get('redirect_uri'), `http://localhost:${world.port}/cb/whole`);
  assert.ok(cookies.length);
  const shown = await signIn(new Browser(), `http://localhost:${world.port}/whole/x`);
  assert.equal(shown.status, 200, String(shown));
});

test('no more is asked for than was configured', async () => {
  const { location } = await new Browser().request(url('/bare/'));
  assert.equal(location.searchParams.get('scope'), 'openid');
});
