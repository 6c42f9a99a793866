// SPDX-License-Identifier: Apache-2.0
// gatewright keys: make, show, public.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { calculateJwkThumbprint, importJWK } from 'jose';
import { makePair } from '../support/keys.mjs';
import { expect, expectRefusal, file, folder, gatewright, GOOD, IO, USAGE } from './gatewright.mjs';

const signatures = ['RS256', 'RS512', 'PS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'HS256', 'HS384', 'HS512'];
const encryption = ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW', 'A128KW', 'A192KW', 'A256KW', 'A256GCMKW', 'A128GCM', 'A256CBC-HS512'];

/** What keys make prints is a key for others, and keys show knows it. */
async function checkMade(alg, args, use) {
  const { json: made, out } = await expect(GOOD, ['keys', 'make', ...args]);
  assert.equal(made.alg, alg);
  assert.equal(made.use, use);
  await importJWK(made, alg);
  const { json: shown } = await expect(GOOD, ['keys', 'show'], out);
  assert.equal(shown.key.usable, true);
  assert.equal(shown.key.private, true);
  for (const secret of ['d', 'p', 'k']) if (made[secret]) assert.ok(!JSON.stringify(shown).includes(made[secret]));
  if (made.kty === 'oct') {
    assert.equal(shown.key.thumbprint, undefined);
    await expectRefusal('keys_malformed', ['keys', 'public'], out);
    return;
  }
  assert.equal(made.kid, await calculateJwkThumbprint(made));
  assert.equal(shown.key.thumbprint, made.kid);
  const { json: open } = await expect(GOOD, ['keys', 'public'], out);
  assert.deepEqual(Object.keys(open).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name)), []);
  assert.equal(await calculateJwkThumbprint(open), made.kid);
  assert.equal(open.use, use);
  assert.equal((await expect(GOOD, ['keys', 'show'], JSON.stringify(open))).json.key.private, false);
}

for (const alg of signatures) test(`make ${alg}`, () => checkMade(alg, [alg], 'sig'));
for (const alg of encryption) test(`make --enc ${alg}`, () => checkMade(alg, ['--enc', alg], 'enc'));
for (const crv of ['P-256', 'P-384', 'P-521', 'X25519']) {
  test(`make --enc ECDH-ES --crv ${crv}`, async () => {
    await checkMade('ECDH-ES', ['--enc', 'ECDH-ES', '--crv', crv], 'enc');
    assert.equal((await expect(GOOD, ['keys', 'make', '--enc', 'ECDH-ES', '--crv', crv])).json.crv, crv);
  });
}

