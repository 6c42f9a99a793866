// SPDX-License-Identifier: Apache-2.0
// Signing in, as a browser sees it.
import assert from 'node:assert/strict';
import { valuesOf } from '../support/application.mjs';
import { Browser } from '../support/browser.mjs';
import { asPerson, signedIn, signIn } from '../support/practice.mjs';
import { rawGet } from '../support/raw.mjs';
import { setUp } from './host.mjs';

const world = await setUp('login', { workers: 2 });
const { test, practice, mirror, url } = world;

/** The callback's address that a sign-in would lead to, without going there. */
async function callbackOf(browser, page) {
  const first = await browser.request(page);
  assert.equal(first.status, 302);
  const answer = await browser.request(asPerson('ada')(first.location), { from: null });
  return answer.location;
}

test('sign-in leads back to the page that was asked for', async () => {
  const browser = new Browser();
  const shown = await signIn(browser, url('/reports'));
  assert.equal(shown.status, 200);
  assert.equal(shown.url.href, url('/reports'));
  assert.deepEqual(valuesOf(shown.json, 'X-User-Sub').length, 1);
  assert.deepEqual(valuesOf(shown.json, 'X-User-Name'), ['Ada Lovelace']);
  assert.deepEqual(valuesOf(shown.json, 'X-User-Groups'), ['engineers,admins']);
  assert.match(valuesOf(shown.json, 'X-User-Email')[0], /^ada@/);
  assert.deepEqual(browser.jar.refused, []);
});

for (const path of ['/a?b=c&d=%2Fe%3Ff', '/%C3%A9t%C3%A9/x%20y?q=%E2%82%AC&r=a+b', '/a;b=1/c,d?x=1;2&y=%26%3D%23', '/q?next=http%3A%2F%2Fevil.example%2F',
  '/a%2Fb?c=%252F', '/x?a=1&a=2&a[]=3&%00=z']) {
  test(`sign-in leads back to exactly ${path}`, async () => {
    const shown = await signIn(new Browser(), url('/').slice(0, -1) + path);
    assert.equal(shown.status, 200, String(shown));
    assert.equal(shown.json.target, path);
  });
}

// What no URL class would leave alone.
for (const path of ['/?', '/x?', "/lang?q='a'|b{c}", '/x?y=a?b?c', '/x??', '/./a/../b?c', '/x//y', '/%7E%7e?%7E%7e']) {
  test(`sign-in leads back to ${path}, byte for byte`, async () => {
    const browser = new Browser();
    const first = await rawGet(world.port, path, [['Accept', 'text/html']]);
    assert.equal(first.status, 302);
    for (const field of first.headers['set-cookie']) browser.jar.set(new URL(url('/')), field);
    const answer = await browser.request(asPerson('ada')(new URL(first.headers.location[0])));
    const last = await browser.request(answer.location);
    assert.equal(last.headers.location, path);
  });
}

test('a backslash comes back encoded: browsers would take it for a slash', async () => {
  const browser = new Browser();
  const first = await rawGet(world.port, '/x?\\\\y', [['Accept', 'text/html']]);
  for (const field of first.headers['set-cookie']) browser.jar.set(new URL(url('/')), field);
  const answer = await browser.request(asPerson('ada')(new URL(first.headers.location[0])));
  assert.equal((await browser.request(answer.location)).headers.location, '/x?%5C%5Cy');
});

for (const path of ['//evil.example/x', '//', '///evil.example', '/\\\\evil.example']) {
  test(`${path} leads to no other host`, async () => {
    const answer = await rawGet(world.port, path, [['Accept', 'text/html']]);
    assert.ok([302, 400].includes(answer.status));
    if (answer.status === 302) assert.equal(new URL(answer.headers.location[0]).origin, practice.origin);
    else assert.match(world.server.text, /oidc: request_malformed: /);
  });
}

test('the authorization request is what the standards ask for', async () => {
  const answer = await new Browser().request(url('/'));
  const sent = answer.location.searchParams;
  assert.equal(answer.location.origin, practice.origin);
  assert.equal(sent.get('response_type'), 'code');
  assert.equal(sent.get('client_id'), 'practice');
  assert.equal(sent.get('redirect_uri'), url('/oidc_callback'));
  assert.deepEqual(sent.get('scope').split(' '), ['openid', 'profile', 'email']);
  assert.equal(sent.get('code_challenge_method'), 'S256');
  assert.match(sent.get('code_challenge'), /^[\w-]{43}$/);
  assert.ok(sent.get('state').length >= 22 && sent.get('nonce').length >= 22);
  assert.match(answer.headers['cache-control'] ?? '', /no-store/);
});

test('an attempt lives as long in the browser as it is good for', async () => {
  const browser = new Browser();
  await browser.request(url('/x'));
  const [attempt] = browser.jar.find(/^oidc_main\.a/);
  assert.equal(attempt.ends - attempt.born, 600);
  assert.ok(attempt.httpOnly);
  assert.equal(attempt.sameSite, 'lax');
});

