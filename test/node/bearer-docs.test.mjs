// SPDX-License-Identifier: Apache-2.0
// What docs/bearer.md, docs/fastify.md and docs/koa.md show, run as it stands: the packages by their names, in a process of its own.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Browser } from '../support/browser.mjs';
import { freePort, root, until } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { Program, run } from '../support/process.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { call, minter } from './bearer-stage.mjs';
import { SECRET } from './http-apps.mjs';

const stage = openStage('bearer-docs');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));
const LABEL = 'ok~atjwt~aud-api';
const mint = minter(practice);

const blocksOf = (name) => [...readFileSync(join(root, `docs/${name}.md`), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const blocks = { bearer: blocksOf('bearer'), fastify: blocksOf('fastify'), koa: blocksOf('koa') };
const blockWith = (name, text) => blocks[name].find((code) => code.includes(text));

mkdirSync(join(stage.folder, 'node_modules'));
symlinkSync(join(root, 'servers/node'), join(stage.folder, 'node_modules/gatewright'));
for (const [name, installed] of [['express', 'express5'], ['fastify', 'fastify'], ['koa', 'koa']]) {
  symlinkSync(join(root, 'test/node_modules', installed), join(stage.folder, 'node_modules', name));
}

/** Runs code with this provider and this client, until it listens. */
async function start(name, code, more = {}) {
  const port = await freePort();
  const replaced = Object.entries({
    'https://login.example.com': practice.issuer(LABEL), 'https://api.example.com': 'api', 'my-client': 'practice',
    'https://app.example.com': `http://127.0.0.1:${port}`, 3000: port, ...more,
  }).reduce((text, [from, to]) => text.replaceAll(from, to), code);
  const file = join(stage.folder, `${name}.mjs`);
  writeFileSync(file, replaced);
  const env = { ...process.env, NODE_ENV: 'test', CLIENT_SECRET: 'practice-secret', SECRET };
  stage.add(new Program('sh', ['-c', 'cd "$0" && exec "$1" "$2"', stage.folder, process.execPath, file], { name, env }));
  await until(`${name} listens`, () => fetch(`http://127.0.0.1:${port}/nothing`, { redirect: 'manual' }).then(() => true, () => false), 10000);
  return `http://127.0.0.1:${port}`;
}

const EXPRESS = 'import express from \'express\';\nimport { bearer } from \'gatewright/bearer\';\nconst app = express();\n';

test('every example can be read', async () => {
  const all = Object.values(blocks).flat();
  assert.ok(all.length >= 15);
  for (const [i, code] of all.entries()) {
    const file = join(stage.folder, `block${i}.mjs`);
    writeFileSync(file, code);
    const { status, text } = await run(process.execPath, ['--check', file]);
    assert.equal(status, 0, text);
  }
});

test('bearer: the first example', async () => {
  const origin = await start('first', blockWith('bearer', 'app.post('));
  assert.equal((await call(`${origin}/orders`)).status, 401);
  assert.equal((await call(`${origin}/orders`, { token: await mint(LABEL) })).json.of, 'person-ada');
  assert.equal((await call(`${origin}/orders`, { token: await mint(LABEL), method: 'POST' })).status, 403);
  const writer = await mint(LABEL, { claims: { scope: 'orders:write' } });
  assert.equal((await call(`${origin}/orders`, { token: writer, method: 'POST' })).status, 201);
});

test('bearer: errors in one’s own way, opaque tokens, node:http', async () => {
  const own = await start('own', `${EXPRESS}${blockWith('bearer', 'problem:')}app.listen(3000);`);
  const refused = await call(`${own}/orders`);
  assert.deepEqual([refused.status, refused.json, refused.headers['www-authenticate']], [401, { problem: 'bearer_missing' }, 'Bearer realm="api"']);
  const opaque = await start('opaque', `${EXPRESS}${blockWith('bearer', 'opaque')}app.get('/', (req, res) => res.json(req.auth.payload)).listen(3000);`);
  assert.equal((await call(opaque, { token: await mint(LABEL, { opaque: '1', claims: { aud: 'api' } }) })).json.sub, 'person-ada');
  const options = 'const options = { issuer: "https://login.example.com", audience: "https://api.example.com" };\n';
  const plain = await start('plain', `import { createServer } from 'node:http';\n${EXPRESS}${options}${blockWith('bearer', 'const guard')}`);
  assert.equal((await call(plain, { token: await mint(LABEL) })).text, 'person-ada');
});

test('bearer: on to the next service', async () => {
  const seen = [];
  const stock = createServer((req, res) => { seen.push(req.headers.authorization); res.end('stock'); }).listen(0, '127.0.0.1');
  stage.add({ stop: () => new Promise((done) => { stock.close(done); stock.closeAllConnections(); }) });
  await until('the stock listens', () => stock.listening);
  const origin = await start('next', `${EXPRESS}${blockWith('bearer', 'forwardTo')}app.listen(3000);`, { 'https://stock.example.com': `http://127.0.0.1:${stock.address().port}` });
  const token = await mint(LABEL);
  assert.equal((await call(`${origin}/orders`, { token })).text, 'stock');
  assert.deepEqual(seen, [`Bearer ${token}`]);
});

for (const [name, text] of [['fastify', 'await fastify.listen'], ['koa', 'new Koa()']]) {
  test(`${name}: the first example`, async () => {
    const origin = await start(name, blockWith(name, text));
    assert.match((await new Browser().request(origin)).text, /stranger/);
    const browser = new Browser();
    const shown = await signIn(browser, `${origin}/profile`);
    assert.deepEqual([shown.url.pathname, shown.json.sub], ['/profile', 'person-ada']);
    assert.doesNotMatch((await browser.request(origin)).text, /stranger/);
  });
}

test('node:http: the example', async () => {
  const origin = await start('node-http', blockWith('koa', 'gatewright/http'));
  const shown = await signIn(new Browser(), `${origin}/`);
  assert.deepEqual([shown.status, /^Hello \w/.test(shown.text)], [200, true], shown.text);
});
