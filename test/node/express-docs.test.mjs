// SPDX-License-Identifier: Apache-2.0
// docs/express.md: each file that it shows runs as it stands, and its table has every option, with the default that it has.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '../support/browser.mjs';
import { freePort, root, until } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { Program } from '../support/process.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { ENTRIES, NOT_HERE } from '../../servers/node/lib/express/defaults.js';
import { SECRET } from './express-support.mjs';

const PACKAGES = { gatewright: 'servers/node', express: 'test/node_modules/express5', 'connect-redis': 'test/node_modules/connect-redis', redis: 'test/node_modules/redis' };
const stage = openStage('express-docs');
const test = testOn(stage);
const practice = stage.add(await Practice.start());
const page = readFileSync(join(root, 'docs/express.md'), 'utf8');
const files = Object.fromEntries([...page.matchAll(/^```js name=(\S+)\n(.*?)^```$/gms)].map(([, name, text]) => [name, text]));

mkdirSync(join(stage.folder, 'node_modules'));
for (const [name, path] of Object.entries(PACKAGES)) symlinkSync(join(root, path), join(stage.folder, 'node_modules', name));

async function start(name, env = {}) {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const file = join(stage.folder, name);
  writeFileSync(file, files[name]);
  const program = stage.add(new Program(process.execPath, [file], {
    name, env: { ISSUER_BASE_URL: practice.issuer('ok'), BASE_URL: origin, CLIENT_ID: 'practice', CLIENT_SECRET: 'practice-secret', SECRET, ...env },
  }));
  await until(`${name} listens`, () => {
    if (program.child.exitCode !== null) throw new Error(program.text);
    return fetch(`${origin}/`).then(() => true, () => false);
  });
  return origin;
}

test('app.mjs signs in, knows groups, signs out, and says what went wrong', async () => {
  const origin = await start('app.mjs');
  const browser = new Browser();
  assert.equal((await browser.open(`${origin}/`)).text, 'Nobody is signed in');
  assert.equal((await signIn(browser, `${origin}/profile`)).json.sub, 'person-ada');
  assert.equal((await browser.open(`${origin}/`)).text, 'Hello Ada Lovelace');
  assert.equal((await browser.open(`${origin}/admins`)).text, 'For admins');
  await browser.open(`${origin}/logout`);
  assert.equal((await browser.open(`${origin}/`)).text, 'Nobody is signed in');
  const refused = await browser.open(`${origin}/callback?code=x&state=y`);
  assert.deepEqual([refused.status, refused.words], [400, 'That did not work. Back']);
  assert.equal((await browser.request(`${origin}/profile`, { mode: 'cors', headers: { accept: 'application/json' } })).status, 401);
});

test('store.mjs keeps sessions in Redis', async () => {
  const port = await freePort();
  const redis = stage.add(new Program('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', stage.folder, '--save', ''], { name: 'redis' }));
  await redis.said(/Ready to accept connections/);
  const origin = await start('store.mjs', { REDIS_URL: `redis://127.0.0.1:${port}` });
  const browser = new Browser();
  assert.equal((await signIn(browser, `${origin}/profile`)).json.sub, 'person-ada');
  assert.match(browser.jar.find(/^appSession$/)[0].value, /^[0-9a-f]{32}$/);
  await browser.open(`${origin}/logout`);
  assert.equal((await browser.open(`${origin}/`)).text, 'signed out');
});

test('the table has every option', () => {
  const table = page.slice(page.indexOf('## Options'), page.indexOf('## What is different'));
  const later = page.slice(page.indexOf('Not there yet')).replace(/\s+/g, ' ');
  const missing = [];
  for (const [name, kind] of ENTRIES) {
    if (name in NOT_HERE) continue;
    const names = Array.isArray(kind) ? kind.map(([each]) => each).filter((each) => each !== 'backchannelLogout' && each !== 'cookie') : [name];
    for (const each of names) if (!new RegExp(`[\`.{ ]${each}\\b`).test(table)) missing.push(`${name} ${each}`);
  }
  assert.deepEqual(missing, []);
  for (const words of ['back-channel logout', 'pushed authorization requests', 'signed request objects', 'client certificates', 'tokenEndpointParams']) assert.ok(later.includes(words), words);
});

test('the defaults of the table are those of the code', () => {
  for (const [name, , fallback] of ENTRIES) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}`) && line.includes('|', 3));
    if (fallback === undefined || typeof fallback === 'object' || !row) continue;
    assert.ok(row.includes(`\`${fallback}\``), `${name}: ${fallback}: ${row}`);
  }
});
