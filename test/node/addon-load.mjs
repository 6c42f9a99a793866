// SPDX-License-Identifier: Apache-2.0
// Work for the addon in a process of its own, so that it can run under a sanitizer: whole sign-ins, guarded requests, wrong types,
// transactions that are left, workers that are ended. node addon-load.mjs ROUNDS
import { readFileSync } from 'node:fs';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Gate } from '../../servers/node/index.js';
import { addon } from '../../servers/node/lib/addon.js';
import { CLIENT, FakeProvider, incoming, login } from '../support/fake_provider.mjs';

const ODD = [undefined, null, -1, NaN, 'x', {}, [], new Uint8Array(2), Symbol('s')];

function wrongTypes(engine) {
  for (const name of Object.keys(addon)) {
    for (const odd of ODD) {
      for (const args of [[odd], [engine, odd], [engine, 0, odd], [engine, 0, 0, odd], [odd, odd, odd, odd, odd, odd, odd, odd, odd, odd, odd]]) {
        if (name === 'close' && args[0] === engine) continue;
        try {
          addon[name](...args);
        } catch (error) {
          if (!(error instanceof Error)) throw new Error(`${name}: threw no Error`, { cause: error });
        }
      }
    }
  }
}

/** A store of promises. */
function storeOf(rows = new Map()) {
  return {
    get: async (key) => rows.get(key) ?? null,
    take: async (key) => rows.get(key) ?? null,
    add: async (key, value) => !rows.has(key) && Boolean(rows.set(key, value)),
    put: async (key, value) => rows.has(key) && Boolean(rows.set(key, value)),
    drop: async (key) => { rows.delete(key); },
  };
}

async function workInStore(rounds) {
  const provider = new FakeProvider();
  const gate = new Gate({ issuer: provider.issuer, ...CLIENT, logoutUri: '/logout', store: storeOf(), customFetch: provider.fetch, log() {} });
  const rule = gate.rule();
  for (let i = 0; i < rounds / 10; i++) {
    const { cookie, verdict } = await login(gate, provider, rule);
    if (!verdict.signedIn) throw new Error('no sign-in over the store');
    await gate.guard(gate.request(incoming('/logout', { cookie, 'sec-fetch-site': 'same-origin' }, { method: 'POST', body: {} })), rule);
    const after = await gate.guard(gate.request(incoming('/page', { cookie, accept: '*/*' })), rule);
    if (after.signedIn) throw new Error('the session is there after sign-out');
  }
}

async function work(rounds) {
  const provider = new FakeProvider();
  const gate = new Gate({ issuer: provider.issuer, ...CLIENT, customFetch: provider.fetch, log() {} });
  const rule = gate.rule({ header: { 'X-User': 'sub' } });
  const api = gate.rule({ bearer: true, audience: 'api', unauthenticated: '401' });
  wrongTypes(gate.engine.handle);
  const token = provider.jwt({ sub: 's', aud: 'api', client_id: 'c', jti: '1' }, { typ: 'at+jwt' });
  const { cookie, verdict } = await login(gate, provider, rule);
  if (!verdict.signedIn || verdict.claims.sub !== 'person-ada') throw new Error('no sign-in');
  for (let i = 0; i < rounds; i++) {
    if (!(await gate.guard(gate.request(incoming('/page', { cookie })), rule)).signedIn) throw new Error('the session is gone');
    const bearer = await gate.guard(gate.request(incoming('/api', { authorization: `Bearer ${token}` })), api);
    if (!bearer.pass) throw new Error(`the token is refused: ${bearer.refusal}`);
    await gate.guard(gate.request(incoming('/page', { cookie: `x=\xff${i}` })), rule);
    if (i % 10 === 0) await login(gate, provider, rule);
    addon.begin(gate.engine.handle, 0, 0, null, 1, 'GET', 'https', 'other.example', '/x', '/x'); // left to the collector
  }
  return gate;
}

if (!isMainThread) {
  await work(workerData);
  parentPort.postMessage('ready');
  setInterval(() => { work(3); }, 5); // and is ended in the middle of it
} else {
  const rounds = Number(process.argv[2]);
  await work(rounds);
  await workInStore(rounds);
  for (let i = 0; i < 4; i++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: 20 });
    await new Promise((done, fail) => { worker.once('message', done).once('error', fail); });
    await new Promise((done) => { setTimeout(done, 20 * i); });
    await worker.terminate();
  }
  const loaded = readFileSync('/proc/self/maps', 'utf8').match(/\S*gatewright\.node/)?.[0];
  console.log(`loaded ${loaded}\ndone ${rounds}`);
}
