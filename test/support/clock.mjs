// SPDX-License-Identifier: Apache-2.0
// A clock that a test can move for the server under test.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './place.mjs';
import { run } from './process.mjs';

export class Clock {
  static async make(folder) {
    const clock = new Clock();
    clock.file = join(folder, 'clock');
    const library = join(folder, 'clock.so');
    const { status, text } = await run('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(root, 'test/support/clock.c'), '-ldl']);
    if (status !== 0) throw new Error(`clock.c: ${text}`);
    clock.set(0);
    clock.env = { LD_PRELOAD: library, GATE_TEST_CLOCK: clock.file };
    return clock;
  }

  /** Seconds ahead of the real time. */
  set(seconds) {
    writeFileSync(this.file, String(seconds));
  }
}
