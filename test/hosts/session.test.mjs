// SPDX-License-Identifier: Apache-2.0
// How long a session lives, and what it survives.
import assert from 'node:assert/strict';
import { valuesOf } from '../support/application.mjs';
import { Browser } from '../support/browser.mjs';
import { Clock } from '../support/clock.mjs';
import { asPerson, signedIn, signIn } from '../support/practice.mjs';
import { client, host, identity, SECRET, setUp } from './host.mjs';

let clock;
const world = await setUp('session', {
  workers: 2,
  cookieSecrets: [SECRET],
  provider: { session_timeout: '600s', session_lifetime: '1500s' },
  providers: ({ practice }) => ({
    second: client(practice, 'ok~second', { redirect_uri: '/second_callback', logout_uri: '/second/logout' }),
    sealed: client(practice, 'ok~sealed', { redirect_uri: '/sealed_callback', session_store: 'cookie', session_timeout: '600s' }),
    large: client(practice, 'gw-claims-2kb', { redirect_uri: '/large_callback', session_store: 'cookie' }),
    vast: client(practice, 'gw-claims-6kb~vast', { redirect_uri: '/vast_callback', session_store: 'cookie' }),
    kept: client(practice, 'gw-claims-6kb~kept', { redirect_uri: '/kept_callback' }),
  }),
  site: {
    places: [
      { path: '/second/', provider: 'second', headers: identity },
      { path: '/sealed/', provider: 'sealed', headers: identity },
      { path: '/large/', provider: 'large', headers: { 'X-User-Picture': 'picture' } },
      { path: '/vast/', provider: 'vast' },
      { path: '/kept/', provider: 'kept', headers: { 'X-User-Picture': 'picture' } },
    ],
  },
  async env(stage) {
    clock = await Clock.make(stage.folder);
    return clock.env;
  },
});
const { test, server, url } = world;

async function isSignedIn(browser, path = '/x') {
  const answer = await browser.request(url(path));
  assert.ok([200, 302].includes(answer.status), String(answer));
  return answer.status === 200;
}

async function everyWorkerKnows(browser, path) {
  for (let i = 0; i < 12; i++) assert.ok(await isSignedIn(browser, path));
}

test('every worker knows a session at once', async () => {
  await everyWorkerKnows(await signedIn(url('/')));
});

test('a session survives a reload and a restart', async () => {
  const browser = await signedIn(url('/'));
  await server.reload();
  await everyWorkerKnows(browser);
  await server.restart();
  await everyWorkerKnows(browser);
});

test('a sign-in that is under way survives a restart', async () => {
  const browser = new Browser();
  const first = await browser.request(url('/far'));
  const answer = await browser.request(asPerson('ada')(first.location));
  await server.restart();
  const shown = await browser.open(answer.location, { from: world.practice.origin });
  assert.equal(shown.url.href, url('/far'));
});

test('a session survives the death of the worker that made it', async () => {
  const browser = await signedIn(url('/'));
  const before = server.workers();
  for (const pid of before) server.kill(pid);
  await server.complete(2);
  await everyWorkerKnows(browser);
  assert.ok(!server.workers().some((pid) => before.includes(pid)));
});

test('a session that is not used ends; one that is used goes on', async () => {
  const idle = await signedIn(url('/'));
  const used = await signedIn(url('/'));
  clock.set(400);
  assert.ok(await isSignedIn(used));
  clock.set(800);
  assert.ok(!await isSignedIn(idle), 'not used for more than session_timeout');
  assert.ok(await isSignedIn(used));
  clock.set(1200);
  assert.ok(await isSignedIn(used));
  clock.set(1490);
  assert.ok(await isSignedIn(used));
  clock.set(1510);
  assert.ok(!await isSignedIn(used), 'older than session_lifetime');
  clock.set(0);
});

test('a sealed session ends in the same way', async () => {
  const idle = await signedIn(url('/sealed/'));
  const used = await signedIn(url('/sealed/'));
  clock.set(400);
  assert.ok(await isSignedIn(used, '/sealed/x'));
  clock.set(800);
  assert.ok(!await isSignedIn(idle, '/sealed/x'));
  assert.ok(await isSignedIn(used, '/sealed/x'));
  clock.set(0);
});

test('an attempt that took more than ten minutes is refused', async () => {
  const browser = new Browser();
  const first = await browser.request(url('/slow'));
  const answer = await browser.request(asPerson('ada')(first.location));
  clock.set(700);
  const late = await browser.request(answer.location);
  clock.set(0);
  assert.equal(late.status, 400);
  assert.match(late.words, /took too long/);
  assert.ok(late.links.includes('/slow'));
  assert.match(server.text, /oidc: attempt_expired: /);
});

test('each provider has a session of its own', async () => {
  const browser = await signedIn(url('/'), 'ada');
  assert.ok(!await isSignedIn(browser, '/second/'), 'one provider’s session opens no other’s door');
  const shown = await signIn(browser, url('/second/'), 'alan');
  assert.deepEqual(valuesOf(shown.json, 'X-User-Name'), ['Alan Turing']);
  assert.deepEqual(valuesOf((await browser.open(url('/x'))).json, 'X-User-Name'), ['Ada Lovelace']);
});

