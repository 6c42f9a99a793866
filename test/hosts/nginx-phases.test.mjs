// SPDX-License-Identifier: Apache-2.0
// nginx: together with what else nginx does to a request: access modules, error pages, subrequests, internal redirects.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { valuesOf } from '../support/application.mjs';
import { Browser } from '../support/browser.mjs';
import { freePort } from '../support/place.mjs';
import { signedIn, signIn } from '../support/practice.mjs';
import { rawGet } from '../support/raw.mjs';
import { client, host, identity, setUp, usualSite } from './host.mjs';

const BASIC = { authorization: `Basic ${Buffer.from('joe:open sesame').toString('base64')}` };
const protect = Object.entries(identity).map(([name, claim]) => `auth_oidc_header ${name} ${claim};`);

function writeFiles({ stage }) {
  const folder = join(stage.folder, 'www');
  mkdirSync(join(folder, 'guarded'), { recursive: true });
  writeFileSync(join(folder, 'guarded', 'a.txt'), 'guarded a\n');
  writeFileSync(join(folder, 'open.txt'), 'open\n');
  writeFileSync(join(folder, 'ssi.html'), 'before[<!--#include virtual="/guarded/a.txt" -->]after\n');
  writeFileSync(join(folder, 'many.html'), `${'[<!--#include virtual="/guarded/a.txt" -->]'.repeat(8)}end\n`);
  writeFileSync(join(folder, 'users'), 'joe:{PLAIN}open sesame\n');
  for (const path of ['', 'guarded', 'guarded/a.txt', 'open.txt', 'ssi.html', 'many.html', 'users']) chmodSync(join(folder, path), path.includes('.') || path === 'users' ? 0o644 : 0o755);
  return folder;
}

function placesOf(world) {
  const www = writeFiles(world);
  const upstream = world.mirror.origin;
  const basic = ['auth_basic "Members";', `auth_basic_user_file ${www}/users;`];
  return [
    { path: '/any/', provider: 'main', lines: ['satisfy any;', 'deny all;'], headers: identity },
    { path: '/any-allowed/', provider: 'main', lines: ['satisfy any;', 'allow 127.0.0.1;', 'deny all;'], headers: identity },
    { path: '/any-basic/', provider: 'main', lines: ['satisfy any;', ...basic], headers: identity },
    { path: '/any-request/', provider: 'main', lines: ['satisfy any;', 'auth_request /say-no;'], headers: identity },
    { path: '/all/', provider: 'main', lines: ['satisfy all;', ...basic], headers: identity },
    { path: '/all-denied/', provider: 'main', lines: ['deny all;'], headers: identity },
    { path: '/say-no', exact: true, lines: ['internal;', 'return 403;'] },
    { path: '/own-pages/', provider: 'main', require: ['groups has "admins"'], lines: ['error_page 401 403 /public/sorry;', `proxy_pass ${upstream};`] },
    { path: '/own-401/', provider: 'main', unauthenticated: '401', lines: ['error_page 401 = @sorry;', `proxy_pass ${upstream};`] },
    { path: '@sorry', lines: ['return 401 "own words\n";'] },
    { path: '/asked/', lines: ['auth_request /guard;', 'auth_request_set $who $oidc_claim_name;', 'proxy_set_header X-Asked $who;', `proxy_pass ${upstream};`] },
    { path: '/guard', exact: true, provider: 'main', headers: identity, lines: ['internal;', `proxy_pass ${upstream}/guarded-answer;`, 'proxy_pass_request_body off;', 'proxy_set_header Content-Length "";'] },
    { path: '/guarded/', provider: 'main', lines: [`root ${www};`] },
    { path: '/ssi/', lines: ['ssi on;', 'ssi_types text/html text/plain;', `alias ${www}/;`] },
    { path: '/try/', lines: [`root ${www};`, 'try_files /absent /guarded/a.txt;'] },
    { path: '/try-named/', lines: [`root ${www};`, 'try_files /absent @guarded;'] },
    { path: '@guarded', provider: 'main', headers: identity, lines: [`proxy_pass ${upstream};`] },
    { path: '/rewritten/', lines: ['rewrite ^/rewritten/(.*)$ /guarded/$1 last;', 'return 404;'] },
    { path: '/stays/', provider: 'main', lines: ['rewrite ^/stays/(.*)$ /public/$1 break;', `proxy_pass ${upstream};`], headers: identity },
    { path: '/error-in/', lines: ['error_page 418 = /guarded/a.txt;', 'return 418;'] },
    { path: '/leaves/', provider: 'main', headers: identity, lines: ['error_page 404 = /public/after;', 'proxy_intercept_errors on;', `proxy_pass ${world.missing};`] },
    { path: '/switch/', provider: 'main', headers: identity, lines: ['error_page 404 = @second;', 'proxy_intercept_errors on;', `proxy_pass ${world.missing};`] },
    { path: '@second', provider: 'second', headers: { 'X-User-Sub': 'sub' }, lines: [`proxy_pass ${upstream};`] },
    { path: '/off/', provider: 'off' },
    { path: '/limited/', lines: ['limit_except GET { auth_oidc main; auth_oidc_unauthenticated 401; }', `proxy_pass ${upstream};`] },
    { path: '/variables/', provider: 'main', lines: ['return 200 "$oidc_claim_name|$oidc_claim_groups|$oidc_claim_absent|";'] },
    { path: '/open-variables/', lines: ['return 200 "[$oidc_claim_name][$oidc_id_token][$oidc_access_token]";'] },
    { path: '/mirrored/', provider: 'main', headers: identity, lines: ['mirror /copy;', `proxy_pass ${upstream};`] },
    { path: '/copy', exact: true, lines: ['internal;', `proxy_pass ${upstream}/copied;`] },
    { path: '/case/', provider: 'main', lines: ['add_header X-Own always-there always;', `proxy_pass ${upstream};`] },
  ];
}

