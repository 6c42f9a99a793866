// SPDX-License-Identifier: Apache-2.0
// docs/passport.md: each file that it shows runs as it stands, and does what the page says.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Browser } from '../support/browser.mjs';
import { freePort, root, until } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { Program } from '../support/process.mjs';
import { openStage } from '../support/stage.mjs';

const PACKAGES = { gatewright: 'servers/node', express: 'test/node_modules/express5', 'express-session': 'test/node_modules/express-session', passport: 'test/node_modules/passport' };
const stage = openStage('passport-docs');
const practice = stage.add(await Practice.start());
const page = readFileSync(join(root, 'docs/passport.md'), 'utf8');
const files = Object.fromEntries([...page.matchAll(/^```js name=(\S+)\n(.*?)^```$/gms)].map(([, name, text]) => [name, text]));

mkdirSync(join(stage.folder, 'node_modules'));
for (const [name, path] of Object.entries(PACKAGES)) symlinkSync(join(root, path), join(stage.folder, 'node_modules', name));

async function start(name) {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const file = join(stage.folder, name);
  writeFileSync(file, files[name]);
  const program = stage.add(new Program(process.execPath, [file], {
    name, env: { ISSUER_BASE_URL: practice.issuer('ok'), BASE_URL: origin, CLIENT_ID: 'practice', CLIENT_SECRET: 'practice-secret', SECRET: 'only for a test' },
  }));
  await until(`${name} listens`, () => {
    if (program.child.exitCode !== null) throw new Error(program.text);
    return fetch(`${origin}/`).then(() => true, () => false);
  });
  return origin;
}

const post = (browser, url, from) => browser.request(url, { method: 'POST', from, headers: { 'content-length': '0' } });

test('app.mjs signs in, knows groups, and signs out', async () => {
  const origin = await start('app.mjs');
  const browser = new Browser();
  assert.match((await browser.open(`${origin}/`)).text, /Nobody/);
  const shown = await signIn(browser, `${origin}/profile`);
  assert.equal(shown.url.pathname, '/profile', String(shown));
  assert.equal(shown.json.id, 'person-ada');
  assert.ok(shown.json.groups.length > 0);
  assert.equal((await browser.open(`${origin}/`)).text, 'Hello Ada Lovelace');
  const out = await post(browser, `${origin}/logout`, `${origin}/`);
  assert.match(out.location.pathname, /end_session$/, String(out));
  assert.match((await browser.open(`${origin}/`)).text, /Nobody/);
  assert.equal((await new Browser().open(`${origin}/callback?code=x&state=y`)).status, 403);
});

test('okta.mjs signs in, knows groups, and signs out', async () => {
  const origin = await start('okta.mjs');
  const browser = new Browser();
  const shown = await signIn(browser, `${origin}/profile`);
  assert.ok(shown.json.groups.length > 0, String(shown));
  assert.equal(shown.json.hasAccessToken, true);
  const out = await post(browser, `${origin}/logout`, `${origin}/`);
  assert.match(out.location.pathname, /end_session$/, String(out));
  assert.match((await browser.open(`${origin}/`)).text, /Sign in/);
});

test('every file that is shown was run', () => assert.deepEqual(Object.keys(files), ['app.mjs', 'okta.mjs']));
