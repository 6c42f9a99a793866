// SPDX-License-Identifier: Apache-2.0
// A session is its provider's and its client's, whoever else seals with the same secret or keeps rows in the same store: who signs in
// where anybody may have an account is not thereby signed in where staff have theirs.
import assert from 'node:assert/strict';
import { Auth } from '../../servers/node/index.js';
import { ownedBy } from '../../servers/node/lib/session/owner.js';
import { Browser } from '../support/browser.mjs';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { application, enter, SECRET, whoIs } from './express-support.mjs';
import { DAY, idToken, sealer, SlowStore } from './session-support.mjs';

const stage = openStage('session-owner');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));

/** The same cookie under the name that the other application looks for. */
function carry(site, from, to) {
  const browser = new Browser();
  const [{ value }] = site.browser.jar.find(new RegExp(`^${from}$`));
  browser.jar.set(new URL(site.origin), `${to}=${value}; Path=/`);
  return browser;
}

for (const [kind, more] of [['sealed in the cookie', () => ({})], ['in one store', () => ({ store: new SlowStore() })]]) {
  test(`${kind}: a session of another provider is nobody's`, async () => {
    const session = more();
    const open = (label, name) => application(stage, practice, { issuerBaseURL: practice.issuer(label), session: { ...session, name } });
    const [everybody, staff, alsoEverybody] = await Promise.all([open('ok~everybody', 'one'), open('ok~staff', 'two'), open('ok~everybody', 'three')]);
    await enter(everybody);
    assert.equal(await whoIs(everybody), 'person-ada');
    assert.equal(await whoIs(alsoEverybody, carry(everybody, 'one', 'three')), null, 'of another auth(), which may have demanded less');
    assert.equal(await whoIs(staff, carry(everybody, 'one', 'two')), null);
  });
}

test('one that was sealed by express-openid-connect has no name in it, and is read', async () => {
  const site = await application(stage, practice, { session: { name: 'mine' } });
  const at = Math.floor(Date.now() / 1000);
  const data = JSON.stringify({ id_token: idToken({ sub: 'ada', iss: practice.issuer('ok'), aud: 'practice' }) });
  for (const [header, who] of [[{}, 'ada'], [{ name: 'mine' }, 'ada'], [{ name: 'other' }, null], [{ name: 7 }, null]]) {
    const browser = new Browser();
    browser.jar.set(new URL(site.origin), `mine=${sealer([SECRET], 'JWE CEK').seal({ iat: at, uat: at, exp: at + DAY, ...header }, data)}; Path=/`);
    assert.equal(await whoIs(site, browser), who, JSON.stringify(header));
  }
});

test('whose a session is, its ID Token says: issuer and client', () => {
  const owns = ownedBy(() => ({ issuer: 'https://op.example', client_id: 'app' }));
  const of = (claims) => owns({ id_token: idToken(claims) });
  for (const claims of [{ aud: 'app' }, { aud: ['other', 'app'] }, { aud: 'app', iss: 'https://op.example/' }]) assert.ok(of(claims), JSON.stringify(claims));
  for (const claims of [{ aud: 'other' }, { aud: [] }, {}, { aud: [['app']] }, { aud: 'app', iss: 'https://op.example.evil' }, { aud: 'app', iss: null }, { aud: 'app', iss: 7 }, { aud: 'app', iss: 'https://op.example//' }]) {
    assert.ok(!of(claims), JSON.stringify(claims));
  }
  for (const data of [{}, { cart: [1] }, { id_token: undefined }, { id_token: null }]) assert.ok(owns(data), JSON.stringify(data)); // of somebody who has not signed in
  for (const data of [{ id_token: 'x' }, { id_token: 7 }, { id_token: 'a.b.c' }]) assert.ok(!owns(data), JSON.stringify(data));
});

test('so it is with the package oidc', async () => {
  const auth = new Auth({ oidcServer: practice.issuer('ok'), clientId: 'practice', callbackURL: 'http://127.0.0.1/cb', clientSecret: 'practice-secret', cookieSecret: SECRET, session: true, log() {} });
  const at = Math.floor(Date.now() / 1000);
  const field = (claims) => `oidcSession=${sealer([SECRET], 'JWE CEK').seal({ iat: at, uat: at, exp: at + DAY }, JSON.stringify({ id_token: idToken({ sub: 'ada', ...claims }) }))}`;
  assert.ok(auth.sessions.read(field({ iss: practice.issuer('ok'), aud: 'practice' })));
  assert.equal(auth.sessions.read(field({ iss: practice.issuer('ok~other'), aud: 'practice' })), null);
  assert.equal(auth.sessions.read(field({ iss: practice.issuer('ok'), aud: 'other' })), null);
  auth.close();
});
