// SPDX-License-Identifier: Apache-2.0
// Where things are: the tree, what was built, and folders that last for one test file.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leave } from './leave.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The folder of the build; GATE_BUILD names another one. */
export const build = resolve(process.env.GATE_BUILD ?? join(root, 'build'));

/** A folder that servers may read under another user too. It goes with the process at the latest. */
export function makeFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `gate-${name}-`));
  chmodSync(folder, 0o755);
  leave(`+folder ${folder}`);
  return folder;
}

export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
  leave(`-folder ${folder}`);
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

export function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

/** Asks until the answer is true, or says what was waited for. */
export async function until(what, ask, ms = 5000) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await pause(20);
  }
}
