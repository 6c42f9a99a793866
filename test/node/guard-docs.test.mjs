// SPDX-License-Identifier: Apache-2.0
// What docs/guard.md shows, run as it stands: the package by its name, a server in a process of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Browser } from '../support/browser.mjs';
import { freePort, root, until } from '../support/place.mjs';
import { Practice, signedIn } from '../support/practice.mjs';
import { Program } from '../support/process.mjs';
import { openStage, testOn } from '../support/stage.mjs';

const { WebSocket } = createRequire(import.meta.url)('ws');
const stage = openStage('guard-docs');
const test = testOn(stage);
const practice = stage.add(await Practice.start());
const blocks = [...readFileSync(join(root, 'docs/guard.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const nameOf = (code) => code.match(/(\w+)Guard/)[1];

const modules = join(stage.folder, 'node_modules');
mkdirSync(modules);
symlinkSync(join(root, 'servers/node'), join(modules, 'gatewright'));
for (const [name, installed] of [['express', 'express5'], ['fastify', 'fastify'], ['koa', 'koa'], ['koa-mount', 'koa-mount'], ['restify', 'restify'], ['ws', 'ws']]) {
  symlinkSync(join(root, 'test/node_modules', installed), join(modules, name));
}

/** Runs code with this provider and this client, until it listens. Answers its origin. */
async function start(code) {
  const port = await freePort();
  const file = join(stage.folder, `${nameOf(code)}.mjs`);
  writeFileSync(file, code.replaceAll('https://login.example.com', practice.issuer('ok')).replaceAll('my-client', 'practice').replaceAll('3000', String(port)));
  const env = { CLIENT_SECRET: 'practice-secret', COOKIE_SECRET: 'a-secret-for-tests-of-thirty-two-bytes-and-more', NODE_NO_WARNINGS: '1' };
  stage.add(new Program(process.execPath, [file], { name: nameOf(code), env }));
  const origin = `http://127.0.0.1:${port}`;
  await until(`${nameOf(code)} listens`, () => fetch(origin).then(() => true, () => false), 10000);
  return origin;
}

test('there is an example for each framework', () => {
  assert.deepEqual(blocks.map(nameOf), ['express', 'fastify', 'koa', 'restify', 'http']);
});

for (const code of blocks) {
  test(`${nameOf(code)}: open to everybody, an account, a page for admins`, async () => {
    const origin = await start(code);
    assert.equal((await new Browser().open(`${origin}/`)).text, 'open to everybody');
    const ada = await signedIn(`${origin}/account`, 'ada');
    assert.equal(ada.first.text, 'Hello Ada Lovelace');
    assert.equal((await ada.open(`${origin}/admin`)).text, 'for admins');
    const alan = await signedIn(`${origin}/account`, 'alan');
    assert.equal((await alan.open(`${origin}/admin`)).status, 403);
    if (code.includes('/api')) assert.equal((await fetch(`${origin}/api`)).headers.get('www-authenticate').slice(0, 6), 'Bearer');
    if (code.includes('upgrade')) {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`, { origin, headers: { Cookie: ada.jar.header(new URL(origin)) } });
      assert.equal(String((await once(socket, 'message'))[0]), 'Hello Ada Lovelace');
      socket.close();
    }
  });
}
