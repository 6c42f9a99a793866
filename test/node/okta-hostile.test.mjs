// SPDX-License-Identifier: Apache-2.0
// A provider that misbehaves, once for each way in its table, against ExpressOIDC: what must be refused signs nobody in, leaves no
// login in the store, and is always answered.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, describe, test } from 'node:test';
import express from 'express5';
import session from 'express-session';
import { ExpressOIDC } from '../../servers/node/lib/okta/index.js';
import { Browser } from '../support/browser.mjs';
import { CLIENT_SECRET, encryptionArguments, listSignInFaults } from '../support/faults.mjs';
import { freePort } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { SlowStore } from '../support/slow_store.mjs';
import { openStage } from '../support/stage.mjs';

const stage = openStage('okta-hostile');
const practice = stage.add(await Practice.start(encryptionArguments(stage.folder)));
const faults = await listSignInFaults();
const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const all = express();
const server = createServer(all).listen(port, '127.0.0.1');
after(() => { server.closeAllConnections(); server.close(); });

/** An application below /f/N, for one fault. */
function open(fault, n) {
  const app = express();
  const store = new SlowStore();
  const oidc = new ExpressOIDC({
    issuer: practice.issuer(fault.id), client_id: 'practice', client_secret: CLIENT_SECRET, appBaseUrl: `${origin}/f/${n}`, scope: 'openid profile email',
    maxClockSkew: 60, log: () => {}, ...fault.options,
  });
  oidc.on('error', () => {});
  app.use(session({ secret: 'only for a test', resave: false, saveUninitialized: false, store }), oidc.router);
  app.get('/page', oidc.ensureAuthenticated(), (req, res) => res.json({ sub: req.userContext.userinfo.sub }));
  app.use((error, req, res, next) => res.status(error.status ?? 500).json({ id: error.id, message: error.message })); // eslint-disable-line no-unused-vars
  all.use(`/f/${n}`, app);
  return { oidc, store };
}

async function tryFault(fault, n) {
  const { oidc, store } = open(fault, n);
  const browser = new Browser();
  const shown = await signIn(browser, `${origin}/f/${n}/page`);
  const isIn = (await browser.request(`${origin}/f/${n}/page`)).status === 200;
  oidc.close();
  if (shown.status === 200) {
    assert.notEqual(fault.expect, 'refuse', 'signed in');
    return assert.ok(isIn);
  }
  assert.notEqual(fault.expect, 'accept', String(shown));
  assert.ok([400, 401, 403, 502, 503].includes(shown.status), String(shown));
  assert.ok(shown.json.id, String(shown));
  assert.equal(isIn, false, 'nobody is signed in');
  return assert.deepEqual([...store.rows.keys()].filter((id) => id.startsWith('oidc-login-')), []);
}

describe('faults', { concurrency: 8 }, () => {
  faults.forEach((fault, n) => {
    test(`${fault.id} (${fault.expect}): ${fault.what}`, () => tryFault(fault, n));
  });
});

test('nothing was thrown past everybody', () => assert.deepEqual(uncaught, []));
