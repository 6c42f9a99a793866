// SPDX-License-Identifier: Apache-2.0
// What docs/sockets.md shows, run as it stands: the package by its name, a server in a process of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '../support/browser.mjs';
import { freePort, root, until } from '../support/place.mjs';
import { signIn } from '../support/practice.mjs';
import { Program, run } from '../support/process.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { require, SECRET, startProvider } from './oidc-stage.mjs';

const stage = openStage('sockets-docs');
const test = testOn(stage);
const practice = await startProvider(stage);
const { io: client } = require('socket.io-client');
const { WebSocket } = require('ws');

const blocks = [...readFileSync(join(root, 'docs/sockets.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const blockWith = (text) => blocks.find((code) => code.includes(text));

/** A folder in which the packages have their usual names. */
function makeProject() {
  const modules = join(stage.folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(join(root, 'servers/node'), join(modules, 'gatewright'));
  for (const [name, installed] of [['express', 'express5'], ['socket.io', 'socket.io'], ['cookie-parser', 'cookie-parser'], ['ws', 'ws']]) {
    symlinkSync(join(root, 'test/node_modules', installed), join(modules, name));
  }
  mkdirSync(join(stage.folder, 'public'));
  writeFileSync(join(stage.folder, 'public/index.html'), 'the page');
}

/** Runs code with this provider and this client, until it listens. */
async function start(name, code, port) {
  const text = code.replaceAll('https://login.example.com', practice.issuer('ok')).replaceAll('my-client', 'practice').replaceAll('my-api', 'practice')
    .replaceAll('https://app.example.com', `http://127.0.0.1:${port}`).replaceAll('3000', String(port));
  const file = join(stage.folder, `${name}.mjs`);
  writeFileSync(file, text);
  const env = { ...process.env, CLIENT_SECRET: 'practice-secret', COOKIE_SECRET: SECRET };
  const program = stage.add(new Program('sh', ['-c', 'cd "$0" && exec "$1" "$2"', stage.folder, process.execPath, file], { name, env }));
  await until(`${name} listens`, () => fetch(`http://127.0.0.1:${port}/nothing`, { redirect: 'manual' }).then(() => true, () => false), 10000);
  return program;
}

/** Connects; answers the socket and what it is greeted with. */
async function openClient(t, url, options) {
  const socket = client(url, { reconnection: false, ...options });
  t.after(() => socket.close());
  const hello = await new Promise((done, fail) => {
    socket.once('hello', done);
    socket.once('connect_error', (error) => fail(new Error(JSON.stringify(error.data ?? error.message))));
  });
  return { socket, hello };
}

makeProject();

test('every example can be read', async () => {
  assert.ok(blocks.length >= 7, `${blocks.length} examples`);
  for (const [i, code] of blocks.entries()) {
    const file = join(stage.folder, `block${i}.mjs`);
    writeFileSync(file, code);
    const { status, text } = await run(process.execPath, ['--check', file]);
    assert.equal(status, 0, text);
  }
});

test('pages: sign in, open a socket, sign out, and it ends', async (t) => {
  const port = await freePort();
  await start('pages', blockWith('express.static'), port);
  const origin = `http://127.0.0.1:${port}`;
  const browser = new Browser();
  assert.equal((await signIn(browser, `${origin}/`)).text, 'the page');
  const { socket, hello } = await openClient(t, origin, { extraHeaders: { Cookie: browser.jar.header(new URL(origin)), Origin: origin } });
  assert.equal(hello, 'Ada Lovelace');
  const why = once(socket, 'unauthorized');
  await browser.request(new URL(`${origin}/logout`), { mode: 'navigate' });
  assert.deepEqual(await why, [{ code: 4401, reason: 'signed out' }]);
});

test('tokens: Socket.IO and ws side by side', async (t) => {
  const port = await freePort();
  const around = `import { createServer } from 'node:http';\nimport { Server } from 'socket.io';\n`;
  const [tokens, ws] = [blockWith("audience: 'my-api' });\n\nio.use(sockets.socketio)"), blockWith('sockets.ws(')];
  const opening = `const server = createServer((req, res) => res.end());\nconst io = new Server(server, { destroyUpgrade: false });\nio.on('connection', (socket) => socket.emit('hello', socket.user.sub));\n`;
  const code = `${around}${tokens.replace(/(import .*\n)+/, (imports) => `${imports}${opening}`)}\n${ws.replace('new WebSocketServer({ server })', "new WebSocketServer({ server, path: '/ws' })")}\nserver.listen(3000);\n`;
  await start('tokens', code, port);
  const token = await practice.idToken('ok', { aud: 'practice', client_id: 'c', name: 'Ada' }, { header: { typ: 'at+jwt' } });
  assert.equal((await openClient(t, `http://127.0.0.1:${port}`, { transports: ['polling'], auth: { token } })).hello, 'person-ada');
  const plain = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { Authorization: `Bearer ${token}` } });
  t.after(() => plain.terminate());
  assert.equal(String((await once(plain, 'message'))[0]), 'hello Ada');
});
