// SPDX-License-Identifier: Apache-2.0
// Programs beside the test: started, listened to, and ended with all their children, also when the test fails.
import { spawn } from 'node:child_process';
import { leave } from './leave.mjs';
import { childrenOf, signal } from './pid.mjs';
import { until } from './place.mjs';

/** A running program. `text` is what it has said on both streams. */
export class Program {
  constructor(command, args, options = {}) {
    this.name = options.name ?? command;
    this.text = '';
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
    this.pid = this.child.pid;
    this.ended = new Promise((done) => this.child.once('close', (code, by) => {
      leave(`-pid ${this.pid}`);
      done(code ?? by);
    }));
    this.child.once('error', (error) => { this.text += `\n${error.message}`; });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => { this.text += chunk; });
    }
    if (this.pid) leave(`+pid ${this.pid}`);
  }

  /** The match of a pattern in what the program says, once it has said it. */
  said(pattern, ms = 10000) {
    return until(`${this.name} says ${pattern}`, () => {
      const found = this.text.match(pattern);
      if (!found && (this.child.exitCode !== null || !this.pid)) throw new Error(`${this.name} ended early:\n${this.text}`);
      return found;
    }, ms);
  }

  signal(name) {
    signal(this.pid, name);
  }

  /** Ends the program, in haste if it hesitates. */
  async stop(name = 'SIGTERM', ms = 5000) {
    if (!this.pid || this.child.exitCode !== null || this.child.signalCode !== null) return this.ended;
    signal(this.pid, name);
    const haste = setTimeout(() => {
      for (const pid of [this.pid, ...childrenOf(this.pid)]) signal(pid, 'SIGKILL');
    }, ms);
    const how = await this.ended;
    clearTimeout(haste);
    return how;
  }
}

/** Runs a program to its end. */
export async function run(command, args, options = {}) {
  const program = new Program(command, args, options);
  const status = await program.ended;
  return { status, text: program.text };
}
