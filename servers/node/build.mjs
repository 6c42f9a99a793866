// SPDX-License-Identifier: Apache-2.0
// What `npm install` runs: builds the engine with cmake, from the sources in this package. Nothing is fetched. Where something is
// missing, one line says what.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = dirname(fileURLToPath(import.meta.url));
const folder = join(home, 'build');

/** @param {string} line @returns {never} */
function fail(line) {
  console.error(`gatewright: cannot be built: ${line}`);
  process.exit(1);
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  return spawnSync(command, args, { cwd: home, encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** @param {string} command @returns {boolean} */
function has(command) {
  return run(command, ['--version']).status === 0;
}

/** @returns {string | undefined} the folder of node_api.h */
function headers() {
  const { npm_config_nodedir: nodedir } = process.env;
  const places = [
    nodedir && join(nodedir, 'include/node'),
    resolve(process.execPath, '../../include/node'),
    join(homedir(), '.cache/node-gyp', process.versions.node, 'include/node'),
  ];
  try {
    places.push(createRequire(import.meta.url)('node-api-headers').include_dir);
  } catch {
    // It is one way of several.
  }
  return places.find((place) => place && existsSync(join(place, 'node_api.h'))) || undefined;
}

function build() {
  if (process.platform !== 'linux') fail(`it is for Linux, and this is ${process.platform}`);
  if (!has('cmake')) fail('cmake is missing (Debian: apt-get install cmake make gcc)');
  if (!['cc', 'gcc', 'clang', process.env.CC ?? 'cc'].some(has)) fail('a C compiler is missing (Debian: apt-get install gcc libc6-dev)');
  const found = headers();
  if (!found) fail(`the headers of Node ${process.version} are missing (npm install node-api-headers, or a Node that brings include/node)`);
  const ssl = [found, '/usr/include', '/usr/local/include'].find((place) => existsSync(join(place, 'openssl/evp.h')));
  if (!ssl) fail('the headers of OpenSSL 3 are missing (Debian: apt-get install libssl-dev)');

  const work = join(folder, 'work');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const steps = [
    ['-S', home, '-B', work, `-DGATE_NODE_HEADERS=${found}`],
    ['--build', work, '--parallel', String(Math.min(4, cpus().length))],
  ];
  for (const args of steps) {
    const { status, stdout, stderr } = run('cmake', args);
    if (status !== 0) {
      console.error(`${stdout}\n${stderr}`.split('\n').filter((line) => /error|missing/i.test(line)).slice(0, 10).join('\n'));
      fail(`cmake ${args.slice(0, 2).join(' ')} failed; run "npm rebuild gatewright --foreground-scripts" to see why`);
    }
  }
  copyFileSync(join(work, 'gatewright.node'), join(folder, 'gatewright.node'));
  rmSync(work, { recursive: true, force: true });
}

build();
