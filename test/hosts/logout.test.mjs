// SPDX-License-Identifier: Apache-2.0
// Signing out: nobody else may do it to a person, and afterwards nothing of the session works.
import assert from 'node:assert/strict';
import { Browser } from '../support/browser.mjs';
import { signedIn, signIn } from '../support/practice.mjs';
import { client, identity, SECRET, setUp } from './host.mjs';

const world = await setUp('logout', {
  cookieSecrets: [SECRET],
  providers: ({ practice }) => Object.fromEntries([
    ['sealed', 'ok~sealed', { session_store: 'cookie' }], ['alone', 'gw-discovery-no-end-session', {}],
    ['other', 'oidcc-client-test-rp-init-logout-other-state', {}], ['none', 'oidcc-client-test-rp-init-logout-no-state', {}],
    ['shared', 'ok~shared', { logout_uri: '/logout' }], ['quiet', 'ok~quiet', { logout_token_hint: 'off' }], ['page', 'ok~page', { post_logout_uri: '/public/bye' }],
  ].map(([name, label, more]) => [name, client(practice, label, {
    redirect_uri: `/cb/${name}`, logout_uri: `/${name}/logout`, ...more })])),
  site: {
    places: ['sealed', 'alone', 'other', 'none', 'shared', 'quiet', 'page'].map((provider) => ({ path: `/${provider}/`, provider, headers: identity })),
  },
});
const { test, practice, server, url } = world;

async function isSignedIn(browser, path = '/x') {
  return (await browser.request(url(path))).status === 200;
}

test('a link on the own site signs out, here first, then at the provider, and comes back', async () => {
  const browser = await signedIn(url('/'));
  const before = browser.jar.copy();
  const first = await browser.request(url('/logout'), { from: url('/') });
  assert.equal(first.status, 303);
  assert.equal(await isSignedIn(new Browser({ jar: before })), false, 'the session is dead before the browser goes anywhere');
  assert.deepEqual(browser.jar.find(/^oidc_main$/), []);
  assert.equal(first.location.pathname, '/f/ok/end_session');
  assert.equal(first.location.searchParams.get('post_logout_redirect_uri'), url('/oidc_signed_out'));
  assert.ok(first.location.searchParams.get('id_token_hint'));
  assert.ok(first.location.searchParams.get('state'));
  const shown = await browser.open(first.location, { from: url('/') });
  assert.equal(shown.url.pathname, '/oidc_signed_out');
  assert.match(shown.words, /You are signed out/);
  assert.deepEqual(browser.jar.find(/^oidc_main/), [], 'nothing is left behind');
  const next = await browser.open(url('/x'));
  assert.match(next.words, /Sign in as/, 'the provider asks again');
});

test('a form posted on the own site signs out', async () => {
  const browser = await signedIn(url('/'));
  const answer = await browser.request(url('/logout'), { method: 'POST', from: url('/'), body: '', headers: { 'content-length': '0' } });
  assert.equal(answer.status, 303);
  assert.equal(await isSignedIn(browser), false);
});

test('an address typed in signs out', async () => {
  const browser = await signedIn(url('/'));
  assert.equal((await browser.request(url('/logout'))).status, 303);
  assert.equal(await isSignedIn(browser), false);
});