test('the session of one provider under the cookie name of another is nobody’s', async () => {
  const browser = await signedIn(url('/'));
  const { value } = browser.jar.find(/^oidc_main$/)[0];
  const answer = await new Browser().request(url('/second/'), { headers: { cookie: `oidc_second=${value}` } });
  assert.equal(answer.status, 302);
});

test('a plain allowed request writes nothing to the store', async () => {
  const browser = await signedIn(url('/'));
  await isSignedIn(browser);
  const before = server.storePrint();
  for (let i = 0; i < 40; i++) assert.ok(await isSignedIn(browser));
  for (let i = 0; i < 10; i++) assert.equal((await new Browser().request(url('/x'))).status, 302);
  assert.equal(server.storePrint(), before);
});

test('a session cookie says nothing and is not script’s', async () => {
  const browser = await signedIn(url('/'));
  const [cookie] = browser.jar.find(/^oidc_main$/);
  assert.match(cookie.value, /^[\w-]{43}$/);
  assert.ok(cookie.httpOnly);
  assert.equal(cookie.sameSite, 'lax');
  assert.equal(cookie.ends, Infinity);
});

test('a sealed session needs no store', async () => {
  const before = server.storePrint();
  const browser = await signedIn(url('/sealed/x'));
  assert.deepEqual(valuesOf(browser.first.json, 'X-User-Name'), ['Ada Lovelace']);
  await everyWorkerKnows(browser, '/sealed/x');
  assert.equal(server.storePrint(), before);
});

test('a sealed session that was tampered with is nobody’s', async () => {
  const browser = await signedIn(url('/sealed/x'));
  for (const cookie of browser.jar.find(/^oidc_sealed(\.\d)?$/)) {
    const { value } = cookie;
    for (const at of [0, 5, Math.floor(value.length / 2), value.length - 2]) {
      cookie.value = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1);
      assert.ok(!await isSignedIn(browser, '/sealed/x'), `changed at ${at}`);
    }
    cookie.value = value;
  }
  assert.ok(await isSignedIn(browser, '/sealed/x'));
});

test('a large sealed session goes into several cookies that a browser keeps', async () => {
  const browser = await signedIn(url('/large/'));
  assert.equal(browser.first.status, 200, String(browser.first));
  assert.ok(valuesOf(browser.first.json, 'X-User-Picture')[0].length >= 2000);
  assert.ok(browser.jar.find(/^oidc_large(\.\d)?$/).length >= 2);
  assert.deepEqual(browser.jar.refused, []);
});

test('a sealed session beyond what servers take is refused, with the remedy in the log', async () => {
  const browser = await signedIn(url('/vast/'));
  assert.equal(browser.first.status, 502);
  assert.match(server.text, /oidc: session_too_large: .*use the server's store/);
  assert.deepEqual(browser.jar.find(/^oidc_vast(\.\d)?$/), []);
});

test('parts of a large sealed session are not mixed with those of another', async () => {
  const one = await signedIn(url('/large/'), 'ada');
  const other = await signedIn(url('/large/'), 'alan');
  const parts = one.jar.find(/^oidc_large(\.\d)?$/);
  const theirs = other.jar.find(/^oidc_large(\.\d)?$/);
  parts[parts.length - 1].value = theirs[theirs.length - 1].value;
  assert.ok(!await isSignedIn(one, '/large/'));
  other.jar.cookies = other.jar.cookies.filter((c) => c !== theirs[0]);
  assert.ok(!await isSignedIn(other, '/large/'));
});

test('a session with large claims in the store needs one small cookie', async () => {
  const browser = await signedIn(url('/kept/'));
  assert.ok(valuesOf(browser.first.json, 'X-User-Picture')[0].length >= 6000);
  assert.equal(browser.jar.find(/^oidc_kept(\.\d)?$/).length, 1);
  assert.ok(browser.jar.header(new URL(url('/'))).length < 300);
});

test('a new secret in front keeps sessions and attempts; the old one gone, both end', async () => {
  const NEW = `${SECRET}-the-next`;
  const browser = await signedIn(url('/sealed/'));
  const halfway = new Browser();
  const first = await halfway.request(url('/half'));
  const answer = await halfway.request(asPerson('ada')(first.location));
  await server.reload({ ...world.description, cookieSecrets: [NEW, SECRET] });
  assert.ok(await isSignedIn(browser, '/sealed/x'), 'the old secret still opens');
  assert.equal((await halfway.open(answer.location, { from: world.practice.origin })).status, 200);
  const fresh = await signedIn(url('/sealed/'));
  await server.reload({ ...world.description, cookieSecrets: [NEW] });
  assert.ok(!await isSignedIn(browser, '/sealed/x'));
  assert.ok(await isSignedIn(fresh, '/sealed/x'), 'the new secret seals');
  await server.reload(world.description);
});

test('a configuration that cannot be safe leaves the old one running', async () => {
  const browser = await signedIn(url('/'));
  const broken = { ...world.description, providers: { ...world.description.providers, main: { issuer: 'http://op.example', client_id: 'x' } } };
  assert.ok(!(await host.check(world.stage, broken)).accepted);
  await assert.rejects(server.reload(broken));
  await everyWorkerKnows(browser);
  await server.reload(world.description);
});
