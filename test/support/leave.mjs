// SPDX-License-Identifier: Apache-2.0
// Tells the reaper what would be left behind if this process ended now.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

let reaper;

/** what: "+pid N", "-pid N", "+folder PATH", "-folder PATH" */
export function leave(what) {
  if (!reaper) {
    const program = fileURLToPath(new URL('./reaper.mjs', import.meta.url));
    // In a session of its own, so that what ends the test does not end it.
    reaper = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    reaper.unref();
    reaper.stdin.unref();
    reaper.stdin.on('error', () => {});
  }
  reaper.stdin.write(`${what}\n`);
}
