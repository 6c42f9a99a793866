// SPDX-License-Identifier: Apache-2.0
// The pages of docs/how-to: each file that they show runs as it stands, the packages by their names, in a process of its own.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '../support/browser.mjs';
import { freePort, root, until } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { Program } from '../support/process.mjs';
import { openStage, testOn } from '../support/stage.mjs';

const PACKAGES = {
  gatewright: 'servers/node', express: 'test/node_modules/express5', 'express-session': 'test/node_modules/express-session',
  passport: 'test/node_modules/passport', restify: 'test/node_modules/restify',
};
const stage = openStage('how-to');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));
const folder = join(root, 'docs/how-to');
const pages = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
const shown = new Set();

mkdirSync(join(stage.folder, 'node_modules'));
for (const [name, path] of Object.entries(PACKAGES)) symlinkSync(join(root, path), join(stage.folder, 'node_modules', name));

/** The files that a page shows: {name: text}. */
function filesOf(page) {
  return Object.fromEntries([...pages[page].matchAll(/^```js name=(\S+)\n(.*?)^```$/gms)].map(([, name, text]) => [name, text]));
}

/** Runs a file of a page with the environment that the first page names. */
async function start(page, name, env = {}) {
  const port = await freePort();
  const file = join(stage.folder, `${page}.${name}`);
  shown.add(`${page} ${name}`);
  writeFileSync(file, filesOf(page)[name]);
  const origin = `http://127.0.0.1:${port}`;
  const program = stage.add(new Program(process.execPath, [file], {
    name: `${page} ${name}`,
    env: {
      ISSUER_BASE_URL: practice.issuer('ok'), BASE_URL: origin, CLIENT_ID: 'practice', CLIENT_SECRET: 'practice-secret',
      SECRET: 'a secret for tests, of thirty-two bytes and more', ...env, ...('AUDIENCE' in env ? { PORT: String(port) } : {}),
    },
  }));
  await until(`${page} ${name} listens`, () => {
    if (program.child.exitCode !== null) throw new Error(`${name} ended early:\n${program.text}`);
    return fetch(`${origin}/nothing-of-this-name`, { redirect: 'manual' }).then(() => true, () => false);
  }, 10000);
  return { origin, program, url: (path) => origin + path };
}

async function mint(claims, label = 'ok') {
  const all = { aud: 'https://api.example.org', exp: Math.floor(Date.now() / 1000) + 300, ...claims };
  return (await practice.control(label, 'mint', { claims: JSON.stringify(all) })).text();
}

const withToken = (token) => ({ headers: { authorization: `Bearer ${token}` } });

test('tokens: the access token goes to the API, the ID Token is here', async () => {
  const api = await start('header.md', 'api.mjs', { AUDIENCE: 'practice', ISSUER_BASE_URL: practice.issuer('ok~atjwt') });
  const app = await start('tokens.md', 'app.mjs', { API_URL: api.url('/me'), ISSUER_BASE_URL: practice.issuer('ok~atjwt') });
  const browser = new Browser();
  const orders = await signIn(browser, app.url('/orders'));
  assert.equal(orders.json.sub, 'person-ada', `${orders}`);
  const who = await browser.open(app.url('/who'));
  assert.equal(who.json.claims.sub, 'person-ada');
  assert.ok(who.json.bytes > 100);
});

test('tokens: Passport gives them to the verify function', async () => {
  const app = await start('tokens.md', 'passport.mjs');
  const answer = await signIn(new Browser(), app.url('/login'));
  assert.deepEqual(answer.json, { name: 'Ada Lovelace', hasIdToken: true, hasAccessToken: true });
});

test('user: nobody before the callback, somebody after', async () => {
  const app = await start('user.md', 'app.mjs');
  const browser = new Browser();
  assert.match((await browser.open(app.url('/'))).text, /Nobody is signed in/);
  assert.equal((await signIn(browser, app.url('/profile'))).json.sub, 'person-ada');
  assert.equal((await browser.open(app.url('/'))).text, 'Hello Ada Lovelace');
});

test('header: 401 without a token, 403 without the scope, the claims with a good one', async () => {
  const api = await start('header.md', 'api.mjs', { AUDIENCE: 'https://api.example.org' });
  const nothing = await fetch(api.url('/me'));
  assert.equal(nothing.status, 401);
  assert.doesNotMatch(nothing.headers.get('www-authenticate'), /error/);
  const token = await mint({ scope: 'openid' });
  assert.equal((await (await fetch(api.url('/me'), withToken(token))).json()).sub, 'person-ada');
  assert.equal((await fetch(api.url('/orders'), withToken(token))).status, 403);
  assert.equal((await fetch(api.url('/orders'), withToken(await mint({ scope: 'openid orders:read' })))).status, 200);
  assert.equal((await fetch(api.url('/me'), withToken(await mint({ aud: 'another' })))).status, 401);
});

