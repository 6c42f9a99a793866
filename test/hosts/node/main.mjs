// SPDX-License-Identifier: Apache-2.0
// The server under test: main.mjs KIND FILE starts as many workers as the description in FILE says and keeps them alive. SIGHUP reads it
// anew: the old workers leave when the new ones listen. SIGTERM and SIGQUIT end it. With --check first it only says whether it would start.
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { logTo, openSites, work } from './worker.mjs';

const words = process.argv.slice(2);
const onlyCheck = words[0] === '--check' && words.shift();
const [kind, file] = words;
const read = () => JSON.parse(readFileSync(file, 'utf8'));
const log = logTo(read().log);

// Workers accept by themselves: what the primary hands to one that is killed just then is answered by nobody.
cluster.schedulingPolicy = cluster.SCHED_NONE;

const LEAVE_MS = 10000;
let current = { workers: new Set(), ready: true };
let ending = false;

function leave(worker) {
  worker.leaving = true;
  if (worker.isConnected()) worker.send('leave');
  setTimeout(() => worker.process.kill('SIGKILL'), LEAVE_MS).unref();
}

function settle(generation, before) {
  if (generation.ready || ![...generation.workers].every((worker) => worker.listens)) return;
  generation.ready = true;
  before.workers.forEach(leave);
  process.stderr.write(`ready: ${kind}\n`);
}

/** One that ends before its time has a successor, unless it gave up by itself before it listened. */
function watch(worker, generation, before) {
  worker.on('message', (word) => {
    worker.listens = word === 'listening';
    process.stderr.write(`listens: ${worker.process.pid}\n`);
    settle(generation, before);
  });
  worker.on('exit', (code, signal) => {
    generation.workers.delete(worker);
    if (signal && !worker.leaving) log('error', `worker process ${worker.process.pid} exited on signal ${signal === 'SIGKILL' ? 9 : signal}`);
    else if (code) log('error', `worker process ${worker.process.pid} exited with code ${code}`);
    if (ending && !Object.keys(cluster.workers).length) process.exit(0);
    if ((worker.listens || signal) && !worker.leaving && !ending) start(generation, before);
  });
}

function start(generation, before) {
  const worker = cluster.fork();
  generation.workers.add(worker);
  watch(worker, generation, before);
}

/** The workers of a description that is no good end at once; the ones before stay. */
function begin() {
  const before = current.ready ? current : current.before;
  const generation = { workers: new Set(), ready: false, before };
  current = generation;
  for (let i = 0; i < (read().workers ?? 1); i++) start(generation, before);
}

function end() {
  ending = true;
  const all = Object.values(cluster.workers);
  all.forEach(leave);
  if (!all.length) process.exit(0);
}

async function main() {
  if (onlyCheck) {
    await openSites(kind, read());
    process.exit(0);
  }
  if (cluster.isWorker) return work(kind, read());
  process.on('SIGHUP', begin).on('SIGTERM', end).on('SIGQUIT', end);
  return begin();
}

main().catch((error) => {
  process.stderr.write(`start: ${error.message.replaceAll('\n', ' ')}\n`);
  process.exit(1);
});
