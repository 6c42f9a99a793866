// SPDX-License-Identifier: Apache-2.0
// run [--json] [CASE...]: what our gates cost an Express application, beside other packages that do the same. In each turn of a case two
// processes are started for it, the bare page and the case's own, both on CPU 0, with wrk on CPU 1. Each is warm after WARM_S; then one is
// measured for a second and the other for the next, WINDOWS times, so that whatever else the machine does falls on both. (A process that
// waits for longer gives back memory and compiled code, and pays for both again when it goes on: so they are stopped before the next
// turn.) The cases take turns for BENCH_SECONDS (480) in all. CPU is what the process used, from /proc.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Practice, signedIn } from '../../test/support/practice.mjs';
import { freePort, makeFolder, removeFolder } from '../../test/support/place.mjs';
import { cases } from './cases.mjs';
import { report } from './report.mjs';

const CONNECTIONS = 32;
const TOKENS = 2000;
const WARM_S = 3;
const WINDOWS = 4;
const TURN_S = 2 * (WARM_S + WINDOWS) + 2; // with starting and signing in
const here = import.meta.dirname;
const pinned = availableParallelism() >= 2;
const on = (cpu, ...command) => (pinned ? ['taskset', '-c', String(cpu), ...command] : command);
const run = promisify(execFile);

/** Tokens of about 900 bytes that differ. They hold for an hour. */
async function mint(practice) {
  const claims = { aud: 'practice', exp: Math.floor(Date.now() / 1000) + 3600, email: 'ada@example.org', groups: ['engineers', 'admins'], note: 'x'.repeat(120) };
  const tokens = [];
  for (let i = 0; i < TOKENS; i++) tokens.push(await (await practice.control('', 'mint', { claims: JSON.stringify({ ...claims, jti: String(i) }) })).text());
  return tokens;
}

const running = new Set();

async function start(name, issuer) {
  const port = await freePort();
  const [command, ...args] = on(0, process.execPath, join(here, 'server.mjs'), name, String(port), issuer);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } });
  running.add(child);
  await new Promise((done, fail) => {
    child.stdout.once('data', done);
    child.once('exit', () => fail(new Error(`${name} does not start`)));
  });
  return { name, child, url: `http://127.0.0.1:${port}/page` };
}

/** The cookies of somebody who signs in to this server. */
async function signIn({ name, url }) {
  const browser = await signedIn(url, 'ada');
  if (browser.first.status !== 200) throw new Error(`${name}: ${browser.first}`);
  return { cookie: browser.jar.header(new URL(url)) };
}

/** What a request of this case carries: a session's cookies, a token, nothing. A page without a gate is sent what was `lent`. */
async function credentials(server, { tokens, lent }) {
  const { token, signsIn, sends } = cases[server.name];
  if (token || cases[sends]?.token) return { authorization: `Bearer ${tokens[0]}` };
  return sends ? lent : signsIn ? signIn(server) : {};
}

/** Nanoseconds of CPU that all threads of a process have used. */
function used(pid) {
  return readdirSync(`/proc/${pid}/task`)
    .reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]), 0);
}

/** The page itself, and for who brings nothing something else. */
async function check(server) {
  const served = await fetch(server.url, { headers: server.headers, redirect: 'manual' });
  if (await served.text() !== 'the page') throw new Error(`${server.name} does not serve the page: ${served.status}`);
  const refused = await fetch(server.url, { redirect: 'manual' });
  if (!cases[server.name].opens && refused.status === 200) throw new Error(`${server.name} serves the page to anybody`);
}

async function measure(server, tokenFile, seconds) {
  const more = cases[server.name].token === 'new' ? ['--', tokenFile] : [];
  const headers = more.length ? [] : Object.entries(server.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const [command, ...args] = on(1, 'wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', '-s', join(here, '../wrk.lua'), ...headers, server.url, ...more);
  const before = used(server.child.pid);
  const { stdout } = await run(command, args);
  const ns = used(server.child.pid) - before;
  const [, requests, microseconds, p50, p99, errors] = stdout.match(/^bench (\d+) (\d+) (\d+) (\d+) (\d+)/m).map(Number);
  return { requests, rate: requests / microseconds * 1e6, p50, p99, errors, cpu: ns / 1000 / requests };
}

async function stop({ child }) {
  running.delete(child);
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}

async function warm(name, given) {
  const server = await start(name, given.issuer);
  server.headers = await credentials(server, given);
  await check(server);
  await measure(server, given.tokenFile, WARM_S);
  return server;
}

/** Pairs of windows, of the bare page and of the case; which of the two comes first changes. */
async function turn(name, given) {
  const bare = await warm('bare', given);
  const server = await warm(name, given);
  const pairs = [];
  for (let i = 0; i < WINDOWS; i++) {
    const pair = {};
    for (const each of i % 2 ? [server, bare] : [bare, server]) pair[each === bare ? 'bare' : 'own'] = await measure(each, given.tokenFile, 1);
    pairs.push(pair);
  }
  await check(server);
  await stop(bare);
  await stop(server);
  return pairs;
}

/** The cookie of our session. */
async function lend(issuer) {
  const server = await start('session', issuer);
  const lent = await signIn(server);
  await stop(server);
  return lent;
}

const asked = process.argv.slice(2).filter((each) => each !== '--json');
const names = Object.keys(cases).filter((name) => name !== 'bare' && (asked.length === 0 || asked.includes(name)));
if (names.length === 0 || !asked.every((each) => each in cases)) {
  console.error(`usage: run [--json] [CASE...]; there are: ${Object.keys(cases).join(' ')}`);
  process.exit(2);
}
const rounds = Math.max(2, Math.floor(Number(process.env.BENCH_SECONDS ?? 480) / (names.length * TURN_S)));
const folder = makeFolder('bench-node');
const practice = await Practice.start(['--quiet']);
try {
  const tokens = await mint(practice);
  const tokenFile = join(folder, 'tokens');
  writeFileSync(tokenFile, `${tokens.join('\n')}\n`);
  const given = { issuer: practice.origin, tokens, tokenFile, lent: await lend(practice.origin) };
  const values = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) for (const name of names) values[name].push(...await turn(name, given));
  process.exitCode = report(values, { json: process.argv.includes('--json'), tokenBytes: tokens[0].length, cookieBytes: given.lent.cookie.length });
} finally {
  for (const child of running) child.kill();
  await practice.stop();
  removeFolder(folder);
}
