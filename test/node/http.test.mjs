// SPDX-License-Identifier: Apache-2.0
// What is particular to node:http: the handler, who answers errors, and what runs when.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { auth, requiresAuth } from '../../servers/node/lib/http/index.js';
import { Browser } from '../support/browser.mjs';
import { freePort } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { SECRET } from './http-apps.mjs';

const stage = openStage('http');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));

/** wrap(make, origin) answers the listener; make(more) is auth() for this origin. */
async function serve(t, wrap) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const made = [];
  const make = (more) => {
    made.push(auth({
      issuerBaseURL: practice.issuer(), baseURL: origin, clientID: 'practice', clientSecret: 'practice-secret', secret: SECRET, log() {}, ...more,
    }));
    return made.at(-1);
  };
  const server = createServer(wrap(make));
  await new Promise((done) => { server.listen(port, '127.0.0.1', done); });
  t.after(() => new Promise((done) => {
    made.forEach((each) => each.close());
    server.close(done);
    server.closeAllConnections();
  }));
  return origin;
}

test('the handler runs for who is signed in alone', async (t) => {
  let ran = 0;
  const origin = await serve(t, (make) => make()((req, res) => { ran += 1; res.end(req.oidc.user.sub); }));
  for (const how of [{}, { mode: 'cors' }, { method: 'POST' }, { method: 'OPTIONS' }, { headers: { 'x-http-method-override': 'GET' } }]) {
    assert.ok([302, 401].includes((await new Browser().request(`${origin}/page`, how)).status));
  }
  assert.equal(ran, 0);
  assert.equal((await signIn(new Browser(), `${origin}/page`)).text, 'person-ada');
  assert.equal(ran, 1);
});

test('a 401 says little; onError says what it likes', async (t) => {
  const plain = await serve(t, (make) => make()((req, res) => res.end('in')));
  const answer = await new Browser().request(plain, { mode: 'cors' });
  assert.deepEqual([answer.status, answer.text, answer.headers['cache-control']], [401, 'Unauthorized\n', 'no-store']);
  const own = await serve(t, (make) => make()((req, res) => res.end('in'), (error, req, res) => res.writeHead(error.status).end(error.id)));
  assert.equal((await new Browser().request(own, { mode: 'cors' })).text, 'no_session');
  assert.equal((await new Browser().request(`${own}/callback?code=x&state=y`)).text, 'attempt_unknown');
});

test('without a handler it does not start', () => {
  const signIn = auth({ issuerBaseURL: 'https://op.example', baseURL: 'https://app.example', clientID: 'x', clientSecret: 'y', secret: 's'.repeat(32), log() {} });
  for (const none of [undefined, {}, 'handler']) assert.throws(() => signIn(none), /^TypeError: auth\(options\)\(handler\): the handler is a function/);
  signIn.close();
});

test('wrapped twice, it lets nobody in', async (t) => {
  const origin = await serve(t, (make) => make({ authRequired: false })(make({ authRequired: false })((req, res) => res.end('in'))));
  assert.equal((await new Browser().request(origin)).status, 500);
});

test('requiresAuth() for one page', async (t) => {
  const demand = requiresAuth();
  const origin = await serve(t, (make) => make({ authRequired: false })((req, res) => {
    if (req.url.startsWith('/open')) return res.end('open');
    return demand(req, res, (error) => (error ? res.writeHead(error.status).end() : res.end('in')));
  }));
  assert.equal((await new Browser().request(`${origin}/open`)).text, 'open');
  assert.equal((await new Browser().request(`${origin}/page`, { mode: 'cors' })).status, 401);
  assert.equal((await signIn(new Browser(), `${origin}/page`)).text, 'in');
});
