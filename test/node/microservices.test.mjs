// SPDX-License-Identifier: Apache-2.0
// examples/microservices, as `npm start` runs it.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '../support/browser.mjs';
import { build, root } from '../support/place.mjs';
import { signIn } from '../support/practice.mjs';
import { Program } from '../support/process.mjs';
import { openStage, testOn } from '../support/stage.mjs';

const stage = openStage('microservices');
const test = testOn(stage);
const nginx = process.env.GATE_NGINX ?? '/usr/sbin/nginx';

// A copy beside links to the packages, as npm install would leave it; run.mjs looks two folders up for what was built.
const example = join(stage.folder, 'examples/microservices');
cpSync(join(root, 'examples/microservices'), example, { recursive: true, filter: (path) => !path.includes('node_modules') });
mkdirSync(join(example, 'node_modules'));
symlinkSync(join(root, 'servers/node'), join(example, 'node_modules/gatewright'));
symlinkSync(join(root, 'test/node_modules/express5'), join(example, 'node_modules/express'));

const all = stage.add(new Program(process.execPath, [join(example, 'run.mjs')], { name: 'example', env: { BUILD: build, NGINX: nginx } }));
const [, origin] = await all.said(/Open (http:\/\/127\.0\.0\.1:\d+)\//, 20000);

test('the page shows what both services know of the person', async () => {
  const browser = new Browser();
  const page = await signIn(browser, `${origin}/`);
  assert.equal(page.status, 200, `${page}`);
  assert.match(page.words, /Orders of Ada Lovelace/);
  assert.match(page.words, /You are known here as person-ada/);
  assert.match(page.words, /Punched cards 400 12000 left/); // the second service, asked by the first
});

test('another person sees other things', async () => {
  const page = await signIn(new Browser(), `${origin}/`, 'grace');
  assert.match(page.words, /Orders of Grace Hopper.*Moth trap 1 7 left/);
  assert.doesNotMatch(page.words, /Punched/);
});

test('signing out leads by the provider, and the page wants a sign-in again', async () => {
  const browser = new Browser();
  await signIn(browser, `${origin}/`);
  const out = await browser.open(`${origin}/logout`);
  assert.ok(out.history.some((each) => each.url.pathname.endsWith('/end_session')));
  assert.equal((await browser.request(`${origin}/`)).status, 302);
});

test('it ends, with all that it started', async () => {
  assert.equal(await all.stop('SIGINT'), 0);
});