test('a plain allowed request sets no cookie', async () => {
  const browser = await signedIn(url('/'));
  for (let i = 0; i < 3; i++) {
    const again = await browser.open(url(`/again/${i}`));
    assert.equal(again.status, 200);
    if (i > 0) assert.deepEqual(again.cookies, []);
  }
});

test('the application never sees our cookies opened, nor a token', async () => {
  const browser = await signedIn(url('/'));
  const told = (await browser.open(url('/x'))).json;
  assert.deepEqual(valuesOf(told, 'authorization'), []);
  assert.ok(!JSON.stringify(told).includes('eyJ'), 'a JWT reached the application');
});

test('public places ask nobody', async () => {
  const shown = await new Browser().open(url('/public/x'));
  assert.equal(shown.status, 200);
  assert.deepEqual(shown.history.length, 1);
});

test('a place that lets the unknown pass names those who are known', async () => {
  const nobody = await new Browser().open(url('/perhaps/x'));
  assert.equal(nobody.status, 200);
  assert.deepEqual(valuesOf(nobody.json, 'X-User-Sub'), []);
  const somebody = await (await signedIn(url('/'))).open(url('/perhaps/x'));
  assert.deepEqual(valuesOf(somebody.json, 'X-User-Name'), ['Ada Lovelace']);
});

test('require lets in whom it names and answers 403 to others', async () => {
  const ada = await signedIn(url('/admins/x'), 'ada');
  assert.equal(ada.first.status, 200);
  const alan = await signedIn(url('/admins/x'), 'alan');
  assert.equal(alan.first.status, 403);
  assert.match(alan.first.words, /not open to you/);
  assert.ok(!mirror.seen.some((told) => told.target === '/admins/x' && valuesOf(told, 'X-User-Name')[0] === 'Alan Turing'));
});

for (const [what, how] of [
  ['fetch', { mode: 'cors', from: () => url('/') }],
  ['a cross-origin fetch', { mode: 'cors', from: () => 'http://localhost/' }],
  ['an image', { mode: 'no-cors', from: () => url('/') }],
  ['XMLHttpRequest by its old header', { headers: { 'x-requested-with': 'XMLHttpRequest', 'sec-fetch-mode': undefined } }],
  ['a client that is no browser', { headers: { 'sec-fetch-mode': undefined, accept: '*/*' } }],
  ['a POST of JSON', { mode: 'cors', method: 'POST', body: '{}', headers: { 'content-type': 'application/json' }, from: () => url('/') }],
  ['a prefetch', { headers: { 'sec-purpose': 'prefetch' } }],
  ['a prerender', { headers: { 'sec-purpose': 'prefetch;prerender' } }],
  ['an OPTIONS request', { mode: 'cors', method: 'OPTIONS', from: () => 'http://localhost/' }],
  ['a DELETE', { mode: 'cors', method: 'DELETE', from: () => url('/') }],
]) {
  test(`${what} without a session is answered 401, in JSON`, async () => {
    const answer = await new Browser().request(url('/data'), { ...how, from: how.from?.() });
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'] ?? '', /^\w+ realm=/);
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.equal(answer.json.error, 'no_session');
    assert.equal(answer.headers.location, undefined);
    assert.deepEqual(answer.cookies, [], 'a request that cannot follow a sign-in begins none');
  });
}

