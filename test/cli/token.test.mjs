// SPDX-License-Identifier: Apache-2.0
// gatewright token: decode, verify, sign, against another implementation's tokens.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair, generateSecret, importJWK, jwtVerify, SignJWT } from 'jose';
import { expect, expectRefusal, file, GOOD, IO, program, USAGE } from './gatewright.mjs';

const now = Math.floor(Date.now() / 1000);
const claims = { iss: 'https://op.example', aud: 'app', sub: 'ada', iat: now, exp: now + 600 };

async function pair(alg, options = {}) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  const named = { alg, kid: `k-${alg}` };
  return { privateKey, open: { ...await exportJWK(publicKey), ...named }, own: { ...await exportJWK(privateKey), ...named } };
}

const rsa = await pair('RS256');
const ec = await pair('ES256');
const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k-ES256' }).sign(ec.privateKey);
const jwks = file('set.json', { keys: [rsa.open, ec.open] });

for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']) {
  test(`${alg}: theirs is verified here, ours there`, async () => {
    const key = await pair(alg);
    const theirs = await new SignJWT(claims).setProtectedHeader({ alg, kid: key.open.kid }).sign(key.privateKey);
    const open = file(`${alg}.pub.json`, key.open);
    const { json } = await expect(GOOD, ['token', 'verify', '--jwks', open, '--audience', 'app', '--issuer', claims.iss], theirs);
    assert.deepEqual(json.claims, claims);
    assert.deepEqual(json.checked, ['signature', 'times', 'type', 'issuer', 'audience']);
    const ours = await expect(GOOD, ['token', 'sign', '--key', file(`${alg}.json`, key.own), '--typ', 'at+jwt'], JSON.stringify(claims));
    const verified = await jwtVerify(ours.out.trim(), await importJWK(key.open, alg), { audience: 'app', issuer: claims.iss, typ: 'at+jwt' });
    assert.equal(verified.protectedHeader.kid, key.open.kid);
  });
}

for (const [alg, bytes] of [['HS256', 32], ['HS384', 48], ['HS512', 64]]) {
  test(`${alg}: with a shared secret, and with nothing else`, async () => {
    const secret = new Uint8Array(bytes).fill(0x61);
    const theirs = await new SignJWT(claims).setProtectedHeader({ alg }).sign(secret);
    const path = file(`${alg}.secret`, `${'a'.repeat(bytes)}\n`);
    await expect(GOOD, ['token', 'verify', '--secret', path, '--audience', 'app'], theirs);
    await expectRefusal('jwt_alg', ['token', 'verify', '--jwks', jwks, '--audience', 'app'], theirs);
    await expectRefusal('jwt_signature', ['token', 'verify', '--secret', file('other', 'b'.repeat(64)), '--audience', 'app'], theirs);
    await expectRefusal('jwt_alg', ['token', 'verify', '--secret', path, '--audience', 'app'], token);
  });
}

const wraps = ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW', 'A128KW', 'A192KW', 'A256KW',
  'A128GCMKW', 'A192GCMKW', 'A256GCMKW'];
const encs = ['A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512', 'A128GCM', 'A192GCM', 'A256GCM'];

async function wrapKey(alg, options) {
  if (/^(RSA|ECDH)/.test(alg)) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
    return { publicKey, privateKey, own: { ...await exportJWK(privateKey), alg }, open: { ...await exportJWK(publicKey), alg } };
  }
  const secret = await generateSecret(alg, { extractable: true });
  return { publicKey: secret, privateKey: secret, own: { ...await exportJWK(secret), alg }, open: { ...await exportJWK(secret), alg } };
}

/** Both directions for one pair of names. */
async function checkNested(key, alg, enc, name) {
  const theirs = await new CompactEncrypt(new TextEncoder().encode(token)).setProtectedHeader({ alg, enc, cty: 'JWT' }).encrypt(key.publicKey);
  const own = file(`${name}.own`, key.own);
  const { json } = await expect(GOOD, ['token', 'verify', '--jwks', jwks, '--audience', 'app', '--key', own], theirs);
  assert.equal(json.encryption.enc, enc);
  assert.deepEqual(json.claims, claims);
  const ours = await expect(GOOD, ['token', 'sign', '--key', file('signer', ec.own), '--encrypt-to', file(`${name}.open`, key.open), '--enc', enc],
    JSON.stringify(claims));
  const opened = await compactDecrypt(ours.out.trim(), key.privateKey);
  assert.equal(opened.protectedHeader.cty, 'JWT');
  await jwtVerify(new TextDecoder().decode(opened.plaintext), await importJWK(ec.open, 'ES256'), { audience: 'app' });
}

