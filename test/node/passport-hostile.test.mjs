// SPDX-License-Identifier: Apache-2.0
// A provider that misbehaves, once for each way in its table, against the strategy: what must be refused calls neither the
// application nor success, and always calls something.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Strategy } from '../../servers/node/lib/passport/index.js';
import { readForm } from '../support/browser.mjs';
import { CLIENT_SECRET, encryptionArguments, listSignInFaults } from '../support/faults.mjs';
import { asPerson, Practice } from '../support/practice.mjs';
import { openStage } from '../support/stage.mjs';
import { Visitor } from '../support/strategy.mjs';

const stage = openStage('passport-hostile');
const practice = stage.add(await Practice.start(encryptionArguments(stage.folder)));
const faults = await listSignInFaults();
const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

/** Goes to the provider and comes back, by whatever way it answers. */
async function roundTrip(visitor) {
  const begun = await visitor.begin();
  if (begun.action !== 'redirect') return begun;
  const answer = await visitor.browser.request(asPerson('ada')(begun.url));
  if (answer.location) return visitor.request(answer.location.href);
  const { action, fields } = readForm(answer);
  return visitor.request(action.href, {}, { method: 'POST', body: fields, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
}

async function tryFault(fault, statusOf) {
  const asked = [];
  const strategy = new Strategy({
    issuer: practice.issuer(fault.id), clientID: 'practice', clientSecret: CLIENT_SECRET, callbackURL: 'http://127.0.0.1:8123/cb', scope: 'profile email',
    log: () => {}, ...fault.options,
  }, (issuer, profile, done) => { asked.push(profile); done(null, profile); });
  const done = await roundTrip(new Visitor(strategy));
  strategy.close();
  if (done.action === 'success') return assert.notEqual(fault.expect, 'refuse', `signed in: ${asked[0]?.id}`);
  assert.notEqual(fault.expect, 'accept', `${done.action} ${done.args[0]?.message}`);
  assert.deepEqual(asked, [], 'the application was not asked');
  return statusOf(done);
}

function checkRefusal({ action, args: [what, status] }) {
  assert.ok(['fail', 'error'].includes(action), action);
  if (action === 'fail') assert.ok(status === 403 || status === undefined, String(status));
  else assert.ok([400, 401, 403, 502, 503].includes(what.status) && what.id && what.error, `${what.status} ${what.id} ${what.stack}`);
}

describe('faults', { concurrency: 8 }, () => {
  for (const fault of faults) {
    test(`${fault.id} (${fault.expect}): ${fault.what}`, () => tryFault(fault, checkRefusal));
  }
});

test('nothing was thrown past everybody', () => assert.deepEqual(uncaught, []));