test('groups: in the profile, and a rule over them', async () => {
  const app = await start('groups.md', 'app.mjs');
  const ada = new Browser();
  const profile = await signIn(ada, app.url('/profile'));
  assert.ok(profile.json.groups.includes('admins'), JSON.stringify(profile.json));
  assert.equal((await ada.open(app.url('/admin'))).status, 200);
  const alan = new Browser();
  assert.ok(!(await signIn(alan, app.url('/profile'), 'alan')).json.groups.includes('admins'));
  assert.notEqual((await alan.request(app.url('/admin'), { mode: 'cors' })).status, 200);
  const passport = await start('groups.md', 'passport.mjs');
  assert.ok((await signIn(new Browser(), passport.url('/login'))).json.groups.includes('admins'));
});

test('nonce: in every request, and the provider has nothing to complain of', async () => {
  const label = 'ok~how-to-nonce';
  const app = await start('nonce.md', 'app.mjs', { ISSUER_BASE_URL: practice.issuer(label) });
  assert.equal((await signIn(new Browser(), app.url('/'))).text, 'Hello Ada Lovelace');
  const [asked] = (await practice.log(label)).filter((entry) => entry.endpoint === 'authorize');
  for (const name of ['nonce', 'state', 'code_challenge', 'redirect_uri']) assert.ok(asked.params[name], name);
  assert.deepEqual(await practice.violations(label), []);
});

test('secrets: from the environment, and from files', async () => {
  const plain = await start('secrets.md', 'environment.mjs');
  assert.equal((await signIn(new Browser(), plain.url('/'))).text, 'Hello Ada Lovelace');
  const credentials = join(stage.folder, 'credentials');
  mkdirSync(credentials);
  writeFileSync(join(credentials, 'client-secret'), 'practice-secret\n');
  writeFileSync(join(credentials, 'cookie-secret'), 'a secret in a file, of thirty-two bytes and more\n');
  const filed = await start('secrets.md', 'file.mjs', { CREDENTIALS_DIRECTORY: credentials, CLIENT_SECRET: '', SECRET: '' });
  assert.equal((await signIn(new Browser(), filed.url('/'))).text, 'Hello Ada Lovelace');
});

test('logout: the session ends here and at the provider', async () => {
  const app = await start('logout.md', 'app.mjs');
  const browser = new Browser();
  await signIn(browser, app.url('/profile'));
  const cookies = browser.jar.header(new URL(app.origin));
  assert.ok(cookies);
  const out = await browser.open(app.url('/logout'));
  assert.ok(out.history.some((each) => each.url.pathname.endsWith('/end_session')), `${out.history.join('\n')}`);
  assert.equal((await browser.open(app.url('/'))).text, 'signed out');
  const again = await browser.request(app.url('/profile'));
  assert.equal(again.status, 302);
});

test('logout: with something of one\'s own before it', async () => {
  const app = await start('logout.md', 'own.mjs');
  const browser = new Browser();
  await signIn(browser, app.url('/profile'));
  const answer = await browser.request(app.url('/leave'), { method: 'POST', from: app.url('/'), headers: { 'content-length': '0' } });
  assert.ok([302, 303].includes(answer.status), `${answer}`);
  assert.match(app.program.text, /somebody leaves/);
  assert.equal((await browser.open(app.url('/'))).text, 'signed out');
});

test('middleware: the first document\'s server', async () => {
  const app = await start('middleware.md', 'server.mjs');
  assert.equal((await new Browser().request(app.url('/profile'))).status, 401);
  const browser = new Browser();
  const answer = await signIn(browser, app.url('/login'));
  assert.equal(answer.status, 200, `${answer}`);
  assert.deepEqual(answer.json, { sub: 'person-ada', name: 'Ada Lovelace' });
  assert.equal((await browser.open(app.url('/profile'))).json.sub, 'person-ada');
});

test('every file that a page shows was run, and every page is listed', () => {
  const all = Object.keys(pages).flatMap((page) => Object.keys(filesOf(page)).map((name) => `${page} ${name}`));
  assert.deepEqual([...shown].sort(), all.sort());
  for (const name of Object.keys(pages)) if (name !== 'README.md') assert.ok(pages['README.md'].includes(`(${name})`), name);
});