for (const alg of wraps) {
  test(`${alg} with every enc: theirs is opened here, ours there`, async () => {
    const key = await wrapKey(alg);
    for (const enc of encs) await checkNested(key, alg, enc, alg);
  });
}

for (const crv of ['P-256', 'P-384', 'P-521', 'X25519']) {
  test(`ECDH-ES on ${crv}`, async () => {
    const key = await wrapKey('ECDH-ES', { crv });
    for (const enc of encs) await checkNested(key, 'ECDH-ES', enc, crv);
  });
}

for (const enc of encs) {
  test(`dir with ${enc}`, async () => {
    const secret = await generateSecret(enc, { extractable: true });
    const jwk = { ...await exportJWK(secret), alg: enc };
    await checkNested({ publicKey: secret, privateKey: secret, own: jwk, open: jwk }, 'dir', enc, `dir-${enc}`);
  });
}

test('an encrypted token that holds no signed one is refused: decryption is not authentication', async () => {
  const key = await wrapKey('RSA-OAEP');
  const own = file('bare.own', key.own);
  for (const inner of [JSON.stringify(claims), `${btoa('{"alg":"none"}').replace(/=+$/, '')}.${btoa(JSON.stringify(claims)).replace(/=+$/, '')}.`]) {
    const sealed = await new CompactEncrypt(new TextEncoder().encode(inner)).setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A128GCM' }).encrypt(key.publicKey);
    await expectRefusal('jwe_nested', ['token', 'verify', '--jwks', jwks, '--audience', 'app', '--key', own], sealed);
  }
  const silent = await new CompactEncrypt(new TextEncoder().encode(token)).setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A128GCM' }).encrypt(key.publicKey);
  await expectRefusal('jwe_nested', ['token', 'verify', '--jwks', jwks, '--audience', 'app', '--key', own], silent); // no cty
  const other = await wrapKey('RSA-OAEP');
  const sealed = await new CompactEncrypt(new TextEncoder().encode(token)).setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A128GCM', cty: 'JWT' }).encrypt(key.publicKey);
  await expectRefusal('jwe_decrypt', ['token', 'verify', '--jwks', jwks, '--audience', 'app', '--key', file('other.own', other.own)], sealed);
  await expect(USAGE, ['token', 'verify', '--jwks', jwks, '--audience', 'app'], sealed);
});

const changed = (more, drop = []) => {
  const all = { ...claims, ...more };
  for (const name of drop) delete all[name];
  return all;
};

const refusals = [
  ['token_aud', changed({ aud: 'another' })],
  ['token_aud', changed({ aud: ['application', 'ap'] })],
  ['token_claims', changed({}, ['aud'])],
  ['token_claims', changed({}, ['exp'])],
  ['token_claims', changed({ exp: String(now + 600) })],
  ['token_exp', changed({ exp: now - 600 })],
  ['token_nbf', changed({ nbf: now + 600 })],
  ['token_iss', changed({ iss: 'https://op.example/' })],
  ['jwt_type', changed({ events: {} })],
];
for (const [id, wrong] of refusals) {
  test(`${id}: ${JSON.stringify(wrong).slice(0, 90)}`, async () => {
    const made = await expect(GOOD, ['token', 'sign', '--key', file('signer', ec.own)], JSON.stringify(wrong));
    await expectRefusal(id, ['token', 'verify', '--jwks', jwks, '--issuer', claims.iss, '--audience', 'app'], made.out);
  });
}

test('nonce and id_token', async () => {
  const made = await expect(GOOD, ['token', 'sign', '--key', file('signer', ec.own)], JSON.stringify({ ...claims, nonce: 'n' }));
  const verify = ['token', 'verify', '--jwks', jwks, '--audience', 'app'];
  await expect(GOOD, [...verify, '--nonce', 'n'], made.out);
  await expectRefusal('id_token_nonce', [...verify, '--nonce', 'm'], made.out);
  await expectRefusal('jwt_type', [...verify, '--type', 'jwt'], made.out);
  await expect(GOOD, [...verify, '--type', 'id_token'], made.out);
});

