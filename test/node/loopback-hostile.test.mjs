// SPDX-License-Identifier: Apache-2.0
// A provider that misbehaves, once for each way in its table, against the LoopBack component: what must be refused reaches no
// controller.
import '../support/peers.mjs';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authenticate, AuthenticationComponent } from '@loopback/authentication';
import { get, RestApplication, RestBindings } from '@loopback/rest';
import { Browser } from '../support/browser.mjs';
import { CLIENT_SECRET, encryptionArguments, listSignInFaults } from '../support/faults.mjs';
import { freePort } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { SlowStore } from '../support/slow_store.mjs';
import { openStage } from '../support/stage.mjs';

const { OidcBindings, OidcComponent } = await import('../../servers/node/lib/loopback/index.js');
const stage = openStage('loopback-hostile');
const practice = stage.add(await Practice.start(encryptionArguments(stage.folder)));
const faults = await listSignInFaults();
const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

/** An application whose only operation counts how often it was called. */
async function open(fault) {
  const called = { count: 0 };
  class Pages {
    page() {
      called.count += 1;
      return { ok: true };
    }
  }
  const property = Object.getOwnPropertyDescriptor(Pages.prototype, 'page');
  get('/page')(Pages.prototype, 'page', property);
  authenticate('oidc')(Pages.prototype, 'page', property);
  const port = await freePort();
  const app = new RestApplication({ shutdown: { signals: [] }, rest: { port, host: '127.0.0.1', gracePeriodForClose: 0, openApiSpec: { disabled: true } } });
  app.bind(RestBindings.SequenceActions.LOG_ERROR).to(() => {});
  app.component(AuthenticationComponent);
  app.configure(OidcBindings.COMPONENT).to({
    issuer: practice.issuer(fault.id), clientId: 'practice', clientSecret: CLIENT_SECRET, redirectUri: '/oidc/callback', scope: 'openid profile email',
    cookieSecret: 'a secret of this test, long enough', store: new SlowStore(), log: () => {}, ...fault.options,
  });
  app.component(OidcComponent);
  app.controller(Pages);
  await app.start();
  return { app, called, url: `http://127.0.0.1:${port}/page` };
}

async function tryFault(fault) {
  const { app, called, url } = await open(fault);
  try {
    const browser = new Browser();
    const shown = await signIn(browser, url);
    if (shown.status === 200) return assert.notEqual(fault.expect, 'refuse', 'signed in');
    assert.notEqual(fault.expect, 'accept', String(shown));
    assert.ok([400, 401, 403, 502, 503].includes(shown.status), String(shown));
    assert.notEqual((await browser.request(url)).status, 200, 'nobody is signed in');
    return assert.equal(called.count, 0, 'no controller was called');
  } finally {
    (await app.get(OidcBindings.GATE)).close();
    await app.stop();
  }
}

describe('faults', { concurrency: 8 }, () => {
  for (const fault of faults) test(`${fault.id} (${fault.expect}): ${fault.what}`, () => tryFault(fault));
});

test('nothing was thrown past everybody', () => assert.deepEqual(uncaught, []));
