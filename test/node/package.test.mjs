// SPDX-License-Identifier: Apache-2.0
// What npm gets: packed, installed into an empty folder with no network, loaded both ways, signed in with. And the words when
// something is missing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { Browser } from '../support/browser.mjs';
import { freePort, root, until } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { Program } from '../support/process.mjs';
import { openStage } from '../support/stage.mjs';

const stage = openStage('package');
const home = join(root, 'servers/node');
const practice = stage.add(await Practice.start());
const application = join(stage.folder, 'application');
mkdirSync(application);

// No registry, no proxy: whoever wants something from a network fails.
const offline = { ...process.env, npm_config_cache: join(stage.folder, 'cache'), npm_config_registry: 'http://127.0.0.1:1/', npm_config_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };

function call(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env: offline, ...options });
  return { status, stdout, text: `${error ?? ''}${stdout}${stderr}` };
}

const SIGN_IN = `
import { createRequire } from 'node:module';
import { Gate } from 'gatewright';
const require = createRequire(import.meta.url);
if (require('gatewright').Gate !== Gate) throw new Error('two of it');
const [issuer] = process.argv.slice(2);
const gate = new Gate({ issuer, clientId: 'practice', clientSecret: 'practice-secret', cookieSecret: 'p'.repeat(32) });
const rule = gate.rule();
let cookies = new Map();
const get = async (url) => {
  const verdict = await gate.guard(gate.request({ method: 'GET', url, headers: { host: '127.0.0.1:3000', accept: 'text/html', cookie: [...cookies].map((c) => c.join('=')).join('; ') }, socket: {} }), rule);
  for (const [name, value] of verdict.headers) if (name === 'Set-Cookie') cookies.set(...value.split(';')[0].split(/=(.*)/s));
  return verdict;
};
const location = new URL((await get('/x')).headers.find(([name]) => name === 'Location')[1]);
location.searchParams.set('practice_login', 'ada');
const back = new URL((await fetch(location, { redirect: 'manual' })).headers.get('location'));
await get(back.pathname + back.search);
console.log('signed in', (await get('/x')).claims.sub);
`;

test('packed, installed with no network, loaded by import and require, signed in with', () => {
  const packed = call('npm', ['pack', '--json', '--pack-destination', stage.folder], { cwd: home });
  assert.equal(packed.status, 0, packed.text);
  assert.deepEqual(['engine', 'LICENSE'].filter((name) => existsSync(join(home, name))), [], 'nothing of it stays in the tree');
  const archive = readdirSync(stage.folder).find((name) => name.endsWith('.tgz'));
  const names = call('tar', ['tzf', join(stage.folder, archive)]).stdout.split('\n');
  for (const name of ['index.js', 'index.cjs', 'LICENSE', 'README.md', 'engine/include/gate.h', 'engine/src/option/options.def', 'addon/addon.map', 'lib/gate.js', 'types/index.d.ts']) {
    assert.ok(names.includes(`package/${name}`), name);
  }
  assert.deepEqual(names.filter((name) => /\.(o|node|tgz)$|node_modules|test/.test(name)), []);

  writeFileSync(join(application, 'package.json'), '{"name":"application","version":"1.0.0","private":true,"allowScripts":{"gatewright":true}}');
  const installed = call('npm', ['install', '--foreground-scripts', join(stage.folder, archive)], { cwd: application });
  assert.equal(installed.status, 0, installed.text);
  assert.ok(existsSync(join(application, 'node_modules/gatewright/build/gatewright.node')), installed.text);
  assert.deepEqual(readdirSync(join(application, 'node_modules')).filter((name) => !name.startsWith('.')), ['gatewright'], 'it needs no other package');

  writeFileSync(join(application, 'sign-in.mjs'), SIGN_IN);
  const signedIn = call(process.execPath, ['sign-in.mjs', practice.issuer('ok~package')], { cwd: application });
  assert.equal(signedIn.status, 0, signedIn.text);
  assert.match(signedIn.stdout, /^signed in person-ada$/m);
  assert.doesNotMatch(signedIn.text, /Warning/);
  const older = call(process.execPath, ['-e', 'console.log(Object.keys(require("gatewright")).includes("Gate"))'], { cwd: application });
  assert.equal(older.stdout, 'true\n', older.text);
});