test('time: skew, and a moment that is given', async () => {
  const made = await expect(GOOD, ['token', 'sign', '--key', file('signer', ec.own)], JSON.stringify({ ...claims, iat: 1000, exp: 2000 }));
  const verify = ['token', 'verify', '--jwks', jwks, '--audience', 'app'];
  await expect(GOOD, [...verify, '--at', '1999', '--skew', '0'], made.out);
  await expectRefusal('token_exp', [...verify, '--at', '2000', '--skew', '0'], made.out);
  await expect(GOOD, [...verify, '--at', '2029', '--skew', '30'], made.out);
  await expect(USAGE, [...verify, '--skew', '9999'], made.out);
});

test('signature and key', async () => {
  const verify = ['token', 'verify', '--jwks', jwks, '--audience', 'app'];
  await expect(GOOD, verify, `\n${token}\n`);
  await expectRefusal('jwt_signature', verify, token.replace(/\.(.)([^.]*)$/, (_, c, rest) => `.${c === 'A' ? 'B' : 'A'}${rest}`));
  await expectRefusal('jwt_alg', [...verify, '--alg', 'RS256 PS256'], token);
  await expect(GOOD, [...verify, '--alg', 'ES256'], token);
  await expectRefusal('jwt_key_unknown', ['token', 'verify', '--jwks', file('rsa.json', rsa.open), '--audience', 'app'], token);
  await expectRefusal('jwt_malformed', verify, 'a.b');
  await expectRefusal('jwt_malformed', verify, '');
  await expect(USAGE, [...verify, '--alg', 'none'], token);
  await expect(USAGE, [...verify, '--alg', 'HS256'], token);
});

test('--signature-only takes a payload that is no JSON', async () => {
  const { CompactSign } = await import('jose');
  const made = await new CompactSign(new TextEncoder().encode('hello')).setProtectedHeader({ alg: 'ES256', kid: 'k-ES256' }).sign(ec.privateKey);
  const { json } = await expect(GOOD, ['token', 'verify', '--jwks', jwks, '--signature-only'], made);
  assert.deepEqual(json.checked, ['signature']);
  assert.equal(atob(json.payload_base64url), 'hello');
  await expectRefusal('token_claims', ['token', 'verify', '--jwks', jwks, '--audience', 'app'], made);
});

test('decode believes nothing and says so', async () => {
  const { json } = await expect(GOOD, ['token', 'decode'], token);
  assert.equal(json.verified, false);
  assert.equal(json.header.alg, 'ES256');
  assert.deepEqual(json.claims, claims);
  const none = `${btoa('{"alg":"none"}').replace(/=+$/, '')}.e30.`;
  assert.equal((await expect(GOOD, ['token', 'decode'], none)).json.header.alg, 'none');
  await expectRefusal('jwt_malformed', ['token', 'decode'], 'not a token');
  const key = await wrapKey('A128KW');
  const sealed = await new CompactEncrypt(new TextEncoder().encode(token)).setProtectedHeader({ alg: 'A128KW', enc: 'A128GCM' }).encrypt(key.publicKey);
  assert.equal((await expect(GOOD, ['token', 'decode'], sealed)).json.encryption.alg, 'A128KW');
  assert.deepEqual((await expect(GOOD, ['token', 'decode', '--key', file('kw', key.own)], sealed)).json.claims, claims);
  const seal = (inner) => new CompactEncrypt(new TextEncoder().encode(inner)).setProtectedHeader({ alg: 'A128KW', enc: 'A128GCM' }).encrypt(key.publicKey);
  const { json: bare } = await expect(GOOD, ['token', 'decode', '--key', file('kw', key.own)], await seal('{"sub":"anybody"}'));
  assert.deepEqual([bare.verified, bare.signed, bare.claims], [false, false, { sub: 'anybody' }]);
  const { json: neither } = await expect(GOOD, ['token', 'decode', '--key', file('kw', key.own)], await seal('neither'));
  assert.deepEqual([neither.signed, neither.payload_base64url], [false, btoa('neither').replace(/=+$/, '')]);
});

