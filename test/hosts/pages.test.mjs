// SPDX-License-Identifier: Apache-2.0
// The pages that people see when something was refused.
import assert from 'node:assert/strict';
import { Browser } from '../support/browser.mjs';
import { signedIn, signIn } from '../support/practice.mjs';
import { client, setUp } from './host.mjs';

const LABELS = ['gw-error-with-script', 'gw-error-newline', 'gw-error-access-denied', 'gw-expired', 'gw-kid-sql', 'gw-name-html', 'gw-name-newline'];

const world = await setUp('pages', {
  providers: ({ practice }) => Object.fromEntries(LABELS.map((label) => [label, client(practice, label, { redirect_uri: `/cb/${label}` })])),
  site: { places: LABELS.map((provider) => ({ path: `/${provider}/`, provider, headers: { 'X-User-Name': 'name' } })) },
});
const { test, server, url } = world;

/** Answers that were refused, one of each kind. */
async function collect() {
  const alan = await signedIn(url('/'), 'alan');
  return {
    401: await new Browser().request(url('/x'), { method: 'POST', from: url('/'), body: '' }),
    403: await alan.request(url('/admins/x')),
    400: await new Browser().request(url('/oidc_callback?state=x')),
    expired: await signIn(new Browser(), url('/gw-expired/')),
    denied: await signIn(new Browser(), url('/gw-error-access-denied/')),
    script: await signIn(new Browser(), url('/gw-error-with-script/')),
    newline: await signIn(new Browser(), url('/gw-error-newline/')),
    sql: await signIn(new Browser(), url('/gw-kid-sql/')),
  };
}

const pages = await collect();

for (const [name, page] of Object.entries(pages)) {
  test(`page ${name}: its reference stands in the log, with the reason`, () => {
    const reference = page.words.match(/Reference ([0-9a-f]{12})/)?.[1];
    assert.ok(reference, page.words);
    const lines = server.text.split('\n').filter((line) => line.includes(`reference: ${reference}`));
    assert.equal(lines.length, 1);
    assert.match(lines[0], /oidc: [a-z_]+: .+ \[.+\], reference: /);
  });

  test(`page ${name}: nothing but plain HTML, kept by nobody`, () => {
    assert.match(page.headers['content-type'], /^text\/html; charset=utf-8/i);
    assert.match(page.headers['content-security-policy'], /default-src 'none'/);
    assert.match(page.headers['content-security-policy'], /frame-ancestors 'none'/);
    assert.match(page.headers['cache-control'], /no-store/);
    assert.equal(page.headers['x-content-type-options'], 'nosniff');
    assert.ok(page.headers['referrer-policy'], 'a code in the address goes to nobody');
    assert.ok(!/<script|<img|<link|<iframe|\son\w+=|https?:\/\//i.test(page.text), page.text);
    assert.match(page.text, /<html lang="en">/);
    assert.match(page.text, /name="viewport"/);
  });

  test(`page ${name}: says nothing of what came from outside`, () => {
    assert.ok(!/alert\(|DROP TABLE|script>|invalid_|Set-Cookie|state=/i.test(page.words), page.words);
  });
}

test('every reference is another', () => {
  const all = Object.values(pages).map((page) => page.words.match(/Reference (\w+)/)[1]);
  assert.equal(new Set(all).size, all.length);
});

test('what a provider says goes into the log on one line, harmless', () => {
  const lines = server.text.split('\n');
  for (const line of lines) assert.ok(!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line), JSON.stringify(line));
  assert.ok(lines.filter(Boolean).every((line) => /^\d{4}\/\d\d\/\d\d |^\S+: /.test(line)), 'no line was begun by a provider');
});

test('codes, tokens and cookies do not stand in our own lines of the log', () => {
  const ours = server.text.split('\n').filter((line) => line.includes('oidc: ')).map((line) => line.split(', client: ')[0]);
  for (const line of ours) assert.ok(!/eyJ|code=|oidc_\w+=/.test(line), line);
});

test('a claim with HTML reaches the application as it is, one with a line break not at all', async () => {
  const html = await signIn(new Browser(), url('/gw-name-html/'));
  assert.ok(html.json.fields.some(([name, value]) => name === 'X-User-Name' && value.includes('<')));
  const broken = await signIn(new Browser(), url('/gw-name-newline/'));
  if (broken.status === 200) assert.ok(!broken.json.fields.some(([name]) => /^x-user-name$/i.test(name)), 'no half of it either');
});

test('a refusal for a script is JSON with the same reference', async () => {
  const answer = await new Browser().request(url('/api/x'), { mode: 'cors', from: url('/') });
  assert.equal(answer.status, 401);
  assert.deepEqual(Object.keys(answer.json).sort(), ['error', 'error_description', 'reference']);
  assert.ok(server.text.includes(`reference: ${answer.json.reference}`));
  assert.match(answer.headers['cache-control'], /no-store/);
});

test('a 403 for a script is JSON', async () => {
  const alan = await signedIn(url('/'), 'alan');
  const answer = await alan.request(url('/admins/x'), { mode: 'cors', from: url('/') });
  assert.equal(answer.status, 403);
  assert.equal(answer.json.error, 'access_denied');
});

test('HEAD gets the status without the page', async () => {
  const alan = await signedIn(url('/'), 'alan');
  const answer = await alan.request(url('/admins/x'), { method: 'HEAD' });
  assert.equal(answer.status, 403);
  assert.equal(answer.text, '');
});
