// SPDX-License-Identifier: Apache-2.0
// Things go wrong around the server: provider slow or down, store gone, workers killed, reload under load.
import assert from 'node:assert/strict';
import { Browser } from '../support/browser.mjs';
import { pause, until } from '../support/place.mjs';
import { asPerson, signedIn, signIn } from '../support/practice.mjs';
import { rawRequest } from '../support/raw.mjs';
import { client, identity, SECRET, setUp } from './host.mjs';

const NAMES = ['slow', 'slowkeys', 'slowtoken', 'down', 'downtoken', 'downinfo', 'downkeys', 'rotate', 'sealed', 'quick'];

const world = await setUp('trouble', {
  workers: 1,
  cookieSecrets: [SECRET],
  providers: ({ practice }) => Object.fromEntries(NAMES.map((name) => [name, client(practice, `ok~${name}`, {
    redirect_uri: `/cb/${name}`, ...(name === 'sealed' && { session_store: 'cookie' }), ...(name === 'quick' && { fetch_timeout: '1s' }),
  })])),
  site: { places: NAMES.map((provider) => ({ path: `/${provider}/`, provider, headers: identity })) },
});
const { test, practice, server, url } = world;

/** Asks for pages of a signed-in person until `stop` says so; answers the slowest and what failed. */
async function measure(browser, stop, path = '/steady') {
  let slowest = 0;
  let count = 0;
  const failures = [];
  while (!stop()) {
    const begun = performance.now();
    try {
      const answer = await browser.request(url(path));
      if (answer.status !== 200) failures.push(String(answer));
    } catch (error) {
      failures.push(error.message);
    }
    slowest = Math.max(slowest, performance.now() - begun);
    count++;
  }
  return { slowest, count, failures };
}

test('providers that take 5 s for metadata, keys or a token delay nobody else', async () => {
  const steady = await signedIn(url('/'));
  const slow = [['slow', 'discovery'], ['slowkeys', 'jwks'], ['slowtoken', 'token']];
  for (const [name, endpoint] of slow) await practice.delay(`ok~${name}`, endpoint, 5000);
  await server.restart(); // nothing was fetched ahead
  let over = 0;
  const waiting = slow.map(async ([name]) => {
    const begun = performance.now();
    const shown = await signIn(new Browser(), url(`/${name}/`)).finally(() => { over++; });
    return { name, shown, took: performance.now() - begun };
  });
  const others = await measure(steady, () => over === slow.length);
  for (const { name, shown, took } of await Promise.all(waiting)) {
    assert.equal(shown.status, 200, String(shown));
    assert.ok(took > 4500, `${name} took ${took} ms: the delay was there`);
  }
  for (const [name] of slow) await practice.up(`ok~${name}`);
  assert.deepEqual(others.failures, []);
  assert.ok(others.count > 100, `${others.count} requests meanwhile`);
  assert.ok(others.slowest < 1500, `the slowest other request took ${others.slowest} ms`);
});

test('a person who does not wait for a slow provider leaves nothing behind', async () => {
  await practice.delay('ok~quick', 'token', 700);
  await Promise.all(Array.from({ length: 5 }, async () => {
    const browser = new Browser();
    const first = await browser.request(url('/quick/'));
    const answer = await browser.request(asPerson('ada')(first.location));
    const cookie = browser.jar.header(new URL(url('/')));
    await assert.rejects(fetch(answer.location, { headers: { cookie }, signal: AbortSignal.timeout(150) }), { name: 'TimeoutError' });
  }));
  await practice.up('ok~quick');
  assert.equal((await signIn(new Browser(), url('/quick/'))).status, 200);
});

