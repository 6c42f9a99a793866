// SPDX-License-Identifier: Apache-2.0
// The Node package under the suite, in whatever framework: what the profiles of its hosts share. The server itself is test/hosts/node.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, freePort, root, until } from '../../support/place.mjs';
import { childrenOf } from '../../support/pid.mjs';
import { Program, run } from '../../support/process.mjs';
import { Server } from './server.mjs';

const program = join(root, 'test/hosts/node/main.mjs');

class NodeServer extends Server {
  constructor(kind, folder) {
    super();
    this.kind = kind;
    this.name = `log of ${kind}`;
    this.file = join(folder, 'description.json');
    this.killed = new Set();
    this.store = join(folder, 'sessions');
    this.log = join(folder, 'log');
    writeFileSync(this.log, '');
    this.made = [randomBytes(32).toString('hex')]; // where none is given; web servers keep theirs, too
  }

  write(description) {
    this.description = description;
    writeFileSync(this.file, JSON.stringify({ ...description, cookieSecrets: description.cookieSecrets ?? this.made, store: this.store, log: this.log }));
  }

  async start(env = {}) {
    this.env = env;
    this.program = new Program(process.execPath, [program, this.kind, this.file], { name: this.kind, env: { NODE_NO_WARNINGS: '1', ...env } });
    this.number = 1;
    await this.isReady();
  }

  get text() {
    return readFileSync(this.log, 'utf8') + (this.program?.text ?? '').replaceAll(/^(ready|listens|failed): .*\n/gm, '');
  }

  workers() {
    return childrenOf(this.program.pid);
  }

  /** So many workers serve, and no others. */
  async complete(count) {
    const serves = (pid) => !this.killed.has(pid) && this.program.text.includes(`listens: ${pid}\n`);
    await until(`there are ${count} workers`, () => {
      const now = this.workers();
      return now.length === count && now.every(serves);
    });
  }

  /** The workers of the newest description listen. */
  async isReady() {
    await until('the workers listen', () => {
      if (this.program.child.exitCode !== null || this.program.text.includes(`failed: ${this.number}\n`)) throw new Error(`no start: ${this.program.text}`);
      return this.program.text.includes(`ready: ${this.number}\n`);
    }, 30000);
  }

  /** As reload, but the old workers, which it answers, may be serving still. */
  async reloadBegin(description = this.description) {
    const before = this.workers();
    this.write(description);
    this.number++;
    this.program.signal('SIGHUP');
    await this.isReady();
    return before;
  }

  /** The content of the session store, as a hash: equal when nothing was written. */
  storePrint() {
    const hash = createHash('sha256');
    for (const name of readdirSync(this.store).sort()) hash.update(name).update(readFileSync(join(this.store, name)));
    return hash.digest('hex');
  }

  /** Nothing can be read or written any more: a file stands in the folder's place. */
  breakStore() {
    renameSync(this.store, `${this.store}.kept`);
    writeFileSync(this.store, '');
  }

  mendStore() {
    rmSync(this.store);
    renameSync(`${this.store}.kept`, this.store);
  }
}

/** The exports of a profile, for one framework. */
export function profile(kind) {
  /** A running server for a description, on a stage. */
  async function open(stage, description, env) {
    const folder = join(stage.folder, `${kind}${stage.things.length}`);
    mkdirSync(folder);
    const server = new NodeServer(kind, folder);
    server.write(description);
    await server.start(env);
    return stage.add(server);
  }

  /** Does the server accept this configuration? {accepted, text} */
  async function check(stage, description) {
    const folder = join(stage.folder, `check${Math.random().toString(36).slice(2)}`);
    mkdirSync(folder);
    const server = new NodeServer(kind, folder);
    server.write(description);
    const { status, text } = await run(process.execPath, [program, '--check', kind, server.file], { env: { NODE_NO_WARNINGS: '1' } });
    return { accepted: status === 0, text, file: server.file };
  }

  const missing = () => (existsSync(join(build, 'node/gatewright.node')) ? null : `${join(build, 'node/gatewright.node')} is not built`);
  return { name: kind, missing, open, check, freePort, lenientHeaders: [] };
}
