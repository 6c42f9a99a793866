// SPDX-License-Identifier: Apache-2.0
// gatewright discover, and verifying by a provider's own keys: against the practice provider, and against servers that lie.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Practice } from '../support/practice.mjs';
import { expect, expectRefusal, GOOD, IO, USAGE } from './gatewright.mjs';

const pages = {};
const server = createServer((request, response) => {
  const page = pages[request.url] ?? { status: 404, body: {} };
  response.writeHead(page.status ?? 200, { 'Content-Type': 'application/json', ...page.headers });
  response.end(typeof page.body === 'string' ? page.body : JSON.stringify(page.body));
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${server.address().port}`;
after(() => server.close());

const { publicKey, privateKey } = await generateKeyPair('ES256');
const open = { ...await exportJWK(publicKey), kid: 'one', alg: 'ES256', use: 'sig' };

/** A provider under a path of its own. */
function provider(name, metadata = {}, keys = { keys: [open] }) {
  const issuer = `${origin}/${name}`;
  pages[`/${name}/.well-known/openid-configuration`] = {
    body: {
      issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`,
      id_token_signing_alg_values_supported: ['ES256', 'none', 'HS256'], ...metadata,
    },
  };
  pages[`/${name}/jwks`] = { body: keys };
  return issuer;
}

test('the practice provider is taken', async () => {
  const practice = await Practice.start();
  try {
    const { json } = await expect(GOOD, ['discover', practice.issuer('ok')]);
    assert.equal(json.good, true);
    assert.equal(json.issuer, practice.issuer('ok'));
    assert.ok(json.keys.length > 0);
    assert.ok(json.keys.some((key) => key.usable));
  } finally {
    await practice.stop();
  }
});

test('each key and each algorithm is judged', async () => {
  const issuer = provider('mixed', { code_challenge_methods_supported: ['plain'], id_token_encryption_alg_values_supported: ['RSA1_5', 'RSA-OAEP-256', 'dir'] }, { keys: [open, { ...open, kid: 'two', x: open.y }, { kty: 'oct', kid: 'three', k: 'AAAA' }] });
  const { json } = await expect(GOOD, ['discover', issuer]);
  assert.deepEqual(json.keys.map((key) => [key.kid, key.usable]), [['one', true], ['two', false], ['three', false]]);
  assert.deepEqual(json.id_token_algs_taken, ['ES256']);
  assert.deepEqual(json.id_token_algs_refused, ['none', 'HS256']);
  assert.deepEqual(json.id_token_encryption_algs_taken, ['RSA-OAEP-256', 'dir']);
  assert.deepEqual(json.id_token_encryption_algs_refused, ['RSA1_5']);
  assert.ok(json.notes.some((note) => /PKCE/.test(note)));
  assert.ok(!JSON.stringify(json).includes('AAAA'));
});

test('a provider whose keys or metadata cannot be used is refused', async () => {
  await expectRefusal('keys_malformed', ['discover', provider('empty', {}, { keys: [] })]);
  await expectRefusal('metadata_issuer', ['discover', provider('other', { issuer: 'https://op.example' })]);
  await expectRefusal('metadata_malformed', ['discover', provider('short', { token_endpoint: 7 })]);
  await expectRefusal('metadata_insecure', ['discover', provider('plain', { jwks_uri: 'http://op.example/jwks' })]);
});

test('no answer, another status, a redirect', async () => {
  await expect(IO, ['discover', `${origin}/absent`]);
  pages['/moved/.well-known/openid-configuration'] = { status: 302, headers: { Location: `${origin}/mixed/.well-known/openid-configuration` }, body: '' };
  const { err } = await expect(IO, ['discover', `${origin}/moved`]);
  assert.match(err, /302/);
  await expect(IO, ['discover', 'http://127.0.0.1:1']);
  for (const wrong of [[], ['http://op.example'], ['ftp://op.example'], ['op.example'], [`${origin}/x?y=z`]]) await expect(USAGE, ['discover', ...wrong]);
});

test('token verify --issuer uses the keys of the issuer, whatever the token says', async () => {
  const issuer = provider('verify');
  const now = Math.floor(Date.now() / 1000);
  const sign = (claims, key = privateKey) => new SignJWT({ iss: issuer, aud: 'app', sub: 'ada', iat: now, exp: now + 60, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one', jku: `${origin}/evil`, jwk: open }).sign(key);
  const { json } = await expect(GOOD, ['token', 'verify', '--issuer', issuer, '--audience', 'app'], await sign());
  assert.ok(json.checked.includes('issuer'));
  await expectRefusal('token_iss', ['token', 'verify', '--issuer', issuer, '--audience', 'app'], await sign({ iss: `${origin}/mixed` }));
  const other = await generateKeyPair('ES256');
  await expectRefusal('jwt_signature', ['token', 'verify', '--issuer', issuer, '--audience', 'app'], await sign({}, other.privateKey));
});