test('requests on one connection are answered in their order, though the first waits for its provider', async () => {
  await practice.delay('ok~slow', 'discovery', 500);
  await server.restart();
  const ask = (path) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\nAccept: text/html\r\n`;
  const first = await rawRequest(world.port, `${ask('/slow/1')}\r\n${ask('/public/2')}\r\n${ask('/slow/3')}\r\n${ask('/public/4')}Connection: close\r\n\r\n`);
  await practice.up('ok~slow');
  assert.equal(first.status, 302);
  assert.deepEqual(first.text.match(/HTTP\/1.1 \d+|public\/\d/g), ['HTTP/1.1 200', 'public/2', 'HTTP/1.1 302', 'HTTP/1.1 200', 'public/4']);
});

test('an answer that takes longer than fetch_timeout is none', async () => {
  await practice.delay('ok~quick', 'token', 4000);
  const begun = performance.now();
  const shown = await signIn(new Browser(), url('/quick/'));
  await practice.up('ok~quick');
  assert.equal(shown.status, 503);
  assert.ok(performance.now() - begun < 3500);
});

test('many who wait for one slow answer cause one fetch', async () => {
  const label = 'ok~down';
  await practice.control(label, 'reset', {});
  await practice.delay(label, 'discovery', 400);
  await server.restart();
  await Promise.all(Array.from({ length: 20 }, async () => assert.equal((await new Browser().request(url('/down/'))).status, 302)));
  await practice.up(label);
  assert.equal((await practice.log(label)).filter((entry) => entry.endpoint === 'discovery').length, 1);
});

for (const [name, endpoint, refusal] of [['downkeys', 'jwks', 'provider_down'], ['downtoken', 'token', 'token_down'], ['downinfo', 'userinfo', 'userinfo_down']]) {
  test(`${endpoint} hangs up: 503, nobody is signed in, others are not troubled`, async () => {
    const steady = await signedIn(url('/'));
    await practice.down(`ok~${name}`, endpoint);
    const mark = world.stage.mark();
    const browser = new Browser();
    const shown = await signIn(browser, url(`/${name}/`));
    assert.equal(shown.status, 503);
    assert.ok(shown.headers['retry-after']);
    if (endpoint !== 'jwks') assert.ok(shown.links.includes(`/${name}/`), 'another try is offered');
    assert.match(world.stage.since(mark), new RegExp(`oidc: ${refusal}: `));
    assert.equal((await steady.request(url('/x'))).status, 200);
    await practice.up(`ok~${name}`);
    await pause(endpoint === 'jwks' ? 5200 : 0); // a failed fetch is not tried again at once
    assert.equal((await signIn(browser, url(`/${name}/`))).status, 200, 'as soon as it is back');
  });
}

test('a provider that is not there at all: 503 for new people, sessions keep working', async () => {
  const steady = await signedIn(url('/'));
  const { port } = practice;
  await practice.stop();
  await server.restart(); // nothing is remembered of the provider
  try {
    const answer = await new Browser().request(url('/x'));
    assert.equal(answer.status, 503);
    assert.match(answer.words, /cannot be reached/);
    assert.match(server.text, /oidc: provider_down: /);
    const asked = await new Browser().request(url('/x'), { mode: 'cors', from: url('/') });
    assert.equal(asked.status, 401, 'who cannot follow a sign-in is told so, provider or not');
    for (let i = 0; i < 5; i++) assert.equal((await steady.request(url('/x'))).status, 200);
    const out = await steady.request(url('/logout'), { from: url('/') });
    assert.equal(out.status, 303, 'signing out works without the provider');
    assert.equal((await steady.request(url('/x'))).status, 503);
  } finally {
    await practice.begin(port);
  }
  const browser = new Browser();
  await until('sign-in works again', async () => (await signIn(browser, url('/x'))).status === 200, 8000);
});

test('a provider that answers 500 for its metadata keeps the old ones in use', async () => {
  await practice.down('ok', 'discovery', 500);
  const shown = await signIn(new Browser(), url('/x'));
  await practice.up('ok');
  assert.equal(shown.status, 200);
});

test('new keys at the provider are fetched when a token needs them', async () => {
  const browser = await signedIn(url('/rotate/'));
  assert.equal(browser.first.status, 200);
  await practice.rotate('ok~rotate');
  const again = await signIn(new Browser(), url('/rotate/'));
  assert.equal(again.status, 200, String(again));
});

test('a store that cannot be opened: 503, nobody is taken for signed out, and all are back afterwards', async () => {
  const browser = await signedIn(url('/'));
  const sealed = await signedIn(url('/sealed/'));
  await server.program.stop('SIGQUIT');
  server.breakStore();
  await server.start();
  try {
    const answer = await browser.request(url('/x'));
    assert.equal(answer.status, 503);
    assert.match(answer.words, /still signed in/);
    assert.deepEqual(answer.cookies, [], 'the cookie is not taken away');
    const asked = await browser.request(url('/x'), { mode: 'cors', from: url('/') });
    assert.equal(asked.status, 503, 'not 401: that would end a session in a script');
    assert.match(server.text, /oidc: store_down: /);
    assert.equal((await signIn(new Browser(), url('/x'))).status, 503, 'no sign-in without a place for it');
    const out = await browser.request(url('/logout'), { from: url('/') });
    assert.equal(out.status, 503, 'nobody is told to be signed out who is not');
    assert.equal((await sealed.request(url('/sealed/x'))).status, 200, 'sealed sessions need no store');
    assert.equal((await new Browser().request(url('/public/x'))).status, 200);
  } finally {
    server.mendStore();
  }
  await until('the session is back', async () => (await browser.request(url('/x'))).status === 200, 8000);
});

test('reload under load, with sign-ins on their way: no request fails', async () => {
  const steady = await Promise.all([1, 2].map(() => signedIn(url('/'))));
  let over = false;
  const load = steady.map((browser) => measure(browser, () => over));
  const sealed = measure(await signedIn(url('/sealed/')), () => over, '/sealed/x');
  const logins = (async () => {
    const ends = [];
    while (!over) ends.push(await signIn(new Browser(), url(`/reports/${ends.length}`)));
    return ends;
  })();
  await practice.delay('ok', 'token', 120);
  for (let i = 0; i < 4; i++) {
    await pause(300);
    await server.reloadBegin({ ...server.description, workers: 1 + (i % 2) });
  }
  await pause(300);
  over = true;
  await practice.up('ok');
  for (const result of [...await Promise.all(load), await sealed]) {
    assert.deepEqual(result.failures, []);
    assert.ok(result.count > 50);
  }
  const ends = await logins;
  assert.ok(ends.length >= 5, `${ends.length} sign-ins`);
  assert.deepEqual(ends.filter((end) => end.status !== 200).map(String), []);
  assert.ok(!/open socket .* left in connection/.test(server.text));
});

test('a worker killed under load: the others serve on, every session lives', async () => {
  await server.reload({ ...server.description, workers: 2 });
  const people = await Promise.all(Array.from({ length: 4 }, () => signedIn(url('/'))));
  let over = false;
  const load = people.map((browser) => measure(browser, () => over));
  for (let i = 0; i < 4; i++) {
    await pause(150);
    server.kill(server.workers()[i % 2]);
    await server.complete(2);
  }
  await pause(150);
  over = true;
  for (const result of await Promise.all(load)) {
    assert.ok(result.count > 20);
    assert.ok(result.failures.every((why) => /ECONNRESET|socket hang up|ECONNREFUSED/.test(why)), result.failures.join('\n'));
    assert.ok(result.failures.length <= 4, 'only what the dead worker held may fail');
  }
  for (const browser of people) assert.equal((await browser.request(url('/x'))).status, 200);
  assert.equal((await signIn(new Browser(), url('/x'))).status, 200);
});

test('a sign-in in flight while its worker is killed can be tried again', async () => {
  const browser = new Browser();
  const first = await browser.request(url('/x'));
  const answer = await browser.request(asPerson('ada')(first.location));
  await practice.delay('ok', 'token', 1000);
  const flying = browser.request(answer.location).then((a) => a.status, (error) => error.message);
  await pause(300);
  for (const pid of server.workers()) server.kill(pid);
  assert.match(String(await flying), /hang up|ECONNRESET/);
  await practice.up('ok');
  await server.complete(2);
  assert.equal((await signIn(browser, url('/x'))).status, 200);
});

test('no worker has crashed by itself', () => {
  const signals = [...server.text.matchAll(/exited on signal (\d+)/g)].map(([, signal]) => signal);
  assert.deepEqual(signals.filter((signal) => signal !== '9'), []);
});
