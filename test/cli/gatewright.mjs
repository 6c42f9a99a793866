// SPDX-License-Identifier: Apache-2.0
// The command line under test: run with arguments and standard input, in a folder of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { build, makeFolder, removeFolder } from '../support/place.mjs';

const sanitized = join(build, 'tools/gatewright/gatewright-san');

/** GATE_TOOL names another program; else the one that the sanitizers watch, where it was built. */
export const program = process.env.GATE_TOOL ?? (existsSync(sanitized) ? sanitized : join(build, 'tools/gatewright/gatewright'));

export const GOOD = 0;
export const REFUSED = 1;
export const USAGE = 2;
export const IO = 3;

export const folder = makeFolder('cli');
after(() => removeFolder(folder));

/** A file of this test run; objects are written as JSON. */
export function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
}

/** {status, out, err, json}: json is what was printed, where it is JSON. */
export function gatewright(args, input = '') {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd: folder });
    const said = { out: '', err: '' };
    child.once('error', fail);
    child.stdout.setEncoding('utf8').on('data', (chunk) => { said.out += chunk; });
    child.stderr.setEncoding('utf8').on('data', (chunk) => { said.err += chunk; });
    child.stdin.once('error', () => {}); // it may end without having read
    child.stdin.end(input);
    child.once('close', (status) => {
      assert.doesNotMatch(said.err, /Sanitizer|runtime error/);
      let json;
      try { json = JSON.parse(said.out); } catch { json = undefined; }
      done({ status, ...said, json });
    });
  });
}

/** Runs and wants this exit; answers the rest. */
export async function expect(status, args, input) {
  const answer = await gatewright(args, input);
  assert.equal(answer.status, status, `gatewright ${args.join(' ')}\n${answer.out}${answer.err}`);
  return answer;
}

/** Wants a refusal of this id, with its clause. */
export async function expectRefusal(id, args, input) {
  const { json } = await expect(REFUSED, args, input);
  assert.equal(json.good, false);
  assert.equal(json.refusal.id, id);
  assert.match(json.refusal.clause, /\d/);
  assert.ok(json.refusal.log.length > 10);
  return json;
}
