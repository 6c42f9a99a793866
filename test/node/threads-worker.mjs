// SPDX-License-Identifier: Apache-2.0
// One worker's work: sign-ins at a provider of its own. With forEver it goes on until it is ended; with leave it ends by itself,
// with transactions open.
import { parentPort, workerData } from 'node:worker_threads';
import { Gate } from '../../servers/node/index.js';
import { addon } from '../../servers/node/lib/addon.js';
import { CLIENT, FakeProvider, login } from '../support/fake_provider.mjs';

const { name, logins, forEver, leave } = workerData;
const provider = new FakeProvider(`https://${name}.example`);
const gate = new Gate({ issuer: provider.issuer, ...CLIENT, customFetch: provider.fetch, log() {} });
const rule = gate.rule();
const usual = provider.authorize.bind(provider);
provider.authorize = (location) => usual(location, { sub: name });
const subjects = new Set();
const held = [];

for (let i = 0; i < logins || forEver; i++) {
  const { verdict } = await login(gate, provider, rule);
  subjects.add(verdict.claims.sub);
  if (i + 1 === logins) parentPort.postMessage({ what: 'done', subjects: [...subjects] });
}
if (leave) {
  const handle = addon.open(['main'], 1, [0], [
    0, 0, 'cookie_secret', 'c'.repeat(32), 'test', 1, 0, 'issuer', provider.issuer, 'test', 1, 0, 'client_id', 'app', 'test', 2, 0, 'provider', 'main', 'test']);
  for (let i = 0; i < 10; i++) {
    held.push(addon.begin(handle, 0, 0, null, 1_800_000_000, 'GET', 'https', 'a.example', '/', '/', 'accept', 'text/html'));
  }
  process.exit(held.every((need) => need[0] === 2) ? 0 : 1);
}