test('public keys in PEM, also those that only encrypt', async () => {
  for (const [type, options, uses] of [['x25519', {}, { encryption: 'ECDH-ES' }], ['rsa', { modulusLength: 2048 }, { signatures: 'RS256', encryption: 'RSA-OAEP-256' }],
    ['ec', { namedCurve: 'P-384' }, { signatures: 'ES384', encryption: 'ECDH-ES' }], ['ed25519', {}, { signatures: 'EdDSA' }]]) {
    const { publicKey, privateKey } = makePair(type, options);
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const { json: { key } } = await expect(GOOD, ['keys', 'show'], pem);
    assert.equal(key.private, false);
    assert.equal(key.thumbprint, await calculateJwkThumbprint(publicKey.export({ format: 'jwk' })));
    for (const use of ['signatures', 'encryption']) assert.ok(uses[use] ? key[use].includes(uses[use]) : !key[use]?.length, `${type} ${use}: ${key[use]}`);
    assert.equal(await calculateJwkThumbprint((await expect(GOOD, ['keys', 'public'], pem)).json), key.thumbprint);
    if (!uses.encryption) continue;
    const own = file(`${type}.own`, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const signer = file('signer.jwk', (await expect(GOOD, ['keys', 'make', 'ES256'])).out);
    const { out } = await expect(GOOD, ['token', 'sign', '--key', signer, '--encrypt-to', file(`${type}.pub`, pem), '--encrypt-alg', uses.encryption], '{"sub":"ada"}');
    assert.equal((await expect(GOOD, ['token', 'decode', '--key', own, '--key-alg', uses.encryption], out)).json.claims.sub, 'ada');
  }
});

test('make ML-DSA-65, where libcrypto has it', async (t) => {
  const made = await gatewright(['keys', 'make', 'ML-DSA-65']);
  if (made.status === IO) {
    assert.match(made.err, /libcrypto 3\.5/);
    t.skip('libcrypto has no ML-DSA');
    return;
  }
  assert.equal(made.json.kty, 'AKP');
  const shown = (await expect(GOOD, ['keys', 'show'], made.out)).json.key;
  assert.deepEqual(shown.signatures, ['ML-DSA-65']);
  const own = file('pq.jwk', made.out);
  const open = file('pq.pub', (await expect(GOOD, ['keys', 'public', own])).out);
  assert.doesNotMatch((await expect(GOOD, ['keys', 'show', open])).out, /priv"/);
  const token = await expect(GOOD, ['token', 'sign', '--key', own], '{"aud":"app","iss":"x","exp":4000000000}');
  await expect(GOOD, ['token', 'verify', '--jwks', open, '--audience', 'app'], token.out);
});

test('make ES256K: taken only where it is named', async () => {
  const made = await expect(GOOD, ['keys', 'make', 'ES256K']);
  assert.equal(made.json.crv, 'secp256k1');
  const own = file('k.jwk', made.out);
  const open = file('k.pub', (await expect(GOOD, ['keys', 'public', own])).out);
  const token = await expect(GOOD, ['token', 'sign', '--key', own], '{"aud":"app","iss":"x","exp":4000000000}');
  const verify = ['token', 'verify', '--jwks', open, '--audience', 'app'];
  assert.equal((await gatewright(verify, token.out)).status, 1);
  await expect(GOOD, [...verify, '--alg', 'ES256K'], token.out);
});

test('make Ed448', async () => {
  const { json } = await expect(GOOD, ['keys', 'make', 'Ed448']);
  assert.equal(json.crv, 'Ed448');
});

test('make --out: readable by its owner alone, never over another file, and nothing secret is shown', async () => {
  const { json, out } = await expect(GOOD, ['keys', 'make', 'ES256', '--out', 'new.jwk', '--kid', 'mine']);
  assert.equal(statSync(`${folder}/new.jwk`).mode & 0o777, 0o600);
  assert.ok(!out.includes('"d"'));
  assert.equal((await expect(GOOD, ['keys', 'show', 'new.jwk'])).json.key.kid, 'mine');
  assert.equal((await expect(GOOD, ['keys', 'show', 'new.jwk'])).json.key.thumbprint, json.thumbprint);
  await expect(IO, ['keys', 'make', 'ES256', '--out', 'new.jwk']);
  await expect(IO, ['keys', 'make', 'ES256', '--out', '/nowhere/at/all']);
});

test('make: usage', async () => {
  for (const args of [[], ['none'], ['rs256'], ['RSA-OAEP'], ['RS256', '--bits', '1024'], ['ES256', '--bits', '2048'], ['ES256', '--crv', 'P-256'],
    ['--enc', 'RSA1_5'], ['--enc', 'dir'], ['--enc', 'ECDH-ES', '--crv', 'P-224'], ['RS256', '--enc', 'A128KW']])
    await expect(USAGE, ['keys', 'make', ...args]);
  assert.equal((await expect(GOOD, ['keys', 'make', 'RS256', '--bits', '2048'])).json.n.length, 342);
});

test('PEM: private and public', async () => {
  for (const [type, options, kty] of [['rsa', { modulusLength: 2048 }, 'RSA'], ['ec', { namedCurve: 'P-384' }, 'EC'], ['ed25519', {}, 'OKP'], ['x25519', {}, 'OKP']]) {
    const pair = makePair(type, options);
    const own = file(`${type}.pem`, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { json } = await expect(GOOD, ['keys', 'show', own]);
    assert.equal(json.key.kty, kty);
    const { json: open } = await expect(GOOD, ['keys', 'public', own]);
    assert.equal(open.x ?? open.n, pair.publicKey.export({ format: 'jwk' }).x ?? pair.publicKey.export({ format: 'jwk' }).n);
  }
  const open = makePair('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
  assert.deepEqual((await expect(GOOD, ['keys', 'show'], open)).json.key.signatures, ['ES256']);
});

const good = { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' };
const bad = [
  ['not on the curve', { ...good, y: good.x }, /not on the curve/],
  ['short coordinate', { ...good, x: 'AA' }, /exact size/],
  ['unknown curve', { ...good, crv: 'P-224' }, /crv/],
  ['unknown kty', { kty: 'XX' }, /kty/],
  ['no kty', {}, /kty/],
  ['weak RSA', { kty: 'RSA', n: 'x'.repeat(171), e: 'AQAB' }, /modulus|base64url/],
  ['unknown alg', { ...good, alg: 'ES257' }, /alg/],
  ['alg of another curve', { ...good, alg: 'ES384' }, /alg/],
];
for (const [name, key, why] of bad) {
  test(`show says why not: ${name}`, async () => {
    const json = await expectRefusal('keys_malformed', ['keys', 'show'], JSON.stringify(key));
    assert.equal(json.key.usable, false);
    assert.match(json.key.why, why);
  });
}

test('show of a set: each key for itself, and what is private there is no public key', async () => {
  const { json: own } = await expect(GOOD, ['keys', 'make', 'ES256']);
  const set = { keys: [good, { ...good, use: 'enc', alg: 'ECDH-ES' }, own, { kty: 'oct', k: 'GawgguFyGrWKav7AX4VKUg' }, 7] };
  const { json } = await expect(GOOD, ['keys', 'show'], JSON.stringify(set));
  assert.deepEqual(json.keys.map((key) => key.usable), [true, true, false, false, false]);
  assert.deepEqual(json.keys[0].signatures, ['ES256']);
  assert.deepEqual(json.keys[1].encryption, ['ECDH-ES']);
  assert.match(json.keys[2].why, /private/);
  assert.match(json.keys[3].why, /private or symmetric/);
  await expectRefusal('keys_malformed', ['keys', 'show'], '{"keys":[]}');
  await expectRefusal('keys_malformed', ['keys', 'show'], '{"keys":7}');
  await expectRefusal('keys_malformed', ['keys', 'show'], 'nonsense');
});
