// SPDX-License-Identifier: Apache-2.0
// A provider that lies, once for each way in its table, in front of auth() on Express: what must be refused is, with the status and the
// reason of docs/refusals.md, through the application's error handler, and nobody is signed in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe } from 'node:test';
import express from 'express5';
import session from 'express-session';
import { Browser } from '../support/browser.mjs';
import { CLIENT_SECRET, encryptionArguments, encryptionOptions } from '../support/faults.mjs';
import { freePort, root } from '../support/place.mjs';
import { listFaults, Practice, signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { addon } from '../../servers/node/lib/addon.js';
import { auth, requiresAuth } from '../../servers/node/lib/express/index.js';
import { handleError, SECRET } from './express-support.mjs';

const expected = JSON.parse(readFileSync(join(root, 'test/hostile/expected.json'), 'utf8'));
const stage = openStage('express-hostile');
const test = testOn(stage);
const practice = stage.add(await Practice.start(encryptionArguments(stage.folder)));
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const statuses = new Map(addon.refusals().map(({ id, status }) => [id, status]));

// Those that show at sign-in; refresh, introspection and logout tokens are not there yet.
const faults = (await listFaults()).filter(({ id, kind }) => !/^refresh$|^introspection|^logout$/.test(kind) && !/rp-backchannel/.test(id));
const asks = {
  'gw-auth-time-missing': { max_age: 3600 }, 'gw-auth-time-old': { max_age: 3600 }, 'gw-auth-time-string': { max_age: 3600 },
  'gw-acr-lower': { acr_values: 'phr' }, 'gw-acr-missing': { acr_values: 'phr' },
  'oidcc-client-test-form-post-error': { response_mode: 'form_post' },
};

// What inflates without end is cut off while it is fetched: there is no answer, where other servers have a malformed one.
for (const [id, reason] of Object.entries({ 'gw-discovery-gzip-bomb': 'provider_down', 'gw-jwks-gzip-bomb': 'provider_down', 'gw-gzip-bomb': 'token_down' })) expected[id] = reason;

const errors = [];
const app = express();
for (const [i, fault] of faults.entries()) {
  const { id, alg } = fault;
  app.use(`/f/${id}`, auth({
    issuerBaseURL: practice.issuer(id), baseURL: `${origin}/f/${id}`, clientID: 'practice', clientSecret: CLIENT_SECRET, secret: SECRET, authRequired: false,
    session: { name: `fault${i}`, store: id === 'gw-claims-6kb' ? new session.MemoryStore() : undefined }, idTokenSigningAlg: alg, authorizationParams: { ...asks[id] }, userinfo: true, log() {},
    httpTimeout: id.includes('slow-loris') ? 1000 : 10000, provider: encryptionOptions(fault),
  }));
  app.get(`/f/${id}/page`, requiresAuth(), (req, res) => res.json({ sub: req.oidc.user.sub, url: req.originalUrl }));
}
handleError(app, errors);
const server = createServer(app);
await new Promise((done) => server.listen(port, '127.0.0.1', done));
stage.add({ stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) });

async function assertRefused(browser, shown, id, name) {
  const reasons = [expected[id]].flat();
  assert.ok(shown.url.origin === origin && shown.status >= 400, String(shown));
  assert.ok(reasons.includes(shown.json.id), `refused for ${shown.json.id}, not for ${reasons.join(' or ')}`);
  assert.equal(shown.status, statuses.get(shown.json.id));
  assert.notEqual(shown.status, 500);
  assert.deepEqual(browser.jar.find(new RegExp(`^${name}(\\.\\d)?$`)), [], 'no session cookie');
  assert.notEqual((await browser.request(`${origin}/f/${id}/page`, { mode: 'cors', headers: { accept: 'application/json' } })).status, 200);
}

describe('faults', { concurrency: 8 }, () => {
  for (const [i, { id, expect, what }] of faults.entries()) {
    test(`${id} (${expect}): ${what}`, { logPattern: new RegExp(`/f/${id}/`) }, async () => {
      const browser = new Browser();
      const shown = await signIn(browser, `${origin}/f/${id}/page?of=${id}`);
      if (expect === 'refuse' || (expect === 'either' && shown.status !== 200)) await assertRefused(browser, shown, id, `fault${i}`);
      else assert.deepEqual([shown.status, shown.json.url], [200, `/f/${id}/page?of=${id}`], String(shown));
      assert.deepEqual(await practice.violations(id), []);
    });
  }
});

test('the process lived through it, and every error was one of the table', () => {
  assert.ok(errors.length > 80, String(errors.length));
  for (const error of errors) assert.ok(error.status >= 400 && error.status < 600 && statuses.has(error.id), `${error.stack}`);
});
