// SPDX-License-Identifier: Apache-2.0
// The guard and the framework agree on which request is which, however its path is spelled.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import express from 'express5';
import { expressGuard } from '../../servers/node/lib/guard/index.js';
import { isPlain } from '../../servers/node/lib/guard/path.js';
import { rawGet } from '../support/raw.mjs';
import { applications, demands, listen, setUp } from './guard-stage.mjs';

const { stage, open, mint } = await setUp('guard-paths');
const token = await mint();

const SPELLINGS = [
  '/admin', '/admin/', '/admin/x', '/ADMIN', '/Admin/x', '//admin', '//admin/x', '/admin//x', '/./admin', '/x/../admin', '/admin/.', '/admin/./x', '/admin/..', '/admin/../admin/x',
  '/%61dmin', '/%61dmin/x', '/admin%2f', '/admin%2Fx', '/admin%5cx', '/%2fadmin', '/%2e/admin', '/x/%2e%2e/admin', '/admin;a=1', '/admin;a=1/x', '/;/admin', '/admin%3fx',
  '/admin?x', '/admin/?x', '/admin%00', '/admin%00/x', '/admin%', '/adm%c4%b1n', '/\\admin', '/admin\\x', '/admin#x', 'http://other.example/admin', 'HTTP://x/admin/x',
];

const VARIANTS = [
  ['http'], ['express4'], ['express5'], ['express5', { how: { 'case sensitive routing': true, 'strict routing': true } }],
  ['restify'], ['restify', { pre: ['dedupeSlashes', 'sanitizePath'] }], ['restify', { how: { ignoreTrailingSlash: true } }],
  ['fastify'], ['fastify', { how: { routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, caseSensitive: false, useSemicolonDelimiter: true } } }],
  ['fastify', { how: { rewriteUrl: (req) => req.url.replace(/^\/x\/\.\./, '') } }],
  ['koa2'], ['koa3'],
];

for (const [name, how = {}] of VARIANTS) {
  test(`${name} ${JSON.stringify(how)}: no spelling leads past the guard`, async () => {
    const port = await listen(stage, await applications[name](open(), [demands()], how));
    const answers = await Promise.all(SPELLINGS.map((path) => rawGet(port, path, [])));
    for (const [i, { status, text }] of answers.entries()) {
      assert.ok(!text.includes('"admin"'), `${SPELLINGS[i]}: ${text}`);
      assert.ok([200, 301, 307, 400, 401, 404, 405].includes(status), `${SPELLINGS[i]}: ${status} ${text}`);
    }
    assert.equal(answers[0].status, 401);
    for (const path of ['/admin', '/admin/x', '/admin?x']) {
      const { status, text } = await rawGet(port, path, [['Authorization', `Bearer ${token}`]]);
      assert.equal(status, 200, text);
      assert.equal(JSON.parse(text).place, 'admin');
    }
  });
}

const TWO_WAYS = ['//private/a.txt', '/./private/a.txt', '/x/../private/a.txt', '/%70rivate/a.txt', '/private%2fa.txt', '/x/%2e%2e/private/a.txt', '/%2e/private/a.txt'];

test('a lookup that reads paths in its own way beside a guarded place: plainPaths', async () => {
  const www = join(stage.folder, 'www');
  mkdirSync(join(www, 'private'), { recursive: true });
  writeFileSync(join(www, 'private', 'a.txt'), 'a secret');
  writeFileSync(join(www, 'b.txt'), 'for all');
  const serve = (site) => {
    const guard = expressGuard(open());
    return listen(stage, createServer(express().set('env', 'test').use(guard.site(site)).use('/private', guard.place(demands())).use(express.static(www))));
  };
  const [bare, plain] = [await serve({}), await serve({ plainPaths: true })];
  const past = await Promise.all(TWO_WAYS.map((path) => rawGet(bare, path, [])));
  assert.ok(past.some(({ text }) => text === 'a secret'), 'Express serves a file by a path that it does not route so: this is what the option is for');
  for (const path of ['/private/a.txt', ...TWO_WAYS]) {
    const { status, text } = await rawGet(plain, path, []);
    assert.ok([400, 401].includes(status), `${path}: ${status}`);
    assert.ok(!text.includes('secret'));
  }
  assert.equal((await rawGet(plain, '/b.txt?c=//d%2f..', [])).text, 'for all');
});

test('what a plain path is', () => {
  for (const path of ['/', '/a', '/a/', '/a.b/..c/d..', '/caf%C3%A9', '/a%20b', '/a;b=c', '/a?b=//c/../%2f', '/~a-b_c', '/%5B1%5D']) assert.ok(isPlain(path), path);
  for (const path of ['', 'a', '*', '//a', '/a//', '/a/.', '/a/..', '/.', '/../a', '/a\\b', '/%61', '/%7Ea', '/%2d', '/%5f', '/%30', '/a%2Fb', '/a%5Cb', '/a%2eb', '/%252f', '/a%00', '/a%', '/a%g1',
    'http://x/a']) assert.ok(!isPlain(path), path);
});
