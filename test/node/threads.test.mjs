// SPDX-License-Identifier: Apache-2.0
// Workers: each has engines of its own, and may be ended at any moment.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { addon } from '../../servers/node/lib/addon.js';
import { pause } from '../support/place.mjs';

const script = new URL('./threads-worker.mjs', import.meta.url);

function begin(data) {
  const worker = new Worker(script, { workerData: data });
  const failed = new Promise((_, fail) => { worker.once('error', fail); });
  const said = (what) => Promise.race([failed, new Promise((done) => {
    worker.on('message', (message) => { if (message.what === what) done(message); });
  })]);
  return { worker, said };
}

test('eight workers sign people in at once, and each sees its own', async () => {
  const before = addon.counts();
  const names = Array.from({ length: 8 }, (_, i) => `person-${i}`);
  const seen = await Promise.all(names.map(async (name) => {
    const { worker, said } = begin({ name, logins: 25 });
    const { subjects } = await said('done');
    await worker.terminate();
    return subjects;
  }));
  seen.forEach((subjects, i) => assert.deepEqual(subjects, [names[i]]));
  assert.deepEqual(addon.counts(), before, 'the main thread has no part in it');
});

test('workers that are ended in the middle of it take nothing with them', async () => {
  for (let round = 0; round < 3; round++) {
    const workers = Array.from({ length: 8 }, (_, i) => begin({ name: `person-${i}`, logins: 1, forEver: true }));
    await Promise.all(workers.map(({ said }) => said('done')));
    for (const { worker } of workers) {
      await pause(Math.random() * 10);
      await worker.terminate();
    }
  }
});

test('a worker that comes to its end by itself leaves cleanly, with engines and transactions open', async () => {
  const worker = new Worker(script, { workerData: { name: 'person-0', logins: 2, leave: true } });
  assert.equal(await new Promise((done, fail) => { worker.once('exit', done).once('error', fail); }), 0);
});