const missingPort = await freePort();
const world = await setUp('nginx-phases', {
  workers: 1,
  providers: ({ practice }) => ({ second: client(practice, 'ok~second', { redirect_uri: '/second_callback' }) }),
  async sites(w) {
    w.missing = `http://127.0.0.1:${missingPort}`;
    const inner = { port: missingPort, upstream: w.mirror.origin, places: [{ path: '/', lines: ['return 404;'] }] };
    const site = usualSite(w.port, w.mirror.origin, { places: placesOf(w), lines: host.lenientHeaders });
    const covered = { port: await freePort(), upstream: w.mirror.origin, provider: 'main', headers: identity,
      places: [{ path: '/' }, { path: '/off/', provider: 'off' }, { path: '/more/', headers: { 'X-Other': 'sub' } }, { path: '/strict/', require: ['groups has "admins"'] },
        { path: '/both/', lines: ['auth_request /ask;'] }, { path: '/ask', exact: true, lines: ['internal;', `proxy_pass ${w.mirror.origin}/ask-answer;`] }] };
    return [site, inner, covered];
  },
});
const { mirror, practice, server, url } = world;
const skip = host.name !== 'nginx' && 'about nginx alone';
const test = (name, body) => world.test(name, { skip }, body);

const ada = await signedIn(url('/'));
const alan = await signedIn(url('/'), 'alan');

async function asksToSignIn(path, how) {
  const answer = await new Browser().request(url(path), how);
  assert.equal(answer.status, 302, String(answer));
  assert.equal(answer.location.origin, practice.origin);
  return answer;
}

// ---- access modules ----

test('satisfy any, deny all: the session is enough, and without one sign-in is offered', async () => {
  await asksToSignIn('/any/x');
  const answer = await ada.request(url('/any/x'));
  assert.deepEqual(valuesOf(answer.json, 'X-User-Name'), ['Ada Lovelace']);
  assert.equal((await signIn(new Browser(), url('/any/y'))).status, 200);
});

test('satisfy any, deny all: a script gets 401 and one challenge', async () => {
  const answer = await new Browser().request(url('/any/x'), { mode: 'cors', from: url('/') });
  assert.equal(answer.status, 401);
  assert.match(answer.headers['www-authenticate'], /OpenIDConnect realm/);
});