test('the programs of the package\'s first page run as they stand', async () => {
  const page = readFileSync(join(application, 'node_modules/gatewright/README.md'), 'utf8');
  const files = [...page.matchAll(/^```js name=(\S+)\n(.*?)^```$/gms)].map(([, name, text]) => [name, text]);
  assert.deepEqual(files.map(([name]) => name), ['app.mjs', 'api.mjs']);
  symlinkSync(join(root, 'test/node_modules/express5'), join(application, 'node_modules/express'));
  const origins = {};
  for (const [name, text] of files) {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    writeFileSync(join(application, name), text);
    const program = stage.add(new Program(process.execPath, [join(application, name)], {
      name, env: { ISSUER_BASE_URL: practice.issuer('ok'), BASE_URL: origin, PORT: String(port), CLIENT_ID: 'practice', CLIENT_SECRET: 'practice-secret', SECRET: 's'.repeat(32) },
    }));
    await until(`${name} listens`, () => {
      if (program.child.exitCode !== null) throw new Error(program.text);
      return fetch(origin, { redirect: 'manual' }).then(() => true, () => false);
    });
    origins[name] = origin;
  }
  assert.equal((await signIn(new Browser(), `${origins['app.mjs']}/`)).text, 'Hello Ada Lovelace');
  const claims = { sub: 'person-ada', aud: 'https://api.example.com', exp: Math.floor(Date.now() / 1000) + 300 };
  const token = await (await practice.control('ok', 'mint', { claims: JSON.stringify(claims) })).text();
  const answer = (headers) => fetch(origins['api.mjs'], { headers });
  const known = await answer({ authorization: `Bearer ${token}` });
  assert.deepEqual([known.status, await known.json()], [200, { caller: 'person-ada' }]);
  assert.equal((await answer({})).status, 401);
  assert.equal((await answer({ authorization: `Bearer ${token}x` })).status, 401);
});

const TYPED = `
import express from 'express';
import { Gate } from 'gatewright';
import { auth, claimCheck, requiresAuth } from 'gatewright/express';
import { bearer, InvalidTokenError, requiredScopes } from 'gatewright/bearer';
import { Strategy } from 'gatewright/passport';
import { ExpressOIDC } from 'gatewright/okta';
import { socketAuth } from 'gatewright/sockets';
import * as others from 'gatewright/fastify';
import * as koa from 'gatewright/koa';
import * as http from 'gatewright/http';
import * as oidc from 'gatewright/oidc';
import * as guard from 'gatewright/guard';

const app = express();
app.use(auth({ authRequired: false }), bearer({ issuer: 'https://op.example', audience: 'api' }));
app.get('/', requiresAuth(), claimCheck((req, claims) => claims.level === 1), requiredScopes('read'), (req, res) => {
  const authenticated: boolean = req.oidc.isAuthenticated();
  const token: string | undefined = req.auth?.token;
  req.appSession.seen = true;
  res.json({ authenticated, token, user: req.oidc.user, who: req.userContext?.userinfo.sub });
});
app.get('/login', (req, res) => { res.oidc.login({ returnTo: '/' }); });
const strategy = new Strategy({ issuer: 'https://op.example', clientID: 'x', callbackURL: '/cb' }, (issuer: string, profile: any, done: Function) => done(null, profile));
const okta = new ExpressOIDC({ issuer: 'https://op.example', client_id: 'x', client_secret: 'y', appBaseUrl: 'https://app.example' });
app.use(okta.router).get('/in', okta.ensureAuthenticated({ loginHint: 'ada' }));
// @ts-expect-error an issuer is text
new ExpressOIDC({ issuer: 1, client_id: 'x', appBaseUrl: 'y' });
const rule = new Gate({ issuer: 'https://op.example', clientId: 'x' }).rule({});
export { guard, http, InvalidTokenError, koa, oidc, others, rule, socketAuth, strategy };
`;

const ENTRIES = ['', '/bearer', '/express', '/fastify', '/guard', '/http', '/koa', '/oidc', '/okta', '/passport', '/session', '/sockets'];
const tsc = join(root, 'test/node_modules/.bin/tsc');

