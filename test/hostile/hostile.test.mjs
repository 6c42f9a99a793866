// SPDX-License-Identifier: Apache-2.0
// A provider that misbehaves, once for each way in its table: what must be refused is refused, for the right reason, and signs
// nobody in; what must be accepted is. expected.json says which refusal stands for which fault.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { Mirror } from '../support/application.mjs';
import { Browser } from '../support/browser.mjs';
import { makePair } from '../support/keys.mjs';
import { freePort, root } from '../support/place.mjs';
import { asPerson, listFaults, Practice, signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { host, SECRET } from '../hosts/host.mjs';

const expected = JSON.parse(readFileSync(join(root, 'test/hostile/expected.json'), 'utf8'));
const faults = (await listFaults()).map((fault, i) => ({ ...fault, name: `fault${i}` })); // ids are too long for names
const stage = openStage('hostile');
const test = testOn(stage);
const CLIENT_SECRET = 'practice-secret-of-the-client';
const pair = makePair('rsa', { modulusLength: 2048 });
const keyFile = join(stage.folder, 'encryption.pem');
writeFileSync(keyFile, pair.publicKey.export({ type: 'spki', format: 'pem' }));
const practice = stage.add(await Practice.start(['--client', `practice:${CLIENT_SECRET}`, '--client-encryption-key', `practice:${keyFile}`]));
const mirror = stage.add(await Mirror.start());
const port = await freePort();

// Some faults show only to who asks for something.
const asks = {
  'gw-auth-time-missing': { max_age: '3600' }, 'gw-auth-time-old': { max_age: '3600' }, 'gw-auth-time-string': { max_age: '3600' },
  'gw-acr-lower': { acr_values: 'phr' }, 'gw-acr-missing': { acr_values: 'phr' },
  'oidcc-client-test-form-post-error': { response_mode: 'form_post' },
};

// Answers that come a byte at a time are given up soon.
const isSlow = (fault) => fault.id.includes('slow-loris');

// What is wrong with a refresh, a logout token or introspection shows to who refreshes, takes logout tokens or asks about tokens; the
// sign-in before is good.
const isLater = (fault) => /^refresh$|^introspection/.test(fault.kind) || /^oidcc-client-test-rp-backchannel|^gw-logout-(?!token)/.test(fault.id);

/** What is agreed about encryption at one issuer: "ALG ENC" for ID Tokens, for userinfo. */
function encryption({ encrypt, encrypt_info: info }) {
  const named = [['id_token', encrypt], ['userinfo', info]].filter(([, how]) => how);
  if (named.length === 0) return {};
  const decryption = named.some(([, how]) => how.startsWith('RSA')) ? { decryption_key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) } : {};
  return Object.assign(decryption, ...named.map(([what, how]) => ({
    [`${what}_encrypted_response_alg`]: how.split(' ')[0], [`${what}_encrypted_response_enc`]: how.split(' ')[1],
  })));
}

function options(fault) {
  return {
    issuer: practice.issuer(fault.id), client_id: 'practice', client_secret: CLIENT_SECRET, scope: 'openid profile email',
    redirect_uri: `/cb/${fault.name}`, id_token_signed_response_alg: fault.alg, fetch_timeout: isSlow(fault) ? '1s' : '10s', ...asks[fault.id],
    ...encryption(fault),
  };
}

const server = await host.open(stage, {
  workers: 1,
  cookieSecrets: [SECRET],
  providers: Object.fromEntries(faults.map((fault) => [fault.name, options(fault)])),
  sites: [{ port, upstream: mirror.origin,
    places: faults.map(({ id, name }) => ({ path: `/f/${id}/`, provider: name, headers: { 'X-User-Sub': 'sub', 'X-User-Name': 'name' } })) }],
});

const page = (fault) => `${server.origin()}/f/${fault.id}/page?of=${fault.id}`;

/** What was refused of a fault, in order. */
function refusalsOf({ name }) {
  const mine = new RegExp(`oidc: ([a-z_]+): .*provider: ${name},`);
  return server.text.split('\n').map((line) => line.match(mine)?.[1]).filter(Boolean);
}

async function isSignedIn(browser, fault) {
  return (await browser.request(page(fault))).status === 200;
}

function assertSignedIn(shown, fault) {
  assert.equal(shown.status, 200, String(shown));
  assert.equal(shown.json.target, `/f/${fault.id}/page?of=${fault.id}`);
}

async function assertRefused(browser, shown, fault) {
  const reasons = [expected[fault.id]].flat();
  assert.ok(expected[fault.id], `expected.json has no entry for ${fault.id}; the log says: ${refusalsOf(fault).join(', ')}`);
  assert.ok(shown.status >= 400, String(shown));
  assert.ok(reasons.includes(refusalsOf(fault)[0]), `refused for ${refusalsOf(fault)[0]}, not for ${reasons.join(' or ')}`);
  assert.deepEqual(browser.jar.find(new RegExp(`^oidc_${fault.name}(\\.\\d)?$`)), [], 'no session cookie');
  assert.equal(await isSignedIn(browser, fault), false, 'nobody is signed in');
  assert.ok(!mirror.seen.some((told) => told.target === `/f/${fault.id}/page?of=${fault.id}`), 'nothing reached the application');
}

