// SPDX-License-Identifier: Apache-2.0
// A provider that misbehaves, once for each way in its table, against Fastify, Koa and node:http: what must be refused signs nobody in,
// for the reason that expected.json gives, and is always answered.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Browser } from '../support/browser.mjs';
import { CLIENT_SECRET, encryptionArguments, listSignInFaults } from '../support/faults.mjs';
import { root } from '../support/place.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { SlowStore } from '../support/slow_store.mjs';
import { openStage } from '../support/stage.mjs';
import { frameworks, open } from './http-apps.mjs';

const stage = openStage('http-hostile');
const practice = stage.add(await Practice.start(['--quiet', ...encryptionArguments(stage.folder)]));
const faults = await listSignInFaults();
const expected = JSON.parse(readFileSync(join(root, 'test/hostile/expected.json'), 'utf8'));
const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

const cookie = /^appSession(\.\d)?$/;

/** fetch gives up what unfolds beyond the limit: an answer that is not complete, where a server that has it whole calls it malformed. */
const UNFOLDS = { 'gw-discovery-gzip-bomb': 'provider_down', 'gw-jwks-gzip-bomb': 'provider_down', 'gw-gzip-bomb': 'token_down' };
const reasonsFor = ({ id }) => (UNFOLDS[id] ? [UNFOLDS[id]] : [expected[id]].flat());

async function tryFault(t, framework, fault) {
  const refusals = [];
  const log = (level, line) => refusals.push(...(line.match(/^[a-z_]+(?=: )/) ?? []));
  const label = `${fault.id}~${framework.replace(/\W/g, '')}`;
  const { responseMode, ...provider } = fault.options;
  const authorizationParams = { response_type: 'code', scope: 'openid profile email', ...(responseMode && { response_mode: responseMode }) };
  const { url } = await open(t, framework, practice, { label, log, clientSecret: CLIENT_SECRET, userinfo: true, provider, authorizationParams, session: { store: new SlowStore() } });
  const browser = new Browser();
  const shown = await signIn(browser, url('/page'));
  const isIn = (await browser.request(url('/'))).json.in;
  assert.equal(isIn, shown.status === 200);
  if (isIn) return assert.notEqual(fault.expect, 'refuse', 'signed in');
  assert.notEqual(fault.expect, 'accept', String(shown));
  assert.ok([400, 401, 403, 502, 503].includes(shown.status), String(shown));
  assert.deepEqual(browser.jar.find(cookie), []);
  if (fault.expect === 'refuse') assert.ok(reasonsFor(fault).includes(refusals[0]), `refused for ${refusals[0]}, not for ${reasonsFor(fault)}`);
  return undefined;
}

for (const framework of ['fastify 5', 'koa 3', 'node:http']) {
  describe(framework, { concurrency: 8 }, () => {
    for (const fault of faults) test(`${fault.id} (${fault.expect}): ${fault.what}`, (t) => tryFault(t, framework, fault));
  });
}

test('nothing was thrown past everybody', () => assert.deepEqual(uncaught, []));