test('satisfy any, allowed by address: nobody is asked, forged headers do not arrive', async () => {
  const answer = await rawGet(world.port, '/any-allowed/x', [['X-User-Sub', 'mallory'], ['x_user_name', 'mallory']]);
  assert.equal(answer.status, 200);
  assert.ok(!answer.text.includes('mallory'));
});

test('satisfy any, auth_basic: the password is enough', async () => {
  const answer = await new Browser().request(url('/any-basic/x'), { headers: BASIC });
  assert.equal(answer.status, 200);
  assert.deepEqual(valuesOf(answer.json, 'X-User-Sub'), []);
});

test('satisfy any, auth_basic: the session is enough', async () => {
  assert.deepEqual(valuesOf((await ada.request(url('/any-basic/x'))).json, 'X-User-Name'), ['Ada Lovelace']);
});

test('satisfy any, auth_basic: with neither sign-in is offered, without a challenge for a password', async () => {
  const answer = await asksToSignIn('/any-basic/x');
  assert.equal(answer.headers['www-authenticate'], undefined);
  const wrong = await new Browser().request(url('/any-basic/x'), { headers: { authorization: 'Basic am9lOng=' } });
  assert.equal(wrong.status, 302);
});

test('satisfy any, auth_request that refuses: the session is enough', async () => {
  assert.equal((await ada.request(url('/any-request/x'))).status, 200);
  await asksToSignIn('/any-request/x');
});

test('satisfy all: both are needed', async () => {
  assert.equal((await ada.request(url('/all/x'))).status, 401);
  assert.equal((await ada.request(url('/all/x'), { headers: BASIC })).status, 200);
  const answer = await new Browser().request(url('/all/x'), { headers: BASIC });
  assert.equal(answer.status, 302);
});

test('deny all stays closed, session or not', async () => {
  assert.equal((await ada.request(url('/all-denied/x'))).status, 403);
  assert.equal((await new Browser().request(url('/all-denied/x'))).status, 403);
});

test('limit_except: the method decides', async () => {
  assert.equal((await new Browser().request(url('/limited/x'))).status, 200);
  const post = { method: 'POST', mode: 'cors', from: url('/'), headers: { 'content-length': '0' } };
  assert.equal((await new Browser().request(url('/limited/x'), post)).status, 401);
  assert.equal((await ada.request(url('/limited/x'), post)).status, 200);
});

// ---- error pages ----

test('error_page of the operator is shown, with our status and headers', async () => {
  const answer = await alan.request(url('/own-pages/x'));
  assert.equal(answer.status, 403);
  assert.equal(answer.json.target, '/public/sorry');
  const scripted = await new Browser().request(url('/own-pages/x'), { mode: 'cors', from: url('/') });
  assert.equal(scripted.status, 401);
  assert.match(scripted.headers['www-authenticate'], /OpenIDConnect/);
  const ours = scripted.headers['set-cookie'] ?? [];
  assert.deepEqual(ours, []);
});

test('error_page to a named location keeps the challenge', async () => {
  const answer = await new Browser().request(url('/own-401/x'));
  assert.equal(answer.status, 401);
  assert.equal(answer.text, 'own words\n');
  assert.match(answer.headers['www-authenticate'], /OpenIDConnect/);
});

test('a redirect to the provider is none of error_page’s business', async () => {
  await asksToSignIn('/own-pages/x');
});

test('error_page into a guarded place is guarded', async () => {
  await asksToSignIn('/error-in/x');
  assert.equal((await ada.request(url('/error-in/x'))).text, 'guarded a\n');
});

test('error_page out of a guarded place takes no identity along that its target did not ask for', async () => {
  const answer = await ada.request(url('/leaves/x'));
  assert.equal(answer.json.target, '/public/after');
  assert.deepEqual(valuesOf(answer.json, 'X-User-Sub').length <= 1, true);
  for (const value of valuesOf(answer.json, 'X-User-Name')) assert.equal(value, 'Ada Lovelace');
});

