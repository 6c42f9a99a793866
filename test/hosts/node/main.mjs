// SPDX-License-Identifier: Apache-2.0
// The server under test: main.mjs KIND FILE starts as many workers as the description in FILE says and keeps them alive. SIGHUP reads it
// anew: the old workers leave when the new ones listen. SIGTERM and SIGQUIT end it. With --check first it only says whether it would start.
import cluster from 'node:cluster';
import { copyFileSync, readFileSync } from 'node:fs';
import { logTo, openSites, work } from './worker.mjs';

const words = process.argv.slice(2);
const onlyCheck = words[0] === '--check' && words.shift();
const [kind, file] = words;
const copy = (number) => `${file}.${number}`; // what came later is nothing to a worker that stands in for another
const read = (from = file) => JSON.parse(readFileSync(from, 'utf8'));
const log = logTo(read().log);

// Workers accept by themselves: what the primary hands to one that is killed just then is answered by nobody.
cluster.schedulingPolicy = cluster.SCHED_NONE;

const LEAVE_MS = 10000;
const say = (what) => process.stderr.write(`${what}\n`); // for the profile
let newest = 0; // descriptions are numbered as they come
let ending = false;

function leave(worker) {
  worker.leaving = true;
  if (worker.isConnected()) worker.send('leave', () => {}); // whoever has just died by himself cannot be told, and need not be
  setTimeout(() => worker.process.kill('SIGKILL'), LEAVE_MS).unref();
}

const workersOf = (number) => Object.values(cluster.workers).filter((worker) => worker.number === number);

/** When all workers of a description listen, those of the ones before may leave. */
function listens(worker) {
  worker.listens = true;
  say(`listens: ${worker.process.pid}`);
  if (worker.begun || !workersOf(worker.number).every((each) => each.listens)) return;
  Object.values(cluster.workers).filter((each) => each.number < worker.number).forEach(leave);
  say(`ready: ${worker.number}`);
}

/** A description that is no good: the workers before it stay. */
function fails(number) {
  workersOf(number).forEach(leave);
  say(`failed: ${number}`);
}

function ended(worker, code, signal) {
  if (signal && !worker.leaving) log('error', `worker process ${worker.process.pid} exited on signal ${signal === 'SIGKILL' ? 9 : signal}`);
  else if (code) log('error', `worker process ${worker.process.pid} exited with code ${code}`);
  if (ending && !Object.keys(cluster.workers).length) process.exit(0);
  if (ending || worker.leaving) return;
  if (worker.listens || worker.begun || signal) start(worker.number, true); // it was no fault of the description
  else fails(worker.number);
}

/** begun: in place of one that has ended before its time. */
function start(number, begun = false) {
  const worker = Object.assign(cluster.fork({ GATE_NUMBER: number }), { number, begun });
  worker.on('message', () => listens(worker)).on('exit', (code, signal) => ended(worker, code, signal));
}

function begin() {
  newest++;
  copyFileSync(file, copy(newest));
  for (let i = 0; i < (read(copy(newest)).workers ?? 1); i++) start(newest);
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
  if (cluster.isWorker) return work(kind, read(copy(process.env.GATE_NUMBER)));
  process.on('SIGHUP', begin).on('SIGTERM', end).on('SIGQUIT', end);
  return begin();
}

main().catch((error) => {
  process.stderr.write(`start: ${error.message.replaceAll('\n', ' ')}\n`);
  process.exit(1);
});