for (const [what, how] of [
  ['a link on another site', { from: 'http://localhost/' }],
  ['a link on a sibling site', { from: 'http://127.0.0.1:1/' }],
  ['a form on another site', { from: 'http://127.0.0.1:1/', method: 'POST', body: '', headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' } }],
  ['a form of plain text on another site', { from: 'http://127.0.0.1:1/', method: 'POST', body: 'token=x', headers: { 'content-type': 'text/plain' } }],
  ['a form with a wrong token', { from: 'http://127.0.0.1:1/', method: 'POST', body: 'token=AAAA', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
  ['an image', { from: 'http://127.0.0.1:1/', mode: 'no-cors' }],
  ['a browser that says nothing of who asks', { headers: { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined } }],
]) {
  test(`${what} signs nobody out`, async () => {
    const browser = await signedIn(url('/'));
    const answer = await browser.request(url('/logout'), how);
    assert.ok([200, 403].includes(answer.status), String(answer));
    assert.equal(answer.headers.location, undefined);
    assert.equal(await isSignedIn(browser), true);
  });
}

test('a person who is asked can say yes', async () => {
  const browser = await signedIn(url('/'));
  const asked = await browser.open(url('/logout'), { from: 'http://127.0.0.1:1/' });
  assert.match(asked.words, /Do you want to sign out/);
  const shown = await browser.submit(asked);
  assert.match(shown.words, /You are signed out/);
  assert.equal(await isSignedIn(browser), false);
});

test('a person who is asked can say yes in a browser without Sec-Fetch-Site and Origin', async () => {
  const browser = await signedIn(url('/'));
  const bare = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, accept: 'text/html' };
  const asked = await browser.open(url('/logout'), { headers: bare });
  const token = asked.text.match(/name="token" value="([\w-]+)"/)[1];
  const answer = await browser.request(url('/logout'), {
    method: 'POST', body: `token=${token}`, headers: { ...bare, 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(answer.status, 303);
  assert.equal(await isSignedIn(browser), false);
});

test('the token of one session signs out no other', async () => {
  const one = await signedIn(url('/'));
  const other = await signedIn(url('/'));
  const asked = await one.open(url('/logout'), { from: 'http://127.0.0.1:1/' });
  const token = asked.text.match(/name="token" value="([\w-]+)"/)[1];
  const answer = await other.request(url('/logout'), {
    from: 'http://127.0.0.1:1/', method: 'POST', body: `token=${token}`, headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(answer.headers.location, undefined);
  assert.equal(await isSignedIn(other), true);
});

test('who is not signed in is told so', async () => {
  const answer = await new Browser().open(url('/logout'));
  assert.equal(answer.status, 200);
  assert.match(answer.words, /Nobody is signed in here/);
});

for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
  test(`${method} signs nobody out`, async () => {
    const browser = await signedIn(url('/'));
    const answer = await browser.request(url('/logout'), { method, from: url('/'), headers: { 'content-length': '0' } });
    assert.equal(answer.status, 405);
    assert.equal(await isSignedIn(browser), true);
  });
}

test('a sealed session is gone from the browser', async () => {
  const browser = await signedIn(url('/sealed/'));
  const shown = await browser.open(url('/sealed/logout'), { from: url('/') });
  assert.match(shown.words, /You are signed out/);
  assert.deepEqual(browser.jar.find(/^oidc_sealed/), [], 'nothing is left behind');
  assert.equal(await isSignedIn(browser, '/sealed/x'), false);
});

test('a provider without an end_session_endpoint: the session here ends all the same', async () => {
  const browser = await signedIn(url('/alone/'));
  const shown = await browser.open(url('/alone/logout'), { from: url('/') });
  assert.equal(shown.url.pathname, '/oidc_signed_out');
  assert.match(shown.words, /You are signed out/);
  assert.equal(await isSignedIn(browser, '/alone/x'), false);
});

for (const name of ['other', 'none']) {
  test(`the provider comes back with ${name === 'other' ? 'another' : 'no'} state: signed out, and no error`, async () => {
    const browser = await signedIn(url(`/${name}/`));
    const shown = await browser.open(url(`/${name}/logout`), { from: url('/') });
    assert.equal(shown.status, 200);
    assert.match(shown.words, /You are signed out/);
    assert.equal(await isSignedIn(browser, `/${name}/x`), false);
  });
}

test('the operator’s own page may be the end', async () => {
  const browser = await signedIn(url('/page/'));
  const shown = await browser.open(url('/page/logout'), { from: url('/') });
  assert.equal(shown.url.pathname, '/public/bye');
  assert.ok(shown.json);
  assert.equal(await isSignedIn(browser, '/page/x'), false);
});

test('without the hint no ID Token leaves', async () => {
  const browser = await signedIn(url('/quiet/'));
  const answer = await browser.request(url('/quiet/logout'), { from: url('/') });
  assert.equal(answer.location.searchParams.get('id_token_hint'), null);
  assert.equal(answer.location.searchParams.get('client_id'), 'practice');
});

test('a sign-out address that two providers share ends the session that is there', async () => {
  const browser = await signedIn(url('/shared/'));
  const answer = await browser.request(url('/logout'), { from: url('/') });
  assert.equal(answer.location.pathname, '/f/ok~shared/end_session');
  assert.equal(await isSignedIn(browser, '/shared/x'), false);
});

test('a provider that is down does not keep anybody signed in', async () => {
  const browser = await signedIn(url('/'));
  await practice.down('ok', 'end_session', 503);
  const answer = await browser.request(url('/logout'), { from: url('/') });
  await practice.up('ok');
  assert.equal(answer.status, 303);
  assert.equal(await isSignedIn(browser), false);
});

test('the way back from the provider signs nobody out and nobody in', async () => {
  const browser = await signedIn(url('/'));
  const answer = await browser.open(url('/oidc_signed_out?state=x'));
  assert.equal(answer.status, 200);
  assert.equal(await isSignedIn(browser), true);
});

test('after sign-out another person can sign in', async () => {
  const browser = await signedIn(url('/'));
  await browser.open(url('/logout'), { from: url('/') });
  const shown = await signIn(browser, url('/x'), 'alan');
  assert.match(shown.words, /Alan Turing/);
});

test('the provider has nothing to complain about', async () => {
  assert.deepEqual(await practice.violations(), []);
  assert.deepEqual(await practice.violations('ok~sealed'), []);
  assert.ok(!/emerg|alert|crit\]/.test(server.text.replace(/\[alert\].*could not open error log/g, '')));
});
