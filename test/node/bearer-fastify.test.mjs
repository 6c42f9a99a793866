// SPDX-License-Identifier: Apache-2.0
// bearer.fastify: the plugin, its reach, and what it gives back when the application closes.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { bearer, requiredScopes } from '../../servers/node/lib/bearer/index.js';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { minter } from './bearer-stage.mjs';

const fastify = createRequire(import.meta.url)('fastify');
const stage = openStage('bearer-fastify');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));
const LABEL = 'ok~atjwt~aud-api';
const options = { issuer: practice.issuer(LABEL), audience: 'api', log() {} };
const token = await minter(practice)(LABEL);
const withToken = { authorization: `Bearer ${token}` };

test('protects the context that it is registered in, and nothing beside it', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  app.get('/open', (request) => ({ auth: request.auth ?? null }));
  app.register(async (api) => {
    api.register(bearer.fastify, options);
    api.get('/who', (request) => ({ user: request.user.sub, auth: request.auth.token === token }));
    api.get('/admin', { preHandler: requiredScopes('admin') }, () => 'never');
  }, { prefix: '/api' });
  assert.deepEqual((await app.inject('/open')).json(), { auth: null });
  const refused = await app.inject('/api/who');
  assert.deepEqual([refused.statusCode, refused.headers['www-authenticate']], [401, 'Bearer realm="api"']);
  assert.deepEqual((await app.inject({ url: '/api/who', headers: withToken })).json(), { user: 'person-ada', auth: true });
  assert.equal((await app.inject({ url: '/api/admin', headers: withToken })).statusCode, 403);
});

test('two of them in two contexts, each with its audience', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  for (const audience of ['api', 'other']) {
    app.register(async (api) => {
      api.register(bearer.fastify, { ...options, audience, realm: audience });
      api.get(`/${audience}`, () => 'in');
    });
  }
  assert.equal((await app.inject({ url: '/api', headers: withToken })).statusCode, 200);
  const other = await app.inject({ url: '/other', headers: withToken });
  assert.equal(other.statusCode, 401);
  assert.match(other.headers['www-authenticate'], /^Bearer realm="other", error="invalid_token"/);
});

test('the answer passes the application’s own onSend hooks; passErrors goes to its error handler', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  app.addHook('onSend', async (request, reply) => { reply.header('x-seen', 'yes'); });
  app.setErrorHandler((error, request, reply) => reply.code(error.statusCode).headers(error.headers).send({ mine: error.id }));
  app.get('/answers', { onRequest: bearer(options) }, () => 'never');
  app.get('/passes', { onRequest: bearer({ ...options, passErrors: true }) }, () => 'never');
  const answered = await app.inject('/answers');
  assert.deepEqual([answered.statusCode, answered.headers['x-seen'], answered.json().error], [401, 'yes', 'bearer_missing']);
  const passed = await app.inject('/passes');
  assert.deepEqual([passed.statusCode, passed.headers['x-seen'], passed.json(), passed.headers['www-authenticate']], [401, 'yes', { mine: 'bearer_missing' }, 'Bearer realm="api"']);
});

test('a set-up that cannot be fails app.ready(), and closing ends the gate', async () => {
  const bad = fastify();
  bad.register(bearer.fastify, { issuer: 'https://op.example' });
  await assert.rejects(bad.ready(), /"audience" is missing/);
  const app = fastify();
  app.register(bearer.fastify, options);
  app.get('/', () => 'in');
  await app.ready();
  await app.close();
});