test('an internal redirect to another provider’s place asks there', async () => {
  const answer = await ada.request(url('/switch/x'));
  assert.equal(answer.status, 302);
  assert.match(answer.location.pathname, /^\/f\/ok~second\//);
  const both = new Browser({ jar: ada.jar.copy() });
  const shown = await signIn(both, url('/switch/x'), 'alan');
  assert.equal(shown.status, 200, String(shown));
  assert.deepEqual(valuesOf(shown.json, 'X-User-Name'), [], 'the first provider’s headers are gone');
  assert.equal(valuesOf(shown.json, 'X-User-Sub').length, 1);
});

// ---- subrequests ----

test('auth_request to a guarded place: a session lets in, none keeps out', async () => {
  const inside = await ada.request(url('/asked/x'));
  assert.equal(inside.status, 200, String(inside));
  const outside = await new Browser().request(url('/asked/x'));
  assert.ok([401, 403].includes(outside.status), String(outside));
  assert.ok(!outside.text.includes('"target":"/asked'));
});

test('auth_request: each request names whom its own place names', async () => {
  const before = mirror.seen.length;
  const cookie = ada.jar.header(new URL(url('/')));
  const answer = await rawGet(world.port, '/asked/x', [['x_user_name', 'mallory'], ['Cookie', cookie]]);
  assert.equal(answer.status, 200);
  const [guard, main] = mirror.seen.slice(before);
  assert.equal(guard.target, '/guarded-answer');
  assert.deepEqual(valuesOf(guard, 'X-User-Name'), ['Ada Lovelace']);
  assert.equal(main.target, '/asked/x');
  assert.deepEqual(valuesOf(main, 'X-User-Name'), []);
});

test('auth_request inside a guarded server: both requests name the person, once', async () => {
  const origin = server.origin(2);
  const browser = await signedIn(`${origin}/x`);
  const before = mirror.seen.length;
  const { port } = new URL(origin);
  const answer = await rawGet(Number(port), '/both/x', [['X-User.Sub', 'mallory'], ['Cookie', browser.jar.header(new URL(origin))]]);
  assert.equal(answer.status, 200, answer.text);
  const seen = mirror.seen.slice(before);
  assert.deepEqual(seen.map((told) => told.target), ['/ask-answer', '/both/x']);
  for (const told of seen) {
    assert.deepEqual(valuesOf(told, 'X-User-Name'), ['Ada Lovelace']);
    assert.equal(valuesOf(told, 'X-User-Sub').length, 1);
    assert.notEqual(valuesOf(told, 'X-User-Sub')[0], 'mallory');
  }
  const outside = await new Browser().request(`${origin}/both/x`, { mode: 'cors', from: origin });
  assert.equal(outside.status, 401);
  assert.deepEqual(outside.cookies, []);
  assert.equal(mirror.seen.length, before + 2, 'nothing reached the application');
});

test('auth_request inside a guarded server: who is not signed in is led to sign in', async () => {
  const origin = server.origin(2);
  const answer = await new Browser().request(`${origin}/both/x`);
  assert.ok([302, 401].includes(answer.status), String(answer));
});

test('many subrequests of one page', async () => {
  const inside = await ada.request(url('/ssi/many.html'));
  assert.equal(inside.text, `${'[guarded a\n]'.repeat(8)}end\n`);
  const outside = await new Browser().request(url('/ssi/many.html'));
  assert.ok(!outside.text.includes('guarded a'));
  assert.deepEqual(outside.cookies, []);
});

test('SSI does not show a guarded file to strangers', async () => {
  const outside = await new Browser().request(url('/ssi/ssi.html'));
  assert.ok(!outside.text.includes('guarded a'), outside.text);
  const inside = await ada.request(url('/ssi/ssi.html'));
  assert.match(inside.text, /before\[guarded a\n\]after/);
});

test('a mirrored request carries no forged header', async () => {
  const before = mirror.seen.length;
  const cookie = ada.jar.header(new URL(url('/')));
  const answer = await rawGet(world.port, '/mirrored/x', [['x_user_sub', 'mallory'], ['Cookie', cookie]]);
  assert.equal(answer.status, 200);
  assert.ok(!JSON.stringify(mirror.seen.slice(before)).includes('mallory'));
});

// ---- internal redirects ----

for (const path of ['/try/x', '/rewritten/a.txt', '/rewritten/../rewritten/a.txt', '/rewritten//a.txt', '/guarded/a.txt', '/guarded/./a.txt', '//guarded/a.txt',
  '/%67uarded/a.txt', '/x/../guarded/a.txt', '/guarded/%2e%2e/guarded/a.txt', '/public/..%2fguarded/a.txt']) {
  test(`${path} shows nothing to strangers`, async () => {
    const answer = await rawGet(world.port, path, [['Accept', 'text/html']]);
    assert.notEqual(answer.status, 500);
    assert.ok(!answer.text.includes('guarded a'), answer.text);
  });
}

test('try_files and rewrite into a guarded place work for who is signed in', async () => {
  for (const path of ['/try/x', '/rewritten/a.txt', '/guarded/a.txt']) assert.equal((await ada.request(url(path))).text, 'guarded a\n', path);
  assert.deepEqual(valuesOf((await ada.request(url('/try-named/x'))).json, 'X-User-Name'), ['Ada Lovelace']);
  await asksToSignIn('/try-named/x');
});

test('sign-in through an internal redirect leads back to what was asked for', async () => {
  const shown = await signIn(new Browser(), url('/rewritten/a.txt?b=c'));
  assert.equal(shown.url.href, url('/rewritten/a.txt?b=c'));
  assert.equal(shown.text, 'guarded a\n');
});

test('a rewrite within a guarded place keeps it guarded', async () => {
  await asksToSignIn('/stays/x');
  assert.equal((await ada.request(url('/stays/x'))).json.target, '/public/x');
});

// ---- inheritance ----

test('auth_oidc off opens a place inside a guarded server, and forged headers stay out', async () => {
  const origin = server.origin(2);
  const closed = await new Browser().request(`${origin}/x`);
  assert.equal(closed.status, 302);
  const { port } = new URL(origin);
  const open = await rawGet(Number(port), '/off/x', [['X-User-Sub', 'mallory']]);
  assert.equal(open.status, 200);
  assert.ok(!open.text.includes('mallory'));
  assert.equal((await new Browser().request(url('/off/x'))).status, 200);
});

test('places inherit who is asked, and what else the server says of it', async () => {
  const origin = server.origin(2);
  const browser = await signedIn(`${origin}/more/x`);
  assert.equal(browser.first.status, 200, String(browser.first));
  assert.equal(valuesOf(browser.first.json, 'X-Other').length, 1);
  assert.equal((await browser.request(`${origin}/strict/x`)).status, 200);
  assert.equal((await (await signedIn(`${origin}/x`, 'alan')).request(`${origin}/strict/x`)).status, 403);
});

// ---- variables, and the rest ----

test('variables hold claims where somebody is known, and nothing elsewhere', async () => {
  assert.equal((await ada.request(url('/case/x'))).headers['x-own'], 'always-there');
  assert.equal((await new Browser().request(url('/open-variables/'))).text, '[][][]');
  assert.equal((await ada.request(url('/open-variables/'))).text, '[][][]', 'a place that does not ask does not know');
});

test('return stands before access in nginx: it answers whoever asks', async () => {
  assert.equal((await new Browser().request(url('/variables/'))).text, '|||');
});

test('a sign-in through the callback does not depend on the places of the site', async () => {
  const answer = await new Browser().request(url('/oidc_callback?state=x'));
  assert.equal(answer.status, 400);
  const other = await new Browser().request(`${server.origin(1)}/oidc_callback?state=x`);
  assert.equal(other.status, 404, 'a site without the provider has no callback');
});

test('the log has neither alerts nor crashes', () => {
  assert.ok(!/\[(alert|emerg|crit)\]/.test(server.text), server.text.match(/.*\[(alert|emerg|crit)\].*/)?.[0]);
});