test('tokens come from standard input or a file, never from the command line', async () => {
  const path = file('a.token', `${token}\n`);
  await expect(GOOD, ['token', 'decode', path]);
  await expect(GOOD, ['token', 'decode', '-'], token);
  const { err } = await expect(IO, ['token', 'decode', token]);
  assert.match(err, /never an argument/);
  assert.ok(!err.includes(token));
});

/** What a person sees: the same at a terminal, which script(1) gives us. */
function atTerminal(args, env = {}) {
  const command = [program, ...args].map((word) => `'${word}'`).join(' ');
  return spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', input: '', env: { ...process.env, TERM: 'xterm', ...env } });
}

test('at a terminal: laid out, in colour, and nothing in a token reaches the terminal as a command', async (t) => {
  const payload = { aud: 'app', exp: 1300819380, note: '\u001b[2J\u0007\u009b31m\u202e', list: ['a', 'b'], inner: { deep: true } };
  const made = file('hostile.token', (await expect(GOOD, ['token', 'sign', '--key', file('signer', ec.own)], JSON.stringify(payload))).out);
  if (spawnSync('script', ['-qec', 'true', '/dev/null'], { input: '' }).status !== 0) {
    t.skip('script(1) or a pseudo-terminal is not here');
    return;
  }
  const plain = atTerminal(['token', 'decode', made], { NO_COLOR: '1' });
  assert.match(plain.stdout, /exp +1300819380 +2011-03-22 18:43:00 UTC/);
  assert.match(plain.stdout, /list +a, b/);
  assert.match(plain.stdout, /deep +yes/);
  assert.match(plain.stdout, /note +\\x1b\[2J\\x07\\xc2\\x9b31m\\xe2\\x80\\xae/);
  assert.doesNotMatch(plain.stdout, /[\u001b\u0007\u009b\u202e]/);
  assert.match(atTerminal(['token', 'decode', made]).stdout, /\u001b\[1mclaims\u001b\[0m/);
  assert.doesNotMatch(atTerminal(['token', 'decode', made], { TERM: 'dumb' }).stdout, /\u001b/);
  assert.equal(JSON.parse(atTerminal(['token', 'decode', '--json', made]).stdout).claims.note, payload.note);
});

test('usage and input', async () => {
  for (const args of [[], ['token'], ['token', 'eat'], ['token', 'decode', '--bogus'], ['token', 'decode', 'a', 'b'], ['token', 'verify'],
    ['token', 'verify', '--jwks', jwks], ['token', 'verify', '--audience', 'app'], ['token', 'verify', '--jwks', jwks, '--secret', jwks, '--audience', 'a'],
    ['token', 'verify', '--jwks'], ['token', 'verify', '--jwks', jwks, '--jwks', jwks], ['token', 'decode', '--json=1'], ['token', 'sign']])
    await expect(USAGE, args, token);
  await expect(IO, ['token', 'decode', '/nowhere/at/all']);
  await expect(IO, ['token', 'verify', '--jwks', '/nowhere', '--audience', 'app'], token);
  await expect(IO, ['token', 'verify', '--jwks', file('no.json', '{"keys":[]}'), '--audience', 'app'], token);
  await expect(IO, ['token', 'decode'], 'x'.repeat(1024 * 1024 + 1));
  await expectRefusal('token_claims', ['token', 'sign', '--key', file('signer', ec.own)], 'no JSON');
  await expect(USAGE, ['token', 'sign', '--key', file('signer', ec.own), '--alg', 'ES384'], '{}');
  await expect(IO, ['token', 'sign', '--key', file('open', ec.open)], '{}');
  assert.match((await expect(GOOD, ['--help'])).out, /token verify/);
  assert.match((await expect(GOOD, ['--version'])).out, /^gatewright \d/);
});

test('help, for the whole and for each command', async () => {
  for (const args of [['--help'], ['token', 'verify', '--help'], ['keys', '--help']]) assert.match((await expect(GOOD, args)).out, /gatewright token verify/);
  await expect(USAGE, []);
  await expect(USAGE, ['token']);
});
