// SPDX-License-Identifier: Apache-2.0
// What a test file has standing around it: a folder, programs, servers. One close takes all of it down. A test that fails
// shows what the logs have said since it began.
import { after, test } from 'node:test';
import { makeFolder, removeFolder } from './place.mjs';

const LOG_MAX = 6000;

export class Stage {
  constructor(name) {
    this.folder = makeFolder(name);
    this.things = [];
    this.logs = [];
  }

  /** Keeps a thing to be stopped, newest first; those with a text are logs. */
  add(thing) {
    this.things.push(thing);
    if (typeof thing.text === 'string' || 'text' in thing) this.logs.push(thing);
    return thing;
  }

  async close() {
    for (const thing of this.things.splice(0).reverse()) await thing.stop();
    removeFolder(this.folder);
  }

  mark() {
    return new Map(this.logs.map((log) => [log, log.text.length]));
  }

  /** What has been logged since a mark; only the lines that fit, where a pattern is given. */
  since(mark, pattern) {
    return this.logs.map((log) => {
      const lines = log.text.slice(mark.get(log) ?? 0).split('\n');
      const text = (pattern ? lines.filter((line) => pattern.test(line)) : lines).join('\n').slice(-LOG_MAX).trim();
      return text && `--- ${log.name}\n${text}`;
    }).filter(Boolean).join('\n');
  }
}

/** A stage that goes when the tests of the file have ended. */
export function openStage(name) {
  const stage = new Stage(name);
  after(() => stage.close());
  return stage;
}

/** node:test's test, with the stage's logs in what a failure says. */
export function testOn(stage) {
  return (name, options, body = options) => test(name, typeof options === 'function' ? {} : options, async (t) => {
    const mark = stage.mark();
    try {
      await body(t);
    } catch (error) {
      const logs = stage.since(mark, options.logPattern);
      if (error instanceof Error && logs) error.message += `\n${logs}`;
      throw error;
    }
  });
}
