// SPDX-License-Identifier: Apache-2.0
// run [--json]: what our gates cost an Express application, beside other packages that do the same. Each case is a process of its own
// on CPU 0, wrk is on CPU 1; the cases take turns of a second, for BENCH_SECONDS (100) in all. CPU is what the process used, from /proc.
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Practice, signedIn } from '../../test/support/practice.mjs';
import { freePort, makeFolder, removeFolder } from '../../test/support/place.mjs';
import { cases, open } from './cases.mjs';
import { report } from './report.mjs';

const CONNECTIONS = 32;
const TOKENS = 2000;
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

async function start(name, issuer) {
  const port = await freePort();
  const [command, ...args] = on(0, process.execPath, join(here, 'server.mjs'), name, String(port), issuer);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } });
  await new Promise((done, fail) => {
    child.stdout.once('data', done);
    child.once('exit', () => fail(new Error(`${name} does not start`)));
  });
  return { name, child, url: `http://127.0.0.1:${port}/page` };
}

/** What a request of this case carries: a session's cookies, a token, nothing. */
async function credentials(server, tokens) {
  const kind = cases[server.name];
  if (kind.token) return { authorization: `Bearer ${tokens[0]}` };
  if (!kind.signsIn) return {};
  const browser = await signedIn(server.url, 'ada');
  if (browser.first.status !== 200) throw new Error(`${server.name}: ${browser.first}`);
  return { cookie: browser.jar.header(new URL(server.url)) };
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
  if (cases[server.name].gate !== open && refused.status === 200) throw new Error(`${server.name} serves the page to anybody`);
}

async function measure(server, tokenFile) {
  const more = cases[server.name].token === 'new' ? ['--', tokenFile] : [];
  const headers = more.length ? [] : Object.entries(server.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const [command, ...args] = on(1, 'wrk', '-t1', `-c${CONNECTIONS}`, '-d1s', '--latency', '-s', join(here, '../wrk.lua'), ...headers, server.url, ...more);
  const before = used(server.child.pid);
  const { stdout } = await run(command, args);
  const ns = used(server.child.pid) - before;
  const [, requests, microseconds, p50, p99, errors] = stdout.match(/^bench (\d+) (\d+) (\d+) (\d+) (\d+)/m).map(Number);
  return { requests, rate: requests / microseconds * 1e6, p50, p99, errors, cpu: ns / 1000 / requests };
}

const names = Object.keys(cases);
const rounds = Math.max(3, Math.floor(Number(process.env.BENCH_SECONDS ?? 100) / names.length));
const folder = makeFolder('bench-node');
const practice = await Practice.start(['--quiet']);
const servers = [];
try {
  const tokens = await mint(practice);
  writeFileSync(join(folder, 'tokens'), `${tokens.join('\n')}\n`);
  for (const name of names) servers.push(await start(name, practice.origin));
  for (const server of servers) server.headers = await credentials(server, tokens);
  const of = (name) => servers.find((server) => server.name === name);
  for (const server of servers) if (cases[server.name].sends) server.headers = of(cases[server.name].sends).headers;
  const values = Object.fromEntries(names.map((name) => [name, []]));
  for (const server of servers) {
    await check(server);
    await measure(server, join(folder, 'tokens')); // compiled and warm
  }
  for (let round = 0; round < rounds; round++) for (const server of servers) values[server.name].push(await measure(server, join(folder, 'tokens')));
  for (const server of servers) await check(server);
  process.exitCode = report(values, { json: process.argv.includes('--json'), tokenBytes: tokens[0].length, cookieBytes: of('session').headers.cookie.length });
} finally {
  for (const server of servers) server.child.kill();
  await practice.stop();
  removeFolder(folder);
}