test('a HEAD navigation is treated as a GET, without a body', async () => {
  const answer = await new Browser().request(url('/page'), { method: 'HEAD' });
  assert.equal(answer.status, 302);
  assert.equal(answer.text, '');
  const browser = await signedIn(url('/'));
  const head = await browser.request(url('/page'), { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.headers['x-mirror-method'], 'HEAD');
});

test('a form posted without a session is not passed on, and says so', async () => {
  const before = mirror.seen.length;
  const answer = await new Browser().request(url('/order'), {
    method: 'POST', body: 'a=1', from: url('/shop'), headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(answer.status, 401);
  assert.match(answer.words, /not passed on/);
  assert.ok(answer.links.includes('/order'));
  assert.equal(mirror.seen.length, before);
});

test('an unauthenticated 401 place never redirects', async () => {
  const answer = await new Browser().request(url('/api/x'));
  assert.equal(answer.status, 401);
  assert.match(answer.headers['www-authenticate'] ?? '', /realm=/);
});

test('five tabs at once all end where they should', async () => {
  const browser = new Browser();
  const pages = [1, 2, 3, 4, 5].map((n) => url(`/tab/${n}`));
  const begun = await Promise.all(pages.map((page) => browser.request(page)));
  const answers = await Promise.all(begun.map((first) => browser.request(asPerson('ada')(first.location))));
  const ends = [];
  for (const answer of answers.reverse()) ends.push(await browser.open(answer.location, { from: practice.origin }));
  assert.deepEqual(ends.map((end) => end.status), [200, 200, 200, 200, 200]);
  assert.deepEqual(ends.map((end) => end.url.href).sort(), pages);
  assert.deepEqual(browser.jar.find(/\.a/), [], 'each attempt is cleared away');
});

test('tabs that are left alone do not pile up cookies', async () => {
  const browser = new Browser();
  for (let i = 0; i < 30; i++) await browser.request(url(`/idle/${i}`));
  assert.ok(browser.jar.header(new URL(url('/'))).length < 16384, 'the Cookie field stays within what servers take');
  const shown = await signIn(browser, url('/last'));
  assert.equal(shown.url.href, url('/last'));
});

test('a callback works once; the back button shows no error to who is signed in', async () => {
  const browser = new Browser();
  const callback = await callbackOf(browser, url('/once'));
  const shown = await browser.open(callback, { from: practice.origin });
  assert.equal(shown.url.href, url('/once'));
  const again = await browser.request(callback);
  assert.equal(again.status, 303);
  assert.equal(again.location.pathname, '/');
  const log = await practice.log();
  assert.ok(!log.some((entry) => entry.endpoint === 'token' && entry.status >= 400), 'the code was not sent twice');
});

test('a callback in another browser is refused', async () => {
  const callback = await callbackOf(new Browser(), url('/stolen'));
  const answer = await new Browser().request(callback);
  assert.equal(answer.status, 400);
  assert.match(answer.words, /not begun in this browser/);
  assert.match(world.server.text, /oidc: attempt_unknown: /);
});

for (const [what, change, refusal] of [
  ['another state', (u) => u.searchParams.set('state', 'another-state-altogether'), 'attempt_unknown'],
  ['a state with one character changed', (u) => u.searchParams.set('state', u.searchParams.get('state').replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'))), 'attempt_unknown'],
  ['no state', (u) => u.searchParams.delete('state'), 'state_missing'],
  ['state twice', (u) => u.searchParams.append('state', 'x'), 'response_duplicate'],
  ['no query', (u) => { u.search = ''; }, 'state_missing'],
]) {
  test(`a callback with ${what} is refused and signs nobody in`, async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser, url('/x'));
    change(callback);
    const mark = world.stage.mark();
    const answer = await browser.request(callback);
    assert.equal(answer.status, 400);
    assert.match(world.stage.since(mark), new RegExp(`oidc: ${refusal}: `));
    assert.equal((await browser.request(url('/x'))).status, 302);
  });
}

test('a sign-in whose session cookie is not kept ends in an explanation, not in a circle', async () => {
  const browser = new Browser();
  browser.adjust = asPerson('ada');
  let page = url('/loop');
  let answer;
  for (let hop = 0; hop < 20; hop++) {
    answer = await browser.request(page);
    browser.jar.drop(/^oidc_main$/);
    if (!answer.location) break;
    page = browser.adjust(answer.location);
  }
  assert.equal(answer.status, 400);
  assert.match(answer.words, /did not keep the session cookie/);
  assert.ok(answer.links.includes('/loop'));
  assert.match(world.server.text, /oidc: login_loop: /);
  const healed = await signIn(browser, url('/loop'));
  assert.equal(healed.status, 200, 'trying again works once cookies are kept');
});

test('a sign-in always makes a new session', async () => {
  const browser = await signedIn(url('/'));
  const before = browser.jar.find(/^oidc_main$/)[0].value;
  const first = await new Browser().request(url('/'));
  assert.equal(first.status, 302);
  browser.jar.drop(/^oidc_main$/);
  await signIn(browser, url('/'));
  assert.notEqual(browser.jar.find(/^oidc_main$/)[0].value, before);
});

test('a session cookie that was planted before the sign-in is worth nothing after it', async () => {
  const planted = 'A'.repeat(43);
  const browser = new Browser();
  browser.jar.set(new URL(url('/')), `oidc_main=${planted}; Path=/`);
  const shown = await signIn(browser, url('/'));
  assert.equal(shown.status, 200);
  assert.notEqual(browser.jar.find(/^oidc_main$/)[0].value, planted);
  const answer = await new Browser().request(url('/'), { headers: { cookie: `oidc_main=${planted}` } });
  assert.equal(answer.status, 302);
});

for (const value of ['', 'x', 'A'.repeat(42), 'A'.repeat(44), '.'.repeat(43), `"${'A'.repeat(43)}"`, '%00'.repeat(14) + 'A', 'é'.repeat(21) + 'A', 'A'.repeat(6000)]) {
  test(`a session cookie of ${value.length} characters '${value.slice(0, 12)}' is nobody's`, async () => {
    const answer = await new Browser().request(url('/'), { headers: { cookie: Buffer.from(`oidc_main=${value}`).toString('latin1') } });
    assert.equal(answer.status, 302);
  });
}

test('the provider has nothing to complain about', async () => {
  assert.deepEqual(await practice.violations(), []);
});
