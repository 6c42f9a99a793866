// SPDX-License-Identifier: Apache-2.0
// Runs beside a test file and outlives it by a moment: when the test has ended, however it ended, what it left behind goes.
// Reads lines from the test: "+pid N", "-pid N", "+folder PATH", "-folder PATH".
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { childrenOf, signal } from './pid.mjs';

const left = { pid: new Set(), folder: new Set() };

for await (const line of createInterface({ input: process.stdin })) {
  const [, sign, kind, value] = line.match(/^([+-])(pid|folder) (.+)$/);
  if (sign === '+') left[kind].add(value);
  else left[kind].delete(value);
}
for (const pid of [...left.pid].map(Number)) {
  for (const each of [...childrenOf(pid), pid]) signal(each, 'SIGKILL');
}
for (const folder of left.folder) rmSync(folder, { recursive: true, force: true });
