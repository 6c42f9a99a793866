// SPDX-License-Identifier: Apache-2.0
// docs/loopback.md: each file that it shows runs as it stands (TypeScript as LoopBack's own projects compile it), and does what the page says.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import typescript from 'typescript';
import { Browser } from '../support/browser.mjs';
import { build, freePort, root, until } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { Program } from '../support/process.mjs';
import { openStage } from '../support/stage.mjs';

const PACKAGES = {
  '@loopback': 'test/node_modules/@loopback', loopback: 'test/node_modules/loopback3', 'express-session': 'test/node_modules/express-session',
  passport: 'test/node_modules/passport',
};
const stage = openStage('loopback-docs');
const practice = stage.add(await Practice.start());
const page = readFileSync(join(root, 'docs/loopback.md'), 'utf8');
const files = Object.fromEntries([...page.matchAll(/^```[jt]s name=(\S+)\n(.*?)^```$/gms)].map(([, name, text]) => [name, text]));

mkdirSync(join(stage.folder, 'node_modules'));
for (const [name, path] of Object.entries(PACKAGES)) symlinkSync(join(root, path), join(stage.folder, 'node_modules', name));
// A copy: a package finds its peers beside the place where it lies.
for (const part of ['lib', 'index.js', 'index.cjs', 'package.json']) cpSync(join(root, 'servers/node', part), join(stage.folder, 'node_modules/gatewright', part), { recursive: true });

function compile(text) {
  const { ModuleKind, ScriptTarget } = typescript;
  return typescript.transpileModule(text, { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, experimentalDecorators: true, emitDecoratorMetadata: true, useDefineForClassFields: false } }).outputText;
}

async function start(name) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const file = join(stage.folder, name.replace(/\.ts$/, '.cjs'));
  writeFileSync(file, name.endsWith('.ts') ? compile(files[name]) : files[name]);
  const program = stage.add(new Program(process.execPath, [file], {
    name, env: { GATEWRIGHT_ADDON: join(build, 'node/gatewright.node'), ISSUER_BASE_URL: practice.issuer('ok'), BASE_URL: origin, PORT: String(port), CLIENT_ID: 'practice', CLIENT_SECRET: 'practice-secret', SECRET: 'only for a test, and long enough for it' },
  }));
  await until(`${name} listens`, () => {
    if (program.child.exitCode !== null) throw new Error(program.text);
    return fetch(`${origin}/`, { redirect: 'manual' }).then(() => true, () => false);
  }, 10000);
  return origin;
}

test('application.ts: sessions, demands, tokens, sign-out', async () => {
  const origin = await start('application.ts');
  const ada = new Browser();
  assert.equal((await ada.open(`${origin}/`)).json.hello, 'everybody');
  const shown = await signIn(ada, `${origin}/me`);
  assert.deepEqual([shown.url.pathname, shown.json.name], ['/me', 'Ada Lovelace'], String(shown));
  assert.equal((await ada.open(`${origin}/admin`)).json.admin, 'Ada Lovelace');
  const alan = new Browser();
  await signIn(alan, `${origin}/login?returnTo=/me`, 'alan');
  assert.equal((await alan.open(`${origin}/admin`)).status, 403);
  assert.equal((await new Browser().request(`${origin}/me`, { mode: 'cors' })).status, 401);
  const token = await (await practice.control('ok', 'mint', { client_id: 'practice', claims: JSON.stringify({ aud: 'https://api.example.org' }) })).text();
  assert.equal((await new Browser().request(`${origin}/api`, { headers: { authorization: `Bearer ${token}` } })).json.sub, 'person-ada');
  assert.equal((await new Browser().request(`${origin}/api`)).status, 401);
  await ada.open(`${origin}/logout`, { from: `${origin}/` });
  assert.equal((await ada.request(`${origin}/me`)).status, 302);
});

test('loopback3.mjs signs in', async () => {
  const origin = await start('loopback3.mjs');
  const shown = await signIn(new Browser(), `${origin}/me`);
  assert.equal(shown.json.name, 'Ada Lovelace', String(shown));
  assert.ok(shown.json.groups.length > 0);
});

test('every file that is shown was run', () => assert.deepEqual(Object.keys(files), ['application.ts', 'loopback3.mjs']));