test('TypeScript knows each entry, and what it puts on the requests of Express', () => {
  const types = join(application, 'node_modules/@types');
  if (!existsSync(types)) symlinkSync(join(root, 'test/node_modules/@types'), types);
  writeFileSync(join(application, 'typed.mts'), TYPED);
  writeFileSync(join(application, 'typed.cts'), `${ENTRIES.map((name, i) => `import * as m${i} from 'gatewright${name}';`).join('\n')}\nexport = [${ENTRIES.map((_, i) => `m${i}`)}];\n`);
  for (const file of ['typed.mts', 'typed.cts']) {
    const { status, text } = call(tsc, ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--esModuleInterop', '--skipLibCheck', file], { cwd: application });
    assert.equal(status, 0, text);
  }
});

test('each entry can be had by require; that of Passport is the class', () => {
  const program = `
    for (const name of ${JSON.stringify(ENTRIES)}) if (Object.keys(require('gatewright' + name)).length === 0) throw new Error(name);
    const Strategy = require('gatewright/passport');
    const { name } = new Strategy({ issuer: 'https://op.example', clientID: 'x' }, () => {});
    import('gatewright/passport').then((all) => console.log(name, all.Strategy === Strategy, Strategy.Strategy === Strategy, all.TokenError === Strategy.TokenError));
  `;
  const { stdout, text } = call(process.execPath, ['-e', program], { cwd: application });
  assert.equal(stdout, 'openidconnect true true true\n', text);
});

/** The programs of the machine, without those named. */
function pathWithout(...missing) {
  const folder = join(stage.folder, `without-${missing.join('-')}`);
  mkdirSync(folder);
  for (const each of process.env.PATH.split(delimiter)) {
    for (const name of existsSync(each) ? readdirSync(each) : []) {
      if (!missing.some((pattern) => name === pattern) && !existsSync(join(folder, name))) {
        try { symlinkSync(join(each, name), join(folder, name)); } catch { /* a broken link of the machine's own */ }
      }
    }
  }
  return folder;
}

for (const [what, missing, line] of [['cmake', ['cmake'], /^gatewright: cannot be built: cmake is missing .*$/m],
  ['a compiler', ['cc', 'gcc', 'clang'], /^gatewright: cannot be built: a C compiler is missing .*$/m]]) {
  test(`without ${what} one line says so`, () => {
    const built = call(process.execPath, ['build.mjs'], { cwd: join(application, 'node_modules/gatewright'), env: { ...offline, PATH: pathWithout(...missing), CC: 'cc' } });
    assert.equal(built.status, 1);
    assert.match(built.text.trim(), line);
    assert.equal(built.text.trim().split('\n').length, 1);
  });
}

test('without the headers of Node one line says so', () => {
  const bare = join(stage.folder, 'bare/bin');
  mkdirSync(bare, { recursive: true });
  copyFileSync(process.execPath, join(bare, 'node'));
  const built = call(join(bare, 'node'), ['build.mjs'], { cwd: join(application, 'node_modules/gatewright'), env: { ...offline, HOME: stage.folder } });
  assert.equal(built.status, 1);
  assert.match(built.text.trim(), /^gatewright: cannot be built: the headers of Node v[\d.]+ are missing \(npm install node-api-headers.*\)$/);
});

test('with the headers of the npm package node-api-headers it builds against the system\'s OpenSSL', () => {
  const own = join(application, 'node_modules/gatewright');
  mkdirSync(join(own, 'node_modules'));
  symlinkSync(join(root, 'test/node_modules/node-api-headers'), join(own, 'node_modules/node-api-headers'));
  const built = call(join(stage.folder, 'bare/bin/node'), ['build.mjs'], { cwd: own, env: { ...offline, HOME: stage.folder } });
  assert.equal(built.status, 0, built.text);
  const signedIn = call(process.execPath, ['sign-in.mjs', practice.issuer('ok~package')], { cwd: application });
  assert.match(signedIn.text, /^signed in person-ada$/m);
});

test('an engine that was not built, or is none, is one clear Error', () => {
  const load = (path) => call(process.execPath, ['-e', 'import("gatewright").catch((error) => console.log(error.message))'], { cwd: application, env: { ...offline, GATEWRIGHT_ADDON: path } });
  assert.match(load(join(stage.folder, 'none.node')).stdout, /^gatewright's engine is not built: run "npm rebuild gatewright"/);
  writeFileSync(join(stage.folder, 'odd.node'), 'no library');
  assert.match(load(join(stage.folder, 'odd.node')).stdout, /^gatewright's engine cannot be loaded into Node v.*npm rebuild gatewright/);
  const electron = call(process.execPath, ['-e', `Object.defineProperty(process, 'versions', { value: { ...process.versions, electron: '30.0.0' } });
    import('gatewright').catch((error) => console.log(error.message))`], { cwd: application, env: { ...offline, GATEWRIGHT_ADDON: join(stage.folder, 'odd.node') } });
  assert.match(electron.stdout, /^gatewright needs the OpenSSL of Node, which Electron does not have: run it in a Node process/);
});

test('JSDoc types hold', () => {
  const checked = call(join(root, 'test/node_modules/.bin/tsc'), ['-p', '.', '--outDir', join(stage.folder, 'types')], { cwd: home });
  assert.equal(checked.status, 0, checked.text);
});
