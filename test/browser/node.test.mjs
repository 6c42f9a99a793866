// SPDX-License-Identifier: Apache-2.0
// The example of Express with a real browser: sign in, a socket opens, sign out in another tab, the socket is seen to close.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { freePort, root, until } from '../support/place.mjs';
import { Practice } from '../support/practice.mjs';
import { Program } from '../support/process.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { launch, missing, picture } from './chromium.mjs';

const skip = await missing();
const stage = openStage('browser-node');
const test = testOn(stage);
const world = {};

/** The example as it stands, its packages where npm install would have put them. */
async function startExample(issuer) {
  const port = await freePort();
  const folder = join(stage.folder, 'express');
  const modules = join(folder, 'node_modules');
  cpSync(join(root, 'examples/express'), folder, { recursive: true, filter: (path) => !path.includes('node_modules') });
  mkdirSync(modules);
  symlinkSync(join(root, 'servers/node'), join(modules, 'gatewright'));
  symlinkSync(join(root, 'test/node_modules/express5'), join(modules, 'express'));
  symlinkSync(join(root, 'test/node_modules/socket.io'), join(modules, 'socket.io'));
  const origin = `http://127.0.0.1:${port}`;
  const env = { ISSUER_BASE_URL: issuer, BASE_URL: origin, CLIENT_ID: 'practice', CLIENT_SECRET: 'practice-secret', SECRET: 'a secret for tests, of thirty-two bytes' };
  const program = stage.add(new Program(process.execPath, [join(folder, 'app.mjs')], { name: 'example', env }));
  await until('the example listens', () => {
    if (program.child.exitCode !== null) throw new Error(`it ended early:\n${program.text}`);
    return fetch(origin, { redirect: 'manual' }).then(() => true, () => false);
  }, 10000);
  return origin;
}

before(async () => {
  if (skip) return;
  const practice = stage.add(await Practice.start(['--quiet']));
  world.origin = await startExample(practice.issuer('ok'));
  world.browser = await launch();
});

after(() => world.browser?.close());

async function withContext(options, body) {
  const context = await world.browser.newContext({ viewport: { width: 900, height: 560 }, ...options });
  context.setDefaultTimeout(10000);
  try {
    await body(context);
  } finally {
    await context.close();
  }
}

async function signIn(page) {
  await page.goto(`${world.origin}/`);
  await page.getByRole('button', { name: /Ada Lovelace/ }).click();
  await page.getByRole('heading', { name: 'Hello Ada Lovelace' }).waitFor();
}

describe('Chromium and Express', { skip }, () => {
  test('a socket opens with the sign-in, and closes with the sign-out in another tab', () => withContext({}, async (context) => {
    const [page, other] = [await context.newPage(), await context.newPage()];
    await signIn(page);
    await page.getByText('The socket is open, and knows you as Ada Lovelace.').waitFor();
    await picture(page, 'express-open-light');
    await other.goto(`${world.origin}/`);
    await other.getByRole('link', { name: 'Sign out' }).click();
    await page.getByText('The socket was closed: signed out (4401).').waitFor();
    await picture(page, 'express-closed-light');
    await page.reload();
    assert.notEqual(new URL(page.url()).origin, world.origin, 'a sign-in is wanted again');
  }));

  test('the same in the dark; no cookie is for scripts', () => withContext({ colorScheme: 'dark' }, async (context) => {
    const page = await context.newPage();
    await signIn(page);
    await page.getByText('The socket is open').waitFor();
    await picture(page, 'express-open-dark');
    const cookies = await context.cookies(world.origin);
    assert.ok(cookies.every((cookie) => cookie.httpOnly), JSON.stringify(cookies.map((cookie) => cookie.name)));
  }));
});