/** The silent checks: what the provider has to say of our requests. */
async function assertConduct(fault) {
  const log = await practice.log(fault.id);
  assert.deepEqual(log.flatMap((entry) => entry.violations.map((what) => `${entry.endpoint}: ${what}`)), []);
  assert.ok(!log.some((entry) => entry.endpoint === 'stranger_jwks'), 'nobody fetches what a token names');
  assert.ok(log.filter((entry) => entry.endpoint === 'jwks').length <= 4, 'keys are not asked for again and again');
}

async function tryFault(fault) {
  const browser = new Browser();
  const shown = await signIn(browser, page(fault));
  if (fault.expect === 'accept' || isLater(fault)) assertSignedIn(shown, fault);
  else if (fault.expect === 'refuse') await assertRefused(browser, shown, fault);
  else if (shown.status === 200) assertSignedIn(shown, fault);
  else await assertRefused(browser, shown, fault);
  await assertConduct(fault);
}

describe('the table', () => {
  test('expected.json names faults of the table alone', () => {
    const known = new Set(faults.map(({ id }) => id));
    assert.deepEqual(Object.keys(expected).filter((id) => !known.has(id)), []);
  });
});

describe('faults', { concurrency: 8 }, () => {
  for (const fault of faults) {
    test(`${fault.id} (${fault.expect}): ${fault.what}`, { logPattern: new RegExp(`/f/${fault.id}/|provider: ${fault.name},`) }, () => tryFault(fault));
  }
});

describe('more of some', () => {
  const find = (id) => faults.find((fault) => fault.id === id);

  test('new signing keys before the second sign-in', async () => {
    const fault = find('oidcc-client-test-signing-key-rotation');
    for (let i = 0; i < 2; i++) assertSignedIn(await signIn(new Browser(), page(fault)), fault);
  });

  test('tokens with unknown keys make nobody ask for keys each time', async () => {
    const fault = find('gw-unknown-kid');
    for (let i = 0; i < 12; i++) assert.ok((await signIn(new Browser(), page(fault))).status >= 400);
    const fetched = (await practice.log(fault.id)).filter((entry) => entry.endpoint === 'jwks').length;
    assert.ok(fetched <= 4, `${fetched} times`);
  });

  test('tokens with bad signatures make nobody ask for keys at all', async () => {
    const fault = find('oidcc-client-test-invalid-sig-rs256');
    const before = (await practice.log(fault.id)).filter((entry) => entry.endpoint === 'jwks').length;
    for (let i = 0; i < 4; i++) assert.ok((await signIn(new Browser(), page(fault))).status >= 400);
    assert.equal((await practice.log(fault.id)).filter((entry) => entry.endpoint === 'jwks').length, before);
  });

  test('an answer of one provider at the callback of another is refused', async () => {
    const browser = new Browser();
    const mine = await browser.request(page(find('ok')));
    const other = await browser.request(page(find('oidcc-client-test')));
    const answer = await browser.request(asPerson('ada')(other.location));
    const crossed = new URL(answer.location);
    crossed.pathname = `/cb/${find('ok').name}`;
    assert.equal((await browser.request(crossed)).status, 400);
    crossed.searchParams.set('state', mine.location.searchParams.get('state'));
    const mixed = await browser.request(crossed);
    assert.equal(mixed.status, 400);
    assert.equal(refusalsOf(find('ok')).pop(), 'response_iss');
    assert.ok(!(await practice.log('ok')).some((entry) => entry.endpoint === 'token' && entry.status >= 400), 'the code of the other went nowhere');
  });

  test('a stranger’s code, put into one’s own answer, signs nobody in', async () => {
    const fault = find('ok');
    const victim = new Browser();
    const first = await victim.request(page(fault));
    const stolen = (await victim.request(asPerson('ada')(first.location))).location.searchParams.get('code');
    const thief = new Browser();
    const own = await thief.request(page(fault));
    const answer = (await thief.request(asPerson('alan')(own.location))).location;
    answer.searchParams.set('code', stolen);
    const refused = await thief.request(answer);
    assert.ok(refused.status >= 400);
    assert.equal(await isSignedIn(thief, fault), false);
  });

  test('the server lived through it all', async () => {
    assert.ok(!/exited on signal|\[(alert|emerg)\]/.test(server.text), server.text.match(/.*(exited on signal|\[alert\]|\[emerg\]).*/)?.[0]);
    assertSignedIn(await signIn(new Browser(), page(find('ok'))), find('ok'));
  });
});
